"""Checks a training configuration, alone and against a checkpoint and a label map."""

from __future__ import annotations

import dataclasses
import importlib
import os

from graphtools import registry
from graphtools.errors import FileProblem, GraphtoolsError
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.label_map import LabelMap, read_label_map
from graphtools.formats.pipeline_config import FILE_NAME, Pipeline, read_pipeline
from graphtools.restore import config_checks
from graphtools.restore.findings import (
    ERROR,
    SEVERITIES,
    WARNING,
    Check,
    Finding,
    Subject,
    declared_checks,
)
from graphtools.restore.named_files import is_remote

FINE_TUNE_CHECKPOINT = "train_config.fine_tune_checkpoint"
LABEL_MAPS = ("train_input_reader.label_map_path", "eval_input_reader.label_map_path")


@dataclasses.dataclass(frozen=True)
class ConfigReport:
    """What was found in a configuration.

    Attributes:
        path: The configuration.
        checkpoint: The checkpoint it was held against; empty if there was none.
        label_map: The label map it was held against; empty if there was none.
        findings: The findings, the worst first, then by line.
    """

    path: str
    checkpoint: str
    label_map: str
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing needs to be changed: there are remarks at most."""
        return not any(f.severity in (ERROR, WARNING) for f in self.findings)


def all_checks() -> list[Check]:
    """All checks, by code."""
    for name in registry.modules(config_checks):
        importlib.import_module(f"{config_checks.__name__}.{name}")
    return declared_checks()


def check_config(path: str, checkpoint: str = "", label_map: str = "") -> ConfigReport:
    """Check a configuration.

    Args:
        path: The pipeline configuration.
        checkpoint: The checkpoint to hold it against, in any form of its path; without one, the
            configuration's `fine_tune_checkpoint`, if that is there.
        label_map: The label map to hold it against; without one, that of the configuration, if it
            is there.

    Raises:
        GraphtoolsError: A file that was given cannot be read, or is of another kind.
    """
    subject = subject_of(read_pipeline(path), checkpoint, label_map)
    findings = [finding for check in all_checks() for finding in check.run(subject)]
    findings.sort(key=lambda f: (SEVERITIES.index(f.severity), f.line, f.code))
    return ConfigReport(
        path,
        subject.checkpoint.path if subject.checkpoint else "",
        subject.label_map.path if subject.label_map else "",
        tuple(findings),
    )


def subject_of(pipeline: Pipeline, checkpoint: str = "", label_map: str = "") -> Subject:
    """A configuration with the files to hold it against; see `check_config`."""
    folder = os.path.dirname(pipeline.path)
    named = pipeline.tree.text(FINE_TUNE_CHECKPOINT)
    opened, is_fine_tuned, checkpoint_problem = _checkpoint(checkpoint, named)
    read, label_map_problem = _label_map(pipeline, label_map)
    return Subject(
        pipeline,
        folder or ".",
        opened,
        is_fine_tuned,
        checkpoint_problem,
        read,
        label_map_problem,
    )


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
        if first == "item":
            raise FileProblem(f"{given} is a label map, not a checkpoint", "give it as --label-map")
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
