"""Metadata and labels of TFLite models, and the Task library that needs them."""

from graphtools.explain.known_errors._entry import KnownError, tensorflow

_IO = "graphtools io MODEL.tflite"

ERRORS = (
    KnownError(
        "normalization-options-missing",
        (
            "requires specifying NormalizationOptions",
            "Normalization Options",
            "NormalizationOptions",
        ),
        r"requires specifying Normalization ?Options metadata",
        "The model takes float images, and the Task library (ML Kit, MediaPipe) must be told by "
        "metadata how they are normalised: the file has none.",
        "write metadata with mean and std (tflite_support: "
        "MetadataWriter.create_for_inference(..., "
        "[127.5], [127.5], [labels])), or quantize the input to uint8",
        (_IO,),
        (*tensorflow(52183, 47559), "googlesamples/mlkit#280", "ultralytics/hub#498"),
    ),
    KnownError(
        "no-associated-files",
        ("does not contain associated files", "is not a Zip file", "associated file"),
        r"does not contain associated files|(?:model|file) is not a [Zz]ip file",
        "The .tflite has no files packed in it: no labels, since no metadata was written.",
        "write metadata with the label file, or read the labels from a file of the application",
        (_IO,),
        tensorflow(44431),
    ),
    KnownError(
        "metadata-missing",
        ("Model Metadata", "metadata", "Metadata"),
        r"(?:No|Could not find|missing|has no)[^\n]{0,30}\b(?:Model ?)?[Mm]etadata\b[^\n]{0,40}?"
        r"(?:found|model|buffer)|Metadata (?:not found|does not exist)|model does not have "
        r"metadata",
        "The application reads the model's metadata, and there is none in the file.",
        "write it (tflite_support's MetadataWriter), or take the plain interpreter, which needs "
        "none",
        (_IO,),
        outside=r"PackageNotFoundError|package metadata|importlib",
    ),
    KnownError(
        "task-library-outputs",
        (
            "output tensor",
            "Output tensor",
            "output tensors",
            "Mobile SSD models are expected",
            "is expected to have",
        ),
        r"expected to have exactly (?P<want>\d+) outputs?,? found (?P<have>\d+)|Output tensor at "
        r"index "
        r"(?P<index>\d+) is expected to have (?P<rank>\d+) dimensions, found (?P<found>\d+)"
        r"|Expected (?P<tensors>\d+) output tensors?, (?:but )?(?:got|found) (?P<got>\d+)",
        "The Task library expects another kind of model: an object detector has the four outputs "
        "of TFLite_Detection_PostProcess (boxes, classes, scores, number), a classifier one of "
        "rank "
        "2 or 4. YOLO and raw SSD outputs are none of these.",
        "export the SSD with its post-processing, or read the outputs with the plain interpreter",
        (
            _IO,
            "graphtools export-ssd frozen_inference_graph.pb -o tflite_graph.pb",
        ),
    ),
    KnownError(
        "labels-do-not-fit-outputs",
        ("labels", "label file", "Label"),
        r"(?:Got|Found|has) (?P<labels>\d+) (?:class\(es\)|labels?|classes)[^\n]{0,80}?(?:but|for|"
        r"expected|while) [^\n]{0,60}?(?P<outputs>\d+)|Label number (?P<number>\d+) mismatch the "
        r"shape "
        r"on axis (?P<axis>\d+)",
        "The label file has another number of lines ({labels}{number}) than the model has classes "
        "({outputs}).",
        "give as many labels as classes, with or without background as the model was trained",
        (_IO,),
        within=r"[Ll]abel|tflite|TFLite",
    ),
    KnownError(
        "metadata-tensors-differ",
        ("The number of input tensors", "The number of output tensors", "populate"),
        r"The number of (?P<which>input|output) tensors? \((?P<have>\d+)\) should match the "
        r"number of "
        r"[^\n]{0,60}?\((?P<want>\d+)\)",
        "The metadata describe {want} {which} tensors and the model has {have}.",
        "describe each tensor of the model, in its order",
        (_IO,),
    ),
)
