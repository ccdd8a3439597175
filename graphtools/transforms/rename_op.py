"""rename_op."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.transform import Job, Parameter, Transform


def run(graph: Graph, job: Job) -> None:
    """Give nodes of an op another one."""
    old, new = job.text("old_op_name"), job.text("new_op_name")
    found = [node for node in graph if node.op == old]
    for node in found:
        graph.set_op(node, new)
    if not found:
        job.note(f"no node has the op {old!r}")


TRANSFORM = Transform(
    "rename_op",
    run,
    """Give all nodes of an op another op.

    Inputs and attributes stay: it is for a custom op that has got a new name. Nothing checks
    whether the other op takes them. The functions of the library are left as they are.
    """,
    "rename_op(old_op_name=Mul, new_op_name=Multiply)",
    (
        Parameter("old_op_name", "text", "the op that nodes have", required=True),
        Parameter("new_op_name", "text", "the op that they get", required=True),
    ),
    keeps_meaning=False,
)
