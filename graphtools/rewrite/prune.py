"""Cuts a graph down to what its outputs need."""

from __future__ import annotations

from collections.abc import Iterable

from graphtools.graph.following import ancestors_of
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer

#: Beginnings of the names of ops that fill look-up tables.
_FILLS_TABLES = ("InitializeTable", "LookupTableImport")


def needed_nodes(graph: Graph, outputs: Iterable[str], inputs: Iterable[str] = ()) -> set[str]:
    """Names of the nodes that outputs need, when inputs are fed.

    Args:
        graph: The graph.
        outputs: Names of nodes.
        inputs: Names of nodes; what these read is not needed for their sake.
    """
    return ancestors_of(graph, outputs, ends=set(inputs))


def lost_table_fillers(graph: Graph, keep: set[str]) -> list[str]:
    """Nodes that fill look-up tables which stay, and are not kept themselves."""
    return [
        node.name
        for node in graph
        if node.op.startswith(_FILLS_TABLES)
        and node.name not in keep
        and node.data_inputs
        and producer(node.data_inputs[0]) in keep
    ]


def lost_fillers_note(graph: Graph, keep: set[str]) -> str:
    """A remark on look-up tables that are not filled any more; empty if there are none."""
    fillers = lost_table_fillers(graph, keep)
    if not fillers:
        return ""
    more = f" (and {len(fillers) - 1:,} more)" if len(fillers) > 1 else ""
    return (
        f"{fillers[0]!r}{more} is removed, which fills a look-up table that stays: name it among "
        "the outputs to keep it"
    )


def remove_except(graph: Graph, keep: set[str]) -> None:
    """Remove all nodes but some.

    Raises:
        InvalidGraph: One that stays reads one that goes.
    """
    graph.remove_all([node.name for node in graph if node.name not in keep])
