"""Names of tensors in graphs that may be damaged: what is no name is no constant, and no output."""

from __future__ import annotations

from graphtools.errors import InvalidValue
from graphtools.graph.graph import Graph
from graphtools.rewrite.constants import Constant, find_constant


def output_number(text: str) -> int:
    """The number of the output that an input of a node reads; 0 for what is no name of a tensor."""
    index = text.partition(":")[2]
    return int(index) if index.isascii() and index.isdigit() else 0


def constant_of(graph: Graph, text: str) -> Constant | None:
    """The constant that an input of a node stands for, None if it is none."""
    try:
        return find_constant(graph, text)
    except InvalidValue:  # a name that TensorFlow refuses, which is reported as such
        return None
