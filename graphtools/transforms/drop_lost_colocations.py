"""drop_lost_colocations."""

from __future__ import annotations

from graphtools.graph.colocations import drop_lost_colocations
from graphtools.graph.graph import Graph
from graphtools.rewrite.transform import Job, Transform


def run(graph: Graph, _job: Job) -> None:
    """Drop the entries, in functions too."""
    drop_lost_colocations(graph)


TRANSFORM = Transform(
    "drop_lost_colocations",
    run,
    """Drop what asks for a node to be placed with one that is not there.

    TensorFlow refuses a graph in which the attribute _class of a node names, as loc:@name, a node
    that is not there. Nothing that is computed changes. Every other transform does the same at its
    end.
    """,
    "drop_lost_colocations",
)
