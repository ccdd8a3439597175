"""How one node reaches another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from graphtools.display import Displayed
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer


@dataclasses.dataclass(frozen=True)
class PathStep:
    """A node on a path.

    Attributes:
        name: Name.
        op: Op.
        via: The input by which it reads the node before; empty for the first.
    """

    name: str
    op: str
    via: str


@dataclasses.dataclass(frozen=True)
class PathResult(Displayed):
    """A shortest path, in the direction of the data.

    Attributes:
        found: Whether there is one.
        steps: The nodes on it, both ends included.
    """

    found: bool
    steps: tuple[PathStep, ...]


@dataclasses.dataclass(frozen=True)
class Reach(Displayed):
    """The nodes that lead to a node, or that it leads to.

    Attributes:
        node: Name of the node.
        direction: `ancestors` or `descendants`.
        nodes: These nodes with their distance, the nearest first.
    """

    node: str
    direction: str
    nodes: tuple[ReachedNode, ...]


@dataclasses.dataclass(frozen=True)
class ReachedNode:
    """A node that is reached: name, op and distance in edges."""

    name: str
    op: str
    distance: int


def shortest_path(graph: Graph, start: str, end: str, *, control: bool = False) -> PathResult:
    """The shortest path from one node to another, in the direction of the data.

    Args:
        graph: The graph.
        start: The node that the path leaves.
        end: The node that it reaches.
        control: Whether control dependencies count as edges.

    Raises:
        UnknownName: One of the nodes is not there.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> end = "MobilenetV1/MobilenetV1/Conv2d_0/Relu6"
        >>> path = graphtools.shortest_path(graph, "input", end)
        >>> [step.op for step in path.steps]
        ['Placeholder', 'Conv2D', 'FusedBatchNormV3', 'Relu6']
    """
    first, last = graph.find(start), graph.find(end)
    before: dict[str, tuple[str, str]] = {first.name: ("", "")}
    queue = [first.name]
    for name in queue:  # grows while it is walked
        if name == last.name:
            break
        for user in graph.consumers(name):
            if user.name in before:
                continue
            for text in user.inputs:
                if producer(text) == name and (control or text[:1] != "^"):
                    before[user.name] = (name, text)
                    queue.append(user.name)
                    break
    if last.name not in before:
        return PathResult(False, ())
    steps = []
    name = last.name
    while name:
        came_from, via = before[name]
        steps.append(PathStep(name, graph[name].op, via))
        name = came_from
    return PathResult(True, tuple(reversed(steps)))


def ancestors(graph: Graph, name: str, *, control: bool = False) -> Reach:
    """All nodes from which data (or, with `control`, an order) leads to a node.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> reach = graphtools.ancestors(graph, "MobilenetV1/Conv2d_0/weights/read")
        >>> [found.name for found in reach.nodes]
        ['MobilenetV1/Conv2d_0/weights']
    """

    def sources(node: Node) -> list[Node]:
        names = [producer(t) for t in node.inputs if control or t[:1] != "^"]
        return [s for n in names if (s := graph.get(n)) is not None]

    return _reach(graph, name, "ancestors", sources)


def descendants(graph: Graph, name: str, *, control: bool = False) -> Reach:
    """All nodes to which data (or, with `control`, an order) leads from a node.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> reach = graphtools.descendants(graph, "MobilenetV1/Logits/SpatialSqueeze")
        >>> [found.op for found in reach.nodes]
        ['Reshape', 'Shape', 'Softmax', 'Reshape']
    """

    def users(node: Node) -> list[Node]:
        found = graph.consumers(node.name)
        if control:
            return found
        return [u for u in found if any(producer(t) == node.name for t in u.data_inputs)]

    return _reach(graph, name, "descendants", users)


def _reach(
    graph: Graph, name: str, direction: str, neighbours: Callable[[Node], list[Node]]
) -> Reach:
    start = graph.find(name)
    distance = {start.name: 0}
    queue = [start]
    for node in queue:  # grows while it is walked
        for other in neighbours(node):
            if other.name not in distance:
                distance[other.name] = distance[node.name] + 1
                queue.append(other)
    reached = tuple(ReachedNode(n.name, n.op, distance[n.name]) for n in queue[1:])
    return Reach(start.name, direction, reached)
