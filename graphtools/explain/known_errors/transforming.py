"""The Graph Transform Tool: its grammar, its parameters, what it leaves behind."""

from graphtools.explain.known_errors._entry import (
    GENERAL,
    WARNING,
    KnownError,
    tensorflow,
)

_LIST = "graphtools transforms"

ERRORS = (
    KnownError(
        "transform-not-recognized",
        ("not recognized.",),
        r"Transform '(?P<transform>[^'\n]*)' not recognized",
        "The Graph Transform Tool of this release has no transform {transform}: it is misspelt, or "
        "of another release (fuse_convolutions, rename_node and hoist_fake_quants are in no 1.x).",
        "take its right name; graphtools has those of all releases",
        (_LIST, "graphtools transform GRAPH -o out.pb --transforms {transform}"),
    ),
    KnownError(
        "lists-of-unequal-length",
        ("_for_name' arg for every 'name'",),
        r"You must pass a '(?P<argument>\w+_for_name)' arg for every 'name'",
        "strip_unused_nodes has more name= than {argument}=: if one input gets its own, all do.",
        "give as many of each; graphtools strip takes them by name instead",
        (
            "graphtools strip GRAPH -o cut.pb --inputs INPUT --input-shape INPUT=1,224,224,3 "
            "--type INPUT=float",
        ),
        tensorflow(21189),
    ),
    KnownError(
        "type-not-understood",
        ("Couldn't understand type argument",),
        r"Couldn't understand type argument '(?P<type>[^'\n]*)'",
        "{type} is no element type: types are written float, half, double, uint8, int32, quint8, "
        "string, bool.",
        "correct the type",
        ("graphtools strip GRAPH -o cut.pb --inputs INPUT --type INPUT=float",),
        tensorflow(21189, 5913),
    ),
    KnownError(
        "shape-not-understood",
        ("Could parse as shape:", "Could not parse as shape:"),
        r"Could (?:not )?parse as shape: '(?P<shape>[^'\n]*)'",
        "{shape} is no shape to the Graph Transform Tool: it wants whole numbers with commas "
        "between them, no ? and no blanks.",
        "give all numbers, or take graphtools, where ? stands for an unknown dimension",
        ("graphtools strip GRAPH -o cut.pb --inputs INPUT --input-shape 'INPUT=?,224,224,3'",),
        tensorflow(21189),
    ),
    KnownError(
        "transform-parameter-missing",
        (" argument, e.g. ", "'argument, e.g. "),
        r"\b(?P<transform>\w{1,60}) expects (?:at least|exactly) one (?P<what>'[^\n]{1,80}?) "
        r"?arguments?, "
        r"e\.g\. (?P<example>[^\n]{0,200})",
        "The transform {transform} lacks the parameter {what}.",
        "write it as in {example}",
        (_LIST,),
    ),
    KnownError(
        "parameter-is-no-number",
        ("argument as a number:",),
        r"Couldn't interpret the (?P<parameter>\w+) argument as a number: ?(?P<value>[^\n]{0,80})",
        "{parameter} is {value}, which is no number.",
        "give a number",
        (_LIST,),
    ),
    KnownError(
        "parameter-given-twice",
        ("parameter, but found",),
        r"Expected a single '(?P<parameter>\w+)' parameter, but found (?P<count>\d+)",
        "{parameter} is given {count} times. Repeated keys make a list, which only some parameters "
        "take.",
        "give it once",
        (_LIST,),
    ),
    KnownError(
        "ranges-not-in-pairs",
        ("You must pass both",),
        r"You must pass both (?P<low>\w+) and (?P<high>\w+) into (?P<transform>\w+)",
        "{transform} has one end of a range without the other.",
        "give both {low} and {high}, or neither",
        (
            "graphtools transform GRAPH -o out.pb --transforms "
            "'{transform:quantize_nodes}({low:fallback_min}=-6, {high:fallback_max}=6)'",
        ),
    ),
    KnownError(
        "transform-grammar",
        (
            "Looking for =, but found",
            "Looking for parameter name, but found",
            "Looking for closing quote",
        ),
        r"Looking for (?P<wanted>=|parameter name|[^\n,]{1,40}), but found (?P<found>[^\n]{0,120})",
        "The transforms cannot be read at `{found}`, where {wanted} should be: no blank stands "
        "before = or (, and values with commas, *, ? or blanks are quoted.",
        'write name(key=value, key="1,224,224,3"); graphtools allows the blanks and marks the '
        "place of an error",
        (
            "graphtools transform GRAPH -o out.pb --transforms "
            "'strip_unused_nodes(type=float, shape=\"1,224,224,3\")'",
        ),
    ),
    KnownError(
        "input-is-no-placeholder",
        ("was expected to be a Placeholder",),
        r"Input '(?P<node>[^'\n]+)' was expected to be a Placeholder or PlaceholderWithDefault op, "
        r"but was (?P<op>\w+)",
        "fold_constants needs placeholders as inputs, and {node} is a {op}: a node in the middle "
        "of the graph was named in place of its input.",
        "name the input that the graph has. Only where it is meant to begin at {node}, strip it "
        "there: all that comes before, a backbone as well as preprocessing, is cut off",
        ("graphtools io GRAPH", "graphtools transform GRAPH -o out.pb --transforms fold_constants"),
        tensorflow(16545),
    ),
    KnownError(
        "log-of-ranges-missing",
        ("min_max_log_file",),
        r"You must pass a file name to min_max_log_file",
        "freeze_requantization_ranges reads the ranges from a log, which insert_logging's Print "
        "nodes write to stderr while the graph runs.",
        "insert the logging, run the graph with its stderr in a file, and give that file",
        (
            "graphtools transform GRAPH -o logged.pb --transforms "
            "'insert_logging(op=RequantizationRange, show_name=true, "
            'message="__requant_min_max:")\'',
        ),
    ),
    KnownError(
        "batch-norm-of-bad-shape",
        ("input to batch norm has bad shape",),
        r"\b(?P<input>\w{1,40}(?: constant)?) input to batch norm has bad shape: "
        r"(?P<shape>\[[^\]\n]*\])",
        "The {input} of a batch norm has the shape {shape}, which is not one value for each column "
        "of the weights: fold_old_batch_norms has met a pattern that it misreads.",
        "fold with graphtools, which checks the shapes and skips such nodes with the reason",
        ("graphtools optimize GRAPH -o optimized.pb --skips",),
        tensorflow(19530),
    ),
    KnownError(
        "rename-cycle",
        ("RenameNodeInputs argument contains a cycle",),
        r"RenameNodeInputs argument contains a cycle for (?P<node>\S+)",
        "The Graph Transform Tool renames the inputs of {node} in a circle; this is a fault of its "
        "own, met where quantize_nodes follows other eight-bit transforms.",
        "apply the transforms one after the other, or take graphtools",
        ("graphtools transform GRAPH -o out.pb --transforms 'quantize_weights quantize_nodes'",),
    ),
    KnownError(
        "expected-to-be-preserved",
        ("to be preserved.", "Skipping replacement for"),
        r"Expected (?P<node>\S+) to be preserved|Skipping replacement for (?P<skipped>\S+)",
        "A node inside a matched pattern ({node}{skipped}) is used elsewhere, too, so that it is "
        "not replaced. Where a backbone is shared the tool tries the same match for ever.",
        "stop it; graphtools skips such a match once, with the reason",
        (
            "graphtools transform GRAPH -o out.pb --skips --transforms "
            "'fold_constants fold_batch_norms'",
        ),
        tensorflow(31877),
        WARNING,
    ),
    KnownError(
        "wrong-number-of-inputs",
        ("NodeDef expected inputs",),
        r"NodeDef expected inputs '(?P<expected>[^'\n]{0,200})' do not match (?P<count>\d+) inputs "
        r"specified; Op<name=(?P<op>\w+)(?:.{0,1500}?NodeDef: (?:\{\{node )?(?P<node>[^\s}=]+))?",
        "{node:A node} ({op}) has {count} inputs, and its attributes say ({expected}): a transform "
        "has changed the one without the other, as insert_logging does with nodes of many outputs.",
        "lint finds all such nodes; do the transform with graphtools",
        ("graphtools lint GRAPH --select GT115",),
    ),
    KnownError(
        "inputs-of-different-frames",
        ("has inputs from different frames",),
        r"node (?P<node>[^\s}]+)[^\n]{0,200}? has inputs from different frames\. The input "
        r"(?:node )?(?:\{\{node )?(?P<input>[^\s}]+)"
        r"(?:[^\n]{0,120}? is in frame '(?P<frame>[^'\n]*)')?"
        r"(?:[^\n]{0,20}?The input (?:node )?(?:\{\{node )?(?P<other>[^\s}]+))?",
        "The loop around {node} is broken: {input} is in the frame '{frame}', and {other:another "
        "input} is not. Constants belong to a loop "
        "only by their control dependencies, which remove_control_dependencies takes away.",
        "this graph cannot be mended: take the one from before that, and do with graphtools what "
        "was done to it, which keeps the control dependencies of loops",
        ("graphtools transform BEFORE -o out.pb --transforms remove_control_dependencies",),
    ),
    KnownError(
        "graph-has-a-cycle",
        ("contains a cycle with",),
        r"Graph is invalid, contains a cycle with (?P<count>\d+) nodes?",
        "{count} nodes depend on themselves: a transform or a merge of graphs has joined an output "
        "to its own input. Loops go through NextIteration and do not count as cycles.",
        "lint names the nodes of the cycle",
        ("graphtools lint GRAPH --select GT103",),
    ),
    KnownError(
        "dtype-along-edge",
        ("incompatible with expected",),
        r"Input (?P<index>\d+) of node (?P<node>\S+) was passed (?P<dtype>\w+) from (?P<source>\S+)"
        r" incompatible with expected (?P<expected>(?!resource\b)(?!\w+_ref\b)\w+)",
        "{source} gives {dtype}, and {node} takes {expected}: one type was given to all inputs "
        "(placeholder_type_enum, strip_unused_nodes(type=)), or a transform changed a type.",
        "give the input the type {expected}",
        (
            "graphtools lint GRAPH --select GT116",
            "graphtools strip GRAPH -o cut.pb --inputs {source} --type {source}={expected}",
        ),
        tensorflow(5913),
    ),
    KnownError(
        "hexagon-transform",
        (
            "fuse_remote_graph",
            "place_remote_graph_arguments",
            "rewrite_quantized_stripped_model_for_hexagon",
            "hexagon_rewriter",
            "hexagon_graph",
        ),
        r"(?P<transform>fuse_remote_graph|place_remote_graph_arguments"
        r"|rewrite_quantized_stripped_model_for_hexagon|hexagon_rewriter\w*|hexagon_graph\w*)",
        "{transform} hands a graph over to Qualcomm's DSP; the runtime for it no longer exists, "
        "and "
        "the transform ends the process.",
        "leave it out; for a DSP or TPU, convert to a full-integer TFLite model",
        ("graphtools convert GRAPH --quantize int8 --calibrate IMAGES -o model.tflite",),
        kind=GENERAL,
    ),
)
