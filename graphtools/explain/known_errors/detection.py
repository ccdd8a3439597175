"""The Object Detection API: configurations, label maps, and its TensorFlow 1 and 2 halves."""

from graphtools.explain.known_errors._entry import KnownError, models

_CONFIG = "graphtools check-config PIPELINE.CONFIG"
_LABELS = "graphtools check-config PIPELINE.CONFIG --label-map LABEL_MAP"
_EDJE = "EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial-Train-Multiple-Objects-Windows-10"

ERRORS = (
    KnownError(
        "flag-missing",
        (
            "must have a value other than None",
            "Flags parsing error",
            "Unknown command line flag",
            "You must supply the",
        ),
        r"Flag --(?P<flag>\w+) must have a value other than None|Unknown command line flag "
        r"'(?P<unknown>[\w-]+)'|You must supply the (?P<what>[^\n]{1,60}?) with --(?P<need>\w+)",
        "The script wants other flags: {flag}{need} is missing, or {unknown:one} is none of its "
        "own. Scripts of the same name differ: export_inference_graph.py of slim and of the "
        "Object Detection API, model_main.py and model_main_tf2.py.",
        "call it with --help, and from the folder of the API that is meant "
        "(research/object_detection)",
        (),
        ("tensorflow/models#5011",),
    ),
    KnownError(
        "proto-files-not-found",
        (
            "object_detection/protos/",
            "was not found or had errors",
            "Could not make proto path relative",
        ),
        r"(?P<file>object_detection/protos/\S{1,80}): (?:No such file|File not "
        r"found|warning)|Import \"(?P<other>object_detection/protos/\S{1,80})\" was not "
        r"found|Could not make proto path relative",
        "protoc does not find the .proto files: it is called from another folder than "
        "models/research, or the shell (Windows) does not take the *.",
        "cd models/research, then protoc object_detection/protos/*.proto --python_out=. (protoc "
        "3.4 or newer; one file after the other where * is not taken)",
        (),
        (),
    ),
    KnownError(
        "learning-rate-step-zero",
        ("First step cannot be zero",),
        r"First step cannot be zero",
        "The manual_step_learning_rate of the configuration has a schedule with step: 0.",
        "take that first step out (initial_learning_rate is what holds before), or let it be 1",
        ("graphtools check-config PIPELINE.CONFIG",),
        (),
    ),
    KnownError(
        "anchors-and-feature-maps-differ",
        (
            "num_anchors_per_location",
            "box_specs",
            "Number of feature maps",
        ),
        r"Number of feature maps is expected to equal|must be a list with the same length as "
        r"self\.box_specs|number of feature maps[^\n]{0,80}(?:anchor|box)",
        "The anchor generator has another number of layers than the feature extractor gives maps "
        "(num_layers, min_level and max_level).",
        "let num_layers of the anchor generator and of the feature extractor agree, as in the "
        "sample of that model",
        ("graphtools check-config PIPELINE.CONFIG",),
        (),
    ),
    KnownError(
        "image-size-too-small",
        ("image size must",),
        r"image size must (?:at least )?be (?:>=|greater than or equal to)? ?(?P<size>\d+)",
        "The image is smaller than the feature extractor takes ({size}): image_resizer makes it "
        "so, or an image of the data is tiny.",
        "take a larger image_resizer",
        ("graphtools check-config PIPELINE.CONFIG",),
        (),
    ),
    KnownError(
        "path-is-none",
        ("Expected binary or unicode string",),
        r"Expected binary or unicode string, got (?P<what>\S{1,60})",
        "A path (label map, checkpoint, records) or a text is {what}: a field of the "
        "configuration or a flag is not set.",
        "set it; check-config names the paths that are missing",
        ("graphtools check-config PIPELINE.CONFIG",),
        (),
    ),
    KnownError(
        "label-map-id-zero",
        ("Label map id", "label map id"),
        r"Label map ids should be >= 1|Label map id 0 is reserved for the background label",
        "The label map has the id 0, which means background.",
        "count the ids from 1, without holes, in the label map and in the records",
        (_LABELS,),
        (*models(1906), f"{_EDJE}#600"),
    ),
    KnownError(
        "label-map-not-read",
        ("StringIntLabelMap", "label_map_util", "label map"),
        r"Message type \"object_detection\.protos\.StringIntLabelMap\" has no field named "
        r"\"(?P<field>[^\"\n]+)\"",
        "The file given as label map is none: its first word is {field}. `node` is a graph, "
        "`model` a configuration, `name:` with `id` outside of item {{ }} a typing error.",
        "give the .pbtxt with item {{ id: 1 name: '...' }}",
        (_LABELS,),
        models(8181),
    ),
    KnownError(
        "field-of-trainer-unsupported",
        ("unsupported in TF2", "are not supported in TF2"),
        r"train_pb2\.(?P<field>\w+) unsupported in TF2",
        "The configuration is one for TensorFlow 1 ({field}), and model_main_tf2.py does not take "
        "that field.",
        "take the field out (or set it to false), begin from a configuration of the TF 2 zoo, or "
        "train with the scripts for TensorFlow 1",
        (_CONFIG,),
        (f"{_EDJE}#556",),
    ),
    KnownError(
        "model-of-the-other-tensorflow",
        (
            "is not supported for tf version",
            "is not supported. See `model_builder.py`",
            "Unknown ssd feature_extractor",
            "Unknown Faster R-CNN feature_extractor",
            "Unknown meta architecture",
            "feature_extractor:",
        ),
        r"\b(?P<name>\w{1,80}) is not supported(?: for tf version \d|\. See `model_builder\.py`)"
        r"|Unknown (?:ssd|Faster R-CNN|SSD)[\w -]{0,20} ?feature_extractor: (?P<type>\w+)"
        r"|Unknown meta architecture: (?P<meta>\w+)",
        "The feature extractor {name}{type}{meta} is not one of this half of the API: those with "
        "_keras (and CenterNet, EfficientDet) are for TensorFlow 2, those without for TensorFlow "
        "1.",
        "take the _keras form for TensorFlow 2 (ssd_mobilenet_v2_keras), or train with the other "
        "release; an old checkout of models lacks new ones",
        (_CONFIG,),
        (),
    ),
    KnownError(
        "trainer-of-the-other-tensorflow",
        ("object has no attribute 'inputs'", "BoxPredictor' object has no attribute"),
        r"'(?P<type>\w*BoxPredictor\w*)' object has no attribute '(?P<attr>\w+)'",
        "model_main.py, which trains with TensorFlow 1, was given a model of the TensorFlow 2 zoo "
        "({type} is a Keras model).",
        "call model_main_tf2.py for such a configuration",
        (_CONFIG,),
        models(8913),
    ),
    KnownError(
        "freeze-layers-needs-python-bool",
        ("`pred` must be a Tensor",),
        r"`?pred`? must be a Tensor, (?:or )?a Python bool, or (?:a )?1 or 0\. Found instead: "
        r"(?P<what>\w+)",
        "is_training reaches TensorFlow as {what}: Keras and the Object Detection API (or slim) "
        "are of different releases.",
        "install the TensorFlow that the checkout of models is for, and pass True or False",
        (),
        (),
    ),
    KnownError(
        "dict-values-not-pickled",
        ("can't pickle dict_values", "cannot pickle 'dict_values'"),
        r"can(?:'t|not) pickle '?dict_values'?",
        "The Object Detection API of 2018 hands over what Python 3 does not copy.",
        "in model_lib.py, write list(...) around category_index.values(), or take a newer checkout",
        (),
        (),
    ),
    KnownError(
        "float-where-integer",
        (
            "cannot be safely interpreted as an integer",
            "object cannot be interpreted as an integer",
        ),
        r"'(?P<type>[\w.]+)' object cannot be interpreted as an (?:integer|index)"
        r"|object of type <class '(?P<class>[\w.]+)'> cannot be safely interpreted as an integer",
        "A {type} stands where a whole number is wanted: numpy from 1.18 on no longer turns floats "
        "into numbers of steps (pycocotools' linspace), Python 3 divides with a fraction.",
        "update pycocotools (2.0.1), pip install 'numpy<1.18', or write int(...) there",
        (),
        (),
    ),
    KnownError(
        "groundtruth-missing",
        ("Groundtruth tensor", "groundtruth_"),
        r"Groundtruth tensor (?P<what>\w+) has not been provided",
        "The model needs {what} of the records, and none are given: masks or keypoints that the "
        "configuration asks for are not in the records, or an evaluation builds the loss.",
        "write them (load_instance_masks, mask_type: PNG_MASKS), or take a model without",
        (_CONFIG, "graphtools summary TRAIN.RECORD"),
    ),
    KnownError(
        "checkpoint-type-not-restorable",
        (
            "Checkpoint version should be V2",
            "fine_tune_checkpoint_type",
            "Unsupported fine_tune",
            "IncompatibleCheckpoint",
        ),
        r"Checkpoint version should be V2",
        "The TensorFlow 2 trainer wants a checkpoint of TensorFlow 2.",
        "take the checkpoint of the TF 2 zoo (ckpt-0) and set fine_tune_checkpoint_version: V2",
        ("graphtools check-config PIPELINE.CONFIG --checkpoint CHECKPOINT",),
    ),
    KnownError(
        "string-without-quotes",
        ("Expected string but found", "Expected string."),
        r"(?P<place>\d+:\d+) : .{0,80}?Expected string(?: but found)?:? ?'?(?P<found>[^\n']{0,40})"
        r"|Expected string but found: ?(?P<other>[^\n]{0,40})",
        "A text of the configuration is not in plain quotes ({place}: {found}{other}): curly "
        "quotes of a "
        "word processor or web page, or none.",
        "write it in \" or '",
        (_CONFIG,),
        models(1897),
    ),
    KnownError(
        "no-configured-optimizer",
        ("Optimizer ", " configured"),
        r"Optimizer (?P<name>\w+) not supported|No (?P<what>optimizer|model|eval) (?:is "
        r")?configured",
        "The configuration has no {name}{what} that this release knows.",
        "compare it with a sample of the release",
        (_CONFIG,),
    ),
    KnownError(
        "summaries-of-evaluation",
        ("eval_input_reader", "eval_config"),
        r"Message type \"object_detection\.protos\.(?P<type>\w+)\" has no field named "
        r"\"(?P<field>[^\"\n]+)\"",
        "The block of {type} holds {field}, which does not belong there: a closing brace is "
        "missing before it, it is misspelt, or the API that is installed is older or newer than "
        "the configuration.",
        "close the block before {field}, or take the field out; check-config says which",
        (_CONFIG,),
        (*models(5997, 5007, 2234), f"{_EDJE}#509"),
    ),
)
