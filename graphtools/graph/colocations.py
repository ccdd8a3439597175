"""Keeps the attribute `_class` true, by which a node asks to be placed where another one is.

Each entry is `loc:@name`. TensorFlow refuses a graph in which one names a node that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphtools.graph.attributes import encode_attr
from graphtools.graph.colocation_entries import ATTRIBUTE, colocated_with, renamed_entries
from graphtools.graph.graph import Function, Graph
from graphtools.schema import message_class


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
