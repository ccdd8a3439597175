"""Follows tensors through a graph. Every loop that walks from node to node goes through here.

A file may hold cycles, so that a walk which trusts the graph may never end. These bound themselves:
no tensor or node is visited twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer

T = TypeVar("T")


def follow(
    graph: Graph, tensor: str, onward: Callable[[Node, Ref], str | None]
) -> Iterator[tuple[Ref, Node]]:
    """Walk from a tensor against the data, one tensor at a time.

    Args:
        graph: The graph, which may be damaged or cyclic.
        tensor: An input as it stands in a node.
        onward: From a node and the output of it that is read, the input to go on with; None to
            stop there.

    Yields:
        Each tensor on the way with the node it comes from; the walk ends at a node that is not
        there, where `onward` says so, and at a tensor that it has visited.

    Example:
        >>> for ref, node in follow(graph, "probs", lambda node, _: node.data_inputs[0]): ...
    """
    visited: set[Ref] = set()
    text: str | None = tensor
    while text is not None:
        ref = Ref.parse(text)
        node = graph.get(ref.node)
        if node is None or ref in visited:
            return
        visited.add(ref)
        yield ref, node
        text = onward(node, ref)


def source_through(graph: Graph, tensor: str, ops: Iterable[str]) -> Ref:
    """The tensor that ops only hand on, by the first input of each.

    Args:
        graph: The graph.
        tensor: An input as it stands in a node.
        ops: The ops that are looked through; only their first output hands anything on.

    Returns:
        The first tensor on the way that comes from another op, or from a node that is not there;
        on a cycle the last that was reached.
    """
    found = Ref.parse(tensor)

    def onward(node: Node, ref: Ref) -> str | None:
        data = node.data_inputs
        return data[0] if node.op in ops and not ref.index and data else None

    for ref, node in follow(graph, tensor, onward):
        found = ref
        text = onward(node, ref)
        if text is not None and graph.get(producer(text)) is None:
            return Ref.parse(text)
    return found


def reach(starts: Iterable[T], onward: Callable[[T], Iterable[T]]) -> Iterator[T]:
    """Everything that can be reached from some nodes or names, each once, the starts first.

    Args:
        starts: Where to begin.
        onward: What is next to one of them; called once for each, after it was yielded.
    """
    stack = list(dict.fromkeys(starts))[::-1]
    seen = set(stack)
    while stack:
        current = stack.pop()
        yield current
        found = [item for item in dict.fromkeys(onward(current)) if item not in seen]
        seen.update(found)
        stack += reversed(found)
