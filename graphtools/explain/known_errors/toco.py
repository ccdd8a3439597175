"""TOCO, the converter of TensorFlow 1.x, and its command line."""

from graphtools.explain.known_errors._entry import (
    GENERAL,
    WARNING,
    KnownError,
    tensorflow,
)

_SSD = (
    "graphtools export-ssd frozen_inference_graph.pb -o tflite_graph.pb",
    "graphtools convert tflite_graph.pb --allow-custom-ops -o detect.tflite",
)
_CONVERT = "graphtools convert GRAPH -o model.tflite"

ERRORS = (
    KnownError(
        "toco-custom-postprocess",
        ("for which you will need custom implementations",),
        r"for which you will need custom implementations: (?P<ops>TFLite_Detection_PostProcess)\b",
        "The only operator that is not builtin is {ops}, as it should be in an SSD: TFLite's "
        "runtime has it as a custom operator.",
        "convert with --allow_custom_ops",
        (_SSD[1],),
        tensorflow(37246, 28547, 21230),
    ),
    KnownError(
        "toco-unsupported-operators",
        ("for which you will need custom implementations",),
        r"for which you will need custom implementations: (?P<ops>[^\n]{1,600})",
        "TFLite has no operator for {ops}, with the types and shapes they have in this graph.",
        "see which nodes they are and what replaces them: those of pre- and postprocessing are cut "
        "off, the rest needs --select-tf-ops",
        (
            "graphtools lint GRAPH --target tflite",
            "graphtools compat GRAPH",
            "graphtools convert GRAPH --select-tf-ops -o model.tflite",
        ),
        tensorflow(30837, 33293, 34563, 31662, 42912, 34576),
    ),
    KnownError(
        "toco-control-flow",
        ("currently doesn't support control flow ops",),
        r"currently doesn't support control flow ops: (?P<ops>[^\n.]{1,200})",
        "The graph has loops or conditions of TensorFlow 1 ({ops}), which TOCO does not convert: "
        "mostly dropout and batch norms that switch on is_training, or a detector's "
        "postprocessing.",
        "freeze it in its form for inference; the converter of TensorFlow 2 takes what is left",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            "graphtools lint GRAPH --select GT212,GT307",
            _SSD[0],
        ),
        tensorflow(28485, 41738, 34034, 47585),
    ),
    KnownError(
        "toco-switch-without-merge",
        ("as non-selected output from Switch",),
        r"Found (?P<op>\w+) as non-selected output from Switch",
        "{op} reads an output of a Switch that is never taken: a condition on is_training is "
        "still in the graph.",
        "freeze it in its form for inference, which resolves such conditions",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            "graphtools lint GRAPH --select GT212,GT204",
        ),
        tensorflow(28485),
    ),
    KnownError(
        "toco-merge-predicates",
        ("Merge of two inputs that differ on more than one predicate",),
        r"Merge of two inputs that differ on more than one predicate",
        "Nested conditions of TensorFlow 1 meet in a way that cannot be put into functions, as in "
        "Mask R-CNN's and other detectors' postprocessing.",
        "cut the graph before it, or freeze it in its form for inference",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
            "graphtools nodes GRAPH --op Merge",
        ),
        tensorflow(34845),
    ),
    KnownError(
        "toco-batch-norm-not-constant",
        ("resolution requires that mean, multiplier and offset",),
        r"Batch ?norm(?:alization)? resolution requires that mean, multiplier and offset arrays be "
        r"constant",
        "A batch norm has no constant averages: the graph was made with is_training=true, or "
        "with a placeholder for it.",
        "build the graph with is_training=False and freeze that; where a placeholder decides, "
        "--inference takes its branch",
        (
            "graphtools lint GRAPH --select GT203,GT212",
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --inference -o frozen.pb",
        ),
        tensorflow(23253, 22609),
    ),
    KnownError(
        "toco-type-of-array",
        ("has mis-matching actual and final data types",),
        r"Array \"(?P<array>[^\"\n]+)\" has mis-matching actual and final data types "
        r"\(data_type=(?P<actual>\w+), final_data_type=(?P<final>\w+)\)",
        "{array} is {actual} in the graph and was to be {final}: a detector's "
        "frozen_inference_graph.pb takes uint8 images and resizes them itself, which TOCO does not "
        "convert.",
        "make the graph for TFLite of an SSD first; of other graphs, cut off the preprocessing",
        (*_SSD, "graphtools lint GRAPH --target tflite"),
        tensorflow(37817, 35736),
    ),
    KnownError(
        "toco-lstm-batch",
        ("Check failed: batch == 1",),
        r"Check failed: batch == 1 \((?P<batch>\d+) vs\. 1\)",
        "TOCO unrolls this LSTM or TensorArray for a batch of 1 only, and it is {batch}.",
        "fix the batch to 1, or take the converter of TensorFlow 2, which has no such limit",
        ("graphtools convert GRAPH --input-shape INPUT=1,28,28 -o model.tflite",),
        tensorflow(21300, 30490),
    ),
    KnownError(
        "toco-placeholder-type",
        ("Unsupported data type in placeholder op",),
        r"Unsupported data type in placeholder op: (?P<type>\d+)",
        "A placeholder or TensorArray has the type number {type} (20: resource, 21: variant), "
        "which TOCO does not know: variables or loops are left in the graph.",
        "freeze the graph; loops need the converter of TensorFlow 2",
        ("graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb", _CONVERT),
        tensorflow(34034),
        WARNING,
    ),
    KnownError(
        "toco-unsupported-operation",
        ("Converting unsupported operation",),
        r"Converting unsupported operation: (?P<op>\w+)",
        "TOCO has met the op {op}, which it cannot convert; whether that matters shows at the end.",
        "see which nodes block the conversion",
        ("graphtools lint GRAPH --target tflite", "graphtools compat --op {op}"),
        tensorflow(34034),
        WARNING,
    ),
    KnownError(
        "toco-dimension-zero",
        ("Check failed: dim",),
        r"Check failed: dim(?:_size)? >= 1 \((?P<size>-?\d+) vs\. 1\)",
        "TOCO finds an array with a dimension of {size}: the input's height or width is not fixed, "
        "or a detector's loops and postprocessing, which it cannot follow, are in the graph.",
        "give the whole shape of the input; make the graph for TFLite of an SSD first",
        ("graphtools lint GRAPH --target tflite", "graphtools shapes GRAPH", *_SSD),
        tensorflow(32294, 34257, 37884),
    ),
    KnownError(
        "toco-pack-shapes",
        ("must have the same shape. Input",),
        r"All input arrays to (?P<op>\w+) operators must have the same shape\. Input "
        r"\"(?P<array>[^\"]+)\"",
        "The inputs of a {op} have different shapes, {array} among them, once the shapes are "
        "fixed.",
        "look at the shapes with the input size that you give",
        ("graphtools shapes GRAPH --name {array}",),
    ),
    KnownError(
        "toco-std-value-flag",
        ("Use --std_dev_values instead of",),
        r"Use --std_dev_values instead of (?P<flag>--\w+)",
        "tflite_convert knows --std_dev_values; {flag} is of the older native toco.",
        "rename the flag; graphtools toco takes both spellings",
        (
            "graphtools toco --input_file=GRAPH --output_file=model.tflite --mean_values=128 "
            "--std_values=128 --inference_type=QUANTIZED_UINT8",
        ),
    ),
    KnownError(
        "toco-mean-is-no-integer",
        ("invalid literal for int() with base 10",),
        r"invalid literal for int\(\) with base 10: '(?P<value>-?\d+\.\d+)'",
        "--mean_values of tflite_convert 1.x must be whole numbers, and {value} is none.",
        "give the mean to graphtools, which takes fractions (real = (stored - mean) / std)",
        (
            "graphtools convert GRAPH --quantize qat --input-stats INPUT={value},{value} -o "
            "model.tflite",
        ),
        within=r"tflite_convert|toco|mean_values|_parse_array",
    ),
    KnownError(
        "toco-flags",
        ("toco: error:", "tflite_convert: error:", "toco_from_protos: error:"),
        r"(?:toco|tflite_convert)(?:\.\w+)?: error: (?P<what>(?:unrecognized arguments: |one of "
        r"the "
        r"arguments |the following arguments are required: |argument )[^\n]{0,300})",
        "The command line of this release is another one: {what}. The flags changed with nearly "
        "every release, and -- may have become a dash when it was copied.",
        "graphtools takes the flags of all of them, under the old names",
        ("graphtools toco --help", "graphtools tflite_convert --help"),
        tensorflow(20984),
    ),
    KnownError(
        "toco-program-missing",
        (
            "toco_from_protos: not found",
            "toco_from_protos: command not found",
            "'toco_from_protos' is not recognized",
        ),
        r"toco_from_protos'?:? (?:command )?(?:not found|is not recognized)",
        "The converter calls the program toco_from_protos, which pip has put into a folder that is "
        "not in PATH.",
        "add pip's bin folder (~/.local/bin, Scripts) to PATH, or convert with graphtools",
        (_CONVERT,),
        tensorflow(34698),
    ),
    KnownError(
        "toco-string-constant",
        ("string_val doesn't have the right dimensions",),
        r"Input_content string_val doesn't have the right dimensions",
        "The graph has a constant of strings (the message of an assert, names of classes), which "
        "TOCO reads wrongly.",
        "cut off what holds strings, or take the converter of TensorFlow 2",
        ("graphtools lint GRAPH --target tflite", _CONVERT),
        tensorflow(34350),
    ),
    KnownError(
        "toco-data-format",
        ("Unexpected value for attribute 'data_format'",),
        r"Unexpected value for attribute 'data_format'\. Expected '(?P<want>\w+)'",
        "The graph computes in NCHW, the layout for GPUs, and TOCO takes NHWC only.",
        "turn the graph into NHWC first",
        ("graphtools transform GRAPH -o nhwc.pb --transforms to_nhwc",),
    ),
    KnownError(
        "number-is-no-integer",
        ("invalid literal for int() with base 10", "could not convert string to float"),
        r"(?:invalid literal for int\(\) with base 10|could not convert string to float): ?"
        r"(?P<value>[^\n]{1,80})",
        "A text that should be a number is {value}: the line before in the traceback says of what.",
        "correct the value in the file, column or argument that is read there",
        kind=GENERAL,
    ),
    KnownError(
        "toco-check-failed",
        ("lite/toco/",),
        r"lite/toco/(?P<where>[\w/]+)\.cc:\d+\] Check failed: (?P<check>[^\n]{1,160})",
        "TOCO counts on something that the graph does not have ({where}: {check}) and ends the "
        "process.",
        "take the converter of TensorFlow 2, and see what lint says of the graph",
        ("graphtools lint GRAPH --target tflite", _CONVERT),
        kind=GENERAL,
    ),
    KnownError(
        "see-console",
        ("See console for info", "TOCO failed"),
        r"(?:ConverterError|RuntimeError|Exception)?:? ?(?:TOCO failed\.? )?See console for info"
        r"|TOCO failed",
        "The converter says that it failed, not why: the reason is in the lines behind it, or on "
        "the terminal that the program runs in.",
        "give the whole log to graphtools explain; lint says what blocks a graph without "
        "converting",
        ("graphtools lint GRAPH --target tflite",),
        tensorflow(34301, 17349),
        GENERAL,
    ),
    KnownError(
        "process-aborted",
        (
            "SIGSEGV",
            "SIGABRT",
            "Segmentation fault",
            "exit code -107374",
            "Fatal Python error: Aborted",
            "core dumped",
            "Segmentation fault",
            "exit code -107374",
            "SIGSEGV",
        ),
        r"Fatal Python error: (?P<what>Aborted|Segmentation fault)|\b(?P<how>\w{1,40}) ?\(core "
        r"dumped\)"
        r"|SIG(?P<signal>SEGV|ABRT)\b|^Segmentation fault|exit code -107374\d+",
        "The process was ended from inside ({what}{how}): the line before it says why, if any "
        "does.",
        "run it in a process of its own: graphtools convert does, and says what the graph has",
        ("graphtools lint GRAPH --select GT310,GT403", _CONVERT),
        tensorflow(21300, 30490),
        GENERAL,
    ),
)
