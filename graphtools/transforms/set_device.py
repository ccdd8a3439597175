"""set_device."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.transform import Job, Parameter, Transform


def run(graph: Graph, job: Job) -> None:
    """Place nodes on a device."""
    device, only_default = job.text("device"), job.flag("if_default")
    for node in graph:
        if not (only_default and node.device):
            graph.set_device(node, device)


TRANSFORM = Transform(
    "set_device",
    run,
    """Place nodes on a device.

    All of them, or with if_default those only that are not placed yet. The functions of the
    library are left as they are.
    """,
    'set_device(device="/device:GPU:0", if_default=true)',
    (
        Parameter("device", "text", "the device; empty lets TensorFlow choose", ""),
        Parameter("if_default", "flag", "leave nodes that have a device on it", "false"),
    ),
)
