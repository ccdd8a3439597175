"""Small steps through a graph that the parts of the SSD export share."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.constness import FROM_SHAPES
from graphtools.ops.handing_on import INTO_FRAMES, SAME_TENSOR, source_of
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.unfit import Unfit

#: Ops that hand on what they are given, into loops, too.
HANDS_ON = SAME_TENSOR | INTO_FRAMES


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
    return str(source_of(graph, text, ops))


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


def data_ancestors(graph: Graph, tensors: Iterable[str], fed: Container[str] = ()) -> set[str]:
    """Names of the nodes on whose values some tensors depend, shapes not counted.

    Args:
        graph: The graph.
        tensors: The tensors.
        fed: Names of nodes; what these read does not count.
    """

    def sources(name: str) -> list[str]:
        node = graph[name]
        texts = () if name in fed or node.op in FROM_SHAPES else node.data_inputs
        return [source for source in map(producer, texts) if source in graph]

    return set(reach((name for name in map(producer, tensors) if name in graph), sources))
