"""Keras: models and weights in .h5 and .keras files, layers, releases."""

from graphtools.explain.known_errors._entry import WARNING, KnownError

_WEIGHTS = "graphtools variables WEIGHTS.H5"

ERRORS = (
    KnownError(
        "layer-of-other-shape",
        ("but the saved weight has shape", "is incompatible with the saved", "shape mismatch"),
        r"(?:\(named \"(?P<layer>[^\"\n]+)\"[^\n]{0,40}?\),? )?weight [^\n]{1,200}? has shape "
        r"\(?(?P<here>\([^)\n]*\))[^\n]{0,40}?but the saved weight has shape "
        r"(?P<there>\([^)\n]*\))",
        "The layer {layer} has a weight of {here} and the file one of {there}: another number of "
        "classes, another input or another model. 81 and 324 in Mask R-CNN are COCO's.",
        "leave that layer out (by_name=True with exclude, or skip_mismatch=True), or build the "
        "model with the number of classes of the file",
        (),
        ("matterport/Mask_RCNN#2873",),
    ),
    KnownError(
        "layers-in-other-order",
        ("was found to correspond to layer", "but the saved weights have"),
        r"Layer #(?P<number>\d+) \(named \"(?P<layer>[^\"\n]+)\" in the current model\) was "
        r"found to "
        r"correspond to layer (?P<other>\S+) in the save file",
        "Weights are loaded by the order of the layers, and the orders differ: {layer} gets those "
        "of {other}.",
        "load with by_name=True, where layers have names of their own",
        (),
        ("matterport/Mask_RCNN#1154",),
    ),
    KnownError(
        "layer-with-other-weights",
        (
            "weight(s), but the saved weights have",
            "weights, but the saved weights have",
            "expects ",
        ),
        r"Layer (?:#\d+ )?\(?(?:named )?\"?(?P<layer>[\w/]+)\"?[^\n]{0,40}? expects (?P<want>\d+) "
        r"(?:weight\(s\)|weights|variables?),? but (?:the saved weights have|received) "
        r"(?P<have>\d+)",
        "{layer} has {want} weights here and {have} in the file: one of both is without bias or "
        "with batch norm, or an old Keras stored them otherwise.",
        "build the layer as it was saved (use_bias, the same Keras), or convert the weights with "
        "that Keras",
        (),
        ("kirumang/Pix2Pose#29",),
    ),
    KnownError(
        "array-shape-of-keras",
        (
            "Error when checking input",
            "Error when checking target",
            "Error when checking model",
            "Data cardinality is ambiguous",
            "Failed to find data adapter",
        ),
        r"Error when checking (?P<what>input|target|model \w+): expected (?P<name>\S+) to have "
        r"(?P<want>[^\n]{1,60}?),? but got array with shape (?P<have>\([^)\n]*\))|Data "
        r"cardinality is ambiguous|Failed to find data adapter",
        "The arrays do not fit the model: {name} is to have {want} and {have} was given, or "
        "inputs and labels are not as many.",
        "add the batch axis, resize, or fit the last layer to the labels; give arrays of equal "
        "length, as numpy arrays",
        ("graphtools io GRAPH",),
        (),
    ),
    KnownError(
        "layer-name-twice",
        ("All layer names should be unique",),
        r"The name \"(?P<name>[^\"\n]+)\" is used (?P<count>\d+) times in the model",
        "Two layers are called {name}: two models that were built alike are joined.",
        "rename one (layer._name = ...), or build it with other names",
        (),
        (),
    ),
    KnownError(
        "weights-of-other-layout",
        (
            "axes don't match array",
            "not compatible with provided weight shape",
            "with a weight list of length",
        ),
        r"axes don't match array|[Ll]ayer weight shape (?P<here>\([^)\n]*\)) not compatible with "
        r"provided weight shape (?P<there>\([^)\n]*\))|with a weight list? of length "
        r"(?P<have>\d+), but the layer was expecting (?P<want>\d+)",
        "The weights of the file are of another model than the one they are loaded into ({here} "
        "and {there}; {have} and {want}): other classes, layers that were frozen or not when "
        "they were saved, or another Keras.",
        "build the model exactly as it was saved (trainable, too), or load with by_name=True and "
        "skip_mismatch=True",
        (),
        (),
    ),
    KnownError(
        "number-of-layers-differs",
        ("into a model with", "layers into a model", "Layer count mismatch"),
        r"(?:load a weight file|loading a weight file) containing (?P<file>\d+) layers into a "
        r"model "
        r"with (?P<model>\d+) layers|Layer count mismatch when loading weights from file\. Model "
        r"expected (?P<want>\d+) layers, found (?P<found>\d+)",
        "The file holds the weights of {file}{found} layers and the model has {model}{want}: it is "
        "another model (with or without its top), or of another Keras.",
        "build the model as it was saved (include_top), or load with by_name=True",
    ),
    KnownError(
        "unknown-layer",
        (
            "Unknown layer",
            "Unknown loss function",
            "Unknown metric function",
            "Unknown object",
            "Unknown optimizer",
            "Unknown activation",
            "Could not locate class",
            "Could not locate function",
            "Could not interpret",
            "Unknown initializer",
        ),
        r"Unknown (?P<what>layer|loss function|metric function|object|optimizer|activation function"
        r"|initializer|regularizer|entry in loss)s?:? ?['\"]?(?P<name>[\w.>]+)"
        r"|Could not locate (?P<kind>class|function) '(?P<other>\w+)'"
        r"|Could not interpret (?P<thing>[\w ]{1,30}) identifier:? ?(?P<id>\S{0,80})",
        "The saved model uses {name}{other}{id}, which this Keras does not know by that name: a "
        "layer or function of your own, of another package (tensorflow_hub, tf.keras next to "
        "keras), or of another release.",
        "load with custom_objects={{'{name:Name}': ...}}, or rebuild the model in code and load "
        "its weights; load with the Keras that saved it",
        (),
        ("keras-team/keras#12387", "komo135/trade-rl#9", "BIGBALLON/cifar-10-cnn#11"),
        outside=r"OpenCV|tf_importer|Unknown layer type",
    ),
    KnownError(
        "keras-config-of-other-release",
        (
            "Unrecognized keyword arguments",
            "Error when deserializing class",
            "objects could not be loaded",
        ),
        r"Error when deserializing class '(?P<class>\w+)'|Unrecognized keyword arguments(?: passed "
        r"to (?P<layer>\w+))?: (?P<arguments>[^\n]{1,120})|total of (?P<count>\d+) objects could "
        r"not "
        r"be loaded",
        "The model was saved by another Keras: its {class:layers} have arguments that this one "
        "does not know ({arguments}). Keras 3 and Keras 2 write them differently (batch_shape, "
        "batch_input_shape).",
        "load it with the release that saved it (tensorflow<2.16 or tf_keras for Keras 2), and "
        "save it as a SavedModel or its weights",
        (),
        ("keras-team/keras#20128",),
    ),
    KnownError(
        "h5-has-no-model",
        ("No model found in config file", "No model config found", "Cannot create group in read"),
        r"No model (?:config )?found in (?:the )?(?:config|file)[^\n]{0,60}|Cannot create group in "
        r"read[ -]only mode",
        "The .h5 file holds weights and no model: it was written by save_weights (or a "
        "ModelCheckpoint with save_weights_only).",
        "build the model in code and call load_weights",
        (),
        ("Tony607/keras-tf-pb#3",),
    ),
    KnownError(
        "h5-not-opened",
        ("Unable to open file", "Unable to synchronously open file", "file signature not found"),
        r"Unable to (?:synchronously )?open file \((?P<why>[^\n]{1,240}?)\)?$",
        "HDF5 does not open the file: {why}. `unable to open file` means that it is not there; "
        "`file signature not found` and `truncated file` that it is no whole HDF5 file (a web "
        "page, a Git LFS pointer, a broken download, a SavedModel).",
        "see what the file is, and fetch it anew",
        ("graphtools summary FILE",),
        ("zhwuer/Chinese-Chess#1",),
    ),
    KnownError(
        "weight-names-of-h5py-3",
        ("truth value of an array with more than one element is ambiguous",),
        r"truth value of an array with more than one element is ambiguous",
        "h5py 3 gives arrays where Keras up to TensorFlow 2.3 expects a list.",
        "pip install 'h5py<3', or take a newer TensorFlow",
        (),
        ("jnzhng/keras-unet-vocal-separation#6",),
        within=r"weight_names|saving\.py|hdf5|load_model|load_weights",
    ),
    KnownError(
        "optimizer-argument-deprecated",
        (
            "is deprecated in the new Keras optimizer",
            "Argument(s) not recognized",
        ),
        r"is deprecated in the new Keras optimizer|Argument\(s\) not recognized: "
        r"(?P<arguments>[^\n]{1,80})",
        "The optimizer of this Keras has other arguments than the program gives ({arguments}): "
        "lr is learning_rate, decay a schedule.",
        "write learning_rate, or take keras.optimizers.legacy (TensorFlow 2.11 to 2.15)",
        (),
        (),
    ),
    KnownError(
        "h5py-too-new",
        ("'str' object has no attribute 'decode'",),
        r"'str' object has no attribute 'decode'",
        "h5py 3 gives text where Keras up to TensorFlow 2.3 expects bytes.",
        "pip install 'h5py<3', or take a newer TensorFlow",
        (),
        (),
    ),
    KnownError(
        "keras-format-not-supported",
        ("File format not supported", "Keras 3 only supports", "Invalid filepath extension"),
        r"File format not supported: filepath=(?P<file>[^\s.]\S{0,200})?|Keras 3 only supports"
        r"|Invalid filepath extension for saving",
        "Keras 3 loads .keras and .h5 only, not the folder of a SavedModel ({file}), and saves "
        "those only.",
        "take keras.layers.TFSMLayer(folder, call_endpoint='serving_default') or tf_keras, or "
        "save as .keras; SavedModels are written by model.export",
        ("graphtools summary SAVED_MODEL",),
    ),
    KnownError(
        "lambda-of-other-python",
        ("bad marshal data", "unknown opcode"),
        r"bad marshal data \(unknown type code\)|XXX lineno: \d+, opcode: \d+",
        "The model has a Lambda layer, whose Python code was saved by another Python.",
        "load it with the Python that saved it, or rebuild the model in code and load its weights",
    ),
    KnownError(
        "keras-and-tf-keras-mixed",
        (
            "_keras_history",
            "_inbound_nodes",
            "KerasTensor cannot be used as input",
            "Only instances of",
            "must be an instance of class Layer",
            "The added layer must be",
        ),
        r"has no attribute '_(?:keras_history|inbound_nodes)'|KerasTensor cannot be used as "
        r"input to a TensorFlow "
        r"function|Only instances of `?keras\.Layer`? can be added|The added layer must be an "
        r"instance of class Layer",
        "Layers of keras and of tf.keras (or of tf_keras and Keras 3) are mixed, or a TensorFlow "
        "function is called on a Keras tensor where a layer is wanted.",
        "import everything from one of them; wrap TensorFlow functions in a Layer or Lambda",
    ),
    KnownError(
        "model-has-no-inputs-yet",
        (
            "cannot be saved because",
            "has never been called and thus has no defined",
            "have not yet been built",
            "have not been set",
            "forward pass of the model is not defined",
            "get_config",
            "requires the model to be a Functional",
        ),
        r"cannot be saved (?:because|either because) the (?:input shape|expected|inputs)"
        r"|cannot be saved because the input shapes have not been set"
        r"|has never been called and thus has no defined (?P<what>input|output)"
        r"|Weights for model [^\n]{0,60}have not yet been (?:built|created)"
        r"|HDF5 format requires the model to be a Functional|forward pass of the model is not "
        r"defined",
        "The model was never called, so that Keras knows no shapes of its inputs; or it is "
        "subclassed, which .h5 cannot hold.",
        "call it once on data (or build(input_shape)), then save it as a SavedModel",
        (),
        (),
    ),
    KnownError(
        "layer-without-get-config",
        ("must override `get_config`", "must override get_config"),
        r"(?:Layer (?P<layer>\w+) has arguments [^\n]{0,80})?must override `?get_config",
        "The layer {layer} of your own does not say with which arguments it was made, so that it "
        "cannot be saved.",
        "give it a get_config that returns its arguments",
    ),
    KnownError(
        "sequential-method-gone",
        ("object has no attribute",),
        r"'(?P<type>Sequential|Functional|Model)' object has no attribute '(?P<attr>predict_classes"
        r"|predict_proba|fit_generator|predict_generator|output_names|_get_save_spec|_layers"
        r"|get_flat_input_at|targets|sample_weights|uses_learning_phase)'",
        "{type}.{attr} is of another Keras: predict_classes went with TensorFlow 2.6, "
        "fit_generator with Keras 3, and Keras 3 has no output_names and _get_save_spec for "
        "converters.",
        "np.argmax(model.predict(x), -1), fit and predict take generators; for converters, "
        "model.export(folder) and convert the SavedModel",
        ("graphtools convert SAVED_MODEL -o model.tflite",),
        ("onnx/tensorflow-onnx#2348", "onnx/tensorflow-onnx#2329"),
    ),
    KnownError(
        "optimizer-not-loaded",
        (
            "Unable to load optimizer weights",
            "unable to load optimizer",
            "Error in loading the saved optimizer",
        ),
        r"[Uu]nable to load optimizer weights|Error in loading the saved optimizer state"
        r"|Skipping variable loading for optimizer",
        "The state of the optimizer does not fit and begins anew; the weights of the model are "
        "loaded.",
        "nothing for predicting or converting; to go on training, save and load with one release",
        kind=WARNING,
    ),
)
