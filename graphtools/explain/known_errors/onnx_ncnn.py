"""Conversion to and from ONNX, and ncnn."""

from graphtools.explain.known_errors._entry import GENERAL, HARMLESS, KnownError

_INLINE = "graphtools transform GRAPH -o inlined.pb --transforms inline_partitionedcall"
_OPTIMIZE = "graphtools optimize GRAPH -o out.pb --inputs INPUT --outputs OUTPUT"
_NODES = "graphtools nodes GRAPH --op {op} --long"

ERRORS = (
    KnownError(
        "onnx-names-without-number",
        ("Inputs/Outputs Not Found", "not enough values to unpack"),
        r"Inputs/Outputs Not Found",
        "tf2onnx wants tensors, and names of nodes were given: it finds neither inputs nor "
        "outputs.",
        "write the number of the output behind each name, as input:0; shapes stand in brackets "
        "behind it, for --inputs only",
        ("graphtools io GRAPH",),
        ("onnx/tensorflow-onnx#651", "onnx/tensorflow-onnx#672"),
    ),
    KnownError(
        "onnx-function-left",
        ("is not supported", "Unsupported ops"),
        r"Tensorflow op \[(?P<node>[^\s:\]]+): (?P<op>(?:Stateful)?PartitionedCall|__inference_\w+"
        r"|f_\w+)\] is not supported",
        "The graph still calls a function at {node} ({op}), which tf2onnx does not look into: "
        "group convolutions, ConvNeXt and detectors of TensorFlow 2 have such.",
        "inline the functions, and convert what comes of it",
        (_INLINE,),
        ("onnx/tensorflow-onnx#2099", "onnx/tensorflow-onnx#2347"),
    ),
    KnownError(
        "onnx-op-unsupported",
        ("is not supported", "Unsupported ops: Counter", "not implemented in opset"),
        r"Tensorflow op \[(?P<node>[^\s:\]]+): (?P<op>\w+)\] is not supported"
        r"|Unsupported ops: Counter\((?P<ops>[^)\n]{1,200})",
        "tf2onnx has no {op}{ops} in the opset that was asked for. It writes the file nevertheless "
        "and ends with 0; ONNX Runtime does not load it. Where, TopK and NonMaxSuppression need "
        "opset 10 or 11; Erfc, UnravelIndex, Rank of what is not known and string ops have no "
        "form.",
        "raise --opset to 13 or more, fold and optimize the graph first, cut the part off, or go "
        "through a .tflite (--tflite)",
        (_OPTIMIZE, _NODES.replace("{op}", "{op:OP}")),
        (
            "onnx/tensorflow-onnx#2019",
            "onnx/tensorflow-onnx#1186",
            "onnx/tensorflow-onnx#2061",
            "onnx/tensorflow-onnx#965",
        ),
    ),
    KnownError(
        "onnx-node-not-converted",
        ("make_sure failure", "Failed to convert node"),
        r"make_sure failure: (?P<why>[^\n]{1,200})|Failed to convert node '?(?P<node>[^\s']+)",
        "tf2onnx stops at {node:a node}: {why:see the lines behind it}. Axes, permutations, sizes "
        "and paddings must be constants in ONNX, FakeQuants of eight bits.",
        "give the inputs fixed shapes and fold constants before, so that they become constants; a "
        "lower --opset where it says so",
        (_OPTIMIZE,),
        ("onnx/tensorflow-onnx#2061", "onnx/tensorflow-onnx#699", "onnx/tensorflow-onnx#559"),
    ),
    KnownError(
        "onnx-python-function",
        ("is not implemented.", "PyFunc"),
        r"(?P<op>PyFunc|EagerPyFunc|PyFuncStateless) is not (?:implemented|supported)",
        "The graph calls Python code ({op}), which no file can hold and no converter exports.",
        "replace it by ops of TensorFlow, or cut the graph there",
        (_NODES,),
        ("onnx/onnx-tensorflow#291",),
    ),
    KnownError(
        "onnx-tf-op-unimplemented",
        ("is not implemented.", "BackendIsNotSupposedToImplementIt", "is not implemented for"),
        r"UserWarning: (?P<op>\w+) is not implemented|BackendIsNotSupposedToImplementIt: "
        r"(?P<other>[^\n]{1,80})",
        "onnx-tf has no form of {op}{other}; what it writes cannot run there.",
        "take onnx2tf or a newer onnx-tf, simplify the ONNX file first (onnxsim), or replace the "
        "op",
    ),
    KnownError(
        "onnxruntime-does-not-load",
        (
            "No Op registered for",
            "is not a registered function/op",
            "NotImplemented",
            "INVALID_GRAPH",
        ),
        r"No Op registered for (?P<op>\w+)|\b(?P<other>\w{1,80})\(-?\d*\) is not a registered "
        r"function/op"
        r"|NOT_IMPLEMENTED : Could not find an implementation for (?P<kernel>\w+)|INVALID_GRAPH",
        "ONNX Runtime does not take the model: {op}{other}{kernel:an op} is none of ONNX in this "
        "opset or type. The converter has left it from TensorFlow.",
        "read the converter's log, inline functions and optimize the graph before converting, "
        "raise the opset, or update ONNX Runtime",
        (_INLINE, _OPTIMIZE),
        ("onnx/tensorflow-onnx#2412",),
    ),
    KnownError(
        "onnx-opset-unsupported",
        ("is not supported yet. Please use a lower opset", "ai.onnx"),
        r"Opset (?P<opset>\d+) is not supported yet|opset (?P<number>\d+) is under development"
        r"|ONNX Runtime only \*?guarantees\*? support for models stamped with official released "
        r"onnx "
        r"opset",
        "The opset {opset}{number} is newer than the converter or runtime knows.",
        "take opset 13 to 18",
    ),
    KnownError(
        "onnx-object-dtype",
        ("dtype('O')", "dtype object", "TensorProto.STRING"),
        r"KeyError: dtype\('O'\)|Cannot (?:convert|handle) dtype (?:object|string)",
        "The graph holds strings (asserts, tables, class names), for which this converter has no "
        "type; onnx-tf's old export is given up besides.",
        "cut them off, and convert with tf2onnx",
        ("graphtools lint GRAPH --target tflite", _OPTIMIZE),
        ("onnx/onnx-tensorflow#230",),
    ),
    KnownError(
        "keras2onnx-given-up",
        (
            "'KerasTensor' object has no attribute",
            "keras2onnx",
        ),
        r"'KerasTensor' object has no attribute '(?P<attr>\w+)'|keras2onnx[^\n]{0,80}(?:Error|"
        r"failed)",
        "keras2onnx (and onnxmltools' convert_keras) is given up and knows TensorFlow to 2.3 only.",
        "save a SavedModel and convert it with tf2onnx",
        ("graphtools signatures SAVED_MODEL",),
        (
            "onnx/keras-onnx#651",
            "onnx/keras-onnx#662",
        ),
    ),
    KnownError(
        "onnx-input-unfit",
        (
            "Got invalid dimensions for input",
            "Unexpected input data type",
            "Invalid Feed Input Name",
            "Invalid rank for input",
        ),
        r"Got invalid dimensions for input: (?P<input>\S+)|Unexpected input data type\. Actual: "
        r"\((?P<have>[^\n]{1,40}?)\) ?, expected: \((?P<want>[^\n]{1,40}?)\)|Invalid Feed Input "
        r"Name: ?(?P<name>\S+)|Invalid rank for input: (?P<rank>\S+)",
        "What is fed to ONNX Runtime is not what the model takes: {input}{name}{rank} {have} "
        "where {want:another shape, type or name} is wanted.",
        "print session.get_inputs(): name, shape and type; np.float32 and NHWC unless "
        "--inputs-as-nchw was given",
        ("graphtools io GRAPH",),
        (),
    ),
    KnownError(
        "tensorrt-op-unknown",
        ("No importer registered for op",),
        r"No importer registered for op: (?P<op>\w+)",
        "TensorRT has no {op}.",
        "replace it, cut the post-processing off, or give it to a plug-in; another opset may "
        "write it otherwise",
        ("graphtools nodes GRAPH --op {op} --long",),
        (),
    ),
    KnownError(
        "onnxruntime-error",
        ("[ONNXRuntimeError]",),
        r"\[ONNXRuntimeError\] : \d+ : (?P<code>\w+) : (?P<what>[^\n]{1,200})",
        "ONNX Runtime says {code}: {what}.",
        "read which node it names; convert anew with a newer opset after optimizing the graph",
        ("graphtools optimize GRAPH -o out.pb --inputs INPUT --outputs OUTPUT",),
        (),
        GENERAL,
    ),
    KnownError(
        "ncnn-layer-not-registered",
        ("not exists or registered",),
        r"layer (?P<layer>[\w.]+) not exists or registered",
        "The .param file has a layer {layer} that ncnn does not have: the converter has left an op "
        "of TensorFlow or ONNX, or pnnx an expression (pnnx.Expression, Tensor.view) since shapes "
        "are not known. Who runs it regardless gets a segmentation fault.",
        "convert with pnnx from ONNX and a fixed inputshape, write FakeQuants out, cut what ncnn "
        "lacks (post-processing, casts, loops), or take a newer ncnn",
        ("graphtools nodes GRAPH --depth 1", _OPTIMIZE),
        ("Tencent/ncnn#1929", "Tencent/ncnn#4869", "Tencent/ncnn#3912"),
    ),
    KnownError(
        "ncnn-op-not-supported-yet",
        (
            "not supported yet !",
            "not supported yet!",
            "Unsupported squeeze axes",
            "Unsupported slice",
        ),
        r"\b(?P<op>\w{1,80}) not supported yet ?!|Unsupported (?P<what>squeeze axes|slice "
        r"axes|unsqueeze "
        r"axes)",
        "The old tools tensorflow2ncnn and onnx2ncnn have no {op}{what}: the graph computes shapes "
        "(Shape, StridedSlice, Pack, Gather), or a batch norm is not folded.",
        "optimize the graph with fixed shapes, which folds them, make ONNX of it, and convert that "
        "with pnnx (pnnx model.onnx inputshape=[1,3,224,224])",
        (_OPTIMIZE,),
        ("Tencent/ncnn#288", "Tencent/ncnn#967", "Tencent/ncnn#1162"),
    ),
    KnownError(
        "ncnn-converter-crashes",
        ("Should never be called", "tensorflow2ncnn", "find_blob_index_by_name"),
        r"protobuf/stubs/hash\.h[^\n]{0,40}Should never be called|tensorflow2ncnn[^\n]{0,80}"
        r"(?:Aborted|core dumped|terminate called)|find_blob_index_by_name (?P<blob>\S+) failed",
        "tensorflow2ncnn (or the net it has made) does not work: it is given up, was linked with "
        "another protobuf, or the graph is not frozen. A blob that is not found ({blob}) was "
        "renamed by the converter.",
        "freeze and optimize the graph, make ONNX of it, and convert that with pnnx; blobs are "
        "called in0, out0 there",
        ("graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb", _OPTIMIZE),
        ("Tencent/ncnn#5", "Tencent/ncnn#450"),
    ),
    KnownError(
        "ncnn-inputs-missing",
        (
            "input_shape expect",
            "network graph not ready",
            "param is too old",
            "layer load_",
            "parse layer_",
        ),
        r"input_shape expect (?P<want>\d+) tensors but got (?P<have>\d+)|network graph not ready"
        r"|param is too old, please regenerate|layer load_(?:param|model) \d+ \w+ failed|parse "
        r"layer_\w+ failed",
        "pnnx or ncnn lacks what it needs: a shape for each input ({have} of {want}), the .param "
        "and .bin files, or files of its own release.",
        "give inputshape for every input with its type ([1,3,224,224],[1,12]i32); load .param and "
        "then .bin, both of one conversion",
    ),
    KnownError(
        "onnx-defaults-chosen",
        ("not specified for saved_model", "using first signature"),
        r"'--tag' not specified for saved_model|'--signature_def' not specified, using first",
        "Information: tf2onnx takes the tag serve and the first signature.",
        "name another one with --tag and --signature_def if it is meant",
        ("graphtools signatures SAVED_MODEL",),
        kind=HARMLESS,
    ),
)
