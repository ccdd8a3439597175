"""The converter of TensorFlow 2: what it says of graphs that it does not take."""

from graphtools.explain.known_errors._entry import GENERAL, KnownError, tensorflow

_LINT = "graphtools lint GRAPH --target tflite"
_CONVERT = "graphtools convert GRAPH -o model.tflite"
_SHAPED = "graphtools convert GRAPH --input-shape {tensor:INPUT}=1,224,224,3 -o model.tflite"
_INFERENCE = "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb"

ERRORS = (
    KnownError(
        "none-beyond-first-dimension",
        ("None is only supported in the 1st dimension",),
        r"None is only supported in the 1st dimension\. Tensor '(?P<tensor>[^'\n]+)' has invalid "
        r"shape '(?P<shape>[^'\n]+)'",
        "The input {tensor} has the shape {shape}: only the batch may be open, height and width "
        "are "
        "to be fixed.",
        "give its shape",
        (_SHAPED,),
        tensorflow(21986, 22564, 38558, 47827),
    ),
    KnownError(
        "input-shape-missing",
        ("Provide an input shape for input array",),
        r"Provide an input shape for input array '(?P<tensor>[^'\n]+)'",
        "The graph does not say how many dimensions the input {tensor} has.",
        "give its shape",
        (_SHAPED,),
        tensorflow(21986, 22564),
    ),
    KnownError(
        "no-input-needed",
        ("If input_tensors and output_tensors are None",),
        r"If input_tensors and output_tensors are None, both input_arrays_with_shape and",
        "No input is left: the outputs do not depend on any of the inputs that were given, or none "
        "were.",
        "name the inputs that the outputs depend on",
        ("graphtools io GRAPH", "graphtools path GRAPH INPUT OUTPUT"),
    ),
    KnownError(
        "custom-ops-needed",
        ("Some ops in the model are custom ops",),
        r"Some ops in the model are custom ops[^\n]{0,200}\s+Custom ops: (?P<ops>[^\n]{1,300})",
        "Neither TFLite nor Select TF has a kernel for {ops}, with the types and shapes they have "
        "in this graph.",
        "replace them or cut them off; --allow-custom-ops keeps them, and the app must then bring "
        "their kernels",
        (
            _LINT,
            "graphtools compat GRAPH",
            "graphtools convert GRAPH --allow-custom-ops -o model.tflite",
        ),
        tensorflow(42912, 30837),
    ),
    KnownError(
        "select-ops-needed",
        ("TF Select ops:", "not supported by the native TFLite runtime"),
        r"(?:Some ops are not supported by the native TFLite runtime[^\n]{0,300}\s+)?"
        r"TF Select ops: (?P<ops>[^\n]{1,300})",
        "TFLite has no builtin operator for {ops}, with the types and shapes they have in this "
        "graph; TensorFlow's own kernels (Flex) can run them.",
        "mend what decides (a dtype, an unknown shape, an axis that is fed), or admit Flex, which "
        "LiteRT from PyPI does not run",
        (
            _LINT,
            "graphtools compat GRAPH",
            "graphtools convert GRAPH --select-tf-ops -o model.tflite",
        ),
        tensorflow(34563, 42912),
    ),
    KnownError(
        "neither-custom-nor-flex",
        ("neither a custom op nor a flex op",),
        r"(?:fused\[\"\w*:?\", \"(?P<node>[^\"\n]{1,200})\"[^\n]{0,200}?)?"
        r"'tf\.(?P<op>\w+)' op is neither a custom op nor a flex op",
        "The node {node:of the op} ({op}) does not become a builtin operator: its dtype, rank, an "
        "attribute or an operand that is no constant is none that TFLite has.",
        "see which property decides; --select-tf-ops admits many of these ops",
        (
            _LINT,
            "graphtools compat --op {op}",
            "graphtools convert GRAPH --select-tf-ops -o model.tflite",
        ),
        tensorflow(54476),
    ),
    KnownError(
        "tensor-list-shape",
        ("during TF Lite transformation pass",),
        r"(?:'tf\.(?P<op>\w+)' op )?requires element_(?P<what>shape|dtype) to be "
        r"(?P<wanted>[^\n]{1,120}?)"
        r" during TF Lite transformation pass",
        "The loop of an RNN or LSTM ({op:TensorList}) has elements whose {what} is not {wanted}: "
        "the batch size, or a number of units, is not known.",
        "fix the batch of the input, so that all shapes in the loop are known",
        (
            "graphtools convert GRAPH --input-shape INPUT=1,28,28 -o model.tflite",
            "graphtools shapes GRAPH --unknown --functions",
        ),
        tensorflow(53333, 62849, 37134),
    ),
    KnownError(
        "control-flow-v1",
        ("Control Flow V1 ops",),
        r"The graph has Control Flow V1 ops|Failed to functionalize Control Flow V1 ops",
        "Loops or conditions of TensorFlow 1 (Switch, Merge, Enter, Exit) cannot be put into "
        "functions: an input or output lies inside one, or parts of it were cut off or removed.",
        "choose inputs and outputs outside of loops; conditions on is_training go by freezing for "
        "inference",
        ("graphtools lint GRAPH --select GT307,GT212", _INFERENCE),
        tensorflow(28485),
    ),
    KnownError(
        "broken-control-flow",
        (
            "Cannot find predicate for Merge node",
            "has no LoopCond node",
            "Merge only has",
            "Merge node with",
        ),
        r"Cannot find predicate for Merge node (?P<node>\S+)|Loop (?P<loop>\S+) has no LoopCond "
        r"node"
        r"|Merge only has (?P<count>\d+) inputs",
        "A Merge without its Switch, or a loop without its condition ({node}{loop}{count}), is "
        "left "
        "in the graph: it was cut through.",
        "cut the graph outside of the loop or condition",
        ("graphtools nodes GRAPH --op Merge --long", "graphtools lint GRAPH --select GT307"),
    ),
    KnownError(
        "type-of-input-unsupported",
        ("Unsupported TensorFlow type",),
        r"Unsupported TensorFlow type [`']?<?(?:dtype: )?'?(?P<dtype>\w+)'?>?[`']? provided for "
        r"the "
        r"(?P<what>[^\n]{1,60})",
        "The {what} is of {dtype}, which no TFLite model has as an input or output.",
        "cut the graph behind it, or give the input another type",
        (
            "graphtools io GRAPH",
            "graphtools strip GRAPH -o cut.pb --inputs INPUT --type INPUT=float",
        ),
    ),
    KnownError(
        "failed-to-legalize",
        ("that was explicitly marked illegal",),
        r"(?:fused\[\"\w*:?\", \"(?P<node>[^\"\n]{1,200})\"[^\n]{0,200}?)?"
        r"failed to legalize operation '(?:tf|tfl)\.(?P<op>\w+)' that was explicitly marked "
        r"illegal",
        "The converter must replace {op} ({node:a node}), and cannot with these types and shapes; "
        "Select TF does not help.",
        "mend or cut off the node",
        (_LINT, "graphtools node GRAPH {node:NODE}", "graphtools compat --op {op}"),
        tensorflow(53333),
    ),
    KnownError(
        "unresolved-materialization",
        ("failed to legalize unresolved materialization",),
        r"(?:fused\[\"(?P<op>\w*):?\", \"(?P<node>[^\"\n]{1,200})\"[^\n]{0,200}?)?failed to "
        r"legalize "
        r"unresolved materialization from \('?(?P<one>[^'\n)]*)'?\) to \('?(?P<other>[^'\n)]*)",
        "The converter replaces {node:a node} ({op:of its own making}) by one of another shape "
        "({one}, where {other} is wanted): as where Atan2 broadcasts.",
        "bring both inputs to one shape before it, or cut it off",
        (_LINT, "graphtools node GRAPH {node:NODE}"),
    ),
    KnownError(
        "operand-of-wrong-type",
        ("must be tensor of",),
        r"'(?P<dialect>tfl?)\.(?P<op>\w+)' op (?P<operand>operand|result) #(?P<index>\d+) must be "
        r"(?:\w+ )?tensor of (?P<types>[^\n]{1,1200}?)(?: values)?, but got "
        r"'tensor<(?:[\dx?*]*x)?(?P<dtype>[^>'\n]{1,80})>?",
        "{op} has an {operand} of {dtype}, which it does not take.",
        "insert a Cast before it, or convert the graph in float32",
        (_LINT, "graphtools compat --op {op}"),
        tensorflow(38431),
    ),
    KnownError(
        "slice-out-of-range",
        ("requires 0 <= begin[i] <= begin[i] + size[i] <= Di",),
        r"(?:\"(?P<node>[^\"\n]{1,200})\"\]?\)?: )?'tf\.Slice' op requires 0 <= begin\[i\]",
        "The node {node:of op Slice} cuts outside of its input, with the shapes that were given.",
        "give the input the size that the graph was made for",
        ("graphtools node GRAPH {node:NODE}", "graphtools lint GRAPH --select GT118,GT309"),
    ),
    KnownError(
        "op-invariant-broken",
        (
            "' op requires ",
            "failed to satisfy constraint",
            "' op expects ",
            "split sizes should be",
            "split dimension should be",
        ),
        r"(?:fused\[\"\w*:?\", \"(?P<node>[^\"\n]{1,200})\"[^\n]{0,200}?)?"
        r"'tf\.(?P<op>\w+)' op (?P<why>(?!requires "
        r"num_bits)(?:requires|expects|attribute|split)[^\n]{1,240})",
        "The node {node:of the op} ({op}) breaks a rule of its op: {why}. TensorFlow itself "
        "looks at "
        "this only when the node runs.",
        "mend the node's inputs or attributes; lint finds most such nodes beforehand",
        ("graphtools lint GRAPH --select GT1,GT309", "graphtools op {op}"),
    ),
    KnownError(
        "result-types-not-inferred",
        ("Failed to infer result type",),
        r"LLVM ERROR: Failed to infer result type\(s\)",
        "The converter ends its process over a node whose result type it does not find, as "
        "SigmoidGrad or BatchNormWithGlobalNormalization of another type than float32.",
        "lint names such nodes without converting; convert runs in a process of its own",
        ("graphtools lint GRAPH --select GT310", _CONVERT),
    ),
    KnownError(
        "element-type-not-exported",
        ("Failed to convert element type",),
        r"(?:fused\[\"\w*:?\", \"(?P<node>[^\"\n]{1,200})\"[^\n]{0,200}?)?"
        r"Failed to convert element type '!?(?:tf_type\.)?(?P<dtype>[^'\n]+)'",
        "The node {node:of it} gives {dtype}, for which a TFLite file has no type: the eight-bit "
        "ops of TensorFlow 1 (QuantizeV2 and others) are none of TFLite's.",
        "convert the graph from before quantize_nodes or quantize_weights, and quantize there",
        ("graphtools convert GRAPH --quantize int8 --calibrate IMAGES -o model.tflite", _LINT),
    ),
    KnownError(
        "shape-above-32-bit",
        ("out of 32 bit int type range",),
        r"result shape dimensions out of 32 bit int type range",
        "A dimension is 2**31 or more, or a shape was computed wrongly from constants.",
        "look at the shapes with the input size that you give",
        ("graphtools shapes GRAPH",),
    ),
    KnownError(
        "partitioned-call-left",
        ("StatefulPartionedCallOp", "StatefulPartitionedCallOp"),
        r"The Graph contains unsupported `?Stateful(?:Partioned|Partitioned)CallOp`?",
        "A call of a function is left, which the converter does not inline.",
        "inline the functions first",
        (
            "graphtools transform GRAPH -o inlined.pb --transforms inline_partitionedcall",
            "graphtools nodes GRAPH --op '*PartitionedCall' --functions",
        ),
    ),
    KnownError(
        "not-any-tflite-op",
        ("is not any of a builtin TFLite op",),
        r"'(?P<op>[\w.]+)' op is not any of a builtin TFLite op",
        "{op} is left at the end of the conversion, which no TFLite file can hold: a loop or "
        "condition of TensorFlow 1 that was cut through, or an unfrozen variable.",
        "lint names the nodes",
        (_LINT, _INFERENCE),
    ),
    KnownError(
        "one-concrete-function",
        ("can only convert a single ConcreteFunction",),
        r"can only convert a single ConcreteFunction",
        "The SavedModel does not give exactly one signature: a plain module or a model of "
        "TensorFlow 1 has none or several.",
        "take one: from_concrete_functions([model.signatures['serving_default']]), or convert "
        "with graphtools, which asks for --signature where there are several",
        (
            "graphtools signatures SAVED_MODEL",
            "graphtools convert SAVED_MODEL -o model.tflite --signature KEY",
        ),
        tensorflow(38320),
    ),
    KnownError(
        "no-signature",
        ("Only support at least one signature key",),
        r"Only support at least one signature key",
        "The SavedModel has no signature: it was saved without signatures=...",
        "save it with tf.saved_model.save(model, folder, signatures=model.call."
        "get_concrete_function(...)), or give the converter concrete functions",
        (
            "graphtools signatures SAVED_MODEL --all",
            "graphtools saved-model FROZEN.PB -o exported --inputs INPUT --outputs OUTPUT",
        ),
        ("tensorflow/tflite-support#918",),
    ),
    KnownError(
        "metagraph-not-imported",
        ("Failed to import metagraph",),
        r"Failed to import metagraph, check error log",
        "Grappler could not take the graph: mostly an output that is not there, an op that this "
        "TensorFlow does not know, or tables and strings in it. The reason stands earlier in the "
        "log.",
        "read the lines before it; name outputs that exist, and cut off tables",
        ("graphtools lint SAVED_MODEL --target tflite", "graphtools io SAVED_MODEL"),
        tensorflow(50660),
    ),
    KnownError(
        "path-in-place-of-model",
        ("'str' object has no attribute 'call'",),
        r"'str' object has no attribute '(?P<attr>call|_call_fn|graph|inputs|_is_graph_network)'",
        "The converter was given a path where it wants a model.",
        "load the model first (keras.models.load_model), call from_saved_model(path), or convert "
        "the file with graphtools",
        (_CONVERT,),
        (),
    ),
    KnownError(
        "ops-of-old-spelling",
        ("-emit-custom-ops flag", "-emit-select-tf-ops flag"),
        r"(?P<kind>Ops that (?:can be supported by the flex runtime|need custom implementation))"
        r"[^\n]{0,120}:\s*(?P<ops>[^\n]{1,300})",
        "TFLite has no builtin operator for {ops}, with the types and shapes they have here.",
        "mend what decides, admit TensorFlow's own kernels (--select-tf-ops), or cut them off",
        (
            _LINT,
            "graphtools compat GRAPH",
            "graphtools convert GRAPH --select-tf-ops -o model.tflite",
        ),
    ),
    KnownError(
        "several-subgraphs",
        ("Only models with a single subgraph", "more than one subgraph"),
        r"Only models with a single subgraph are supported, model had (?P<count>\d+)",
        "The model has {count:several} subgraphs, those of loops and conditions, and this step of "
        "quantization takes one.",
        "unroll the recurrent layer, fix the batch, or take a newer converter",
        (_LINT,),
    ),
    KnownError(
        "inputs-of-mixed-types",
        ("Inputs and outputs not all float", "not all float"),
        r"Inputs and outputs not all float\|[\w|]+ types",
        "An input or output is int64, bool or string, which full-integer quantization does not "
        "take.",
        "cut the graph where the tensors are float, or leave input and output types out",
        ("graphtools io GRAPH", _CONVERT),
    ),
    KnownError(
        "operand-shapes-differ",
        (
            "is not compatible with preceding operands",
            "operands and result",
        ),
        r"operand type '(?P<type>[^'\n]+)' is not compatible with preceding "
        r"operands(?P<why>[^\n]{0,160})",
        "A concatenation gets shapes that do not fit: {type} {why}. The shapes are wrong once "
        "inputs or variables have got theirs, mostly since the number of classes is another one.",
        "give all inputs their shapes, export the model anew with its own configuration, and "
        "look at the shapes",
        ("graphtools shapes GRAPH --unknown",),
        ("google/automl#622",),
    ),
    KnownError(
        "converter-error-at-node",
        ("loc(fused[",),
        r"error: loc\(fused\[\"(?P<op>\w*):?\", \"(?P<node>[^\"\n]{1,200})\"\]\): "
        r"(?P<why>[^\n]{1,240})"
        r"|loc\(fused\[\"(?P<name>\w*):?\", \"(?P<place>[^\"\n]{1,200})\"\]\): error: "
        r"(?P<reason>[^\n]{1,240})",
        "The converter stops at the node {node}{place} ({op}{name}): {why}{reason}.",
        "see what the node computes with, and mend it or cut it off",
        ("graphtools node GRAPH {node}{place}", _LINT),
        kind=GENERAL,
    ),
    KnownError(
        "could-not-translate",
        ("Could not translate MLIR to FlatBuffer",),
        r"Could not translate MLIR to FlatBuffer",
        "Some ops are left for which TFLite has no operator; each is named in the lines behind it.",
        "see all of them with their reasons",
        (_LINT,),
        kind=GENERAL,
    ),
)
