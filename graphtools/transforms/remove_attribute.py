"""remove_attribute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graphtools.graph.attributes import Attr, describe_attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.ops.definitions import op_definition
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.transforms.strip_default_attributes import at_default, remove_in_functions

_ANY = "*"


def run(graph: Graph, job: Job) -> None:
    """Remove an attribute from nodes, those of functions among them."""
    lost: Counter[str] = Counter()
    for node in graph:
        for name in tuple(_to_remove(node, job, lost)):
            graph.remove_attr(node, name)
    remove_in_functions(graph, lambda node: _to_remove(node, job, lost))
    for remark, count in sorted(lost.items()):
        job.note(f"{remark} the {count} nodes that have lost it")


def _to_remove(node: Node, job: Job, lost: Counter[str]) -> Iterator[str]:
    """Names of the attributes that a node is to lose; counts what that does to nodes."""
    name, op = job.text("attribute_name"), job.text("op_name")
    if op not in (_ANY, node.op) or name not in (_ANY, *node.attrs):
        return
    definition = op_definition(node.op)
    attributes = definition.attributes if definition else ()
    defaults = {a.name: a.default for a in attributes if a.has_default}
    if name == _ANY:
        yield from at_default(node)
        return
    value = node.attrs[name]
    if job.flag("at_default") and (name not in defaults or value != defaults[name]):
        job.skip(node.name, _why_kept(name, value, defaults))
        return
    if name in defaults and value != defaults[name]:
        lost[f"{node.op} has {name}={describe_attr(defaults[name])} by default, and so have"] += 1
    elif any(a.name == name for a in attributes) and name not in defaults:
        lost[f"{node.op} needs {name}: TensorFlow refuses"] += 1
    yield name


def _why_kept(name: str, value: Attr, defaults: dict[str, Attr]) -> str:
    if name not in defaults:
        return f"no default of {name} is known for its op"
    default = describe_attr(defaults[name])
    return f"{name} is {describe_attr(value)}; without it {default}, it would do something else"


TRANSFORM = Transform(
    "remove_attribute",
    run,
    """Remove an attribute from nodes.

    It is for attributes that an older TensorFlow refuses, or that only blow up the file, as
    _output_shapes. An attribute that says what a node does can go only where it has its default:
    at_default leaves it elsewhere, and says so. Where an op cannot do without the attribute, a
    remark says so. Nodes of functions lose it, too.
    """,
    "remove_attribute(attribute_name=_output_shapes)",
    (
        Parameter(
            "attribute_name",
            "text",
            "the attribute; * for all that are at their default",
            required=True,
        ),
        Parameter("op_name", "text", "the op of the nodes; * for any", _ANY),
        Parameter("at_default", "flag", "true removes it only where it has its default", "false"),
    ),
    keeps_meaning=False,
)
