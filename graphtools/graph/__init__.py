"""Graphs, nodes, references, tensors and dtypes. Nothing here opens a file."""

from graphtools.graph.attributes import Attr, FunctionRef, Placeholder
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Function, Graph, Versions
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor

__all__ = [
    "Attr",
    "DType",
    "Function",
    "FunctionRef",
    "Graph",
    "Node",
    "Placeholder",
    "Ref",
    "Shape",
    "Tensor",
    "Versions",
    "dtype",
]
