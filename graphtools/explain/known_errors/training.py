"""Training with the Object Detection API and TF-slim: configurations, data, losses, summaries."""

from graphtools.explain.known_errors._entry import KnownError, models, tensorflow

ERRORS = (
    KnownError(
        "path-to-be-configured",
        ("PATH_TO_BE_CONFIGURED",),
        r"(?P<path>PATH_TO_BE_CONFIGURED[^\s'\";,]{0,200})",
        "The configuration is a sample: {path} stands where a path of yours belongs.",
        "replace every PATH_TO_BE_CONFIGURED; check-config finds all of them",
        ("graphtools check-config PIPELINE.CONFIG",),
    ),
    KnownError(
        "fpn-sizes-differ",
        ("Dimensions must be equal, but are",),
        r"Dimensions must be equal, but are (?P<one>\d+) and (?P<other>\d+)"
        r"(?=[^\n]{0,300}(?:fpn|top_down))(?:[^\n]{0,60}?for '(?P<node>[^'\n]+)')?",
        "The image size cannot be halved evenly by an FPN: with 300 and strides 8 to 128 the maps "
        "are 38, 19 and 10 wide, and 10 doubled is {one}, not {other}.",
        "take a size that is a multiple of 128 in image_resizer, as 320 or 640",
        ("graphtools check-config PIPELINE.CONFIG",),
    ),
    KnownError(
        "dimensions-differ",
        ("Dimensions must be equal, but are",),
        r"Dimensions must be equal, but are (?P<one>\d+) and (?P<other>\d+)"
        r"(?:[^\n]{0,60}?for '(?:\{\{node )?(?P<node>[^'\n}]+)[^\n]{0,200}?input shapes: "
        r"(?P<shapes>[^\n]{0,200}?)\.?$)?",
        "At {node:a node} {one} meets {other}: an input has another size than the graph was built "
        "for ({shapes}).",
        "look at the shapes on the way there, with the size that you feed",
        (
            "graphtools shapes GRAPH --name {node:NODE}",
            "graphtools draw GRAPH -o near.svg --around {node:NODE}",
        ),
    ),
    KnownError(
        "box-outside-image",
        ("box coordinate value is larger than",),
        r"maximum box coordinate value is larger than (?P<limit>[\d.]+): ?'?\]? "
        r"?\[?(?P<found>[\d.]*)",
        "A box of the training data ends at {found:more than that}, where 1 is the edge of the "
        "image: boxes are not normalised, or an image has another size than its annotation says.",
        "divide boxes by the width and height that the image really has, and clip them",
        (),
        models(1754, 5474, 10448),
    ),
    KnownError(
        "loss-is-nan",
        (
            "LossTensor is inf or nan",
            "Model diverged with loss = NaN",
            "NaN loss during training",
            "Found Inf or NaN global norm",
            "Tensor had",
            "nan",
            "NaN",
        ),
        r"LossTensor is inf or nan|Found Inf or NaN global norm|Tensor had (?:NaN|Inf)|Model "
        r"diverged with loss = NaN|NaN loss during training"
        r"|\b[Ll]oss (?:is|becomes|goes|turns|was|gets)(?: to| always)? (?:nan|NaN)\b",
        "The loss has become infinite or NaN: the learning rate is too high for the batch size, "
        "boxes are empty or outside the image, or labels are not in the label map.",
        "lower the learning rate, and check boxes and labels",
        (
            "graphtools check-config PIPELINE.CONFIG --records TRAIN.RECORD",
            "graphtools check-config PIPELINE.CONFIG --label-map LABEL_MAP",
            "graphtools check-config PIPELINE.CONFIG",
            "graphtools variables CHECKPOINT --stats",
        ),
        models(5516, 1881),
        likely=(
            "Boxes of the records are empty or outside the image.",
            "Labels are not in the label map, or more than num_classes.",
            "The learning rate is too high for the batch size.",
            "The checkpoint that it began from holds NaN already.",
        ),
    ),
    KnownError(
        "nan-in-summary",
        ("Nan in summary histogram",),
        r"Nan in summary histogram for: (?P<tag>\S+)",
        "{tag} holds NaN: the training has diverged, or its input is broken, before the summary "
        "was "
        "written.",
        "lower the learning rate, check the data, and go back to a checkpoint without NaN",
        ("graphtools variables CHECKPOINT --stats",),
        tensorflow(4592) + models(3716, 2721),
    ),
    KnownError(
        "variable-exists-already",
        (
            "already exists, disallowed",
            "Trying to share variable",
            "does not exist, or was not created with",
        ),
        r"Variable (?P<variable>\S+) already exists, disallowed|Trying to share variable "
        r"(?P<shared>\S+), but specified shape (?P<want>\S+) and found shape "
        r"(?P<have>\S+?)\.?$|Variable (?P<missing>\S+) does not exist, or was not created with",
        "{variable}{shared}{missing} is made twice in one graph, or is to be shared and is not "
        "there or of another shape ({want}, {have}): the model was built again in the same "
        "session or notebook.",
        "call tf.reset_default_graph() before building again, or share with reuse=tf.AUTO_REUSE "
        "and the same shapes",
        (),
        (),
    ),
    KnownError(
        "queue-has-no-elements",
        ("is closed and has insufficient elements",),
        r"(?P<queue>\w*Queue) '?(?P<name>[^'\s]*)'? is closed and has insufficient elements "
        r"\(requested (?P<want>\d+), current size (?P<have>\d+)\)",
        "The input queue {name} is empty and closed: reading the data has failed before (files "
        "that are not there, images or records that are damaged) or has come to its end. That "
        "error stands earlier in the log.",
        "look at the first error; see that the files are found, and that local variables are "
        "initialized",
        ("graphtools summary TRAIN.RECORD",),
        (),
    ),
    KnownError(
        "no-gradients",
        ("No gradients provided for any variable",),
        r"No gradients provided for any variable",
        "The loss does not depend on any variable: a step without a gradient (argmax, numpy, "
        "casts) stands between, or variables are frozen.",
        "build the loss of tensors only, outputs before argmax",
        (),
        (),
    ),
    KnownError(
        "concat-of-old-release",
        ("list containing Tensors of type '_Message'",),
        r"Expected int32, got list containing Tensors of type '_Message' instead",
        "tf.concat has got its arguments in the order of before TensorFlow 1.0.",
        "write tf.concat(values, axis)",
        (),
        (),
    ),
    KnownError(
        "variables-made-twice",
        ("tried to create variables on non-first call",),
        r"tried to create variables on non-first call",
        "A tf.function makes variables each time it is called.",
        "make layers and variables once, outside of the function",
        (),
        (),
    ),
    KnownError(
        "duplicate-summary-tag",
        ("Duplicate tag",),
        r"Duplicate tag (?P<tag>[^\n]{1,200}?) found in summary inputs",
        "Two summaries of the graph have the tag {tag}, and MergeSummary refuses that.",
        "name one of them otherwise, or take the summaries out of a graph for inference",
        (
            "graphtools lint GRAPH --select GT207",
            "graphtools strip GRAPH -o cut.pb --outputs OUTPUT",
        ),
    ),
    KnownError(
        "checkpoint-type-unknown",
        ("fine_tune_checkpoint_type",),
        r"(?:Not supported|Unsupported|Unknown) fine_tune_checkpoint_type:? "
        r"*(?P<type>[^\s,]{0,80})",
        "fine_tune_checkpoint_type is {type:none of the known ones}; it is `detection` or "
        "`classification` (and `full`, `fine_tune` in the API for TF 2).",
        "set it to the kind of the checkpoint",
        ("graphtools check-config PIPELINE.CONFIG --checkpoint CHECKPOINT",),
    ),
    KnownError(
        "out-of-memory",
        ("OOM when allocating tensor",),
        r"OOM when allocating tensor (?:with|of) shape ?(?P<shape>\[[\d, ]*\])?"
        r"(?:[^\n]{0,120}? on (?P<device>\S+))?",
        "There is no room for a tensor {shape} on {device:the device}: the first number is mostly "
        "the batch size.",
        "make the batch or the images smaller; graphtools tells what a graph needs at the least",
        ("graphtools summary GRAPH", "graphtools size GRAPH"),
    ),
    KnownError(
        "optimizer-not-for-eval",
        ("Training op found in graph, exiting",),
        r"Training op found in graph, exiting (?P<ops>[^\n]{0,200})",
        "create_eval_graph was called on a graph with an optimizer ({ops}): the ranges must be "
        "learned in a training graph, and be used in another one for inference.",
        "build the graph anew without a loss, call create_eval_graph on it, and freeze that one",
        (
            "graphtools quantize-eval EVAL.META -o frozen.pb --checkpoint CHECKPOINT",
            "graphtools lint GRAPH --select GT202,GT4",
        ),
    ),
)
