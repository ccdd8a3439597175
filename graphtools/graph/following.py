"""Follows tensors through a graph. Every loop that walks from node to node goes through here.

A file may hold cycles, so that a walk which trusts the graph may never end. These bound themselves:
no tensor or node is visited twice.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
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
        found = []
        for item in onward(current):
            if item not in seen:
                seen.add(item)
                found.append(item)
        stack += found[::-1]


def ancestors_of(
    graph: Graph, names: Iterable[str], *, control: bool = True, ends: Container[str] = ()
) -> set[str]:
    """Names of the nodes on which some nodes depend, and of these, as far as they are there.

    Args:
        graph: The graph, which may be damaged or cyclic.
        names: Names of the nodes.
        control: Whether control dependencies count.
        ends: Names of nodes; what these read does not count.
    """
    stack = [node for name in dict.fromkeys(names) if (node := graph.get(name)) is not None]
    found = {node.name for node in stack}
    while stack:  # as `reach`, without a call for each node of graphs that have many
        node = stack.pop()
        if node.name in ends:
            continue
        for text in node.inputs if control else node.data_inputs:
            name = producer(text)
            source = None if name in found else graph.get(name)
            if source is not None:
                found.add(name)
                stack.append(source)
    return found
