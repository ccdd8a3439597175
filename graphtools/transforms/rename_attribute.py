"""rename_attribute."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.transform import Job, Parameter, Transform


def run(graph: Graph, job: Job) -> None:
    """Give an attribute of nodes another name."""
    old, new = job.text("old_attribute_name"), job.text("new_attribute_name")
    op = job.text("op_name")
    for node in graph if old != new else ():
        if op not in ("*", node.op):
            continue
        attrs = node.attrs
        if old not in attrs:
            continue
        if new in attrs:
            job.skip(node.name, f"it has an attribute {new!r} already")
            continue
        # what its op does not declare, too
        graph.replace(node, node.variant(attrs={new: attrs[old], old: None}))


TRANSFORM = Transform(
    "rename_attribute",
    run,
    """Give an attribute of nodes another name.

    Nodes that have an attribute of the new name, too, are left as they are (the original lost the
    value under the old one). Nothing checks whether the op has such an attribute.
    """,
    "rename_attribute(old_attribute_name=foo, new_attribute_name=bar, op_name=Mul)",
    (
        Parameter("old_attribute_name", "text", "the name that it has", required=True),
        Parameter("new_attribute_name", "text", "the name that it gets", required=True),
        Parameter("op_name", "text", "the op of the nodes; * for any", "*"),
    ),
    keeps_meaning=False,
)
