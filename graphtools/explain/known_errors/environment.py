"""Installations: TensorFlow 1 code in TensorFlow 2, packages that do not fit each other."""

from graphtools.explain.known_errors._entry import KnownError, models, tensorflow

_CONVERT = "graphtools convert GRAPH -o model.tflite"

ERRORS = (
    KnownError(
        "graph-transforms-gone",
        ("graph_transforms",),
        r"(?:No module named|cannot import name) '?(?:tensorflow\.tools\.)?graph_transforms",
        "TensorFlow 2 no longer ships the Graph Transform Tool.",
        "graphtools has all of its transforms, under their names and with their grammar",
        (
            "graphtools transform GRAPH -o out.pb --inputs INPUT --outputs OUTPUT --transforms "
            "'fold_constants fold_batch_norms'",
            "graphtools transforms",
        ),
        tensorflow(33352, 43688, 44147, 52094, 30746, 30865),
    ),
    KnownError(
        "contrib-gone",
        ("tensorflow.contrib", "no attribute 'contrib'"),
        r"No module named '?tensorflow\.contrib(?P<module>[\w.]*)|has no attribute 'contrib'"
        r"|module 'tensorflow\.contrib' has no attribute '(?P<attr>\w+)'",
        "The program is for TensorFlow 1: tf.contrib is not in TensorFlow 2 (slim is the package "
        "tf_slim there).",
        "run it with TensorFlow 1.15 and Python 3.7, or port it; what is frozen needs neither",
        (
            "graphtools convert frozen_inference_graph.pb -o model.tflite",
            "graphtools export-ssd frozen_inference_graph.pb -o tflite_graph.pb",
        ),
        (*models(8020, 8806), "google-research/tf-slim#4", *tensorflow(15401)),
    ),
    KnownError(
        "from-frozen-graph-gone",
        ("'TFLiteConverterV2' has no attribute", "'TFLiteConverter' has no attribute"),
        r"'TFLiteConverter(?:V2)?' has no attribute '(?P<method>\w+)'",
        "This release has no TFLiteConverter.{method}: tf.lite.TFLiteConverter of TensorFlow 2 "
        "takes SavedModels and Keras models only.",
        "use tf.compat.v1.lite.TFLiteConverter.from_frozen_graph, or convert with graphtools",
        (_CONVERT,),
        tensorflow(63704, 38786),
    ),
    KnownError(
        "tensorflow-has-no-attribute",
        ("module 'tensorflow' has no attribute",),
        r"module 'tensorflow' has no attribute '(?P<attr>(?!contrib')\w+)'",
        "tf.{attr} is of TensorFlow 1; in TensorFlow 2 it is tf.compat.v1.{attr}.",
        "write tf.compat.v1.{attr}, or import tensorflow.compat.v1 as tf; graphs are read by "
        "graphtools without either",
        ("graphtools summary GRAPH",),
        models(7703),
    ),
    KnownError(
        "eager-execution",
        ("with eager execution",),
        r"tf\.placeholder\(\) is not compatible with eager execution"
        r"|(?P<what>\w[\w. ()]{0,60}) (?:is|are) (?:not compatible|incompatible|not supported) "
        r"with "
        r"eager execution",
        "The program builds a graph as in TensorFlow 1, and TensorFlow 2 executes at once.",
        "call tf.compat.v1.disable_eager_execution() first, or work in a tf.Graph().as_default()",
    ),
    KnownError(
        "protobuf-descriptors",
        ("Descriptors cannot",),
        r"Descriptors cannot (?:not )?be created directly",
        "The installed protobuf is newer than the code that was generated for it: TensorFlow 1 and "
        "2.0 to 2.8 want protobuf 3.20 or older.",
        "pip install 'protobuf<3.21', or take a newer TensorFlow; graphtools works with both",
        ("graphtools summary GRAPH",),
        ("tensorflow/data-validation#243",),
    ),
    KnownError(
        "numpy-versions",
        ("compiled using NumPy 1.x", "numpy.dtype size changed"),
        r"A module that was compiled using NumPy 1\.x cannot be run in\s+NumPy (?P<version>[\d.]+)"
        r"|numpy\.dtype size changed",
        "TensorFlow before 2.18 was built for NumPy 1, and NumPy {version:2} is installed.",
        "pip install 'numpy<2', or take a newer TensorFlow",
    ),
    KnownError(
        "instructions-missing",
        ("The TensorFlow library was compiled to use", "Illegal instruction"),
        r"The TensorFlow library was compiled to use (?P<what>\w+) instructions"
        r"|Illegal instruction",
        "The processor lacks the instructions ({what:AVX}) that TensorFlow was built for.",
        "take another machine or build; everything in graphtools but conversion works without "
        "TensorFlow",
        ("graphtools lint GRAPH --target tflite",),
    ),
    KnownError(
        "tensorflow-does-not-load",
        ("_pywrap_tensorflow", "Failed to load the native TensorFlow runtime"),
        r"(?:DLL load failed[^\n]{0,80}_pywrap_tensorflow\w*|No module named '[\w.]*"
        r"_pywrap_tensorflow\w*'|Failed to load the native TensorFlow runtime)",
        "TensorFlow's own library does not load: another Python or architecture than it was built "
        "for, or the Visual C++ runtime is missing.",
        "install a wheel that fits this Python; everything in graphtools but conversion works "
        "without it",
        ("graphtools lint GRAPH --target tflite",),
    ),
    KnownError(
        "object-detection-not-installed",
        (
            "No module named 'object_detection",
            "No module named 'nets'",
            "No module named 'slim'",
            "preprocessor_pb2",
            "string_int_label_map_pb2",
        ),
        r"No module named '(?P<module>object_detection[\w.]*|nets|slim|deployment)'"
        r"|cannot import name '?(?P<proto>\w+_pb2)",
        "The Object Detection API is not installed: models/research and models/research/slim are "
        "not in PYTHONPATH, or its .proto files were not compiled ({module}{proto}).",
        "set PYTHONPATH and run protoc; exporting an SSD for TFLite needs none of it",
        (
            "graphtools export-ssd frozen_inference_graph.pb -o tflite_graph.pb",
            "graphtools check-config PIPELINE.CONFIG",
        ),
        models(8941),
    ),
)
