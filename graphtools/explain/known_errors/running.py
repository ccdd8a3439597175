"""Graphs that TensorFlow does not run."""

from collections.abc import Mapping

from graphtools.explain.known_errors._entry import (
    GENERAL,
    KnownError,
    models,
    tensorflow,
)


def _guess_of_feed(names: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with an array, by its shape and the one that is wanted."""
    given, wanted = (
        names[k].strip("()[]<>").replace(" ", "").split(",") for k in ("given", "wanted")
    )
    if given[-1:] == ["4"] and wanted[-1:] == ["3"]:
        told = "the image has an alpha channel (PNG, RGBA); convert it to RGB"
    elif given[-1:] == ["1"] and wanted[-1:] == ["3"]:
        told = "the image is grey; convert it to RGB"
    elif len([d for d in given if d]) + 1 == len([d for d in wanted if d]):
        told = "the batch dimension (image[None]) or the channels are missing"
    else:
        told = "often the batch dimension is missing, or the channels"
    return {"guess": told}


ERRORS = (
    KnownError(
        "placeholder-not-fed",
        ("You must feed a value for placeholder tensor",),
        r"You must feed a value for placeholder tensor '(?P<node>(?![^'\n]*(?:phase_train|"
        r"is_training|keep_prob|training_phase|is_train))[^'\n]+)' with dtype (?P<dtype>\w+)"
        r"(?: and shape (?P<shape>\[[^\]\n]*\]))?",
        "The outputs need the placeholder {node} ({dtype} {shape}), and no value was fed for it.",
        "name it as an input, too: --inputs {node}; or give it a constant value",
        (
            "graphtools io GRAPH --all",
            "graphtools path GRAPH {node}",
            "graphtools convert GRAPH --inputs {node} -o model.tflite",
        ),
    ),
    KnownError(
        "fed-shape-does-not-fit",
        ("Cannot feed value of shape",),
        r"Cannot feed value of shape (?P<given>\([^)\n]*\)) for Tensor "
        r"[u\"]*'?(?P<tensor>[^'\"\s,]+)"
        r"'?\"?(?:, which has shape '?(?P<wanted>[(\[<][^'\n]{0,80}?[)\]>]))?",
        "{tensor} is {wanted:of another shape}, and {given} was fed: {guess:the batch dimension "
        "is missing, or the channels}.",
        "feed its shape (--input-shape, or the values in --feed), or give the input another one",
        (
            "graphtools io GRAPH",
            "graphtools strip GRAPH -o cut.pb --inputs {tensor} --input-shape {tensor}=1,224,224,3",
        ),
        (*tensorflow(44989, 20921), "tensorpack/tensorpack#455"),
        table=_guess_of_feed,
    ),
    KnownError(
        "nchw-on-cpu",
        ("only supports NHWC", "only supports the NHWC", "Generic conv implementation only"),
        r"\b(?P<op>(?:Default )?\w{1,60})(?: \[[^\]\n]*\])? (?:op )?(?:currently )?"
        r"(?:implementation )?only supports (?:the )?NHWC[^\n]{0,80}"
        r"(?:[^\[]{0,40}\[\[(?:\{\{)?[Nn]ode:? ?(?P<node>[^\s}=\]]+))?",
        "{node:A node} computes in NCHW, the layout for GPUs, for which TensorFlow has no kernel "
        "on a CPU.",
        "turn the graph into NHWC, or run it on a GPU",
        (
            "graphtools transform GRAPH -o nhwc.pb --transforms to_nhwc",
            "graphtools lint GRAPH --target tensorflow-cpu --select GT506",
        ),
        (*tensorflow(2660, 46658), "tensorflow/benchmarks#82"),
    ),
    KnownError(
        "no-kernel",
        ("No OpKernel was registered to support Op",),
        r"No OpKernel was registered to support Op '(?P<op>[^'\n]+)'"
        r"(?: used by \{\{node (?P<node>[^}\n]+)\}\})?(?: with these attrs: "
        r"\[(?P<attrs>[^\n]{0,200}?)\])?",
        "TensorFlow knows the op {op} and has no kernel for it here, with these types: {attrs:it "
        "is of a GPU, a TPU or a delegate}.",
        "cast to a type that has a kernel, clear the devices, or cut the node off",
        (
            "graphtools nodes GRAPH --op {op} --long",
            "graphtools transform GRAPH -o out.pb --transforms remove_device",
        ),
        tensorflow(18807, 8371),
    ),
    KnownError(
        "device-not-there",
        ("Cannot assign a device",),
        r"Cannot assign a device (?:for operation|to node) '?(?P<node>[^'\s:]+)'?"
        r"(?:.{0,300}?(?:assigned to|device specification) '?(?P<device>/[^\s']+))?",
        "{node} is placed on {device:a device}, which this machine does not have.",
        "clear the devices of the graph",
        (
            "graphtools transform GRAPH -o out.pb --transforms remove_device",
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --clear-devices -o frozen.pb",
        ),
        tensorflow(14085, 61360) + models(8896),
    ),
    KnownError(
        "incompatible-shapes",
        ("Incompatible shapes:",),
        r"Incompatible shapes: (?P<one>\[[^\]\n]*\]) vs\. (?P<other>\[[^\]\n]*\])"
        r"(?:[^\[]{0,40}\[\[(?:\{\{)?[Nn]ode:? ?(?P<node>[^\s}=\]]+))?",
        "{node:A node} gets {one} and {other}, which do not broadcast: an input has another size "
        "than the graph was built for.",
        "look at the shapes on the way there, with the size that you feed",
        (
            "graphtools shapes GRAPH --name {node:NODE}",
            "graphtools draw GRAPH -o near.svg --around {node:NODE}",
        ),
    ),
    KnownError(
        "wrong-rank",
        ("Shape must be rank", "Shape must be at least rank", "Shape must be at most rank"),
        r"Shape must be (?P<bound>at least |at most )?rank (?P<want>\d+) but is rank (?P<have>\d+)"
        r"(?: for '(?:\{\{node )?(?P<node>[^'\s}]+))?",
        "{node:A node} takes a tensor of {bound}rank {want} and gets one of rank {have}: an input "
        "was given another shape than the graph was built for.",
        "look at the shapes on the way there, with the shapes that you give",
        ("graphtools shapes GRAPH --name {node:NODE}", "graphtools node GRAPH {node:NODE}"),
    ),
    KnownError(
        "reshape-of-wrong-size",
        ("Input to reshape is a tensor with",),
        r"Input to reshape is a tensor with (?P<have>\d+) values, but the requested shape "
        r"(?:has|requires a multiple of) (?P<want>\d+)"
        r"(?:[^\[]{0,40}\[\[(?:\{\{)?[Nn]ode:? ?(?P<node>[^\s}=\]]+))?",
        "{node:A Reshape} has {have} values and is to make {want} of them: the shape is a constant "
        "for another image or batch size.",
        "feed the size that the graph was made for",
        ("graphtools shapes GRAPH --name {node:NODE}", "graphtools node GRAPH {node:NODE}"),
    ),
    KnownError(
        "table-not-initialized",
        ("Table not initialized",),
        r"Table not initialized",
        "A look-up table was not filled: its initializer was not run, or freezing left it out.",
        "keep the initializers when freezing, and run them before the outputs",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT --initializers INIT -o frozen.pb",
            "graphtools nodes GRAPH --op '*Table*'",
        ),
    ),
    KnownError(
        "container-missing",
        ("does not exist. (Could not find resource",),
        r"(?<!Not found: )Container (?P<container>\S+) does not exist\. \(Could not find resource: "
        r"(?P<resource>[^)\n]+)\)",
        "The resource {resource} (a variable, stack or TensorArray) was never made in this run: "
        "the node that makes it was cut off or is not reached.",
        "freeze the variables; cut loops outside, not through",
        (
            "graphtools freeze GRAPH --checkpoint CHECKPOINT -o frozen.pb",
            "graphtools lint GRAPH --select GT201,GT307",
        ),
    ),
    KnownError(
        "exit-without-enter",
        ("Cannot find a corresponding Enter op", "Retval[0] does not have value"),
        r"Cannot find a corresponding Enter op|Retval\[\d+\] does not have value",
        "A loop was cut through: its Exit is there and its Enter is not, or the output lies on the "
        "branch of a condition that is not taken.",
        "choose inputs and outputs outside of loops and conditions",
        ("graphtools nodes GRAPH --op Exit", "graphtools io GRAPH --all"),
    ),
    KnownError(
        "memory-of-the-gpu-full",
        (
            "Dst tensor is not initialized",
            "Ran out of memory trying to allocate",
            "CUDA_ERROR_OUT_OF_MEMORY",
            "ran out of memory trying to allocate",
            "std::bad_alloc",
            "Unable to allocate",
            "failed to allocate",
        ),
        r"Dst tensor is not initialized|[Rr]an out of memory trying to allocate (?P<size>[\d.]+\w+)"
        r"|CUDA_ERROR_OUT_OF_MEMORY|std::bad_alloc|Unable to allocate (?P<array>[\d.]+ \wi?B)",
        "The memory is full, that of the GPU or of the machine ({size}{array}): `Dst tensor is not "
        "initialized` says that a copy to the GPU found no room. Often another process still holds "
        "it.",
        "end other processes (nvidia-smi), take a smaller batch or image, and let memory grow "
        "(allow_growth)",
        ("graphtools size GRAPH",),
        (*tensorflow(4735), "smallcorgi/Faster-RCNN_TF#51"),
    ),
    KnownError(
        "negative-dimension",
        ("Negative dimension size caused by", "would be negative"),
        r"Negative dimension size caused by subtracting (?P<kernel>\d+) from (?P<size>\d+)(?: for "
        r"'(?:\{\{node )?(?P<node>[^'\s}]+))?|[Cc]omputed output size would be negative",
        "At {node:a node} a window of {kernel} does not fit into {size}: the image is too small "
        "for "
        "so many poolings, or its axes are in another order (NCHW in place of NHWC).",
        "feed a larger image, or data_format as the array has it",
        ("graphtools shapes GRAPH --name {node:NODE}",),
    ),
    KnownError(
        "depth-of-input",
        ("input and filter must have the same depth", "input depth must be", "input must be 4-dim"),
        r"input and filter must have the same depth: (?P<have>\d+) vs (?P<want>\d+)"
        r"|input depth must be evenly divisible by filter depth: (?P<depth>\d+) vs (?P<filter>\d+)"
        r"|input must be (?P<rank>\d)-dimensional(?P<shape>\[[^\]\n]*\])?",
        "The image has {have}{depth} channels and the weights are for {want}{filter} ({rank} "
        "dimensions are wanted{shape}): grey or alpha, or axes in another order.",
        "convert images to RGB, add the batch axis, and keep NHWC",
        ("graphtools io GRAPH",),
    ),
    KnownError(
        "feed-key-unknown",
        ("Cannot interpret feed_dict key", "Fetch argument", "Feed argument"),
        r"Cannot interpret feed_dict key as Tensor: (?P<why>[^\n]{1,200})|(?:Fetch|Feed) argument "
        r"(?P<what>[^\n]{1,120}?) (?:has invalid type|cannot be interpreted)",
        "What is fed or fetched is none of this graph: {why}{what}. It is a name that the graph "
        "does not have, a tensor of another graph, or None.",
        "take names that the graph has, with :0, and tensors of the session's graph",
        ("graphtools io GRAPH --all",),
        outside=r"refers to an? (?:Operation|Tensor)|not an element of this graph",
    ),
    KnownError(
        "session-graph-empty",
        ("The Session graph is empty",),
        r"The Session graph is empty",
        "The session's graph has no nodes: they were made in another graph, or TensorFlow 2 ran "
        "them at once.",
        "make session and nodes in one `with tf.Graph().as_default()`, or call "
        "tf.compat.v1.disable_eager_execution()",
    ),
    KnownError(
        "matrix-sizes-differ",
        ("Matrix size-incompatible", "Dimensions of inputs should match"),
        r"(?:Matrix size-incompatible: In\[0\]: (?P<one>\[[^\]\n]*\]), In\[1\]: "
        r"(?P<other>\[[^\]\n]*\])|Dimensions of inputs should match: shape\[0\] = "
        r"(?P<first>\[[^\]\n]*\]) vs\. shape\[\d+\] = (?P<second>\[[^\]\n]*\]))"
        r"(?:[^\[]{0,60}\[\[Node: (?P<node>[^\s\]]+))?",
        "{node:A node} gets {one}{first} and {other}{second}, which do not fit: an input has "
        "another size than the graph was built for.",
        "feed the size that the model was trained with",
        ("graphtools io GRAPH", "graphtools shapes GRAPH --name {node:NODE}"),
    ),
    KnownError(
        "process-killed",
        ("Killed", "exit code 137", "signal 9", "SIGKILL"),
        r"^\s*Killed\s*$|exit code 137|SIGKILL|signal 9\b",
        "The system has ended the process, mostly since memory was full.",
        "make the batch, the shuffle buffer or the queues smaller, or give the machine (the "
        "container) more memory",
        ("graphtools size GRAPH",),
    ),
    KnownError(
        "shapes-refused",
        ("with input shapes:",),
        r"^(?P<why>[^\n']{1,240}?) for '(?:\{\{node )?(?P<node>[^'\s}]+)(?:\}\} = (?P<op>\w+)"
        r"|' \(op: '(?P<name>\w+)')?[^\n]{0,1500}? with input shapes: (?P<shapes>[^\n]{1,200})",
        "The node {node} ({op}{name}) does not take inputs of the shapes {shapes}: {why}.",
        "look at the shapes on the way there, with the shapes that you give",
        ("graphtools shapes GRAPH --name {node}", "graphtools lint GRAPH --select GT118"),
        kind=GENERAL,
    ),
    KnownError(
        "kernel-not-created",
        ("Executor failed to create kernel",),
        r"Executor failed to create kernel\. (?P<what>[^\n]{0,200})",
        "TensorFlow has no kernel for a node of the graph: {what}.",
        "see what the node is, and what it computes with",
        ("graphtools lint GRAPH --target tensorflow-cpu",),
        kind=GENERAL,
    ),
)
