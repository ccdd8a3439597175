"""What the rules for configurations look at: a training configuration and the files it names."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.errors import FileProblem, GraphtoolsError
from graphtools.findings.finding import Finding
from graphtools.formats import open_model
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.label_map import LabelMap, read_label_map
from graphtools.formats.pipeline_config import FILE_NAME, SECTIONS, Pipeline, read_pipeline
from graphtools.formats.pipeline_fields import default_of
from graphtools.formats.places import is_remote
from graphtools.formats.text_tree import Field, Tree
from graphtools.front_end import param

if TYPE_CHECKING:
    from graphtools.analysis.record_summary import RecordSummary

#: How the text of a label map begins.
LABEL_MAP_FIELD = "item"
FINE_TUNE_CHECKPOINT = "train_config.fine_tune_checkpoint"
LABEL_MAPS = ("train_input_reader.label_map_path", "eval_input_reader.label_map_path")


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A training configuration that is linted.

    Attributes:
        pipeline: The configuration.
        folder: The folder it is in.
        checkpoint: The checkpoint to hold it against, if there is one.
        is_fine_tuned: Whether that is the one that `fine_tune_checkpoint` names.
        checkpoint_problem: Why the checkpoint that the configuration names cannot be read.
        label_map: The label map to hold it against, if there is one.
        label_map_problem: Why the label map that the configuration names cannot be read.
        records: By file, what is in the records to hold it against.
        is_label_map: Whether a label map alone is looked at.
    """

    pipeline: Pipeline
    folder: str = "."
    checkpoint: Checkpoint | None = None
    is_fine_tuned: bool = False
    checkpoint_problem: str = ""
    label_map: LabelMap | None = None
    label_map_problem: str = ""
    records: Mapping[str, RecordSummary] = dataclasses.field(default_factory=dict)
    is_label_map: bool = False

    @property
    def path(self) -> str:
        """The file it came from."""
        return self.pipeline.path

    @property
    def model_path(self) -> str:
        """Path of the model's section, as `model.ssd`."""
        return f"model.{self.pipeline.meta_architecture}".rstrip(".")

    def fields(self, path: str) -> list[Field]:
        """All fields at a path."""
        return self.pipeline.tree.all(path)

    def has(self, path: str) -> bool:
        """Whether a field is set."""
        return bool(self.fields(path))

    def whole(self, path: str) -> int:
        """A whole number, or its default."""
        given = self.pipeline.tree.scalar(path)
        if isinstance(given, int) and not isinstance(given, bool):
            return given
        default = _default(path)
        return int(default) if default.lstrip("-").isdigit() else 0

    def real(self, path: str) -> float:
        """A number, or its default."""
        given = self.pipeline.tree.number(path)
        return float(given if given is not None else _default(path) or 0)

    def flag(self, path: str) -> bool:
        """A boolean, or its default."""
        return self.pipeline.tree.flag(path, _default(path) == "true")

    def text(self, path: str) -> str:
        """A string or an enum's value, or its default."""
        return self.pipeline.tree.text(path, _default(path))

    # What findings are told with

    def op_of(self, _node: str) -> str:
        """A field has no op."""
        return ""

    def line_of(self, node: str) -> int:
        """Line of a field, or of the innermost section on its path that is there; 0 for none."""
        while node:
            field = self.pipeline.tree.field(node)
            if field is not None:
                return field.line
            node = node.rpartition(".")[0]
        return 0

    def position(self, finding: Finding) -> int:
        """Findings stand in the order of the lines."""
        return finding.line


def _default(path: str) -> str:
    try:
        return default_of(path)
    except KeyError:  # a path through a message of another name
        return ""


def is_configuration(path: str) -> bool:
    """Whether a file, which is no model, is or is meant to be a training configuration or a label
    map.
    """
    from graphtools.formats.source import STANDARD, open_source
    from graphtools.formats.text import first_text_field

    if path == STANDARD:
        return False
    first = first_text_field(open_source(path))
    return path.endswith(".config") or first in SECTIONS or first == LABEL_MAP_FIELD


