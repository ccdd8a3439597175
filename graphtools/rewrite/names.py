"""What a transform asks of the names of a graph's nodes."""

from __future__ import annotations

from graphtools.errors import InvalidGraph
from graphtools.graph.graph import Graph


def check_names(graph: Graph) -> None:
    """Check that no two nodes have the same name, so that inputs tell what they mean.

    Raises:
        InvalidGraph: Two have.
    """
    if graph.duplicates:
        twice = graph.duplicates[0].name
        raise InvalidGraph(f"the graph has two nodes {twice!r}, which cannot be told apart")
