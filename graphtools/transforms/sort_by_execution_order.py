"""sort_by_execution_order."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.graph.order import topological_order
from graphtools.rewrite.names import check_names
from graphtools.rewrite.transform import Job, Transform


def run(graph: Graph, _job: Job) -> None:
    """Put every node behind those it needs."""
    check_names(graph)
    order = topological_order(graph)
    if order == graph.nodes:
        return
    graph.remove_all([node.name for node in order])
    for node in order:
        graph.add(node)


TRANSFORM = Transform(
    "sort_by_execution_order",
    run,
    """Put the nodes into an order in which they can run, each behind those that it reads.

    Programs that run the nodes as they stand in the file need it. The order that the file has is
    kept as far as it can be. Loops may point back, from NextIteration to Merge; another cycle is
    an error that names it.
    """,
    "sort_by_execution_order",
)
