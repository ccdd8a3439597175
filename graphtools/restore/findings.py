"""What the checks of a configuration look at, how they are declared, and what they find."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable
from typing import NamedTuple

from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.label_map import LabelMap
from graphtools.formats.pipeline_config import Pipeline
from graphtools.formats.text_tree import Field
from graphtools.restore.pipeline_fields import default_of

#: Severities, the worst first: it fails, it does something else than meant, it is good to know.
ERROR, WARNING, INFO = SEVERITIES = ("error", "warning", "info")


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes:
        code: Stable code of the check, as `GTC101`.
        name: Its name, as `path-to-be-configured`.
        severity: `error`, `warning` or `info`.
        message: What is found, and what comes of it.
        remedy: What to do about it.
        field: Path of the field it is about, as `train_config.batch_size`; for a label map `item`.
        line: Line of the field; of the section it is missing from; 0 where there is none.
    """

    code: str
    name: str
    severity: str
    message: str
    remedy: str
    field: str
    line: int


class Found(NamedTuple):
    """What a check yields; the check's own code, name and severity are added.

    Attributes:
        message: See `Finding`.
        remedy: See `Finding`.
        field: See `Finding`.
        line: See `Finding`; -1 to look it up by the field.
        severity: Another severity than the check's; empty for that.
    """

    message: str
    remedy: str
    field: str
    line: int = -1
    severity: str = ""


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is checked.

    Attributes:
        pipeline: The configuration.
        folder: The folder it is in.
        checkpoint: The checkpoint to hold it against, if there is one.
        is_fine_tuned: Whether that is the one that `fine_tune_checkpoint` names.
        checkpoint_problem: Why the checkpoint that the configuration names cannot be read.
        label_map: The label map to hold it against, if there is one.
        label_map_problem: Why the label map that the configuration names cannot be read.
    """

    pipeline: Pipeline
    folder: str = "."
    checkpoint: Checkpoint | None = None
    is_fine_tuned: bool = False
    checkpoint_problem: str = ""
    label_map: LabelMap | None = None
    label_map_problem: str = ""

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

    def line(self, path: str) -> int:
        """Line of a field, or of the innermost section on its path that is there; 0 for none."""
        while path:
            field = self.pipeline.tree.field(path)
            if field is not None:
                return field.line
            path = path.rpartition(".")[0]
        return 0


def _default(path: str) -> str:
    try:
        return default_of(path)
    except KeyError:  # a path through a message of another name
        return ""


CheckFunction = Callable[[Subject], Iterable[Found]]


@dataclasses.dataclass(frozen=True)
class Check:
    """One check; its function's docstring is its manual.

    Attributes:
        code: Stable code.
        name: Stable name.
        severity: Severity of what it finds, unless it says otherwise.
        function: The function.
    """

    code: str
    name: str
    severity: str
    function: CheckFunction

    @property
    def manual(self) -> str:
        """What it looks for, why, and what to do."""
        return inspect.getdoc(self.function) or ""

    def run(self, subject: Subject) -> list[Finding]:
        """Apply it."""
        return [
            Finding(
                self.code,
                self.name,
                found.severity or self.severity,
                found.message,
                found.remedy,
                found.field,
                subject.line(found.field) if found.line < 0 else found.line,
            )
            for found in self.function(subject)
        ]


_CHECKS: dict[str, Check] = {}


def check(code: str, name: str, severity: str) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a check.

    Raises:
        RuntimeError: Another check has the code or the name.
    """

    def register(function: CheckFunction) -> CheckFunction:
        clash = [c for c in _CHECKS.values() if code == c.code or name == c.name]
        if clash:
            raise RuntimeError(f"{clash[0].code} {clash[0].name} is declared twice")
        _CHECKS[code] = Check(code, name, severity, function)
        return function

    return register


def declared_checks() -> list[Check]:
    """The checks of all modules that were imported, by code."""
    return [_CHECKS[code] for code in sorted(_CHECKS)]
