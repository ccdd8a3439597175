"""Checkpoints that do not fit or do not load."""

from collections.abc import Mapping

from graphtools.explain.known_errors._entry import (
    GENERAL,
    WARNING,
    KnownError,
    models,
    tensorflow,
)


def _how_shapes_differ(names: Mapping[str, str]) -> dict[str, str]:
    """What two shapes of one variable tell of the models."""
    here, there = (names[k].strip("[]").replace(" ", "").split(",") for k in ("lhs", "rhs"))
    told = "they are of different numbers of classes, or of different models"
    if len(here) == len(there) == 4 and here[2] != there[2]:
        told = (
            "their layers read different numbers of channels, so that they are of different models"
        )
        if {here[2], there[2]} <= {"1", "3", "4"}:
            told = "one is for images of {} channels and the other for {} (grey, colour, alpha)"
            told = told.format(here[2], there[2])
    return {"differs": told}


_INDEX = "copy or write the checkpoint anew; graphtools says which of its files is damaged"

ERRORS = (
    KnownError(
        "shape-mismatch-on-assign",
        ("Assign requires shapes of both tensors to match",),
        r"Assign requires shapes of both tensors to match\. lhs shape= ?(?P<lhs>\[[^\]\n]*\]) "
        r"rhs shape= ?(?P<rhs>\[[^\]\n]*\])"
        r"(?:[^\[]{0,40}\[\[.{0,300}?loc:@(?P<variable>(?P<scope>[^\"\]\s]{1,200})/[^/\"\]\s]+))?",
        "The model's variable {variable} has the shape {lhs}, the checkpoint's {rhs}: "
        "{differs:they are of different numbers of classes, or of different models}.",
        "leave {scope:the scope of the variables that differ} out when restoring, for both its "
        "weights and biases",
        (
            "graphtools restore-plan CHECKPOINT --model GRAPH --checkpoint-exclude-scopes "
            "{scope:SCOPE}",
        ),
        models(3689, 663)
        + tensorflow(24808, 7838, 45915)
        + (
            "balancap/SSD-Tensorflow#88",
            "rishizek/tensorflow-deeplab-v3#29",
            "HiKapok/SSD.TensorFlow#126",
        ),
        table=_how_shapes_differ,
    ),
    KnownError(
        "saver-reshapes",
        ("Input to reshape is a tensor with",),
        r"Input to reshape is a tensor with (?P<have>\d+) values, but the requested shape "
        r"(?:has|requires a multiple of) (?P<want>\d+)",
        "The Reshape stands in a Saver's part of the graph: the checkpoint's value has {have} "
        "numbers and the model's variable {want}. They are of different numbers of classes, and "
        "the Saver was made with reshape=True.",
        "leave the scopes of all class (and box) layers out when restoring",
        ("graphtools restore-plan CHECKPOINT --model GRAPH --checkpoint-exclude-scopes SCOPES",),
        ("balancap/SSD-Tensorflow#42",),
        within=r"\[\[Node: save(?:_\d+)?/",
    ),
    KnownError(
        "shape-mismatch-in-checkpoint",
        ("from checkpoint reader", "does not match the shape stored in checkpoint"),
        r"Shape of variable (?P<variable>\S+) \((?P<lhs>[^\n]{1,80}?)\) doesn't match with shape "
        r"of "
        r"tensor (?P<key>\S+) \((?P<rhs>[^\n]{1,80}?)\) from checkpoint reader"
        r"|does not match the shape stored in checkpoint: (?P<stored>[^\n]{0,80})",
        "{variable:A variable} has the shape {lhs:of the model}, and {key:its value} in the "
        "checkpoint {rhs}{stored}.",
        "restore what fits only: leave the scope of {variable:the variable} out",
        ("graphtools restore-plan CHECKPOINT --model GRAPH",),
    ),
    KnownError(
        "key-not-in-checkpoint",
        ("not found in checkpoint",),
        r"Key (?P<key>\S+) not found in checkpoint",
        "The checkpoint has no {key}: it is of another model or configuration, its names have "
        "another scope, or it holds no slots of the optimizer and no moving averages. "
        "_CHECKPOINTABLE_OBJECT_GRAPH only says that the checkpoint is a name-based one.",
        "compare the variables of the model with those of the checkpoint",
        ("graphtools restore-plan CHECKPOINT --model GRAPH", "graphtools variables CHECKPOINT"),
        models(5792, 6093, 5524, 5284),
    ),
    KnownError(
        "tensor-not-in-checkpoint-files",
        ("not found in checkpoint files",),
        r"Tensor name \"(?P<key>[^\"\n]+)\" not found in checkpoint files (?P<file>\S{0,300})",
        "The checkpoint {file} has no tensor {key}: it is of another model, or the variables have "
        "other scopes there.",
        "compare the variables of the model with those of the checkpoint",
        ("graphtools restore-plan {file:CHECKPOINT} --model GRAPH",),
    ),
    KnownError(
        "tensor-not-in-initial-checkpoint",
        (" checkpoint {",),
        r"Tensor (?P<key>\S+) is not found in (?P<file>\S+) checkpoint \{",
        "init_from_checkpoint maps a variable to {key}, which {file} does not have.",
        "map the scopes as the checkpoint has them",
        ("graphtools variables {file} --tree",),
    ),
    KnownError(
        "no-matching-checkpoint-files",
        ("Failed to find any matching files for",),
        r"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
        r"(?P<path>[^\s\[]{0,300})",
        "No file begins with {path}: what is wanted is the prefix of a checkpoint's files (without "
        ".index, .data-00000-of-00001 or .meta), by a path that holds in the current folder.",
        "give the prefix; graphtools takes any file of the checkpoint, or its folder",
        ("graphtools variables {path:CHECKPOINT}",),
        tensorflow(7696),
    ),
    KnownError(
        "not-a-valid-checkpoint",
        ("is not a valid checkpoint",),
        r"The passed save_path is not a valid checkpoint: (?P<path>[^\n]{0,300})",
        "There is no checkpoint {path}: a prefix is wanted, not a folder or one of the files.",
        "give the prefix, or ask tf.train.latest_checkpoint(folder) for it",
        ("graphtools variables {path:CHECKPOINT}",),
        tensorflow(7696),
    ),
    KnownError(
        "not-an-sstable",
        ("not an sstable (bad magic number)",),
        r"(?:(?:Unable to open table file|Could not open) (?P<file>[^\n]{1,300}?): "
        r")?not an sstable \(bad magic number\)",
        "{file:The file} is read as a checkpoint of the first version and is none: mostly because "
        "the .data-00000-of-00001 or the `checkpoint` file is given where the prefix is wanted, "
        "else because the index is damaged or a Git LFS pointer.",
        "give the prefix of the files, as model.ckpt-1000",
        ("graphtools variables {file:CHECKPOINT}",),
        tensorflow(13588, 14484) + models(2675),
    ),
    KnownError(
        "checkpoint-too-short",
        ("file is too short to be an sstable",),
        r"(?:(?:Unable to open table file|Could not open) (?P<file>[^\n]{1,300}?): "
        r")?file is too short to be an sstable",
        "{file:The file} has no room for the end of an index: it is empty, truncated, or not the "
        "checkpoint but the file `checkpoint`.",
        _INDEX,
        ("graphtools variables {file:CHECKPOINT}",),
        tensorflow(13588),
    ),
    KnownError(
        "checkpoint-block-damaged",
        ("block checksum mismatch", "Perhaps the file is corrupt"),
        r"Unable to read file \((?P<file>[^)\n]{1,300})\)\. Perhaps the file is corrupt"
        r"|block checksum mismatch",
        "The index {file:of the checkpoint} is damaged: a checksum does not hold.",
        _INDEX,
        ("graphtools variables {file:CHECKPOINT} --stats",),
    ),
    KnownError(
        "checkpoint-value-damaged",
        ("Checksum does not match: stored",),
        r"(?:TensorBundle at (?P<file>\S+)[^\n]{0,200}?)?Checksum does not match: stored "
        r"(?P<stored>\d+) vs\. calculated on the restored bytes (?P<calculated>\d+)",
        "A value in the data file is damaged: its checksum is not {stored}, which the index says.",
        "copy or write the checkpoint anew; graphtools names the variables that are damaged",
        ("graphtools variables {file:CHECKPOINT} --stats",),
    ),
    KnownError(
        "checkpoint-data-truncated",
        ("Read less bytes than requested", "Read fewer bytes than requested"),
        r"Read (?:less|fewer) bytes than requested",
        "The data file of the checkpoint is shorter than its index says: a copy or a training "
        "broke "
        "off, or the disk was full.",
        "copy it anew, or take the checkpoint before it",
        ("graphtools variables CHECKPOINT --stats",),
    ),
    KnownError(
        "checkpoint-data-missing",
        (".data-0",),
        r"(?P<prefix>[^\s;:'\"]{1,300})\.data-\d{5}-of-\d{5}; No such file or directory",
        "The checkpoint {prefix} has an index and not all of its data files.",
        "copy its data files, too: all of {prefix}.data-*",
        ("graphtools variables {prefix}",),
    ),
    KnownError(
        "no-variables-to-save",
        ("No variables to save",),
        r"No variables to save",
        "Nothing is left to restore: the names of the model and of the checkpoint have nothing in "
        "common (another model type, another from_detection_checkpoint or "
        "fine_tune_checkpoint_type), or the map was made from an empty scope.",
        "see which variables the configuration restores from the checkpoint",
        (
            "graphtools restore-plan CHECKPOINT --pipeline PIPELINE.CONFIG --model GRAPH",
            "graphtools check-config PIPELINE.CONFIG --checkpoint CHECKPOINT",
        ),
        models(3203, 2025, 2019, 1750),
    ),
    KnownError(
        "no-variables-to-restore",
        ("No Variables to restore",),
        r"No Variables to restore",
        "No variable of the model is taken from the checkpoint, and the training starts from "
        "scratch: all are excluded, or none is there by its name.",
        "see what the scopes exclude and which names differ",
        ("graphtools restore-plan CHECKPOINT --model GRAPH --ignore-missing-vars",),
        models(9284),
        WARNING,
    ),
    KnownError(
        "variable-not-in-checkpoint",
        ("not available in checkpoint", "missing in checkpoint"),
        r"Variable \[(?P<variable>[^\]\n]+)\] (?:is )?not available in checkpoint"
        r"|Variable (?P<slim>[^\s\[]+) missing in checkpoint",
        "{variable}{slim} is not in the checkpoint and keeps its first value. For slots of the "
        "optimizer and moving averages that is as it should be; for whole scopes it is not.",
        "see which variables are restored in all",
        ("graphtools restore-plan CHECKPOINT --model GRAPH",),
        models(3922, 10364),
        WARNING,
    ),
    KnownError(
        "variable-of-incompatible-shape",
        ("has an incompatible shape with model variable", "incompatible shape"),
        r"Variable \[(?P<variable>[^\]\n]+)\] is available in checkpoint, but has an incompatible "
        r"shape with model variable\.(?: Checkpoint shape: \[(?P<rhs>[^\n]{0,60}?)\], model "
        r"variable shape: \[(?P<lhs>[^\n]{0,60}?)\](?!\]))?",
        "{variable} is not restored: it has the shape {rhs:another} in the checkpoint and "
        "{lhs:one of its own} in the model, as with another number of classes.",
        "expected for the box predictor of another num_classes; else compare the configurations",
        ("graphtools restore-plan CHECKPOINT --pipeline PIPELINE.CONFIG --model GRAPH",),
        models(8361, 3412, 4944),
        WARNING,
    ),
    KnownError(
        "checkpoint-of-other-format",
        ("perhaps your file is in a different file format",),
        r"Unable to open table file (?P<file>[^\n]{1,300}?): [^\n]{0,300}?perhaps your file is "
        r"in a "
        r"different file format|perhaps your file is in a different file format",
        "{file:What is named} exists and is no checkpoint that can be read: a folder, one of the "
        "files in place of their prefix, an ending too much (.ckpt, .index, .data-00000-of-00001), "
        "or another kind of file.",
        "give the prefix that the files have in common, as model.ckpt-1000",
        ("graphtools variables {file:CHECKPOINT}",),
        tensorflow(13588),
    ),
    KnownError(
        "dtype-in-checkpoint-differs",
        ("Expected to restore a tensor of type", "was not of the expected type"),
        r"Expected to restore a tensor of type (?P<want>\w+), got a tensor of type (?P<have>\w+) "
        r"instead: tensor_name = (?P<key>\S+)",
        "{key} is {have} in the checkpoint and {want} in the model: the names are of another "
        "model, "
        "or one was trained with another precision.",
        "leave it out when restoring (global_step), or make the variable of that type",
        ("graphtools restore-plan CHECKPOINT --model GRAPH", "graphtools variables CHECKPOINT"),
    ),
    KnownError(
        "shape-mismatch-of-objects",
        ("Received incompatible tensor with shape", "is not compatible with supplied shape"),
        r"Received incompatible tensor with shape (?P<rhs>\([^)\n]*\)) when attempting to restore "
        r"variable with shape (?P<lhs>\([^)\n]*\))(?: and name (?P<variable>[^\s.]+))?"
        r"|Tensor's shape (?P<there>\([^)\n]*\)) is not compatible with supplied shape "
        r"(?P<here>[\[(][^)\]\n]*[)\]])",
        "{variable:A variable} has the shape {lhs}{here} in the model and {rhs}{there} in the "
        "checkpoint: another number of classes, or another model.",
        "build the model with the classes of the checkpoint, or leave that layer out",
        ("graphtools variables CHECKPOINT --tree",),
    ),
    KnownError(
        "no-checkpoint-there",
        (
            "Could not find trained model in model_dir",
            "Can't load save_path when it is None",
            "object has no attribute 'model_checkpoint_path'",
            "Couldn't find 'checkpoint' file",
            "Could not find checkpoint",
            "Couldn't find trained model at",
        ),
        r"Can't load save_path when it is None|'NoneType' object has no attribute "
        r"'model_checkpoint_path'|Couldn't find 'checkpoint' file(?: or checkpoints in given "
        r"directory)? ?(?P<folder>\S{0,200})|Could not find checkpoint|Couldn't find trained "
        r"model at"
        r"|Could not find trained model in model_dir",
        "No checkpoint is found in {folder:the folder}: it has no file `checkpoint`, or that names "
        "files which are not there (it holds paths of another machine).",
        "give the folder of the training, or the prefix itself",
        ("graphtools variables CHECKPOINT",),
        ("deepmodeling/deepmd-kit#110",),
    ),
    KnownError(
        "folder-to-save-missing",
        ("Parent directory of",),
        r"Parent directory of (?P<path>[^\n]{1,300}?) doesn't exist, can't save",
        "The folder of {path} is not there.",
        "make the folder first; a prefix without a folder is written as ./model.ckpt",
    ),
    KnownError(
        "objects-not-bound",
        ("not bound to checkpointed values", "assert_consumed", "Unresolved object in checkpoint"),
        r"AssertionError: (?:Some Python objects were not bound to checkpointed values"
        r"|Some objects had attributes which were not restored|Unresolved object in checkpoint"
        r"|Object not assigned a value from checkpoint)(?:[^\n]{0,200}?(?P<object>'"
        r"[^'\n]{1,120}'))?",
        "The model has variables ({object}) that the checkpoint does not have, or the other way: "
        "it "
        "was saved before they were made, of another model, or only a part of it was saved.",
        "build the model (call it once) before saving and before restoring, and give "
        "tf.train.Checkpoint the same parts (model=...) as when it was saved",
        ("graphtools variables CHECKPOINT --tree",),
        models(8953),
    ),
    KnownError(
        "objects-not-restored",
        (
            "Unresolved object in checkpoint",
            "not bound to checkpointed values",
            "not all checkpointed values were used",
        ),
        r"Unresolved object in checkpoint:? (?P<object>\S{0,200})"
        r"|Some Python objects were not bound to checkpointed values"
        r"|not all checkpointed values were used",
        "The objects of the program and those of the checkpoint differ: {object:some} exist on one "
        "side only, and are not restored.",
        "compare what is in the checkpoint with the model; expect_partial() silences the warning "
        "where it is meant",
        ("graphtools variables CHECKPOINT --tree",),
        kind=WARNING,
    ),
    KnownError(
        "restoring-failed",
        ("Restoring from checkpoint failed",),
        r"Restoring from checkpoint failed\. This is most likely due to (?P<what>a mismatch|a "
        r"Variable name)",
        "The checkpoint does not fit the graph; the reason stands behind `Original error`.",
        "see which variables fit",
        ("graphtools restore-plan CHECKPOINT --model GRAPH",),
        models(5625),
        GENERAL,
    ),
)
