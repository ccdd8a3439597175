"""The order in which nodes can run, and the cycles that keep them from running.

In TensorFlow's v1 control flow a loop is closed by an edge from a NextIteration to a Merge; only
such edges may point back. Everything here treats them as absent.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from graphtools.errors import InvalidGraph
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer

#: Only an edge from the one to the other closes a loop.
LOOP_ENDS = frozenset({"NextIteration", "RefNextIteration"})
LOOP_STARTS = frozenset({"Merge", "RefMerge"})


def _closes_loop(graph: Graph, name: str, reader: Node) -> bool:
    """Whether the edge from a node to a reader closes a loop."""
    return reader.op in LOOP_STARTS and graph[name].op in LOOP_ENDS


#: By graph, the number of its edits and what was found then.
_known: WeakKeyDictionary[Graph, tuple[int, list[Node], dict[str, int]]] = WeakKeyDictionary()


def _run(graph: Graph) -> tuple[list[Node], dict[str, int]]:
    """What `_ordered` finds; several ask for it of a graph that nobody edits meanwhile."""
    edits, order, waiting = _known.get(graph, (-1, [], {}))
    if edits != graph.edits:
        order, waiting = _ordered(graph)
        _known[graph] = graph.edits, order, waiting
    return list(order), waiting


def _ordered(graph: Graph) -> tuple[list[Node], dict[str, int]]:
    """Nodes in an order in which they can run, and for the rest how many nodes each waits for.

    The file's order is kept as far as possible: a node that stands before something it needs is
    put directly behind the last of it.
    """
    order: list[Node] = []
    done: set[str] = set()
    waiting: dict[str, int] = {}
    waiters: dict[str, list[Node]] = {}
    duplicates = set(graph.duplicates)
    for node in graph:
        if node in duplicates:
            continue
        needs = 0
        for text in node.inputs:
            name = text[1:] if text[:1] == "^" else text.partition(":")[0]
            if name not in done and name in graph and not _closes_loop(graph, name, node):
                waiters.setdefault(name, []).append(node)
                needs += 1
        if needs:
            waiting[node.name] = needs
            continue
        ready = [node]
        while ready:
            current = ready.pop()
            order.append(current)
            done.add(current.name)
            for waiter in waiters.pop(current.name, ()):
                waiting[waiter.name] -= 1
                if not waiting[waiter.name]:
                    del waiting[waiter.name]
                    ready.append(waiter)
    return order, waiting


def topological_order(graph: Graph) -> list[Node]:
    """All nodes, each behind the nodes it needs; the file's order as far as possible.

    Raises:
        InvalidGraph: The graph has a cycle that is not a loop; its nodes are named.
    """
    order, waiting = _run(graph)
    if waiting:
        cycle = _trace(graph, waiting)
        raise InvalidGraph(
            "the graph has a cycle that is not a loop: " + " -> ".join(cycle + cycle[:1])
        )
    return order


def runnable_order(graph: Graph) -> tuple[list[Node], list[str]]:
    """The nodes that can run, as by `topological_order`, and the names of those that cannot.

    These are on a cycle that is not a loop, or need one that is.
    """
    order, waiting = _run(graph)
    return order, list(waiting)


def find_cycle(graph: Graph) -> list[str]:
    """Names of the nodes of one cycle that is not a loop, in the direction of the data, or []."""
    _, waiting = _run(graph)
    return _trace(graph, waiting) if waiting else []


def _trace(graph: Graph, waiting: dict[str, int]) -> list[str]:
    """One cycle among the nodes that wait for each other."""
    name = next(iter(waiting))
    path: dict[str, None] = {}
    while name not in path:
        path[name] = None
        node = graph[name]
        name = min(
            source
            for source in map(producer, node.inputs)
            if source in waiting and not _closes_loop(graph, source, node)
        )
    names = list(path)
    return names[names.index(name) :][::-1]
