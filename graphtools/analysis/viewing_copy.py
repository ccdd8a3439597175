"""A copy of a graph for those who look at it in another program: without weights, with shapes."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.inference import infer_shapes

#: Constants of more bytes lose their values: no viewer shows that many.
MOST_BYTES = 1024
#: Where TensorBoard looks for the shapes of what a node gives.
_SHAPES = "_output_shapes"


class ViewingCopy(NamedTuple):
    """A copy of a graph to be looked at, not to be run.

    Attributes:
        graph: The copy.
        emptied: Number of constants that were left without their values.
        bytes_left_out: Bytes of these values.
    """

    graph: Graph
    emptied: int
    bytes_left_out: int


def viewing_copy(
    graph: Graph, *, with_shapes: bool = False, with_weights: bool = False
) -> ViewingCopy:
    """Copy a graph without the values of large constants, which keep dtype and shape.

    Args:
        graph: The graph.
        with_shapes: Whether each node gets the attribute `_output_shapes`, inferred where it is not
            there, which TensorBoard writes along the edges.
        with_weights: Whether the values of large constants are kept.
    """
    twin = graph.copy()
    emptied = left_out = 0
    for node in twin:
        tensor = None if with_weights or node.op != "Const" else node.tensor
        if tensor is not None and tensor.nbytes > MOST_BYTES:
            emptied += 1
            left_out += tensor.nbytes
            twin.set_attr(node, "value", Tensor.without_values(tensor.dtype, tensor.shape))
    if with_shapes:
        _write_shapes(graph, twin)
    return ViewingCopy(twin, emptied, left_out)


def _write_shapes(graph: Graph, twin: Graph) -> None:
    inference = infer_shapes(graph)
    for node in twin:
        if _SHAPES in node.attrs:
            continue
        shapes = inference.shapes(node.name)
        if shapes:
            twin.set_attr(node, _SHAPES, [Shape(dims) for dims in shapes])
