"""add_default_attributes."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.ops.definitions import op_definition
from graphtools.rewrite.transform import Job, Transform


def run(graph: Graph, job: Job) -> None:
    """Give nodes the attributes that they leave out and that have defaults."""
    for node in graph:
        definition = op_definition(node.op)
        if definition is None:
            if node.op not in graph.functions:
                job.skip(node.name, f"the op {node.op!r} is not known, so neither its defaults")
            continue
        attrs = node.attrs
        for attribute in definition.attributes:
            if attribute.has_default and attribute.name not in attrs:
                graph.set_attr(node, attribute.name, attribute.default)


TRANSFORM = Transform(
    "add_default_attributes",
    run,
    """Write down the attributes that nodes leave out, with the defaults of their ops.

    Some programs that read graphs do not know the defaults. They are those of the newest
    TensorFlow that graphtools knows; an attribute that an older one does not have makes it refuse
    the graph: take it away with remove_attribute. Nodes whose op is not known are left as they
    are; the original gave up at the first of them.
    """,
    "add_default_attributes",
)
