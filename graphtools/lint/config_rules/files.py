"""Files that a configuration names."""

from __future__ import annotations

import os
from collections.abc import Iterator

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.formats.places import is_remote
from graphtools.formats.source import neighbours
from graphtools.lint.configuration import Configuration
from graphtools.lint.named_files import (
    CHECKPOINT,
    NamedFile,
    checkpoint_exists,
    exists,
    is_readable_name,
    named_files,
    placeholders,
    shards,
    wrong_form,
)
from graphtools.lint.tables import config_rule


def _local(subject: Configuration) -> list[NamedFile]:
    """The files that can be looked for."""
    files = named_files(subject.pipeline.tree)
    return [f for f in files if not is_remote(f.path) and is_readable_name(f.path)]


@config_rule("GTC101", "path-to-be-configured", ERROR)
def path_to_be_configured(subject: Configuration) -> Iterator[Found]:
    """A path is still `PATH_TO_BE_CONFIGURED`.

    The API's samples and its exporter write this word where a path belongs. Training fails as soon
    as the file is opened. Write the path that is meant.
    """
    for path, field in placeholders(subject.pipeline.tree):
        yield Found(
            path,
            f"{path} is still {field.value!r}",
            "write the path that is meant",
            line=field.line,
        )


@config_rule("GTC102", "missing-file", ERROR)
def missing_file(subject: Configuration) -> Iterator[Found]:
    """A file that is to be read does not exist.

    Relative paths count from the folder that TensorFlow is started in, not from the configuration's
    folder. A pattern as `train.record-?????-of-00010` needs one file that it matches.
    """
    for file in _local(subject):
        there = checkpoint_exists if file.is_checkpoint else exists
        if there(file.path) or (file.is_checkpoint and wrong_form(file.path)[0]):
            continue
        if there(os.path.join(subject.folder, file.path)):
            yield Found(
                file.field,
                f"{file.path} is there as seen from the configuration's folder, "
                "not from the one you are in",
                f"start TensorFlow in {subject.folder}, or write a path from the root",
                line=file.line,
                severity=WARNING,
            )
        else:
            what = "there is no checkpoint" if file.is_checkpoint else "there is no file"
            if any(c in file.path for c in "?*"):
                what = "no file matches"
            beside = neighbours(file.path)
            yield Found(
                file.field,
                f"{what} {file.path}",
                "write the path of the file" + (f"; {beside}" if beside else ""),
                line=file.line,
            )


@config_rule("GTC103", "remote-file", INFO)
def remote_file(subject: Configuration) -> Iterator[Found]:
    """A file is on another machine and was not looked for.

    Give a checkpoint with --checkpoint, a label map with --label-map, to have them checked.
    """
    for file in named_files(subject.pipeline.tree):
        if is_remote(file.path):
            yield Found(
                file.field,
                f"{file.path} was not looked for",
                "check that it exists",
                line=file.line,
            )


@config_rule("GTC104", "missing-shards", WARNING)
def missing_shards(subject: Configuration) -> Iterator[Found]:
    """Fewer files match a pattern than its name says.

    `train.record-?????-of-00010` stands for ten files. With fewer, training runs on what is there
    and nothing says so.
    """
    for file in _local(subject):
        counted = shards(file.path)
        if counted and 0 < counted[0] < counted[1]:
            yield Found(
                file.field,
                f"{counted[0]} of {counted[1]} files of {file.path} are there",
                "copy the others, too",
                line=file.line,
            )


@config_rule("GTC105", "backslash-in-path", ERROR)
def backslash_in_path(subject: Configuration) -> Iterator[Found]:
    r"""A path has control characters: it was written with backslashes.

    In quotes, a backslash starts an escape: in "C:\train\new", the two become a tab and a line
    break. Write / instead, which Windows understands, or each backslash twice.
    """
    for file in named_files(subject.pipeline.tree):
        if not is_readable_name(file.path):
            yield Found(
                file.field,
                f"the path {file.path!r} has control characters, as backslashes in quotes leave",
                "write / instead of each backslash",
                line=file.line,
            )


@config_rule("GTC106", "checkpoint-path-form", ERROR)
def checkpoint_path_form(subject: Configuration) -> Iterator[Found]:
    """`fine_tune_checkpoint` is a path that TensorFlow does not open.

    A checkpoint is several files, and is opened by what their names have in common:
    `model.ckpt-9` for `model.ckpt-9.index` and `model.ckpt-9.data-00000-of-00001`. One of the
    files, the folder, or the name without its step fails: "Unable to open table file", or "not
    found".
    """
    for file in _local(subject):
        if not file.is_checkpoint:
            continue
        what, right = wrong_form(file.path)
        if what:
            yield Found(
                file.field,
                f"{what}; TensorFlow opens a checkpoint by its prefix only",
                f'write {CHECKPOINT}: "{right}"'
                if right
                else "write the prefix, as model.ckpt-1000 for model.ckpt-1000.index",
                line=file.line,
            )


@config_rule("GTC107", "unreadable-file", ERROR)
def unreadable_file(subject: Configuration) -> Iterator[Found]:
    """The checkpoint or the label map that the configuration names is damaged, or another file.

    What was read of it is said by the message. Copy the file again, or name the right one.
    """
    if subject.checkpoint_problem:
        yield Found(
            f"train_config.{CHECKPOINT}",
            subject.checkpoint_problem,
            "copy it again from where it was written, or name another",
        )
    if subject.label_map_problem:
        yield Found(
            "train_input_reader.label_map_path",
            subject.label_map_problem,
            "a label map is a text of items, one a class: item { id: 1 name: 'cat' }",
        )
