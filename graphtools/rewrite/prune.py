"""Cuts a graph down to what its outputs need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphtools.graph.following import ancestors_of
from graphtools.graph.functions import CALLS
from graphtools.graph.graph import Function, Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.wording import and_others

#: Beginnings of the names of ops that fill look-up tables.
_FILLS_TABLES = ("InitializeTable", "LookupTableImport")
#: Look-up tables that nothing can be found in before they are filled.
_TABLES = frozenset({"HashTable", "HashTableV2"})


def needed_nodes(graph: Graph, outputs: Iterable[str], inputs: Iterable[str] = ()) -> set[str]:
    """Names of the nodes that outputs need, when inputs are fed.

    Args:
        graph: The graph.
        outputs: Names of nodes.
        inputs: Names of nodes; what these read is not needed for their sake.
    """
    return ancestors_of(graph, outputs, ends=set(inputs))


def lost_table_fillers(graph: Graph, keep: set[str]) -> list[str]:
    """Nodes that fill look-up tables which stay, and are not kept themselves.

    In a SavedModel of TensorFlow 2 they are calls of functions to which the tables are arguments.
    """
    filled: dict[str, set[int]] = {}
    found = []
    for node in graph:
        if node.name not in keep:
            data = node.data_inputs
            for position in _filled_inputs(node, graph.functions, filled):
                if position < len(data) and producer(data[position]) in keep:
                    found.append(node.name)
                    break
    return found


def unfilled_tables(graph: Graph) -> list[str]:
    """Names of the look-up tables that nothing in a graph fills."""
    return [n.name for n in graph if n.op in _TABLES and not lost_table_fillers(graph, {n.name})]


def _filled_inputs(
    node: Node, library: Mapping[str, Function], filled: dict[str, set[int]]
) -> set[int]:
    """Positions of the inputs of a node that are look-up tables which it fills.

    Args:
        node: The node.
        library: The functions.
        filled: What is known of these, which is added to.
    """
    if node.op.startswith(_FILLS_TABLES):
        return {0}
    called = node.attr("f") if node.op in CALLS and library else None
    name = getattr(called, "name", "")
    if name not in library:
        return set()
    if name not in filled:
        filled[name] = set()  # that of a function that calls itself
        function = library[name]
        tables = {
            producer(inner.data_inputs[position])
            for inner in function.nodes
            for position in _filled_inputs(inner, library, filled)
            if position < len(inner.data_inputs)
        }
        filled[name] = {i for i, argument in enumerate(function.inputs) if argument in tables}
    return filled[name]


def lost_fillers_note(graph: Graph, keep: set[str]) -> str:
    """A remark on look-up tables that are not filled any more; empty if there are none."""
    fillers = lost_table_fillers(graph, keep)
    if not fillers:
        return ""
    return (
        f"{fillers[0]!r}{and_others(fillers)} is removed, which fills a look-up table that stays: "
        "name it among the outputs to keep it"
    )


def remove_except(graph: Graph, keep: set[str]) -> None:
    """Remove all nodes but some.

    Raises:
        InvalidGraph: One that stays reads one that goes.
    """
    graph.remove_all([node.name for node in graph if node.name not in keep])
