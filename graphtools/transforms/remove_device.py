"""remove_device."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.transform import Job, Transform


def run(graph: Graph, _job: Job) -> None:
    """Let TensorFlow choose the device of every node."""
    for node in graph:
        graph.set_device(node, "")


TRANSFORM = Transform(
    "remove_device",
    run,
    """Remove the devices that nodes are to run on.

    A graph that was trained on several machines or processors names devices that others do not
    have. The functions of the library are left as they are.
    """,
    "remove_device",
)
