"""Finding the checkpoint that a path means.

People give the prefix, a file of the checkpoint, its `.meta`, a name with `.ckpt` added or left
out, or the folder with the `checkpoint` state file, whose absolute paths may be those of another
machine.
"""

from __future__ import annotations

import ntpath
import os
import re
from collections.abc import Iterator

from graphtools.errors import Damaged, FileProblem, NothingFound
from graphtools.formats import places
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.source import Source, neighbours, open_source, write_file
from graphtools.formats.sstable import is_table
from graphtools.formats.tensor_bundle import read_bundle
from graphtools.formats.tensor_slices import is_v1, read_slices, shard_paths
from graphtools.formats.text import encode_text, first_text_field
from graphtools.front_end import step
from graphtools.schema import message_class

STATE_FILE = "checkpoint"
#: A path that ends so is no checkpoint's.
_FILE_SUFFIXES = (".pb", ".pbtxt", ".tflite")
_DATA_FILE = re.compile(r"(.+)\.data-(\d{5}|\?{5})-of-(\d{5})$")
_V1_SHARD = re.compile(r"(.+)-(\d{5}|\?{5})-of-(\d{5})$")
_V1_PATTERN = re.compile(r"-\?{5}-of-\d{5}$")
_STEP = re.compile(r"(.+)-(\d+)$")


def find_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Open the checkpoint that a path means; its index only.

    Raises:
        NothingFound: No checkpoint can be meant; the message says what was looked for and what
            lies there.
        FileProblem: The path is a file of another kind, or cannot be read.
        Damaged: The checkpoint's index is damaged.

    Example:
        >>> checkpoint = graphtools.open_checkpoint("fixtures/lstm")
        >>> checkpoint
        Checkpoint('fixtures/lstm/model.ckpt', V2, 2 tensors)
        >>> sorted(checkpoint)
        ['rnn/basic_lstm_cell/bias', 'rnn/basic_lstm_cell/kernel']
    """
    given = os.fspath(path)
    found = look_for_checkpoint(given)
    if found is not None:
        return found
    if places.is_folder(given):
        raise NothingFound(
            f"no checkpoint in the folder {given}: it has neither a state file "
            f"({STATE_FILE!r}) nor any .index file",
            neighbours(os.path.join(given, "x")),
        )
    if places.exists(given):
        raise _other_kind(given)
    raise nothing_found(given)


def look_for_checkpoint(given: str) -> Checkpoint | None:
    """Open the checkpoint that a path means, None where none can be meant.

    Raises:
        FileProblem: The path cannot be read.
        NothingFound: A state file names a checkpoint that is not there.
        Damaged: The checkpoint's index is damaged.
    """
    if places.is_folder(given):
        return _in_folder(given)
    for candidate in _candidates(given):
        found = _at(candidate, given)
        if found is not None:
            return found
    newest = _newest_step(given)
    found = _at(newest, given) if newest else None
    if found is not None:
        found.note = f"{given} is no checkpoint; reading {newest}, the newest step beside it"
    return found


def nothing_found(given: str) -> NothingFound:
    """The error for a path that is neither a file nor means a checkpoint."""
    if given.endswith(_FILE_SUFFIXES):
        return NothingFound(f"{given} does not exist", neighbours(given))
    candidates = list(_candidates(given))
    for prefix in candidates:
        data = _data_file_of(prefix)
        if data:
            return NothingFound(
                f"the checkpoint {prefix} has no index: {data} is there, {prefix}.index is not",
                "copy the .index file, too: only it says what lies where in the data",
            )
    looked_for = [f"{c}{end}" for c in candidates for end in (".index", "-00000-of-?????")]
    return NothingFound(
        f"{given} does not exist; looked for the checkpoints {', '.join(looked_for)}, too",
        neighbours(given),
    )


def _data_file_of(prefix: str) -> str:
    """A data file of a V2 checkpoint, empty where there is none."""
    folder, base = os.path.split(prefix)
    start = f"{base}.data-"
    found = [n for n in places.names(folder) if n.startswith(start) and _DATA_FILE.match(n)]
    return os.path.join(folder, found[0]) if found else ""


def _candidates(given: str) -> Iterator[str]:
    """Prefixes that a path may stand for, the most literal first."""
    yield given
    data_file = _DATA_FILE.match(given)
    if data_file:
        yield data_file.group(1)
    for suffix in (".index", ".meta"):
        if given.endswith(suffix):
            yield given.removesuffix(suffix)
    shard = _V1_SHARD.match(given)
    if shard:
        yield shard.group(1)
    if given.endswith(".ckpt"):
        yield given.removesuffix(".ckpt")
    else:
        yield f"{given}.ckpt"


def _at(prefix: str, given: str) -> Checkpoint | None:
    """The checkpoint with a prefix, or in a V1 file; None where there is none."""
    note = "" if given.startswith(prefix) else f"{given} is read as {prefix}"
    if places.exists(f"{prefix}.index"):
        return read_bundle(prefix, note)
    if places.is_file(prefix):
        source = open_source(prefix)
        if is_state_file(source):
            return _from_state(os.path.dirname(prefix), source)
        if is_table(source):
            shard = _V1_SHARD.match(prefix)
            if shard:
                return _sharded_v1(shard.group(1), note)
            if is_v1(source):
                return read_slices([prefix], note, source)
            return read_bundle(prefix.removesuffix(".index"), note, source)
    return _sharded_v1(prefix, note)


def _sharded_v1(prefix: str, note: str) -> Checkpoint | None:
    """The V1 checkpoint in `PREFIX-00000-of-00003` and so on, None if there is none."""
    folder = os.path.dirname(prefix) or "."
    base = os.path.basename(prefix)
    for name in places.names(folder):
        shard = _V1_SHARD.match(name)
        if shard and shard.group(1) == base:
            return read_slices(shard_paths(prefix, int(shard.group(3))), note)
    return None


def _newest_step(given: str) -> str:
    """For `model.ckpt` where there are `model.ckpt-100` and `-200`: the last of them, or ''."""
    folder, base = os.path.split(given.removesuffix(".index").removesuffix(".meta"))
    steps = [
        (int(step.group(2)), name)
        for name in _prefixes(folder or ".")
        if (step := _STEP.match(name)) and step.group(1) == base
    ]
    return os.path.join(folder, max(steps)[1]) if steps else ""


def _prefixes(folder: str) -> list[str]:
    """Prefixes of the V2 checkpoints in a folder."""
    return [n.removesuffix(".index") for n in places.names(folder) if n.endswith(".index")]


def is_state_file(source: Source) -> bool:
    """Whether a file is the `checkpoint` file that names a folder's checkpoints."""
    return first_text_field(source) == "model_checkpoint_path"


