"""Why a graph does not convert: the nodes that block it, and what cures each."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.compat.verdict import Blocker
from graphtools.errors import GraphtoolsError


class ConversionBlocked(GraphtoolsError):
    """A graph that is not converted because of some of its nodes.

    Attributes:
        blockers: The nodes, in the order of the graph.
    """

    def __init__(self, message: str, remedy: str, blockers: Sequence[Blocker]) -> None:
        super().__init__(message, remedy)
        self.blockers = tuple(blockers)
