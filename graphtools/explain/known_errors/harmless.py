"""What programs print though nothing is wrong: the error is elsewhere."""

from graphtools.explain.known_errors._entry import harmless, models, tensorflow

ERRORS = (
    harmless(
        "instructions-not-used",
        ("compiled to use", "to use available CPU instructions", "performance-critical operations"),
        r"(?:wasn't|was not) compiled to use (?P<what>[\w. ]{1,60}?) ?instructions"
        r"|Your CPU supports instructions that this TensorFlow binary was not compiled to use"
        r"|is optimized (?:with|to use)[^\n]{0,100}(?:instructions|oneAPI)",
        "A hint about speed: the processor can do more ({what:AVX, FMA}) than this build uses.",
        threads=(),
    ),
    harmless(
        "sparse-gradient-made-dense",
        ("Converting sparse IndexedSlices",),
        r"Converting sparse IndexedSlices[^\n]{0,120} to a dense Tensor",
        "The gradient of a gather becomes a dense tensor: that costs memory and changes no result.",
        "leave it, unless memory runs out; the reason of a failure stands elsewhere",
    ),
    harmless(
        "device-specification-ignored",
        ("Ignoring device specification",),
        r"Ignoring device specification (?P<device>\S+) for node '(?P<node>[^'\n]+)'",
        "Information: the node {node} works on a queue or variable of another device and is placed "
        "beside it.",
    ),
    harmless(
        "cuda-library-not-found",
        ("Could not load dynamic library", "Could not find cuda drivers", "Cannot dlopen some GPU"),
        r"Could not load dynamic library '(?P<library>[^'\n]+)'|Could not find cuda drivers"
        r"|Cannot dlopen some GPU libraries",
        "TensorFlow looks for a CUDA library ({library:of the release it was built for}), does not "
        "find it and goes on without the GPU.",
        "leave it on a machine without a GPU; else install the CUDA and cuDNN of this TensorFlow, "
        "and see that the loader finds them (LD_LIBRARY_PATH, PATH)",
        (*tensorflow(45930), "onnx/tensorflow-onnx#863"),
    ),
    harmless(
        "no-gpu-found",
        ("cuInit", "no NVIDIA GPU device is present", "kernel driver does not appear"),
        r"failed call to cuInit: (?P<what>[^\n]{0,120})|no NVIDIA GPU device is present"
        r"|kernel driver does not appear to be running",
        "This process sees no GPU that CUDA can use ({what:none at all}), and the CPU is used.",
        "leave it where there is no GPU; else look at nvidia-smi, CUDA_VISIBLE_DEVICES and the "
        "driver, and in a container at --gpus",
        tensorflow(8093),
    ),
    harmless(
        "numa-node-unknown",
        ("NUMA node",),
        r"NUMA node read from SysFS had negative value|could not open file to read NUMA node",
        "The system does not tell on which processor the GPU hangs; that changes nothing.",
        threads=tensorflow(52604),
    ),
    harmless(
        "no-saver-without-variables",
        ("Saver not created because there are no variables",),
        r"Saver not created because there are no variables in the graph to restore",
        "Information: the graph holds constants only, so that there is nothing to restore.",
        threads=models(8254),
    ),
    harmless(
        "one-dnn-is-on",
        ("oneDNN custom operations are on",),
        r"oneDNN custom operations are on",
        "Information: a faster library computes, and results may differ in the last digits.",
        "leave it, or set TF_ENABLE_ONEDNN_OPTS=0 for the digits of before",
    ),
    harmless(
        "registered-twice",
        ("when one has already been registered", "computation placer already registered"),
        r"Unable to register \w+ factory: Attempting to register factory"
        r"|computation placer already registered",
        "Parts of CUDA are linked in twice in this release; nothing is missing for that.",
        threads=(),
    ),
    harmless(
        "tensorrt-not-found",
        ("Could not find TensorRT", "libnvinfer"),
        r"Could not find TensorRT|libnvinfer[\w.]*; dlerror",
        "TensorRT is not installed; only programs that convert with it need it.",
    ),
    harmless(
        "untraced-functions",
        ("Found untraced functions", "Skipping full serialization of Keras layer"),
        r"Found untraced functions such as|Skipping full serialization of Keras layer",
        "Some functions of layers are not saved, since they were never called by themselves. The "
        "signatures of the SavedModel are whole.",
    ),
    harmless(
        "model-saved-uncompiled",
        (
            "No training configuration found",
            "compiled metrics have yet to be built",
            "Compiled the loaded model",
        ),
        r"No training configuration found in (?:the )?save file|compiled metrics have yet to be "
        r"built",
        "The model was saved without loss and optimizer: it predicts and converts as it is.",
        "compile it only for training or evaluating",
    ),
    harmless(
        "name-is-deprecated",
        ("is deprecated", "deprecated and will be removed"),
        r"The name (?P<name>tf\.[\w.]+) is deprecated\. Please use (?P<now>[\w.]+) instead"
        r"|(?:is|are) deprecated and will be removed (?:in a future version|after)"
        r"|FutureWarning: Passing \(type, 1\)",
        "A note on a later release: what the program uses ({name:here}) still works in this one.",
    ),
    harmless(
        "large-allocation",
        ("of system memory", "of free system memory"),
        r"Allocation of (?P<bytes>\d+) exceeds \d+% of (?:free )?system memory",
        "A tensor of {bytes} bytes is made, a large part of the memory; it was given.",
        "leave it unless the process is ended afterwards; then make the batch or image smaller",
    ),
    harmless(
        "end-of-sequence",
        ("End of sequence",),
        r"End of sequence(?!\w)",
        "A tf.data iterator has come to its end, which is how a loop over a dataset ends.",
        "leave it; where training stops too early, the dataset lacks repeat()",
    ),
    harmless(
        "xnnpack-created",
        ("Created TensorFlow Lite", "Initialized TensorFlow Lite runtime"),
        r"Created TensorFlow Lite (?P<delegate>\w+) delegate|Initialized TensorFlow Lite runtime",
        "Information of the TFLite runtime: it uses {delegate:its kernels}.",
    ),
    harmless(
        "autograph-not-applied",
        ("could not be transformed", "AutoGraph could not transform"),
        r"AutoGraph could not (?:be )?transform|Entity <[^\n]{1,200} could not be transformed",
        "AutoGraph leaves a function as it is, which matters only if it has Python conditions or "
        "loops on tensors.",
        "leave it; for the note itself install the gast of this release (0.2.2 for 1.15)",
    ),
    harmless(
        "image-file-odd",
        ("libpng warning", "Corrupt JPEG data", "known incorrect sRGB profile"),
        r"libpng warning: (?P<png>[^\n]{1,80})|Corrupt JPEG data: (?P<jpeg>[^\n]{1,80})",
        "An image of the data is odd ({png}{jpeg}) and is read all the same.",
        "leave it, or write that image anew",
    ),
    harmless(
        "ground-truth-ignored",
        ("Ignoring ground truth with image id", "Ignoring detection with image id"),
        r"Ignoring (?:ground truth|detection) with image id (?P<id>\S+) since it was previously",
        "The evaluation meets the image {id} again: eval_config.num_examples is larger than the "
        "data, or ids (image/source_id) are the same for several images.",
        "set num_examples to the number of images, and give each image an id of its own",
        (),
    ),
    harmless(
        "shape-called-differs",
        ("but it was called on an input with incompatible shape",),
        r"Model was constructed with shape [^\n]{1,300} but it was called on an input with "
        r"incompatible shape",
        "A Keras model is called with another shape than its Input says. Here it is a warning; "
        "layers that need the shape fail behind it.",
    ),
    harmless(
        "wrapped-model-fields",
        ("The following Variables were used", "gradients do not exist", "Gradients do not exist"),
        r"Gradients do not exist for variables (?P<names>\[[^\n]{0,200})",
        "The loss does not depend on {names}: these variables are not trained.",
        "leave it where that is meant; else see what joins them to the loss",
    ),
    harmless(
        "retracing",
        ("triggered tf.function retracing",),
        r"triggered tf\.function retracing",
        "A tf.function is traced again and again, for other shapes or Python values: slow, not "
        "wrong.",
        "give it tensors of fixed shapes, or an input_signature",
    ),
    harmless(
        "grappler-pass-skipped",
        ("layout failed", "Error in PredictCost", "remapper failed", "Skipping loop optimization"),
        r"\b(?P<what>layout|remapper|dependency_optimizer|constant_folding|loop_optimizer) failed:"
        r"|Error in PredictCost\(\) for the op|Skipping loop optimization",
        "One of TensorFlow's optimisations ({what:of speed}) does not apply to this graph and is "
        "left out.",
    ),
    harmless(
        "precision-of-minus-one",
        ("= -1.000",),
        r"Average (?:Precision|Recall)[^\n]{0,100}= -1\.000",
        "-1 says that the evaluation data have no box of that size, not that anything is wrong.",
    ),
    harmless(
        "evaluation-defaults",
        (
            "Forced number of epochs for all eval validations",
            "Expected number of evaluation epochs is 1",
            "num_readers has been reduced",
        ),
        r"Forced number of epochs for all eval validations|Expected number of evaluation epochs "
        r"is 1|num_readers has been reduced",
        "Information of the Object Detection API about its own defaults.",
    ),
    harmless(
        "no-display",
        (
            "non-GUI backend",
            "cannot show the figure",
        ),
        r"is a non-GUI backend, so cannot show the figure",
        "matplotlib has no display here, so that pictures are not shown; the model has run.",
        "leave it, or save the picture; matplotlib.use('TkAgg') where there is a display",
    ),
    harmless(
        "queue-cancelled",
        (
            "Enqueue operation was cancelled",
            "Skipping cancelled",
        ),
        r"Enqueue operation was cancelled|Skipping cancelled (?:enqueue|dequeue) attempt",
        "A reading thread was stopped, mostly since the training came to its end or failed "
        "elsewhere.",
    ),
    harmless(
        "pip-dependencies",
        ("dependency resolver does not currently take into account",),
        r"pip's dependency resolver does not currently take into account",
        "pip has installed what was asked for and names packages that want other releases.",
        "look whether tensorflow, numpy or protobuf are among those named; else leave it",
    ),
    harmless(
        "gpu-devices-told",
        (
            "Successfully opened dynamic library",
            "MLIR Optimization Passes",
            "Not creating XLA devices",
            "Adding visible gpu devices",
        ),
        r"Successfully opened dynamic library|MLIR Optimization Passes are enabled|Not creating "
        r"XLA devices|Adding visible gpu devices",
        "Information of TensorFlow about its start.",
    ),
    harmless(
        "waiting-for-checkpoint",
        (
            "Waiting for new checkpoint at",
            "Found already evaluated checkpoint",
        ),
        r"Waiting for new checkpoint at|Found already evaluated checkpoint",
        "The evaluation waits for the next checkpoint of the training.",
        "leave it while the training runs; else give the folder of the training",
    ),
)
