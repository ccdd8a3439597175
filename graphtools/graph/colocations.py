"""Keeps the attribute `_class` true, by which a node asks to be placed where another one is.

Each entry is `loc:@name`. TensorFlow refuses a graph in which one names a node that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphtools.graph.attributes import Attr, encode_attr
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.schema import message_class

ATTRIBUTE = "_class"
PREFIX = b"loc:@"


def colocated_with(node: Node) -> list[str]:
    """Names of the nodes that a node is to be placed with."""
    value = node.attr(ATTRIBUTE)
    if value is None:
        return []
    entries = value if isinstance(value, list) else [value]
    return [
        e[len(PREFIX) :].decode("utf-8", "surrogateescape")
        for e in entries
        if isinstance(e, bytes) and e.startswith(PREFIX)
    ]


def update_colocations(graph: Graph, names: Mapping[str, str | None]) -> int:
    """Let colocations follow nodes that were renamed, merged or removed; one pass over the graph.

    Args:
        graph: The graph.
        names: By old name the new one, or None for a node that is gone: the entry is dropped.

    Returns:
        The number of nodes that were changed.
    """
    changed = 0
    for node in graph.nodes if names else ():
        value = node.attr(ATTRIBUTE)
        if not isinstance(value, list):
            continue
        kept = renamed_entries(value, names)
        if kept == value:
            continue
        changed += 1
        if kept:
            graph.set_attr(node, ATTRIBUTE, kept)
        else:
            graph.remove_attr(node, ATTRIBUTE)
    return changed


def drop_lost_colocations(graph: Graph) -> int:
    """Drop colocations with nodes that are not there; one pass over the graph and its functions.

    Returns:
        The number of nodes that were changed.
    """
    lost = {name for node in graph.nodes for name in colocated_with(node) if name not in graph}
    changed = update_colocations(graph, dict.fromkeys(lost))
    for function in graph.functions.values():
        known = {*function.inputs, *(node.name for node in function.nodes)}
        lost = {n for node in function.nodes for n in colocated_with(node) if n not in known}
        if lost:
            changed += _drop_in_function(graph, function, dict.fromkeys(lost))
    return changed


def _drop_in_function(graph: Graph, function: Function, lost: Mapping[str, None]) -> int:
    """Drop colocations with some names in a function; gives the number of nodes changed."""
    message = message_class("FunctionDef").FromString(function.encoded)
    changed = 0
    for place, node in enumerate(function.nodes):
        kept = renamed_entries(node.attr(ATTRIBUTE), lost)
        if kept == node.attr(ATTRIBUTE):
            continue
        changed += 1
        attrs = message.node_def[place].attr
        if kept:
            attrs[ATTRIBUTE].ParseFromString(encode_attr(kept))
        else:
            del attrs[ATTRIBUTE]
    graph.set_function(Function.from_bytes(message.SerializeToString(deterministic=True)))
    return changed


def renamed_entries(value: Attr, names: Mapping[str, str | None]) -> Attr:
    """The value of `_class` with new names; entries that would be there twice are dropped."""
    if not isinstance(value, list):
        return value
    found = []
    for entry in value:
        if isinstance(entry, bytes) and entry.startswith(PREFIX):
            old = entry[len(PREFIX) :].decode("utf-8", "surrogateescape")
            new = names.get(old, old)
            if new is None:
                continue
            if new != old:
                entry = PREFIX + new.encode("utf-8", "surrogateescape")
                if entry in found:
                    continue
        found.append(entry)
    return found