def _in_folder(folder: str) -> Checkpoint | None:
    """The checkpoint that a folder's state file names, or the only or newest one in it, or None."""
    state = os.path.join(folder, STATE_FILE)
    if places.is_file(state):
        return _from_state(folder, open_source(state))
    saved_model = os.path.join(folder, "variables", "variables")
    if places.exists(f"{saved_model}.index"):
        return read_bundle(saved_model)
    prefixes = _prefixes(folder)
    if prefixes:

        def step(name: str) -> int:
            match = _STEP.match(name)
            return int(match.group(2)) if match else -1

        chosen = max(prefixes, key=lambda name: (step(name), name))
        note = ""
        if len(prefixes) > 1:
            note = f"{folder} holds {len(prefixes)} checkpoints; reading {chosen}"
        return read_bundle(os.path.join(folder, chosen), note)
    return None


def _from_state(folder: str, source: Source) -> Checkpoint:
    """The checkpoint that a state file names; an absolute path may be another machine's."""
    state = message_class("CheckpointState").FromString(encode_text(source, "CheckpointState"))
    named = state.model_checkpoint_path
    if not named:
        raise Damaged(f"{source.path} names no checkpoint")
    name = ntpath.basename(named)  # which knows the separators of both systems
    beside = os.path.join(folder, name)
    # what stands in a file is never fetched: a URL is looked for beside the file only
    candidates = [beside] if places.is_remote(named) else [os.path.join(folder, named), beside]
    for candidate in candidates:
        # several files are named as model.ckpt-?????-of-00003
        found = _at(_V1_PATTERN.sub("", candidate), candidate)
        if found is not None:
            if candidate == beside and name != named:
                found.note = f"{source.path} names {named}; reading {beside}, which lies beside it"
            return found
    others = _prefixes(folder or ".")
    raise NothingFound(
        f"{source.path} names the checkpoint {named}, which is neither there nor beside it",
        f"there are the checkpoints {', '.join(others[:5])}: give one by name" if others else "",
    )


def write_state(prefix: str) -> str:
    """Write the `checkpoint` state file that names a checkpoint as its folder's, relatively.

    Returns:
        Its path.

    Raises:
        FileProblem: It cannot be written.
    """
    folder, base = os.path.split(prefix)
    path = os.path.join(folder, STATE_FILE)
    quoted = '"' + base.replace("\\", "\\\\").replace('"', '\\"') + '"'
    lines = f"model_checkpoint_path: {quoted}\nall_model_checkpoint_paths: {quoted}\n"
    write_file(path, [lines.encode()])
    return path


def _other_kind(path: str) -> FileProblem:
    """The error for a file that exists and is no checkpoint.

    TensorFlow's words for it are "Unable to open table file ...: perhaps your file is in a
    different file format and you need to use a different restore operator?".
    """
    return FileProblem(
        f"{path} is no checkpoint: it has neither a table's end nor an .index file beside it",
        "a checkpoint is given by its prefix, as model.ckpt-1000 for model.ckpt-1000.index; "
        f"see what this file is with: {step('summary')}",
    )
