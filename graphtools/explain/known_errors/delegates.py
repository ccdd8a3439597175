"""Delegates of TFLite: GPU, Metal, Core ML, NNAPI, XNNPACK, Edge TPU, and applications around."""

from graphtools.explain.known_errors._entry import GENERAL, KnownError, tensorflow

_SHAPES = "graphtools shapes GRAPH --unknown"
_GPU = "graphtools lint GRAPH --target gpu"

ERRORS = (
    KnownError(
        "delegate-on-immutable-graph",
        ("is disallowed when graph is immutable",),
        r"ModifyGraphWithDelegate is disallowed when graph is immutable",
        "A delegate is applied to a graph that may no longer change: it, or another one, was "
        "applied before, or it took a part only and the rest has tensors of open size.",
        "apply one delegate, in the options of the interpreter, before allocating; make a new "
        "interpreter after a failure",
        (_GPU,),
        tensorflow(35378),
    ),
    KnownError(
        "metal-delegate",
        ("TfLiteMetalDelegate",),
        r"TfLiteMetalDelegate (?P<when>Prepare|Invoke)?:? "
        r"?(?P<what>[^\n]{0,120})|\(TfLiteMetalDelegate\)"
        r" failed to (?P<how>prepare|invoke)",
        "The Metal delegate does not take the graph ({what}): sizes that are open or 0, a "
        "broadcast, more than four dimensions. The CPU goes on where it says `Restored original "
        "execution plan`.",
        "fix all sizes when converting, or run without the delegate",
        (_GPU, _SHAPES),
        ("tensorflow/flutter-tflite#65",),
    ),
    KnownError(
        "nnapi-fails",
        ("NN API returned error", "ANEURALNETWORKS_", "NnApiDelegate", "NNAPI"),
        r"NN API returned error (?P<code>\w+)(?: at line \d+)?(?: while (?P<doing>[^\n]{1,80}))?"
        r"|(?P<status>ANEURALNETWORKS_\w+)|Failed to apply NNAPI delegate",
        "The phone's NNAPI driver refuses the model or dies ({code}{status} while {doing:at "
        "work}): "
        "BAD_DATA is an operand that it does not take, DEAD_OBJECT a crash of the driver, "
        "OP_FAILED "
        "an op. That differs from phone to phone; NNAPI is deprecated since Android 15.",
        "run on the CPU (XNNPACK) or the GPU delegate, fix shapes and batch 1, or choose another "
        "accelerator (nnapi-reference tells whether the model is at fault)",
        (_SHAPES, "graphtools summary MODEL.tflite"),
        tensorflow(36645, 56457, 51859),
    ),
    KnownError(
        "xnnpack-fails",
        ("XNNPACK", "XNNPack"),
        r"failed to (?P<what>invoke|create|setup|reshape) XNNPACK runtime"
        r"|\(TfLiteXNNPackDelegate\) failed to (?P<when>prepare|invoke)"
        r"|XNNPACK does not (?P<not>[^\n]{1,80})",
        "The XNNPACK delegate fails on a part of the graph: mostly the interpreter is used by two "
        "threads, inputs were resized without allocating anew, or the release has a fault there.",
        "one interpreter for each thread, allocate_tensors after a resize; try without it "
        "(experimental_op_resolver_type=BUILTIN_WITHOUT_DEFAULT_DELEGATES)",
        ("graphtools verify GRAPH MODEL.tflite",),
        ("google-ai-edge/mediapipe#3463",),
    ),
    KnownError(
        "flex-delegate-not-prepared",
        ("(TfLiteFlexDelegate) failed", "Delegate kernel was not initialized"),
        r"\(TfLiteFlexDelegate\) failed to (?P<when>prepare|invoke)|Delegate kernel was not "
        r"initialized",
        "The part that TensorFlow's own ops compute (Flex) is not set up: the library lacks these "
        "ops or tensors have sizes that it does not get.",
        "convert without Select TF, or link the whole select-tf-ops library of the same release",
        ("graphtools lint GRAPH --target tflite",),
        (*tensorflow(62506), "google-ai-edge/LiteRT#94"),
    ),
    KnownError(
        "edge-tpu-not-found",
        (
            "Failed to load delegate",
            "libedgetpu",
            "edgetpu.dll",
            "EdgeTpuDelegateForCustomOp",
            "edgetpu-custom-op",
        ),
        r"Failed to load delegate from (?P<library>\S+)|(?P<missing>libedgetpu\S*|edgetpu\.dll)"
        r"[^\n]{0,60}(?:cannot open|not found|could not)|\(EdgeTpuDelegateForCustomOp\) failed to "
        r"(?P<when>prepare|invoke)|unresolved custom op: (?P<op>edgetpu-custom-op)",
        "The Edge TPU is not reached ({library}{missing}{op}): the device is not plugged in or may "
        "not be used by this user (plugdev), the runtime is missing or of another release than the "
        "compiler, or the delegate was not given to the interpreter.",
        "install libedgetpu of the release of the compiler, plug the stick in anew, give "
        "load_delegate('libedgetpu.so.1'); without the device take the model from before the "
        "compiler",
        ("graphtools summary MODEL.tflite",),
        (),
    ),
    KnownError(
        "gpu-delegate-fails",
        ("TfLiteGpuDelegate", "GpuDelegate", "Batch size mismatch", "Can not open OpenCL library"),
        r"TfLiteGpuDelegate (?P<when>Init|Prepare|Invoke): (?P<what>[^\n]{1,160})"
        r"|Can not open OpenCL library|\(TfLiteGpuDelegate\w*\) failed to (?P<how>prepare|invoke)"
        r"|NoClassDefFoundError[^\n]{0,60}GpuDelegate",
        "The GPU delegate does not take the graph: {what:its library or OpenCL is not there}.",
        "fix batch 1 and all sizes, keep post-processing outside of the model; libraries of one "
        "release (tensorflow-lite and tensorflow-lite-gpu), OpenCL in the manifest",
        (_GPU,),
    ),
    KnownError(
        "interpreter-used-wrongly",
        (
            "Invalid tensor index",
            "Invalid handle to Interpreter",
            "already been closed",
            "Interpreter has already been closed",
            "Invoke called on model that is not ready",
            "not ready",
        ),
        r"Invalid tensor index (?P<index>-?\d+) \(not in \[0, \d+\)\)|Invalid handle to Interpreter"
        r"|Interpreter has already been closed|Invoke called on model that is not (?:consistent|"
        r"ready)",
        "The interpreter is broken or gone when it is called: two threads use it, it was closed, "
        "or a delegate has replaced parts of the graph and failed.",
        "one interpreter for each thread, closed by the one that made it; try without delegates, "
        "and allocate after each resize",
        ("graphtools summary MODEL.tflite", "graphtools verify GRAPH MODEL.tflite"),
        (*tensorflow(16308), "tensorflow/tflite-support#748"),
    ),
    KnownError(
        "float16-weights-on-cpu",
        ("!= kTfLiteFloat32 (10", "(10 != 1)"),
        r"(?P<kernel>\w{1,60})\.cc:\d+ [^\n]{1,80}type != [^\n]{1,60}\(10 != 1\)",
        "Type 10 is float16: the weights that {kernel} reads are float16 without a DEQUANTIZE that "
        "the CPU's kernel takes. The model is made for a GPU, or a delegate took the DEQUANTIZE.",
        "run it by the GPU delegate or a newer runtime, or convert it to float32",
        ("graphtools summary MODEL.tflite",),
        ("machidyo/MediaPipeHandTracking#3",),
    ),
    KnownError(
        "kernel-check-failed",
        (".cc:",),
        r"(?:tensorflow/lite|lite)/(?:micro/)?kernels/(?:internal/)?(?:\w+/)*(?P<kernel>\w+)\.cc:"
        r"\d+ "
        r"(?P<check>[^\n]{1,160}?)(?: was not true|(?<=\)))",
        "The kernel {kernel} does not take its tensors: {check} does not hold. The numbers are "
        "sizes, or types (1 float32, 2 int32, 3 uint8, 4 int64, 9 int8, 10 float16).",
        "give inputs of the sizes and types that the model was made for, allocate after a resize; "
        "if that is so, convert with fixed sizes",
        ("graphtools summary MODEL.tflite", "graphtools verify GRAPH MODEL.tflite"),
        tensorflow(35532, 66594),
        kind=GENERAL,
    ),
)
