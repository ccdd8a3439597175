"""Installations: TensorFlow 1 code in TensorFlow 2, packages that do not fit each other."""

from collections.abc import Mapping

from graphtools.explain.known_errors._entry import GENERAL, KnownError, models, tensorflow
from graphtools.explain.public_names import fate

_CONVERT = "graphtools convert GRAPH -o model.tflite"
#: What is said where no name decides.
_WANTED = (
    "A name is asked for that the installed release does not have: a table of the public names of "
    "TensorFlow 1 and 2 says whether it moved, is gone, or came later."
)
_COMPARE = "compare the release with the one that the program was written for"
_NO_TENSORFLOW = ("graphtools lint GRAPH --target tflite",)


def _fate_of_attribute(names: Mapping[str, str]) -> dict[str, str]:
    """What became of a name of TensorFlow itself."""
    told = fate(names["attr"])
    return {"fate": told.cause, "cure": told.cure}


def _fate_in_module(names: Mapping[str, str]) -> dict[str, str]:
    """What became of a name of one of its modules."""
    path = names.get("path") or f"{names['module']}.{names['attr']}"
    inner = ("_api", "v1", "v2", "python", "compat", "keras" if path.startswith("keras") else "")
    parts = [p for p in path.split(".")[1:] if p not in inner]
    name = ".".join(("keras", *parts) if path.startswith(("keras", "tf_keras")) else parts)
    told = fate("compat" if not parts else name)
    if "python" in path.split(".") or ("src" in path.split(".") and not told.known):
        return {
            "fate": f"{path} is an inner part of TensorFlow or Keras, which changes with every "
            "release: program and installed release do not fit.",
            "cure": "install the release that the program was written for, or take the public name",
        }
    return {"fate": told.cause, "cure": told.cure}


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
        "own-file-called-tensorflow",
        ("partially initialized module",),
        r"partially initialized module '(?P<module>tensorflow|keras|numpy|object_detection)\w*'",
        "The program imports itself: a file or folder of its own is called {module}, or two "
        "modules import each other.",
        "rename the file {module}.py and remove its __pycache__; print {module}.__file__",
    ),
    KnownError(
        "tensorflow-has-no-attribute",
        ("has no attribute", "cannot import name"),
        r"module 'tensorflow(?:\.compat\.v1|\._api\.v\d|_core(?:\._api\.v\d)?)?' has no "
        r"attribute '(?P<attr>(?!contrib')\w+)'",
        f"{{fate:{_WANTED}}}",
        f"{{cure:{_COMPARE}}}; graphs are read by graphtools without any TensorFlow",
        ("graphtools summary GRAPH",),
        (
            *models(7703, 10518),
            *tensorflow(76349, 40422),
            "sekilab/RoadDamageDetector#36",
        ),
        table=_fate_of_attribute,
    ),
    KnownError(
        "tensorflow-submodule-has-no-attribute",
        ("has no attribute",),
        r"module '(?P<module>(?:tensorflow|tf_keras|keras)[\w.]*)' has no attribute "
        r"'(?P<attr>\w+)'",
        f"{{fate:{_WANTED}}}",
        f"{{cure:{_COMPARE}}}",
        (),
        (
            "EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial-Train-Multiple-Objects-"
            "Windows-10#438",
        ),
        table=_fate_in_module,
    ),
    KnownError(
        "tensorflow-name-not-imported",
        ("cannot import name", "ImportError: cannot import", "No module named"),
        r"cannot import name '?(?P<attr>\w+)'? from (?:partially initialized module )?"
        r"'(?P<module>(?:tensorflow|keras|tf_keras)[\w.]*)'"
        r"|No module named '?(?P<path>tensorflow\.(?!contrib|tools\.graph_trans)[\w.]+)",
        f"{{fate:{_WANTED}}}",
        f"{{cure:{_COMPARE}}}",
        (),
        table=_fate_in_module,
    ),
    KnownError(
        "eager-execution",
        (
            "when eager execution is enabled",
            "EagerTensor without building",
            "with eager execution",
        ),
        r"tf\.placeholder\(\) is not compatible with eager execution"
        r"|(?P<what>\w[\w. ()]{0,60}) (?:is|are) (?:not compatible|incompatible|not supported) "
        r"with "
        r"eager execution"
        r"|(?:meaningless|not supported|a function) when eager execution is enabled|EagerTensor "
        r"without building a function",
        "The program builds a graph as in TensorFlow 1, and TensorFlow 2 executes at once.",
        "call tf.compat.v1.disable_eager_execution() first, or work in a tf.Graph().as_default()",
    ),
    KnownError(
        "protobuf-too-old",
        (
            "_internal_create_key",
            "serialized_options",
            "google.protobuf.internal",
            "create_key",
        ),
        r"has no attribute '_internal_create_key'|unexpected keyword argument "
        r"'(?P<argument>serialized_options|create_key|serialized_pb)'|cannot import name "
        r"'builder' from 'google\.protobuf\.internal'",
        "The installed protobuf is older than the protoc that has generated the *_pb2.py files.",
        "pip install --upgrade protobuf (3.20 for TensorFlow before 2.12), or generate the files "
        "with the protoc of that protobuf",
        (),
        (),
    ),
    KnownError(
        "async-is-a-keyword",
        (
            "TFE_ContextOptionsSetAsync",
            "async=async",
            "SyntaxError",
        ),
        r"TFE_ContextOptionsSetAsync\([^)\n]*async\)|\basync=async\b",
        "TensorFlow before 1.13 does not run in Python 3.7 and later, where async is a keyword.",
        "take Python 3.6, or TensorFlow 1.13 to 1.15 with Python 3.7",
        (),
        (),
    ),
    KnownError(
        "libdevice-missing",
        ("libdevice",),
        r"libdevice(?:\.10\.bc)? (?:is required|not found)|Can't find libdevice",
        "XLA does not find a part of the CUDA toolkit (libdevice.10.bc).",
        "set XLA_FLAGS=--xla_gpu_cuda_data_dir to the folder of CUDA that has nvvm/libdevice, or "
        "compile without jit_compile",
        (),
        (),
    ),
    KnownError(
        "openmp-twice",
        (
            "libiomp5",
            "OMP: Error #15",
        ),
        r"OMP: Error #15|libiomp5\S* already initialized",
        "Two packages (numpy of conda, TensorFlow, PyTorch) bring the OpenMP library.",
        "install all from one source; KMP_DUPLICATE_LIB_OK=TRUE only hides it",
        (),
        (),
    ),
    KnownError(
        "library-of-another-build",
        ("undefined symbol",),
        r"(?P<file>[\w.+-]{1,80}\.so[\d.]*): undefined symbol: (?P<symbol>\w{1,120})",
        "{file} was built against another TensorFlow (or with another C++ ABI) than the one that "
        "is loaded: {symbol} is not there.",
        "build the library with tf.sysconfig's flags for this very TensorFlow, or install the "
        "release it was built for",
        (),
        (),
    ),
    KnownError(
        "keras-requires-tensorflow",
        ("Keras requires TensorFlow",),
        r"Keras requires TensorFlow (?P<version>[\d.]+)",
        "The installed keras is newer than the installed TensorFlow ({version} or higher is "
        "wanted).",
        "pip install keras of TensorFlow's number (2.3.1 for 1.15), or import from "
        "tensorflow.keras",
        (),
        (),
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
            "No module named",
            "cannot import name",
            "preprocessor_pb2",
            "string_int_label_map_pb2",
        ),
        r"No module named '?(?P<module>(?:object_detection|nets|slim|deployment)\b[\w.]*)'?"
        r"|cannot import name '?(?P<net>(?:inception|mobilenet|resnet|vgg|nasnet|pnasnet)\w*)"
        r"|cannot import name '?(?P<proto>\w+_pb2)",
        "The Object Detection API is not installed: models/research and models/research/slim are "
        "not in PYTHONPATH, or its .proto files were not compiled ({module}{proto}{net}). "
        "Another package of the same name may come first.",
        "set PYTHONPATH and run protoc; exporting an SSD for TFLite needs none of it",
        (
            "graphtools export-ssd frozen_inference_graph.pb -o tflite_graph.pb",
            "graphtools check-config PIPELINE.CONFIG",
        ),
        models(8941),
    ),
    KnownError(
        "system-library-too-old",
        ("GLIBC", "CXXABI"),
        r"version `?'?(?P<version>(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)'? not found(?: \(required by "
        r"(?P<file>[^)\n]{1,200})\))?",
        "The library that is loaded was built on a newer system: this one's C or C++ library lacks "
        "{version}.",
        "take a wheel for this system (an older TensorFlow, conda-forge) or a newer system; a "
        "newer glibc is not put over the system's",
        _NO_TENSORFLOW,
        (*tensorflow(1324, 5626), "davidenunes/tensorflow-wheels#13"),
    ),
    KnownError(
        "cuda-library-missing",
        (
            "cannot open shared object file",
            "Could not find 'cud",
            "Could not load library",
            "Could not locate",
        ),
        r"(?P<library>lib(?:cu|nv)\w*\.so[\d.]*): cannot open shared object file"
        r"|Could not (?:find|load library|locate) '?(?P<dll>(?:lib)?(?:cu|nv)\w*[\w.]*|zlibwapi"
        r"\.dll)'?",
        "This TensorFlow was built for a CUDA or cuDNN ({library}{dll}) that is not installed or "
        "not where the loader looks: the number in the name says which.",
        "install exactly that CUDA and cuDNN, set LD_LIBRARY_PATH (PATH on Windows), or install "
        "tensorflow-cpu; a link under another number hides the error only",
        _NO_TENSORFLOW,
        (*tensorflow(8898), "takabow/cdsw-demo-env#25"),
        outside=r"Could not load dynamic library|not load dynamic",
    ),
    KnownError(
        "shared-library-missing",
        ("cannot open shared object file", "DLL load failed", "image not found"),
        r"(?P<library>lib[\w.+-]{1,60}\.so[\d.]*|lib[\w.+-]{1,60}\.dylib):? cannot open shared "
        r"object file|DLL load failed(?: while importing (?P<module>\w+))?|Library not loaded: "
        r"(?P<mac>\S+)",
        "A library that a program or package needs is not installed here or not found by the "
        "loader: {library}{module}{mac}.",
        "install the package that brings it (on Windows the Visual C++ runtime), or the build for "
        "this system",
        outside=r"Could not load dynamic library|dlerror",
    ),
    KnownError(
        "cudnn-not-usable",
        (
            "Could not create cudnn handle",
            "Failed to get convolution algorithm",
            "cuDNN failed to initialize",
            "DNN library",
            "Loaded runtime CuDNN library",
            "CUDNN_STATUS",
        ),
        r"Could not create cudnn handle: (?P<status>\w+)|Failed to get convolution algorithm"
        r"|cuDNN failed to initialize|DNN library (?:initialization failed|is not found)"
        r"|Loaded runtime CuDNN library: (?P<loaded>[\d.]+) but source was compiled with: "
        r"(?P<built>[\d.]+)|(?P<code>CUDNN_STATUS_\w+)",
        "cuDNN does not start ({status}{code}): its release does not fit this TensorFlow "
        "({loaded} loaded, {built} wanted), or the GPU's memory is full, mostly since TensorFlow "
        "or another process has taken all of it.",
        "end other processes on the GPU and let memory grow (tf.config.experimental."
        "set_memory_growth, gpu_options.allow_growth); else install the cuDNN of this release",
        (),
        tensorflow(24496),
    ),
    KnownError(
        "cublas-fails",
        ("CUBLAS", "Blas GEMM launch failed", "Blas xGEMM launch failed", "failed to run cuBLAS"),
        r"failed to create cublas handle: (?P<status>\w+)|Blas x?GEMM\w* launch failed"
        r"|failed to run cuBLAS routine|(?P<code>CUBLAS_STATUS_\w+)",
        "cuBLAS does not run ({status}{code}): the GPU's memory is taken by another process or by "
        "TensorFlow itself, or CUDA and the GPU do not fit each other.",
        "end other processes on the GPU, let memory grow, and compare CUDA with the GPU (RTX 30 "
        "wants CUDA 11)",
        (),
        (),
    ),
    KnownError(
        "cuda-driver-too-old",
        (
            "implicit initialization on GPU",
            "no supported devices found for platform CUDA",
            "CUDA driver version is insufficient",
            "forward compatibility was attempted",
        ),
        r"CUDA driver version is insufficient for CUDA runtime version|forward compatibility was "
        r"attempted on non supported HW|no kernel image is available for execution"
        r"|implicit initialization on GPU:\d+ failed|no supported devices found for platform CUDA",
        "The NVIDIA driver is older than the CUDA that TensorFlow was built for, or the GPU is of "
        "a kind that this build has no code for.",
        "update the driver (nvidia-smi says what it supports), or take an older TensorFlow",
    ),
    KnownError(
        "numpy-binary-incompatible",
        (
            "size changed, may indicate binary incompatibility",
            "_ARRAY_API not found",
            "ABI version",
            "compiled against API version",
        ),
        r"numpy\.(?P<what>\w+) size changed, may indicate binary incompatibility"
        r"|_ARRAY_API not found|module compiled against API version (?P<api>\w+)"
        r"|module compiled against ABI version (?P<abi>\w+)",
        "A package with compiled parts (pycocotools, h5py, pandas, TensorFlow itself) was built "
        "for another numpy than the one that is installed.",
        "install that package anew for this numpy (pip install --no-cache-dir --force-reinstall "
        "--no-binary :all: pycocotools), or the numpy that TensorFlow asks for",
        (),
        (*models(9749), "nicknochnack/TFODCourse#16", "cocodataset/cocoapi#509"),
    ),
    KnownError(
        "numpy-name-gone",
        ("module 'numpy' has no attribute", "numpy has no attribute"),
        r"module 'numpy(?P<module>[\w.]*)' has no attribute '(?P<attr>\w+)'",
        "np.{attr} is gone: numpy 1.24 took the names of Python's types (object, bool, int, float, "
        "typeDict) away, numpy 2.0 more; the program or TensorFlow is older than that.",
        "pip install 'numpy<1.24' for such programs (TensorFlow up to 2.11), or write the plain "
        "name",
    ),
    KnownError(
        "symbolic-tensor-to-numpy",
        ("Cannot convert a symbolic", "Cannot convert a symbolic Tensor"),
        r"Cannot convert a symbolic (?:tf\.|Keras )?[Tt]ensor(?: "
        r"\((?P<tensor>[^)\n]+)\))?[^\n]{0,80}"
        r"(?: to a numpy array)?",
        "A tensor of a graph is given to numpy ({tensor}). In code that is right this means numpy "
        "1.20 or later with TensorFlow 2.4 or earlier; else numpy is called inside a tf.function.",
        "pip install 'numpy<1.20' with such a TensorFlow, or take tf's function in place of "
        "numpy's",
        (),
        ("nacayu/CRFNet_Tensorflow2.4.1#9",),
    ),
    KnownError(
        "bfloat16-type-of-numpy",
        (
            "PyBfloat16_Type",
            "Unable to convert function return value to a Python type",
        ),
        r"Unable to convert function return value to a Python type! The signature was"
        r"|PyBfloat16_Type\.tp_base != nullptr",
        "TensorFlow and the installed numpy do not fit: its types cannot be registered.",
        "install the numpy that this TensorFlow asks for (1.19 to 1.23 for 2.4 to 2.10)",
        (),
        (),
    ),
    KnownError(
        "keras-and-tensorflow-differ",
        ("Another metric with the same name already exists",),
        r"Another metric with the same name already exists",
        "The packages tensorflow and keras are of different releases, and both register the same "
        "names.",
        "install keras of exactly the number of TensorFlow (pip install keras==2.6 for 2.6)",
        (),
        (),
    ),
    KnownError(
        "keras-3-in-place-of-2",
        ("keras.src.engine", "keras.engine", "keras.utils.generic_utils", "tensorflow.keras'"),
        r"No module named '(?P<module>keras\.(?:src\.)?(?:engine|layers\.\w+|saving|utils)[\w.]*"
        r"|tensorflow\.keras[\w.]*|keras\.preprocessing[\w.]*)'",
        "{module} is of another Keras: Keras 3 (with TensorFlow from 2.16 on) has moved the inner "
        "modules of Keras 2, and Keras 2.13 moved them into keras.src.",
        "install tensorflow<2.16 with keras<3, or tf_keras with TF_USE_LEGACY_KERAS=1; import from "
        "keras or tensorflow.keras what is public",
        (),
        ("google-ai-edge/mediapipe#5229",),
    ),
    KnownError(
        "no-wheel-of-tensorflow",
        (
            "is not a supported wheel on this platform",
            "No matching distribution found for",
            "Could not find a version that satisfies",
        ),
        r"(?:No matching distribution found for|Could not find a version that satisfies the "
        r"requirement) (?P<package>[\w.<>=!~,-]+)"
        r"|(?P<wheel>[\w.-]{1,120})\.whl is not a supported wheel",
        "There is no {package}{wheel} for this Python and system: TensorFlow 1 is there for "
        "Python 3.7 "
        "and "
        "older, each TensorFlow 2 for some four Pythons, none for 32 bits.",
        "take a Python of that time (3.7 for 1.15), or a newer release; graphtools needs no "
        "TensorFlow for most of its work",
        ("graphtools summary GRAPH",),
        (),
    ),
    KnownError(
        "package-not-built",
        (
            "Failed building wheel for",
            "Microsoft Visual C++",
            "command 'gcc' failed",
            "crtXXX.o",
            "Python.h: No such file",
            "Failed to build",
            "Could not build wheels",
        ),
        r"(?:Failed building wheel|Could not build wheels) for (?P<package>[\w-]+)|Microsoft "
        r"Visual C\+\+ \d[\d.]* (?:or "
        r"greater )?is required|command '[^'\n]*gcc' failed|unless your system has crtXXX\.o"
        r"|Python\.h: No such file",
        "A package ({package:pycocotools or the like}) is compiled on this machine, and the "
        "compiler or the C library's files are missing.",
        "install the system's compiler and headers (build-essential, python3-dev, glibc-devel; the "
        "Build Tools on Windows), or a ready wheel (pycocotools-windows, conda-forge)",
    ),
    KnownError(
        "argument-of-another-release",
        ("got an unexpected keyword argument",),
        r"\b(?P<call>\w{1,80})\(\) got an unexpected keyword argument '(?P<argument>\w+)'",
        "The library that is installed is of another release than the program was written for: its "
        "{call} has no argument {argument} (not yet, or no longer).",
        "install the release of the program's time (its README or setup.py names it), or look up "
        "what the argument is called in yours",
        (),
        models(6082),
    ),
    KnownError(
        "protobuf-duplicates",
        ("Couldn't build proto file into descriptor pool", "duplicate file name"),
        r"Couldn't build proto file into descriptor pool|duplicate file name "
        r"\(?(?P<file>\S+\.proto)",
        "Two packages bring the same .proto file ({file}), mostly an Object Detection API that is "
        "installed twice or generated by another protobuf.",
        "keep one of them, and compile its .proto files with the protoc of this protobuf",
    ),
    KnownError(
        "generated-code-outdated",
        ("_pb2' has no attribute",),
        r"module '(?P<module>[\w.]*_pb2)' has no attribute '(?P<attr>\w+)'",
        "{module} was generated from an older .proto file than the program wants: it lacks {attr}. "
        "Often an old copy of the Object Detection API in site-packages comes first.",
        "run protoc on object_detection/protos/*.proto again and install the API anew (pip "
        "uninstall object_detection first)",
        (),
        ("nicknochnack/RealTimeObjectDetection#13",),
    ),
    KnownError(
        "package-missing",
        ("No module named",),
        r"No module named '?\"?(?P<module>(?!tensorflow\.|object_detection|nets\b|slim\b|deployment"
        r"|keras\.)[A-Za-z][\w.]*)",
        "The package {module} is not installed in the Python that runs this.",
        "install it with that very Python (python -m pip install ...); names differ: cv2 is "
        "opencv-python, PIL is pillow, tf_slim is tf-slim, official is tf-models-official",
        kind=GENERAL,
    ),
    KnownError(
        "name-not-importable",
        ("cannot import name",),
        r"cannot import name '?(?P<name>(?!\w+_pb2|graph_transforms)\w+)'?(?: from "
        r"'?(?P<module>[\w.]+)'?)?",
        "{name} is not in {module:the module} that is found: it is of another release, or another "
        "file of that name comes first.",
        "install the release that the program was written for, and see __file__ of the module",
        kind=GENERAL,
    ),
    KnownError(
        "module-has-no-attribute",
        ("has no attribute",),
        r"(?:module '(?P<module>(?!tensorflow|keras|numpy)[\w.]+)'|'module' object) has no "
        r"attribute '(?P<attr>\w+)'",
        "{module:The module} has no {attr} in the release that is installed, or a file of your "
        "own has that name and comes first.",
        "print __file__ and __version__ of the module, and install the release that the program "
        "was written for",
        (),
        (),
        GENERAL,
    ),
    KnownError(
        "object-has-no-attribute",
        ("object has no attribute", "has no attribute"),
        r"'(?P<type>(?!TFLiteConverter)[\w.]+)' object has no attribute '(?P<attr>\w+)'",
        "The program expects another kind of thing than it gets: a {type} has no {attr}. Mostly it "
        "was written for another release, or a call before it gave nothing (None).",
        "see which call made it; compare the release with the one that the program names",
        kind=GENERAL,
    ),
)
