"""TFLite models that a runtime does not load or run."""

from graphtools.explain.known_errors._entry import GENERAL, KnownError, tensorflow

_SUMMARY = "graphtools summary MODEL.tflite"

ERRORS = (
    KnownError(
        "flex-delegate-missing",
        ("not supported by this interpreter", "is(are) not supported by this interpreter"),
        r"(?:Regular TensorFlow ops are|Select TensorFlow op\(s\), included in the given model, "
        r"is\(are\)) not supported by this interpreter"
        r"(?:.{0,400}?\((?P<op>Flex\w+)\) failed to prepare)?",
        "The model has operators of TensorFlow itself ({op:Flex}), and this runtime has no Flex "
        "delegate: neither LiteRT nor tf.lite from PyPI has.",
        "convert without Select TF after mending what needs it; in an app, add the library "
        "tensorflow-lite-select-tf-ops",
        (_SUMMARY, "graphtools lint GRAPH --target tflite"),
        tensorflow(40157, 62097, 41558),
    ),
    KnownError(
        "custom-operator-unresolved",
        (
            "unresolved custom ops",
            "unresolved custom op",
        ),
        r"[Ee]ncountered (?:an )?unresolved custom op(?:: (?P<op>[^\s.]+))?"
        r"|[Tt]here are unresolved custom ops:? ?(?P<ops>[^\n]{0,120})",
        "The runtime has no kernel for the custom operator {op:of the model}: it is registered "
        "only "
        "by an app or a library of its own (TFLite_Detection_PostProcess is there in LiteRT).",
        "run it where the operator is registered, or convert the graph without it",
        (_SUMMARY, "graphtools lint GRAPH --select GT303"),
        outside=r"edgetpu-custom-op",
    ),
    KnownError(
        "operator-version-too-new",
        ("Didn't find op for builtin opcode", "builtin_code out of range"),
        r"Didn't find op for builtin opcode '?(?P<op>\w+)'? version '?(?P<version>\d+)"
        r"|Op builtin_code out of range: (?P<code>\d+)",
        "The model has {op:an operator} of version {version}{code}, and the runtime is older "
        "than that: the "
        "converter "
        "was newer than the library in the app.",
        "update the runtime (pip install --upgrade ai-edge-litert, the Gradle dependency); on "
        "microcontrollers, register the operator",
        (_SUMMARY,),
        tensorflow(50641, 41943, 40704),
        outside=r"Failed to get registration",
    ),
    KnownError(
        "not-a-tflite-model",
        (
            "should be 'TFL3'",
            "is not a valid TensorFlow Lite",
            "is not a valid flatbuffer model",
            "factory function returned nullptr",
            "Cannot memory map",
            "Could not get model from",
            "it is probably compressed",
            "does not encode a valid TensorFlow Lite",
        ),
        r"Model provided has model identifier '(?P<found>[^']{0,8})', should be 'TFL3'"
        r"|is not a valid (?:TensorFlow Lite )?(?:model )?[Ff]lat ?[Bb]uffer"
        r"|it is probably compressed|does not encode a valid TensorFlow Lite"
        r"|pybind11::init\(\): factory function returned nullptr",
        "The file is no TFLite model ({found:it does not begin as one}): a .pb or .h5 under "
        "another "
        "name, a web page, a Git LFS pointer, a broken download, or a file that the app's build "
        "has compressed.",
        'see what the file is, and fetch or convert it anew (git lfs pull); noCompress "tflite" in '
        "Gradle; a model of a newer schema needs a newer runtime",
        (_SUMMARY,),
        (*tensorflow(53402, 32204, 50974, 62455), "huggingface/tflite-android-transformers#15"),
    ),
    KnownError(
        "tflite-file-not-opened",
        ("Could not open '",),
        r"Could not open '(?P<file>[^'\n]{1,300})'",
        "The interpreter cannot read {file}: there is no such file, seen from the folder that the "
        "program runs in, or it may not be read.",
        "give the whole path, and see whether the conversion wrote the file",
        ("graphtools summary {file}",),
    ),
    KnownError(
        "java-buffer-size",
        (
            "size of byte buffer and the shape do not match",
            "with type",
            " bytes from a Java Buffer",
            "TensorFlowLite buffer with",
            "to a TensorFlowLite tensor",
        ),
        r"Cannot (?:copy to a TensorFlowLite tensor \((?P<tensor>[^)\n]*)\) with (?P<want>\d+) "
        r"bytes "
        r"from a Java Buffer with (?P<have>\d+) bytes|convert between a TensorFlowLite buffer with "
        r"(?P<size>\d+) bytes and a (?:Java |Byte)Buffer with (?P<given>\d+) bytes)"
        r"|size of byte buffer and the shape do not match",
        "The model's tensor {tensor} has {want}{size} bytes and the app's buffer {have}{given}. "
        "Four "
        "times as much or as little: one is float32 and the other uint8; else the image size or "
        "the number of results differs.",
        "fit isQuantized, the input size and the number of detections of the app to the model",
        (_SUMMARY,),
        tensorflow(43965, 55341, 24190, 36059),
    ),
    KnownError(
        "java-type",
        ("Cannot convert between a TensorFlowLite tensor",),
        r"Cannot convert between a TensorFlowLite tensor with type (?P<want>\w+) and a Java object "
        r"of type (?P<have>\S+)",
        "The model's tensor is {want}, and the app gives or takes {have}.",
        "use an array or buffer of {want} in the app, or convert with other input and output types",
        (
            _SUMMARY,
            "graphtools convert GRAPH --quantize int8 --calibrate IMAGES --input-type uint8 "
            "-o model.tflite",
        ),
        tensorflow(48791),
    ),
    KnownError(
        "set-tensor-type",
        ("Cannot set tensor: Got",),
        r"Cannot set tensor: Got (?:value|tensor) of type (?P<have>\w+) but expected type "
        r"(?P<want>\w+)"
        r" for input (?P<index>\d+)(?:, name: (?P<tensor>\S+))?",
        "The input {index} ({tensor}) is {want}, and {have} was fed (as a number, 1 "
        "is "
        "float32, 2 int32, 3 uint8 and 4 int64).",
        "cast the array to {want}: array.astype(...); for a quantized input also apply its scale",
        (_SUMMARY,),
        tensorflow(22409, 58101, 44708),
    ),
    KnownError(
        "set-tensor-shape",
        ("Cannot set tensor: Dim",),
        r"Cannot set tensor: Dimension (?:count )?mismatch[.,] (?:Got (?P<have>\d+) but expected "
        r"(?P<want>\d+)(?: for dimension (?P<dim>\d+))? (?:of|for) input (?P<index>\d+)|expected "
        r"(?P<expected>\d+) but found (?P<found>\d+))",
        "The array has another shape than the input: {have}{found} where {want}{expected} is "
        "wanted "
        "(dimension {dim:count}).",
        "add the batch dimension (array[None]), resize the image, or call resize_tensor_input",
        (_SUMMARY,),
    ),
    KnownError(
        "tensors-not-allocated",
        ("Run allocate_tensors() first", "Tensor is unallocated"),
        r"Tensor data is null\. Run allocate_tensors\(\) first|Tensor is unallocated",
        "The tensor has no memory: allocate_tensors() was not called, or it is an intermediate "
        "one, "
        "whose memory is not kept (since 2.8).",
        "call allocate_tensors() after making the interpreter and after every resize; for "
        "intermediate tensors, Interpreter(experimental_preserve_all_tensors=True)",
        (_SUMMARY,),
        tensorflow(51479),
    ),
    KnownError(
        "reference-to-internal-data",
        ("reference to internal data",),
        r"There is at least 1 reference to internal data",
        "The program still holds an array that tensor()() gave, which points into the "
        "interpreter's memory.",
        "keep the function, not what it returns, or use get_tensor, which copies",
    ),
    KnownError(
        "lite-reshape-size",
        ("num_input_elements != num_output_elements", "stretch_dim != -1"),
        r"num_input_elements != num_output_elements \((?P<have>\d+) != (?P<want>\d+)\)"
        r"(?:\s*Node number (?P<node>\d+))?|stretch_dim != -1 \((?P<stretch>\d+) != -1\)",
        "A RESHAPE ({node:of the model}) has {have:too few or too many} values for its {want} "
        "places: the model was converted with another input size than it is run with.",
        "convert with that dimension open, or with the size that it is run with",
        ("graphtools convert GRAPH --input-shape 'INPUT=?,16000' -o model.tflite", _SUMMARY),
        tensorflow(49183, 55551, 62840),
    ),
    KnownError(
        "lite-types-differ",
        ("output->type != input_type", "type != "),
        r"\b(?P<where>\w{1,60})\.cc:\d+ (?P<one>[\w>.-]{1,60}type) != (?P<other>[\w>.-]{1,60}type) "
        r"\((?P<left>\w+) != (?P<right>\w+)\)",
        "An operator ({where}) gets tensors of different types ({left} and {right}), which its "
        "kernel does not take.",
        "cast in the graph before it, and convert again",
        (_SUMMARY, "graphtools lint GRAPH --select GT304,GT311"),
        tensorflow(35661),
    ),
    KnownError(
        "gpu-delegate-operators",
        ("are not supported by GPU delegate",),
        r"(?:Following|Next) operations are not supported by GPU "
        r"delegate:?\s*(?P<ops>[A-Z][^\n]{0,200})?",
        "The GPU delegate leaves some operators to the CPU ({ops:they are listed below}); the rest "
        "still runs on the GPU. Quantized models need an option of the delegate.",
        "see which nodes they are, and keep pre- and postprocessing outside of the model",
        ("graphtools lint GRAPH --target gpu",),
        tensorflow(29086, 35389, 49160, 57907),
        outside=r"when graph is immutable",
    ),
    KnownError(
        "delegate-needs-static-shapes",
        ("delegate that only supports static-sized tensors",),
        r"Attempting to use a delegate that only supports static-sized tensors with a graph that "
        r"has dynamic-sized tensors(?: \(tensor#(?P<tensor>\d+))?",
        "The tensor {tensor} gets its size only while the model runs, and the delegate "
        "(XNNPACK, Edge TPU, GPU) wants all sizes before.",
        "fix the sizes of all inputs when converting, and keep NMS and Where out of the model",
        (
            "graphtools lint GRAPH --select GT306,GT603,GT703",
            "graphtools convert GRAPH --input-shape INPUT=1,224,224,3 -o model.tflite",
        ),
        outside=r"Edge TPU Compiler|Compilation failed: Model failed",
    ),
    KnownError(
        "flutter-tensor-size",
        ("Bad state: failed precondition",),
        r"Bad state: failed precondition",
        "tflite_flutter copies a buffer into a tensor of another size: the image is uint8 and "
        "the model float32 (four times the bytes), or has another size; or outputs are fewer "
        "than given.",
        "print interpreter.getInputTensors() and getOutputTensors(), and make buffers of their "
        "types and shapes",
        ("graphtools io MODEL.tflite",),
        (
            "am15h/tflite_flutter_helper#25",
            "tensorflow/flutter-tflite#240",
            "am15h/tflite_flutter_plugin#167",
        ),
    ),
    KnownError(
        "flutter-interpreter",
        (
            "Unable to create interpreter",
            "Unable to load asset",
        ),
        r"Unable to create interpreter|Unable to load asset:? ?(?P<asset>[^\s\"]{0,120})",
        "The application cannot make an interpreter of the model ({asset}): the asset is not "
        "listed in pubspec.yaml or is no .tflite, it has operators (Flex, newer versions) that "
        "the library lacks, or a delegate does not take it.",
        "list the asset, see what the file is, and try without delegates and with a newer library",
        ("graphtools summary MODEL.tflite",),
        ("tensorflow/flutter-tflite#120",),
    ),
    KnownError(
        "java-shape",
        (
            "with shape",
            "to a Java object with shape",
            "Input error:",
        ),
        r"Cannot copy (?:from|to) a TensorFlowLite tensor \((?P<tensor>[^)\n]*)\) with shape "
        r"(?P<want>\[[^\]\n]*\]) (?:to|from) a Java object with shape "
        r"(?P<have>\[[^\]\n]*\])|should have (?P<bytes>\d+) bytes, but found (?P<found>\d+) bytes",
        "The tensor {tensor} has {want}{bytes} in the model and {have}{found} in the app: "
        "another input size, number of classes or detections, or the outputs are in another order.",
        "make the arrays of the app as the model's inputs and outputs are",
        ("graphtools io MODEL.tflite",),
        (),
    ),
    KnownError(
        "java-output-index",
        (
            "Invalid output Tensor index",
            "Invalid input Tensor index",
        ),
        r"Invalid (?P<which>output|input) Tensor index: (?P<index>\d+)",
        "The app asks for {which} {index}, which the model does not have: a detector's four "
        "outputs are those of TFLite_Detection_PostProcess, and a plain model has one.",
        "look at the outputs; export an SSD with its post-processing",
        (
            "graphtools io MODEL.tflite",
            "graphtools export-ssd frozen_inference_graph.pb -o tflite_graph.pb",
        ),
        (),
    ),
    KnownError(
        "java-buffer-overflow",
        (
            "BufferOverflowException",
            "BufferUnderflowException",
        ),
        r"(?P<what>Buffer(?:Over|Under)flowException)",
        "A buffer of the app is too small or too large for what is put into it: made for uint8 "
        "and filled with floats (four bytes each), or for another image size.",
        "make it of width * height * channels * 4 for a float model (* 1 for a quantized one), "
        "and rewind it",
        ("graphtools io MODEL.tflite",),
        (),
    ),
    KnownError(
        "jni-library-missing",
        (
            "UnsatisfiedLinkError",
            "Cannot load native",
        ),
        r"UnsatisfiedLinkError|Cannot load native TensorFlow Lite",
        "The native library of TFLite is not in the application for this processor.",
        "add the dependency org.tensorflow:tensorflow-lite (and the select-tf-ops or gpu one, of "
        "the same release) for the ABI of the device",
        (),
        (),
    ),
    KnownError(
        "fixed-size-tensor",
        (
            "Attempting to resize a fixed-size tensor",
            "ResizeInputTensor",
        ),
        r"Attempting to resize a fixed-size tensor",
        "The input has a fixed size, and strict resizing refuses another one.",
        "call resize_tensor_input without strict, or convert with that dimension open",
        ("graphtools convert GRAPH --input-shape 'INPUT=?,224,224,3' -o model.tflite",),
        (),
    ),
    KnownError(
        "gather-out-of-bounds",
        (
            "index out of bounds",
            "BytesRequired number of elements overflowed",
        ),
        r"gather(?:_nd)? index out of bounds|BytesRequired number of (?P<what>elements|bytes) "
        r"overflowed",
        "An index or size that is computed from the input is out of range: ids above the size of "
        "a table, or an input that was not resized.",
        "feed values within the range that the model was trained with, and allocate after a resize",
        ("graphtools io MODEL.tflite",),
        (),
    ),
    KnownError(
        "delegate-not-applied",
        (
            "Error applying delegate",
            "Failed to apply delegate",
        ),
        r"Error applying delegate|Failed to apply delegate:? ?(?P<why>[^\n]{0,160})",
        "A delegate refuses the model: {why:it does not say why}. Mostly tensors are of open "
        "size, of more than four dimensions, or of a type that it lacks.",
        "convert with fixed sizes, or run without the delegate (catch it and go on with the CPU)",
        ("graphtools lint GRAPH --target gpu",),
        ("tensorflow/tensorflow#61126",),
        GENERAL,
    ),
    KnownError(
        "operator-failed-to-prepare",
        ("failed to prepare", "failed to invoke"),
        r"Node number (?P<node>\d+) \((?P<op>\w+)\) failed to (?P<when>prepare|invoke)",
        "The operator {node} ({op}) does not take its tensors as they are: its shapes, types or "
        "ranges; the words before it say which.",
        "look at the operator, and run the model with random inputs of the sizes it was made for",
        (_SUMMARY, "graphtools lint GRAPH --select GT311", "graphtools verify GRAPH MODEL.tflite"),
        kind=GENERAL,
    ),
)
