"""Files that a configuration names: where they are looked for, and in which form."""

from __future__ import annotations

import glob
import os
import re
from typing import NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.formats.text_tree import Field, Symbol, Tree

#: What the API's samples and exporters write in the place of a path.
PLACEHOLDER = "PATH_TO_BE_CONFIGURED"
#: Names of the fields that name files to be read.
_INPUTS = {"input_path", "label_map_path", "keypoint_label_map_path"}
CHECKPOINT = "fine_tune_checkpoint"
_SHARDS = re.compile(r"-(?:\?{5}|\*)-of-(\d{5})$")
_CHECKPOINT_FILE = re.compile(r"(.+?)(\.index|\.meta|\.data-(?:\d{5}|\?{5})-of-\d{5})$")
_OTHER_FILES = {
    ".pb": "a graph",
    ".pbtxt": "a text",
    ".h5": "an HDF5 file",
    ".keras": "a Keras file",
    ".tflite": "a TFLite model",
    ".zip": "an archive",
    ".gz": "an archive",
    ".tgz": "an archive",
    ".tar": "an archive",
}


class NamedFile(NamedTuple):
    """A file that a configuration names.

    Attributes:
        path: What it is called.
        field: Path of the field.
        line: Line of the field.
        is_checkpoint: Whether it is to be a checkpoint.
    """

    path: str
    field: str
    line: int
    is_checkpoint: bool


def named_files(tree: Tree) -> list[NamedFile]:
    """All files that a configuration wants to read, without those that are placeholders."""
    return [
        NamedFile(field.value, path, field.line, field.name == CHECKPOINT)
        for path, field in tree.walk()
        if (field.name in _INPUTS or field.name == CHECKPOINT)
        and isinstance(field.value, str)
        and not isinstance(field.value, Symbol)
        and field.value
        and PLACEHOLDER not in field.value
    ]


def placeholders(tree: Tree) -> list[tuple[str, Field]]:
    """The fields that still hold a placeholder, with their paths."""
    return [
        (path, field)
        for path, field in tree.walk()
        if isinstance(field.value, str) and PLACEHOLDER in field.value
    ]


def is_readable_name(path: str) -> bool:
    """Whether a path has no control characters, as a backslash in quotes leaves them."""
    return path.isprintable()


def exists(path: str) -> bool:
    """Whether there is a file; a pattern as `train.record-?????-of-00010` needs one match."""
    return os.path.exists(path) or bool(glob.glob(path))


def shards(path: str) -> tuple[int, int] | None:
    """How many files of a pattern are there, and how many should be; None for no such pattern."""
    found = _SHARDS.search(path)
    return (len(glob.glob(path)), int(found[1])) if found else None


def checkpoint_exists(path: str) -> bool:
    """Whether TensorFlow opens a checkpoint by this path: a V2 prefix, or a V1 file or prefix."""
    return (
        os.path.isfile(f"{path}.index")
        or os.path.isfile(path)
        or bool(glob.glob(f"{glob.escape(path)}-?????-of-?????"))
    )


def wrong_form(path: str) -> tuple[str, str]:
    """What is wrong with the form of a checkpoint's path, and the right path.

    TensorFlow opens the prefix alone; the path of a folder, of one of the files or without the
    step ends in "Unable to open table file" or "not found".

    Returns:
        Both empty if the form is right, or nothing is there that tells; the path empty if it is
        not known.
    """
    one_file = _CHECKPOINT_FILE.match(path)
    if one_file and not os.path.isfile(f"{path}.index"):
        return f"{os.path.basename(path)} is one file of a checkpoint", one_file[1]
    ending = os.path.splitext(path)[1].lower()
    if ending in _OTHER_FILES and not os.path.isfile(f"{path}.index"):
        return f"{os.path.basename(path)} is {_OTHER_FILES[ending]}, not a checkpoint", ""
    if os.path.isdir(path):
        return f"{path} is a folder", _found_by(path)
    is_state_file = os.path.basename(path) == "checkpoint" and os.path.isfile(path)
    if is_state_file and not os.path.isfile(f"{path}.index"):
        return f"{path} is the state file of checkpoints", _found_by(path)
    if not checkpoint_exists(path):
        found = _found_by(path)
        if found:
            return f"there is no checkpoint {path}", found
    return "", ""


def _found_by(path: str) -> str:
    """The prefix of the checkpoint that a path means; empty where there is none."""
    from graphtools.formats.checkpoint_path import look_for_checkpoint

    try:
        found = look_for_checkpoint(path)
    except GraphtoolsError:  # a damaged one is no cure
        return ""
    return found.path if found else ""
