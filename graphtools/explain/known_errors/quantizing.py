"""Quantization: ranges that are missing or wrong, calibration, types of inputs and outputs."""

from graphtools.explain.known_errors._entry import KnownError, tensorflow

_QAT = (
    "graphtools convert GRAPH --quantize qat --input-stats {tensors:INPUT}=128,128 -o model.tflite"
)
_INT8 = "graphtools convert GRAPH --quantize int8 --calibrate IMAGES -o model.tflite"
_DUMMY = (
    "graphtools convert GRAPH --quantize dummy --default-ranges 0,6 --input-stats INPUT=128,128 "
    "-o model.tflite"
)

ERRORS = (
    KnownError(
        "array-lacks-min-max",
        ("is lacking min/max data",),
        r"Array (?P<array>\S+), which is an input to the (?P<op>\w+) operator producing the output "
        r"array (?P<output>\S+), is lacking min/max data",
        "{array} has no range: no FakeQuant node stands behind it, so that this is a float graph "
        "(or one whose training was not rewritten for quantization there).",
        "train it for quantization, calibrate it with images, or give default ranges, which is "
        "good for measuring speed only",
        (
            "graphtools lint GRAPH --select GT401",
            _INT8,
            "graphtools quantize-training TRAIN.META -o qat.meta --checkpoint CHECKPOINT",
            _DUMMY,
        ),
        tensorflow(22528, 24663, 21725, 31611),
    ),
    KnownError(
        "array-without-min-max",
        ("does not have MinMax information",),
        r"Array (?P<array>\S+) does not have MinMax information, and is not a constant array",
        "{array} has no range: no FakeQuant node stands behind it. Often it is the output itself, "
        "which the rewriter of TensorFlow 1 leaves without one.",
        "give this array a range: take the tensor before it as the output, or give default ranges",
        ("graphtools lint GRAPH --select GT401", "graphtools node GRAPH {array}", _DUMMY),
        tensorflow(22528, 24663, 21725, 31611),
    ),
    KnownError(
        "quantized-form-missing",
        ("for which the quantized form is not yet implemented",),
        r"this graph contains an operator of type (?P<op>.{1,80}?) for which the quantized form is "
        r"not yet implemented",
        "TOCO has no eight-bit {op}.",
        "let the new converter keep it in float: quantize by calibration",
        (_INT8,),
        tensorflow(20955),
    ),
    KnownError(
        "input-stats-missing",
        ("std_dev and mean must be defined", "Quantization input stats are not available"),
        r"std_dev and mean must be defined when (?P<when>[^\n]{1,120})"
        r"|Quantization input stats are not available for input tensors '(?P<tensors>[^'\n]*)'",
        "A model with quantized inputs must know what their numbers mean: real = (stored - mean) / "
        "std.",
        "give mean and std of {tensors:the inputs}: 128,128 for -1..1, 0,255 for 0..1, 0,1 for "
        "0..255",
        (_QAT,),
    ),
    KnownError(
        "calibration-data-missing",
        ("representative_dataset",),
        r"representative_dataset`? (?:is required|must be specified)"
        r"|`?representative_dataset`? (?:is required|must be specified)",
        "Full-integer quantization measures the ranges of a float graph on examples, and was given "
        "none.",
        "give some hundred images or arrays as the model will see them",
        (_INT8,),
        tensorflow(38285),
    ),
    KnownError(
        "tensor-not-calibrated",
        ("should be recorded during calibration", "Empty min/max for tensor"),
        r"Max and min for dynamic tensors should be recorded during calibration: Failed for tensor "
        r"(?P<tensor>\S+)|Empty min/max for tensor (?P<empty>\S+)",
        "{tensor}{empty} never got a value while calibrating: no sample reached it (a branch or "
        "loop that was not taken), or there were no samples.",
        "give more and real samples, or cut off the part that is never run",
        (
            "graphtools convert GRAPH --quantize int8 --calibrate IMAGES --samples 200 "
            "-o model.tflite",
        ),
    ),
    KnownError(
        "op-not-quantizable",
        ("Quantization not yet supported for op",),
        r"Quantization not yet supported for op: '?(?P<op>\w+)",
        "TFLite has no eight-bit {op}, and only eight-bit operators were admitted. FAKE_QUANT and "
        "DEQUANTIZE mean that the graph is quantized already.",
        "admit float operators (leave --input-type and --output-type out), or convert a "
        "quantization-aware graph with its own ranges",
        (
            "graphtools convert GRAPH --quantize int8 --calibrate IMAGES -o model.tflite",
            "graphtools convert GRAPH --quantize qat --input-stats INPUT=128,128 -o model.tflite",
        ),
        tensorflow(33925, 43985, 33893, 31802, 33572, 45328),
    ),
    KnownError(
        "inference-types",
        ("inference_input_type and inference_output_type",),
        r"inference_input_type and inference_output_type (?P<rule>(?:of type|must be)[^\n]{1,120})",
        "The types of inputs and outputs do not go with this way of quantizing: {rule}.",
        "leave them out, or take full-integer quantization for int8 and uint8",
        (
            "graphtools convert GRAPH --quantize int8 --calibrate IMAGES --input-type uint8 "
            "--output-type uint8 -o model.tflite",
        ),
    ),
    KnownError(
        "scale-out-of-range",
        ("scale out of expressed type range",),
        r"scale out of expressed type range",
        "A range is infinite, empty or reversed, or a standard deviation 0, so that its scale is "
        "no "
        "number: the converter ends its process over it.",
        "look for the range: a FakeQuant node, --default-ranges or --input-stats",
        ("graphtools lint GRAPH --select GT403",),
    ),
    KnownError(
        "num-bits-out-of-range",
        ("num_bits to be between 2 and 16", "num_bits must be between 2 and 16"),
        r"num_bits (?:to|must) be between 2 and 16",
        "A FakeQuant node has a number of bits that is not 2 to 16.",
        "set it to 8, which is what TFLite has operators for",
        ("graphtools lint GRAPH --select GT4", "graphtools nodes GRAPH --op 'FakeQuant*' --long"),
    ),
    KnownError(
        "scales-do-not-fit",
        ("input_product_scale", "real_multiplier < 1.0", "params.scale !=", "params.zero_point"),
        r"\b(?P<where>\w{1,60}\.cc):\d+ (?P<what>[^\n]{0,120}?(?:input_product_scale|real_multipl"
        r"ier < "
        r"1\.0"
        r"|params\.scale|params\.zero_point)[^\n]{0,120})",
        "The scales of an operator do not fit each other ({what}): default ranges where real ones "
        "are needed, a range that is far too small, or asymmetric weights in an int8 model.",
        "convert with ranges that were trained or calibrated; asymmetric weights need uint8",
        ("graphtools lint GRAPH --select GT403,GT405,GT408", "graphtools summary MODEL.tflite"),
        tensorflow(14642, 20451, 27813),
    ),
    KnownError(
        "same-scale-violated",
        ("violate the same scale constraint",),
        r"'(?:tfl\.)?(?P<op>\w+)' op quantization parameters violate the same scale constraint"
        r"(?:: (?P<scales>[^\n]{1,200}))?",
        "{op} keeps the range of what it reads, and different ranges stand before and behind it: "
        "those of two FakeQuants, or of the inputs of a concatenation ({scales:its scales}).",
        "give both sides one range when the graph is trained; converters later than that of "
        "TensorFlow 2.6 requantize in some of these cases",
        (
            "graphtools lint GRAPH --select GT404",
            "graphtools transform GRAPH -o out.pb --transforms change_concat_input_ranges",
        ),
        tensorflow(46754, 52517, 51531),
    ),
    KnownError(
        "edge-tpu-not-quantized",
        ("Model not quantized", "Invalid model: ", "Model could not be parsed"),
        r"(?:Invalid model: (?P<file>[^\n]{1,200})\s+)?Model not quantized",
        "The Edge TPU compiler wants a full-integer model; {file:this one} has float tensors "
        "inside "
        "or at its ends, or operators whose type it does not know.",
        "quantize to int8 with inputs and outputs of uint8, and look for what stays float",
        (
            "graphtools lint GRAPH --target edgetpu",
            "graphtools convert GRAPH --quantize int8 --calibrate IMAGES --input-type uint8 "
            "--output-type uint8 -o model.tflite",
        ),
        ("google-coral/edgetpu#313", "google-coral/edgetpu#168", *tensorflow(46806)),
    ),
)
