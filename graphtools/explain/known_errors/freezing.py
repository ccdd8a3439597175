"""Freezing: variables, checkpoints beside graphs, what is left of training in a frozen graph."""

from graphtools.explain.known_errors._entry import WARNING, KnownError, tensorflow

ERRORS = (
    KnownError(
        "float-ref-after-freezing",
        ("incompatible with expected float_ref", "_ref."),
        r"Input (?P<index>\d+) of node (?P<node>\S+) was passed (?P<dtype>\w+) from (?P<source>\S+)"
        r" incompatible with expected (?P<expected>\w+_ref)",
        "The graph of a training was frozen: {node} still assigns to a variable ({expected}), and "
        "the variable is a constant now ({dtype}). Replacing AssignSub by Sub only hides it: it "
        "changes the results.",
        "freeze it in its form for inference, which has no such assignments",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            "graphtools lint GRAPH --select GT117,GT2",
        ),
        tensorflow(3628, 31524, 17729),
    ),
    KnownError(
        "resource-after-freezing",
        ("incompatible with expected resource",),
        r"Input (?P<index>\d+) of node (?P<node>\S+) was passed (?P<dtype>\w+) from (?P<source>\S+)"
        r" incompatible with expected resource",
        "{node} wants a variable, and {source} is a value: the graph of a training was frozen (a "
        "batch norm in training mode assigns its averages), or one inside a function.",
        "freeze it in its form for inference: exported with training=False, or with --inference",
        (
            "graphtools freeze SAVED_MODEL --inference -o frozen.pb",
            "graphtools nodes SAVED_MODEL --op 'Assign*' --functions",
        ),
        tensorflow(43833, 91313, 52540),
    ),
    KnownError(
        "not-frozen",
        ("Please freeze the graph",),
        r"Please freeze the graph using freeze_graph\.py",
        "The graph has variables: their values are in a checkpoint, and a converter needs them in "
        "the graph.",
        "freeze it first; graphtools convert does so itself if it is told the checkpoint",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
            "graphtools convert GRAPH --checkpoint CHECKPOINT -o model.tflite",
        ),
        tensorflow(24477),
    ),
    KnownError(
        "input-checkpoint-missing",
        ("Input checkpoint '",),
        r"Input checkpoint '(?P<checkpoint>[^'\n]*)' doesn't exist",
        "{checkpoint:The path} is no checkpoint: what is wanted is the prefix of its files, as "
        "model.ckpt-1000 for model.ckpt-1000.index.",
        "give the prefix; graphtools takes any file of the checkpoint, or its folder",
        ("graphtools variables {checkpoint:CHECKPOINT}",),
        tensorflow(7696),
    ),
    KnownError(
        "input-graph-missing",
        ("Input graph file '",),
        r"Input graph file '(?P<file>[^'\n]*)' does not exist",
        "There is no file {file}, seen from the folder that the command was called in.",
        "give the path of the graph; a .meta file will do as well",
        ("graphtools summary {file}",),
    ),
    KnownError(
        "output-names-missing",
        ("You need to supply the name of a node to --output_node_names",),
        r"You need to supply the name of a node to --output_node_names",
        "freeze_graph was not told which nodes are the outputs.",
        "name them; graphtools freeze takes the likely ones if none are given",
        ("graphtools io GRAPH", "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb"),
        tensorflow(31528, 35690),
    ),
    KnownError(
        "read-variable-of-unknown",
        (
            "Cannot find the variable that is an input to the ReadVariableOp",
            "Cannot find the Placeholder op that is an input to the ReadVariableOp",
        ),
        r"Cannot find the (?:variable|Placeholder op) that is an input to the ReadVariableOp",
        "Freezing does not find the variable that is read: it reaches the reading node through "
        "Switch, Enter or a function, as in conditions and loops.",
        "freeze with graphtools, which follows variables through loops, conditions and functions",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
            "graphtools freeze SAVED_MODEL -o frozen.pb",
        ),
        (*tensorflow(29472, 29674, 37745), "googlecolab/colabtools#592"),
    ),
    KnownError(
        "uninitialized-value",
        ("Attempting to use uninitialized value",),
        r"Attempting to use uninitialized value (?P<variable>[^\s\]]+)",
        "The variable {variable} has no value: it was neither initialized nor restored. Slots of "
        "the optimizer (Momentum, RMSProp, Adam) are not in checkpoints for fine-tuning.",
        "freeze it first, with a checkpoint that has its variables, and run the frozen graph",
        (
            "graphtools variables CHECKPOINT",
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
        ),
        tensorflow(4766, 7172),
    ),
    KnownError(
        "resource-variable-uninitialized",
        ("Error while reading resource variable", "Could not find variable"),
        r"(?:Error while reading resource variable|Could not find variable) (?P<variable>[^\s,]+)",
        "The variable {variable} has no value in this session: the graph was run without its "
        "checkpoint, or in another session than it was loaded in.",
        "freeze it first, with its checkpoint; else restore that in the same session and graph",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
            "graphtools lint GRAPH --select GT201",
        ),
        tensorflow(28287, 39647),
    ),
    KnownError(
        "batch-norm-without-averages",
        ("Incorrect shape for mean, found",),
        r"Incorrect shape for mean, found (?P<found>[^\n]{1,60}?), expected "
        r"(?P<expected>[^\n]{1,60}?)"
        r",? for node (?P<node>\S+)",
        "The batch norm {node} has no averages ({found} where {expected} is wanted): the graph was "
        "made with is_training=true, and computes with the statistics of each batch.",
        "freeze the graph in its form for inference, or make it anew with is_training=False",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            "graphtools lint GRAPH --select GT203",
        ),
        tensorflow(24477, 16895, 5867),
    ),
    KnownError(
        "batch-norm-not-foldable",
        ("Didn't find expected Conv2D", "Didn't find expected conv Constant"),
        r"Didn't find expected (?P<what>Conv2D|conv Constant)[^\n]{0,80}? input to "
        r"'(?P<node>[^'\n]+)'",
        "optimize_for_inference does not fold the batch norm {node}: it does not follow a "
        "convolution with constant weights directly.",
        "fold with graphtools, which sees through more patterns and tells why it skips the rest",
        ("graphtools optimize GRAPH -o optimized.pb --skips",),
        tensorflow(12740, 18863),
        WARNING,
    ),
    KnownError(
        "frozen-in-training-mode",
        ("phase_train", "is_training", "keep_prob"),
        r"You must feed a value for placeholder tensor '(?P<node>[^'\n]*(?:phase_train|is_training"
        r"|keep_prob|training_phase|is_train)[^'\n]*)'",
        "{node} switches between training and inference, and was not fed. Frozen as it is, the "
        "graph keeps dropout and batch statistics.",
        "freeze it in its form for inference, which fixes what switches and takes dropout out; a "
        "frozen graph is taken, too",
        (
            "graphtools freeze GRAPH --inference -o frozen.pb",
            "graphtools lint GRAPH --select GT203,GT204,GT212",
        ),
        tensorflow(24477, 16895, 5867),
    ),
    KnownError(
        "frozen-already",
        ("ames_to_saveables must be a dict",),
        r"(?i:names_to_saveables) must be a dict mapping string names to Tensors/Variables\. Not a "
        r"variable: Tensor\(\"(?P<tensor>[^\"\n]+)",
        "The graph is frozen already: {tensor} is a constant, and freeze_graph makes a Saver of "
        "it.",
        "use the graph as it is, without freezing it again",
        ("graphtools summary GRAPH", "graphtools io GRAPH"),
        (*tensorflow(18877), "opencv/opencv_contrib#1029", "Unity-Technologies/ml-agents#630"),
    ),
    KnownError(
        "freeze-graph-called-wrongly",
        (
            "main() takes exactly 1 argument",
            "main() missing 1 required positional",
            "'int' object has",
        ),
        r"main\(\) (?:takes exactly 1 argument|missing 1 required positional argument)"
        r"|'int' object has no attribute '(?P<attr>node|graph_def)'",
        "The program freeze_graph of this release is broken (its entry point), or a flag got a "
        "value of another kind: not the arguments of yours are meant.",
        "call python -m tensorflow.python.tools.freeze_graph, or freeze with graphtools, which "
        "takes its flags, too",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
            "graphtools freeze_graph --help",
        ),
        tensorflow(18865, 24369),
        within=r"freeze_graph|saved_model_cli|tflite_convert",
    ),
)
