"""Why a graph does not convert: the nodes that block it, and what cures each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from graphtools.errors import GraphtoolsError


@dataclasses.dataclass(frozen=True)
class BlockingNode:
    """A node that keeps a graph from being converted.

    Attributes:
        node: Its name; `name@function` in a function.
        op: Its op.
        kind: `flex` (Select TF has it), `custom` (it can only be a custom op), `unsupported`,
            `error` or `crash`.
        reason: Why.
        remedy: Which option or transform cures it; empty where none does.
    """

    node: str
    op: str
    kind: str
    reason: str
    remedy: str = ""


class ConversionBlocked(GraphtoolsError):
    """A graph that is not converted because of some of its nodes.

    Attributes:
        blockers: The nodes, in the order of the graph.
    """

    def __init__(self, message: str, remedy: str, blockers: Sequence[BlockingNode]) -> None:
        super().__init__(message, remedy)
        self.blockers = tuple(blockers)
