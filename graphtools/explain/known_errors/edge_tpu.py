"""The Edge TPU compiler and its table of operators that are not mapped."""

from graphtools.explain.known_errors._entry import HARMLESS, KnownError

_LINT = "graphtools lint GRAPH --target edgetpu"
_INT8 = (
    "graphtools convert GRAPH --quantize int8 --calibrate IMAGES --input-type uint8 "
    "--output-type uint8 -o model.tflite"
)
#: The reasons of the compiler's table, and what would let the operator be mapped.
_REASONS = {
    "Operation is working on an unsupported data type": "quantize it: the operator is float or "
    "int32, mostly at the ends of the model or after an operator on the CPU",
    "More than one subgraph is not supported": "nothing is wrong with these operators: they come "
    "after the first one on the CPU. Move that one to the end, or replace it",
    "Operation is otherwise supported, but not mapped due to some unspecified limitation": "give "
    "it constant weights and sizes below the limits: large tensors, odd resizes, uneven padding",
    "Operation not supported": "replace the operator by one that is in the compiler's list, or cut "
    "it off",
    "Operation version not supported": "convert with an older converter, or take a newer compiler",
    "Tensor has unsupported rank": "bring the tensors to at most three dimensions besides the "
    "batch",
    "Operation failed to be mapped": "bring it to one of the forms in the compiler's list",
    "Operation is mapped, but": "leave it",
}

ERRORS = (
    KnownError(
        "edge-tpu-no-operator-mapped",
        ("Number of operations that will run on Edge TPU: 0",),
        r"Number of operations that will run on Edge TPU: 0\b",
        "Nothing was mapped to the Edge TPU: the model is not quantized through and through, its "
        "first operator is none that it has, or a size is open.",
        "quantize to int8 with examples, fix all shapes with batch 1, and let the first operator "
        "be one of the list",
        (_LINT, _INT8),
        ("google-coral/edgetpu#358",),
    ),
    KnownError(
        "edge-tpu-reasons",
        tuple(_REASONS),
        rf"(?:^ *(?P<op>[A-Z][A-Z0-9_]+) +(?P<count>\d+) +)?(?P<reason>{'|'.join(_REASONS)})",
        "A report, no error: {op:an operator} runs on the CPU, since the compiler says `{reason}`.",
        "{would:see which reason it gives for which operator}",
        (_LINT,),
        ("google-coral/edgetpu#490",),
        HARMLESS,
        table=lambda names: {"would": _REASONS[names["reason"]]},
    ),
    KnownError(
        "edge-tpu-partly-mapped",
        ("not all operations are supported by the Edge TPU",),
        r"not all operations are supported by the Edge TPU",
        "A report, no error: the operators up to the first one that the Edge TPU does not have run "
        "on it, those behind it on the CPU.",
        "edgetpu_compiler -s names each one and its reason; put what the CPU does at the end",
        (_LINT,),
        kind=HARMLESS,
    ),
    KnownError(
        "edge-tpu-runtime-mismatch",
        (
            "custom op handler",
            "requires runtime version",
            "USB transfer error",
            "HandleQueuedBulkIn",
        ),
        r"Unsupported data type in custom op handler|requires runtime version \((?P<want>\d+)\), "
        r"which is newer than this runtime version \((?P<have>\d+)\)|USB transfer error "
        r"(?P<usb>\d+)|HandleQueuedBulkIn transfer in failed",
        "The Edge TPU's runtime and the compiled model are of different releases ({want} is "
        "wanted, {have} there), or the USB transfer fails ({usb}): a weak port, hub or cable.",
        "install the newest libedgetpu and compile again with the newest compiler; plug the "
        "stick into a USB 3 port of its own",
        ("graphtools summary MODEL.tflite",),
        (),
    ),
    KnownError(
        "edge-tpu-dynamic-sizes",
        ("Model failed in Tflite interpreter", "delegate that only supports static-sized tensors"),
        r"Model failed in Tflite interpreter",
        "The compiler cannot run the model: tensors have sizes that are known only while it runs, "
        "or an operator that it does not have.",
        "convert with all sizes fixed and batch 1, keep NMS and Where out of the model, and see "
        "that LiteRT runs it",
        (
            _LINT,
            "graphtools convert GRAPH --input-shape INPUT=1,224,224,3 -o model.tflite",
        ),
        ("DebeshJha/NanoNet#2",),
    ),
    KnownError(
        "edge-tpu-compiler-fails",
        ("Internal compiler error. Aborting", "Compilation failed!", "Internal compiler error"),
        r"Internal compiler error\. Aborting|Compilation failed!|Compilation child process "
        r"(?:was killed|timed out)",
        "The Edge TPU compiler gives up and does not say why: tensors that are too large, open "
        "sizes, float operators, recurrent layers, models that came by ONNX, or a fault of it.",
        "take the newest compiler (16.0), fixed sizes with batch 1 and full int8; cut the model "
        "with -i at an earlier tensor until it compiles, or take a smaller input",
        (_LINT, "graphtools summary MODEL.tflite"),
        (
            "google-coral/edgetpu#189",
            "google-coral/edgetpu#394",
            "google-coral/edgetpu#800",
            "hhk7734/tensorflow-yolov4#49",
        ),
    ),
)