def read_configuration(
    path: str, checkpoint: str = "", label_map: str = "", records: Sequence[str] = ()
) -> Configuration:
    """A configuration with the files to hold it against, or a label map alone.

    Args:
        path: The pipeline configuration.
        checkpoint: The checkpoint, in any form of its path; without one, the configuration's
            `fine_tune_checkpoint`, if that is there.
        label_map: The label map; without one, that of the configuration, if it is there.
        records: TFRecord files.

    Raises:
        GraphtoolsError: A file that was given cannot be read, or is of another kind.
    """
    if is_label_map(path):
        alone = read_label_map(path)
        nothing = Pipeline(path, Tree([]), "", Tree([]), Tree([]))
        return Configuration(
            nothing,
            os.path.dirname(path) or ".",
            label_map=alone,
            is_label_map=True,
            records=_records(records, alone, 0),
        )
    pipeline = read_pipeline(path)
    named = pipeline.tree.text(FINE_TUNE_CHECKPOINT)
    opened, is_fine_tuned, checkpoint_problem = _checkpoint(checkpoint, named)
    read, label_map_problem = _label_map(pipeline, label_map)
    return Configuration(
        pipeline,
        os.path.dirname(path) or ".",
        opened,
        is_fine_tuned,
        checkpoint_problem,
        read,
        label_map_problem,
        _records(records, read, _num_classes(pipeline)),
    )


def is_label_map(path: str) -> bool:
    """Whether a file begins as a label map does."""
    from graphtools.formats.source import open_source
    from graphtools.formats.text import first_text_field

    return os.path.isfile(path) and first_text_field(open_source(path)) == LABEL_MAP_FIELD


def _num_classes(pipeline: Pipeline) -> int:
    count = pipeline.model.scalar("num_classes")
    return count if isinstance(count, int) else 0


def _records(
    paths: Sequence[str], label_map: LabelMap | None, num_classes: int
) -> dict[str, RecordSummary]:
    """What is in record files.

    Raises:
        FileProblem: One is a file of another kind.
    """
    from graphtools.analysis.record_summary import summarize_records
    from graphtools.formats.record_file import RecordFile

    found = {}
    for path in paths:
        file = open_model(path)
        if not isinstance(file, RecordFile):
            raise FileProblem(f"{path} is a {file.kind}, not a TFRecord file", "give the records")
        found[path] = summarize_records(file, label_map, num_classes)
    return found


def _checkpoint(given: str, named: str) -> tuple[Checkpoint | None, bool, str]:
    """The checkpoint, whether it is the one that is fine-tuned, and why it cannot be read."""
    from graphtools.formats.checkpoint_path import find_checkpoint, look_for_checkpoint

    if given:
        _refuse_text(given)
        found = find_checkpoint(given)
        same = "\0" not in named and os.path.realpath(found.path) == os.path.realpath(named)
        return found, same, ""
    if not named or "\0" in named or is_remote(named) or os.path.isdir(named):
        return None, False, ""
    try:
        found_or_none = look_for_checkpoint(named)
    except GraphtoolsError as error:  # it is the configuration's fault: a finding
        return None, False, error.message
    return found_or_none, found_or_none is not None, ""


def _refuse_text(given: str) -> None:
    """Say what a configuration file is that was given as the checkpoint.

    Raises:
        FileProblem: It is a configuration or a label map.
    """
    if os.path.isfile(given) and not os.path.exists(f"{given}.index"):
        from graphtools.formats.source import open_source
        from graphtools.formats.text import first_text_field

        first = first_text_field(open_source(given))
        if first == LABEL_MAP_FIELD:
            raise FileProblem(
                f"{given} is a label map, not a checkpoint", f"give it as {param('label_map')}"
            )
        if first in ("model", "train_config") or os.path.basename(given) == FILE_NAME:
            raise FileProblem(
                f"{given} is a pipeline configuration, not a checkpoint",
                "a checkpoint is given by its prefix, as model.ckpt-1000",
            )


def _label_map(pipeline: Pipeline, given: str) -> tuple[LabelMap | None, str]:
    """The label map, and why it cannot be read."""
    if given:
        return read_label_map(given), ""
    for path in LABEL_MAPS:
        named = pipeline.tree.text(path)
        if named and "\0" not in named and not is_remote(named) and os.path.isfile(named):
            try:
                return read_label_map(named), ""
            except GraphtoolsError as error:  # it is the configuration's fault: a finding
                return None, error.message
    return None, ""
