"""remove_attribute."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.ops.definitions import op_definition
from graphtools.rewrite.transform import Job, Parameter, Transform


def run(graph: Graph, job: Job) -> None:
    """Remove an attribute from nodes."""
    name, op = job.text("attribute_name"), job.text("op_name")
    needing: dict[str, int] = {}
    for node in graph:
        if op not in ("*", node.op) or name not in node.attrs:
            continue
        graph.remove_attr(node, name)
        definition = op_definition(node.op)
        attribute = definition.attribute(name) if definition else None
        if attribute and not attribute.has_default:
            needing[node.op] = needing.get(node.op, 0) + 1
    for needy, count in sorted(needing.items()):
        job.note(f"{needy} needs {name}: TensorFlow refuses the {count} nodes that have lost it")


TRANSFORM = Transform(
    "remove_attribute",
    run,
    """Remove an attribute from nodes.

    It is for attributes that an older TensorFlow refuses, or that only blow up the file, as
    _output_shapes. Where an op cannot do without the attribute, a remark says so.
    """,
    "remove_attribute(attribute_name=_output_shapes)",
    (
        Parameter("attribute_name", "text", "the attribute", required=True),
        Parameter("op_name", "text", "the op of the nodes; * for any", "*"),
    ),
    keeps_meaning=False,
)
