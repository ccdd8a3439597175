"""Parts of a graph that a picture may be of: around nodes, and between two."""

from __future__ import annotations

from collections.abc import Iterable

from graphtools.analysis.paths import ancestors, descendants
from graphtools.errors import UnknownName
from graphtools.graph.following import ancestors_of
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.ops.handing_on import way_to_source


def around(graph: Graph, names: Iterable[str], hops: int) -> set[str]:
    """Names of the nodes that are at most some edges away from one of the named ones.

    Edges count in both directions, those of control too. Constants are no way from one of their
    readers to another.

    Raises:
        UnknownName: A node is not there.
    """
    ring = {graph.find(name).name for name in names}
    found = set(ring)
    for _ in range(hops):
        outer: set[str] = set()
        for name in ring:
            node = graph[name]
            outer.update(producer(text) for text in node.inputs)
            if node.op != "Const" or name in names:
                outer.update(reader.name for reader in graph.consumers(name))
        ring = {name for name in outer if name in graph} - found
        found |= ring
        if not ring:
            break
    return found | _constants(graph, found)


def between(graph: Graph, start: str, end: str) -> set[str]:
    """Names of the nodes on all ways from one node to another, both included.

    Raises:
        UnknownName: A node is not there, or nothing leads from the first to the second.
    """
    first, last = graph.find(start).name, graph.find(end).name
    for control in (False, True):
        behind = {n.name for n in descendants(graph, first, control=control).nodes} | {first}
        before = {n.name for n in ancestors(graph, last, control=control).nodes} | {last}
        if last in behind:
            found = behind & before
            return found | _constants(graph, found)
    back = f"; it leads from {last!r} to {first!r}" if last in ancestors_of(graph, [first]) else ""
    raise UnknownName(f"nothing leads from {first!r} to {last!r}{back}", "name two other nodes")


def _constants(graph: Graph, names: Iterable[str]) -> set[str]:
    """Constants that nodes read, also through an Identity."""
    found: set[str] = set()
    for name in names:
        for text in graph[name].data_inputs:
            way = [source for _, source in way_to_source(graph, text)]
            if way and way[-1].op == "Const":
                found.update(source.name for source in way)
    return found
