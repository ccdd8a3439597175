"""What a linted file has been found to be, and what became of it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from graphtools.display import Displayed
from graphtools.findings.finding import ERROR, WARNING, Finding

if TYPE_CHECKING:
    from graphtools.analysis.graph_diff import GraphDiff


@dataclasses.dataclass(frozen=True)
class Problem:
    """Why a file, or something of it, could not be looked at.

    Attributes:
        message: What is wrong.
        remedy: What to do; empty where nothing can be advised.
    """

    message: str
    remedy: str = ""


@dataclasses.dataclass(frozen=True)
class Fix:
    """A cure that was applied.

    Attributes:
        cure: The pipeline of transforms.
        codes: Codes of the findings it was applied for.
        edits: Number of its edits of the graph.
        is_safe: Whether it keeps what the outputs are, but for rounding.
    """

    cure: str
    codes: tuple[str, ...]
    edits: int
    is_safe: bool


@dataclasses.dataclass(frozen=True)
class FileReport(Displayed):
    """What was found in one file.

    Attributes:
        path: The file, as it was named.
        kind: What it is: `GraphDef`, `MetaGraphDef`, `SavedModel`, `TFLite model` or
            `pipeline configuration`; empty if it could not be read.
        findings: The findings that are to be reported, the worst first, then in the order of the
            nodes.
        problems: Why it, or a part of it, could not be looked at; empty if all went well.
        ignored: Number of findings that settings have ignored.
        known: Number of findings that the baseline has.
        inputs: Names of the inputs that were assumed.
        outputs: Names of the outputs that were assumed.
        nodes: Number of nodes, or of operators.
        seconds: Time it took.
        notes: Remarks, as on cures that were not applied.
        fixes: The cures that were applied; the findings are those that are left.
        changes: What they change in the graph, where that was asked for.
        checkpoint: The checkpoint that a configuration was held against; empty if none was.
        label_map: The label map that a configuration was held against; empty if none was.
    """

    path: str
    kind: str = ""
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: int = 0
    known: int = 0
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    nodes: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    changes: GraphDiff | None = None
    checkpoint: str = ""
    label_map: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing needs to be changed: there are remarks at most."""
        return not any(f.severity in (ERROR, WARNING) for f in self.findings)
