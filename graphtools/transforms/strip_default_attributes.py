"""strip_default_attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.graph.attributes import describe_attr
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.ops.definitions import op_definition
from graphtools.ops.first_versions import first_version, in_order
from graphtools.rewrite.transform import Job, Parameter, Transform
from graphtools.schema import message_class
from graphtools.wording import and_others

_VERSION = re.compile(r"\d+(\.\d+){0,2}")


def run(graph: Graph, job: Job) -> None:
    """Remove the attributes that have their defaults."""
    for node in graph:
        for name in tuple(at_default(node)):
            graph.remove_attr(node, name)
    remove_in_functions(graph, at_default)
    version = job.text("for_version")
    if version:
        _refuse_newer(graph, version)


def at_default(node: Node) -> Iterator[str]:
    """Names of the attributes of a node that have the defaults of its op."""
    definition = op_definition(node.op)
    for attribute in definition.attributes if definition else ():
        is_given = attribute.has_default and node.has_attr(attribute.name)
        if is_given and node.attr(attribute.name) == attribute.default:
            yield attribute.name


def remove_in_functions(graph: Graph, names_of: Callable[[Node], Iterable[str]]) -> None:
    """Remove attributes from the nodes of all functions of a graph.

    Args:
        graph: The graph.
        names_of: The names of those that a node is to lose.
    """
    for function in graph.functions.values():
        removed = [tuple(names_of(node)) for node in function.nodes]
        if not any(removed):
            continue
        message = message_class("FunctionDef").FromString(function.encoded)
        for node, names in zip(message.node_def, removed, strict=True):
            for name in names:
                del node.attr[name]
        graph.set_function(Function.from_bytes(message.SerializeToString(deterministic=True)))


def _refuse_newer(graph: Graph, version: str) -> None:
    """Refuse what a TensorFlow does not know and what is not at its default.

    Raises:
        InvalidValue: It is no version.
        InvalidGraph: There is such an attribute, or an op that it does not have.
    """
    if not _VERSION.fullmatch(version):
        raise InvalidValue(f"{version!r} is no version of TensorFlow", "write it as 1.15")
    wanted = (*in_order(version), 0)[:2]
    newer = []
    bodies = (node for f in graph.functions.values() for node in f.nodes)
    for node in (*graph, *bodies):
        since = first_version(node.op)
        if since and in_order(since) > wanted:
            newer.append(f"the op {node.op} of {node.name!r}, which is of {since}")
            continue
        for name in node.attrs:
            since = "" if name.startswith("_") else first_version(node.op, name)
            if since and in_order(since) > wanted:
                value = describe_attr(node.attr(name))
                newer.append(f"{name}={value} of {node.name!r} ({node.op}), which is of {since}")
    if newer:
        raise InvalidGraph(
            f"TensorFlow {version} does not know {newer[0]}{and_others(newer)}",
            "without it the node would do something else: take a newer TensorFlow",
        )


TRANSFORM = Transform(
    "strip_default_attributes",
    run,
    """Remove the attributes that have their defaults, as strip_default_attrs of TensorFlow does.

    An older TensorFlow refuses attributes that it does not know, even at their defaults: a graph
    that a newer one has written can be read there without them. Nodes of functions lose them, too.
    for_version names the older one; what it does not know and what is not at its default is then
    refused by name.
    """,
    "strip_default_attributes(for_version=1.15)",
    (Parameter("for_version", "text", "the TensorFlow that is to read the graph, as 1.15"),),
    aliases=("strip_default_attrs",),
)
