"""Quantization-aware training and pruning of Keras models: tensorflow_model_optimization."""

from graphtools.explain.known_errors._entry import KnownError, tensorflow

ERRORS = (
    KnownError(
        "nested-model-not-quantized",
        ("inside another tf.keras Model", "inside another keras Model"),
        r"Quantizing a (?:tf\.)?keras Model inside another (?:tf\.)?keras Model is not supported",
        "quantize_model takes one flat model, and here a model is used as a layer (a backbone of "
        "keras.applications).",
        "build on base.input and base.output, so that all layers are in one model, or quantize "
        "after training",
        ("graphtools convert SAVED_MODEL --quantize int8 --calibrate IMAGES -o model.tflite",),
        ("keras-team/keras#16888", "tensorflow/model-optimization#292"),
    ),
    KnownError(
        "model-not-cloned",
        ("Unable to clone model",),
        r"Unable to clone model",
        "The model has a layer or function of its own, which Keras does not find by its name.",
        "call quantize_model (and load_model) within quantize_scope({{'Name': Class}})",
        (),
        tensorflow(47502),
    ),
    KnownError(
        "only-sequential-or-functional",
        ("can only either be a",),
        r"`?(?P<what>to_quantize|to_annotate|to_prune|model)`? can only (?:either )?be (?:an? )"
        r"(?P<kinds>[^\n]{1,160})",
        "What is given is no Sequential or Functional model for this package: a subclassed "
        "model, a "
        "layer's output, or one of Keras 3 (TensorFlow from 2.16 on), which tfmot does not know.",
        "pip install tf_keras, set TF_USE_LEGACY_KERAS=1 and build with tf_keras; subclassed "
        "models are rewritten as functional ones",
        (),
        (
            *tensorflow(50126, 64721),
            "tensorflow/model-optimization#1140",
            "tensorflow/model-optimization#812",
        ),
    ),
    KnownError(
        "layer-not-quantized",
        ("QuantizeConfig", "> is not supported"),
        r"Layer (?P<layer>[\w./]+):<class '(?P<class>[^'\n]+)'> is not supported\.? ?(?:You can "
        r"quantize)?|`?quantize_annotate_layer`? can only",
        "tfmot has no quantized form of the layer {layer} ({class}): Conv1D, slices of tensors, "
        "Lambda and layers of other packages are not in its list.",
        "annotate the others (quantize_annotate_layer with clone_model) or give it a "
        "QuantizeConfig that quantizes nothing; Conv1D as Conv2D of height 1; or quantize after "
        "training",
        ("graphtools convert SAVED_MODEL --quantize int8 --calibrate IMAGES -o model.tflite",),
        (
            *tensorflow(58783),
            "tensorflow/model-optimization#1031",
            "tensorflow/model-optimization#1139",
        ),
    ),
    KnownError(
        "layer-not-pruned",
        ("Please initialize `Prune`", "prune_low_magnitude can only prune"),
        r"Please initialize `?Prune`?[^\n]{0,120}|prune_low_magnitude can only prune an object of",
        "A layer of the model is none that can be pruned, or the model is of Keras 3.",
        "prune single layers (clone_model with a function), and build with tf_keras",
    ),
    KnownError(
        "already-quantized",
        ("already been quantized", "must be quantized", "does not contain any"),
        r"`?(?:to_quantize|model)`? (?:must be|has already been|is already) (?P<what>quantized|"
        r"annotated)|`model` does not contain any (?P<none>\w+)",
        "quantize_model and quantize_apply were called in the wrong order or twice.",
        "either quantize_model(model), or quantize_annotate_model and then quantize_apply",
    ),
)
