"""Small steps through a graph that the parts of the SSD export share."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.constness import FROM_SHAPES
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.driver import Unfit

#: Ops that hand on what they are given, into loops, too.
HANDS_ON = frozenset({"Identity", "Enter", "RefEnter", "Snapshot", "StopGradient"})
_LONGEST_WAY = 400


def canonical(text: str) -> str:
    """An input as it is written everywhere: `name` for `name:0`."""
    return str(Ref.parse(text))


def producer_of(graph: Graph, text: str) -> Node | None:
    """The node that an input comes from, None where it is not there."""
    return graph.get(producer(text))


def first_input(node: Node) -> str:
    """The first data input of a node; empty where it has none."""
    inputs = node.data_inputs
    return inputs[0] if inputs else ""


def upstream(graph: Graph, text: str, ops: Container[str]) -> str:
    """The first tensor, from one on against the data, whose op is none of some."""
    for _ in range(_LONGEST_WAY):
        node = producer_of(graph, text)
        if node is None or node.op not in ops or not node.data_inputs:
            break
        text = node.data_inputs[0]
    return canonical(text)


def constant_of(graph: Graph, text: str) -> Any:
    """The array that an input stands for, also inside a loop; None if it is no constant."""
    found = find_constant(graph, upstream(graph, text, HANDS_ON))
    if found is None:
        return None
    try:
        return found.floats() if found.tensor.dtype.is_floating else found.array()
    except Unfit:
        return None


def scalar_of(graph: Graph, text: str) -> float | None:
    """The number that an input stands for, None if it is no constant of one element."""
    found = constant_of(graph, text)
    if found is None or found.size != 1 or found.dtype.kind not in "fiu":
        return None
    return float(found.reshape(()))


def readers(graph: Graph, tensor: str) -> Iterator[tuple[Node, int]]:
    """The nodes that read a tensor, with the number of the input."""
    wanted = Ref.parse(tensor)
    for node in graph.consumers(wanted.node):
        for position, text in enumerate(node.data_inputs):
            if Ref.parse(text) == wanted:
                yield node, position


def data_ancestors(graph: Graph, tensors: Iterable[str], fed: Container[str] = ()) -> set[str]:
    """Names of the nodes on whose values some tensors depend, shapes not counted.

    Args:
        graph: The graph.
        tensors: The tensors.
        fed: Names of nodes; what these read does not count.
    """
    stack = [producer(t) for t in tensors]
    found = {name for name in stack if name in graph}
    stack = list(found)
    while stack:
        node = graph[stack.pop()]
        if node.name in fed or node.op in FROM_SHAPES:
            continue
        for text in node.data_inputs:
            source = producer(text)
            if source not in found and source in graph:
                found.add(source)
                stack.append(source)
    return found
