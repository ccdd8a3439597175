"""Who reads a node: by data, output for output, or only by a control edge.

A reader by control edge waits for a node and shares none of its values. Whether an output is also
one of the graph's own is told by who asked for it (`Job.is_kept`, the endpoints of a model).
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer


class Reader(NamedTuple):
    """A data input that is an output of some node.

    Attributes:
        node: The node that reads.
        position: Number of its data input.
        output: Number of the output that it reads.
    """

    node: Node
    position: int
    output: int


def data_readers(graph: Graph, name: str, output: int | None = None) -> Iterator[Reader]:
    """The data inputs that a node is read by, each once.

    Args:
        graph: The graph.
        name: Name of the node that is read.
        output: Number of the one output that counts; all if None.

    Example:
        >>> [reader.node.name for reader in data_readers(graph, "conv/weights")]
        ['conv']
    """
    for node in graph.consumers(name):
        for position, text in enumerate(node.data_inputs):
            if producer(text) == name:
                read = Ref.parse(text).index
                if output is None or read == output:
                    yield Reader(node, position, read)


def tensor_readers(graph: Graph, tensor: str) -> Iterator[Reader]:
    """The data inputs that are a tensor, given as it stands in nodes."""
    ref = Ref.parse(tensor)
    return data_readers(graph, ref.node, ref.index)


def other_reader(graph: Graph, name: str, known: Container[str]) -> Node | None:
    """The first node that reads a node's values and is none of some; None if there is none.

    Args:
        graph: The graph.
        name: Name of the node that is read.
        known: Names of the nodes that may read it.
    """
    found = (reader.node for reader in data_readers(graph, name))
    return next((node for node in found if node.name not in known), None)


def sole_reader(graph: Graph, name: str) -> Reader | None:
    """The only data input that a node is read by; None if there are none or several."""
    found = data_readers(graph, name)
    first = next(found, None)
    return first if next(found, None) is None else None
