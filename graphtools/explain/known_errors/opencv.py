"""OpenCV's dnn module, which reads frozen graphs with an importer of its own."""

from graphtools.explain.known_errors._entry import GENERAL, KnownError, models

_OPTIMIZE = "graphtools optimize FROZEN.PB -o opencv.pb"
_CUT = "graphtools strip GRAPH -o cut.pb --inputs INPUT --outputs OUTPUT"
_TEXT_GRAPH = "wants the text graph that tf_text_graph_ssd.py (faster_rcnn, mask_rcnn) makes of it"

ERRORS = (
    KnownError(
        "opencv-constants-twice",
        ("const_layers.insert",),
        r"const_layers\.insert",
        "OpenCV's readNetFromTensorflow was given a text file of the whole graph beside the .pb: "
        "every constant is then there twice.",
        "leave the text file away, since the .pb loads alone; optimize it before, so that only "
        "ops of inference are left",
        ("graphtools optimize FROZEN.PB -o opencv.pb",),
    ),
    KnownError(
        "opencv-cannot-create-layer",
        ("Can't create layer",),
        r"Can't create layer \"(?P<layer>[^\"]{1,200})\" of type \"(?P<op>[^\"]{1,100})\"",
        "OpenCV does not know the op {op} of {layer:a node}. It looks into no functions, as those "
        "that StatefulPartitionedCall and PartitionedCall call, and knows ops of inference only.",
        "freeze the SavedModel, which puts the functions into the graph, and optimize the result; "
        "the .pb loads without a text file",
        (
            "graphtools freeze SAVED_MODEL -o frozen.pb",
            "graphtools optimize frozen.pb -o opencv.pb",
        ),
    ),
    KnownError(
        "opencv-detection-loops",
        ("Unknown layer type",),
        r"Unknown layer type (?P<op>Enter|Exit|Merge|Switch|LoopCond|NextIteration|TensorArray\w*"
        r"|Where|NonMaxSuppression\w*|While|If|Loop\w*) in op (?P<node>[^\s)]+)",
        "OpenCV has no {op} ({node}): it knows no loops, which the pre- and post-processing of a "
        f"detector is made of. It {_TEXT_GRAPH}.",
        "give the .pb with that .pbtxt, or cut the graph before and behind them",
        ("graphtools strip GRAPH -o cut.pb --inputs Preprocessor/sub --outputs concat,concat_1",),
        ("opencv/opencv#11697",),
    ),
    KnownError(
        "opencv-training-layers",
        ("Unknown layer type",),
        r"Unknown layer type (?P<op>Mean|SquaredDifference|Rsqrt|AssignMovingAvg\w*|Assign\w*"
        r"|RandomUniform|Floor|FIFOQueueV2|QueueDequeue\w*|RandomShuffleQueue\w*|Iterator\w*"
        r"|PlaceholderWithDefault|Queue\w*|Variable\w*|VarHandleOp|ReadVariableOp) in op "
        r"(?P<node>[^\s)]+)",
        "The graph still trains or reads its data: {op} ({node}) is of a batch norm in training "
        "mode (moments), a dropout, a variable or the input queue, none of which OpenCV has.",
        "export the graph with is_training=False and freeze it for inference; cut it behind the "
        "input queue",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            _CUT,
        ),
        ("opencv/opencv#9519", "opencv/opencv#9137"),
    ),
    KnownError(
        "opencv-layer-unknown",
        ("Unknown layer type",),
        r"Unknown layer type (?P<op>\w+) in op (?P<node>[^\s)]+)",
        "OpenCV's importer has no {op} ({node}).",
        "optimize the frozen graph, which leaves ops of inference only; take a newer OpenCV, cut "
        "that part off, or go by ONNX",
        (_OPTIMIZE, "graphtools nodes GRAPH --op {op} --long"),
        ("opencv/opencv_contrib#1029",),
    ),
    KnownError(
        "opencv-input-layer-missing",
        ("Input layer not found", "nodesMapIt != nodesMap.end()", "sortByExecutionOrder"),
        r"Input layer not found:? ?(?P<node>[^\s']{0,200})|nodesMapIt != nodesMap\.end\(\)",
        "A node reads {node:another one} which OpenCV has left out or does not find: the graph has "
        "parts it cannot read (loops, is_training, functions), or .pb and .pbtxt do not belong "
        "together.",
        "freeze for inference and optimize; a detector from the Object Detection API "
        f"{_TEXT_GRAPH}",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            _OPTIMIZE,
        ),
        ("opencv/opencv#12026", "opencv/opencv#15774", "opencv/opencv#20907"),
    ),
    KnownError(
        "opencv-label-map-as-graph",
        ("inputs.size() == requiredOutputs",),
        r"inputs\.size\(\) == requiredOutputs",
        "The network gets another number of inputs than it has: the file given as text graph is "
        "none (a label map), or setInput was called without the names of several inputs.",
        f"give the .pbtxt of the graph: OpenCV {_TEXT_GRAPH}; name each input",
        ("graphtools summary FILE",),
        ("opencv/opencv#15873", "opencv/opencv#16288"),
    ),
    KnownError(
        "opencv-shapes",
        ("in function 'getMemoryShapes'", "getMemoryShapes", "ngroups", "numPriors"),
        r"Assertion failed\)? ?(?P<check>[^\n]{1,160}?) in function '?[^\n']{0,80}getMemoryShapes"
        r"|(?P<priors>numPriors \* _numClasses)|(?P<groups>inpCn % ngroups == 0)",
        "OpenCV computes other shapes than the layers have ({check}{priors}{groups}): the blob has "
        "another size or number of channels than the model (a grey image), or the text graph was "
        "made with another configuration (num_classes, anchors).",
        "make the blob with the model's size and three channels, and the .pbtxt with the "
        "pipeline.config that the model was trained with",
        ("graphtools io GRAPH",),
        (*models(7812), "opencv/opencv#13923"),
    ),
    KnownError(
        "opencv-graph-not-read",
        ("Failed to parse GraphDef file", "ReadProtoFromBinaryFile", "ReadProtoFromTextFile"),
        r"(?:FAILED|Failed)[^\n]{0,20}(?P<what>ReadProtoFrom(?:Binary|Text)File|to parse GraphDef "
        r"file)[^\n]{0,40}?(?P<file>[^\s'\"]{0,200})",
        "OpenCV does not read the file: the path is wrong, .pb and .pbtxt are exchanged, or it is "
        "a SavedModel or another kind of file.",
        "give the frozen .pb first and the text graph second",
        ("graphtools summary FILE", "graphtools freeze SAVED_MODEL -o frozen.pb"),
    ),
    KnownError(
        "opencv-weights-not-constant",
        (
            "for node [",
            "Const input blob for weights not found",
            "not found for node",
        ),
        r"Const input blob for weights not found|Input \[(?P<input>[^\]\n]*)\] for node "
        r"\[(?P<node>[^\]\n]*)\] not found",
        "OpenCV finds no constant weights for a layer ({node}{input}): the graph is not frozen, "
        "or an Identity or a dequantization stands between.",
        "freeze and optimize the graph",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            "graphtools optimize FROZEN.PB -o opencv.pb",
        ),
        (),
    ),
    KnownError(
        "opencv-check-failed",
        (
            "modules/dnn/src",
            "modules\\\\dnn\\\\src",
            "dnn/src/",
        ),
        r"dnn[/\\]src[/\\][\w/\\]+\.cpp:\d+: error: \((?P<code>-\d+)[^)\n]*\) "
        r"(?P<what>[^\n]{1,200})",
        "OpenCV's dnn module stops: {what}. Its importer knows frozen graphs of inference only.",
        "freeze for inference, optimize, and give the text graph that was made of this very file",
        ("graphtools optimize FROZEN.PB -o opencv.pb",),
        (),
        GENERAL,
    ),
)
