"""Cloud TPUs and XLA."""

from graphtools.explain.known_errors._entry import GENERAL, KnownError, models, tensorflow

ERRORS = (
    KnownError(
        "tpu-local-file",
        ("File system scheme '[local]' not implemented", "File system scheme"),
        r"File system scheme '(?P<scheme>[^'\n]*)' not implemented(?: \(file: "
        r"'(?P<file>[^'\n]*)')?",
        "{file:A file} is on a local disk, and what reads it is the worker of the TPU (or a "
        "TensorFlow without that file system), which cannot.",
        "put data, checkpoints and model_dir into a Cloud Storage bucket (gs://); to load, "
        "experimental_io_device='/job:localhost'",
        (),
        (*models(3724),),
    ),
    KnownError(
        "xla-op-unsupported",
        ("Detected unsupported operations", "unsupported operations when trying to compile"),
        r"[Dd]etected unsupported operations when trying to compile graph "
        r"(?P<graph>[^\n]{0,120}?) on "
        r"(?P<device>XLA\w+): ?(?P<ops>[^\n\[]{1,300})",
        "XLA has no kernel for {ops} on {device}, with these types.",
        "replace these ops (ResizeNearestNeighbor by tile and reshape), put them into the input "
        "pipeline on the host, or take a newer TensorFlow",
        ("graphtools nodes GRAPH --op OP --long",),
        ("tensorflow/tpu#176", *tensorflow(33152)),
    ),
    KnownError(
        "xla-needs-constant",
        ("must be a compile-time constant", "compile time constant", "must be compile-time"),
        r"(?:Input (?P<index>\d+) to (?:node )?[`']?(?P<node>[^\s`']+)[`']? [^\n]{0,80}?)?must be "
        r"(?:a )?compile[- ]time constants?",
        "XLA wants all shapes before: {node:an op} gets one (a size, an axis, a number of boxes) "
        "that is computed while it runs.",
        "fix the shapes and the batch (drop_remainder=True), and keep such ops off the TPU",
        ("graphtools shapes GRAPH --unknown",),
        tensorflow(30580),
    ),
    KnownError(
        "tpu-out-of-memory",
        ("Ran out of memory in memory space", "Exceeded hbm capacity"),
        r"Ran out of memory in memory space (?P<space>\w+)|Exceeded hbm capacity by "
        r"(?P<by>[\d.]+\w)",
        "The TPU's memory ({space:hbm}) does not hold model and batch.",
        "make the batch (a multiple of 8 for each core) or the images smaller, or take bfloat16",
        ("graphtools size GRAPH",),
    ),
    KnownError(
        "tpu-not-there",
        (
            "Cannot find any TPU cores",
            "ConfigureDistributedTPU",
            "TPU system",
            "Failed to connect to Tensorflow",
            "TPU_WORKER",
        ),
        r"Cannot find any TPU cores|ConfigureDistributedTPU|TPU system (?:is not|has not been) "
        r"(?:available|initialized)|No OpKernel was registered to support Op '\w*TPU\w*'",
        "No TPU is reached: the runtime has none (Colab), its name or zone is wrong, its "
        "TensorFlow "
        "is another one, or it was not initialised in this process.",
        "choose a TPU runtime, make TPUClusterResolver(name), then initialize_tpu_system; to run "
        "the graph elsewhere, export it without TPU ops",
        ("graphtools nodes GRAPH --op '*TPU*'",),
    ),
    KnownError(
        "tpu-batch-not-divisible",
        ("is not divisible by", "must be divisible by"),
        r"(?:batch size|global batch)[^\n]{0,60}? (?:is not|must be) divisible by (?:the )?(?P<by>"
        r"[^\n]{1,60})",
        "The batch is not divisible by {by}, the number of replicas.",
        "take a multiple of 8, the number of cores",
    ),
    KnownError(
        "xla-compilation-failed",
        ("Compilation failure", "XLA compilation", "RET_CHECK failure"),
        r"Compilation failure: (?P<what>[^\n]{1,200})|RET_CHECK failure \((?P<where>[^)\n]+)\)",
        "XLA does not compile the program: {what}{where}.",
        "read on: the op is named in the lines behind it",
        kind=GENERAL,
    ),
)
