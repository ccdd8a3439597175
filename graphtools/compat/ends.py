"""Inputs and outputs where none are given: placeholders, and nodes that nothing reads."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.ops.definitions import op_definition

_PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2"})
#: Ops that are no output though nothing reads them.
_NO_OUTPUT = _PLACEHOLDERS | {"Const", "NoOp", "Assert", "PlaceholderWithDefault"}


def default_inputs(graph: Graph) -> list[str]:
    """Names of the placeholders that something reads."""
    return [n.name for n in graph if n.op in _PLACEHOLDERS and graph.consumers(n.name)]


def default_outputs(graph: Graph) -> list[str]:
    """Names of the nodes that give something and that nothing reads; all ends if there are none."""
    ends = [n for n in graph if not graph.consumers(n.name)]
    found = []
    for node in ends:
        definition = op_definition(node.op)
        gives = definition is None or bool(definition.outputs)
        if gives and node.op not in _NO_OUTPUT:
            found.append(node.name)
    return found or [n.name for n in ends]
