"""How many multiply-accumulates an operator takes, by the shapes in the file."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from graphtools.formats.tflite.model import Operator, Subgraph, TFLiteTensor


def operator_macs(graph: Subgraph, operator: Operator) -> int:
    """Multiply-accumulates of an operator in one run; 0 where it has none, or shapes are not known.

    A convolution takes one for each element of its output and each of the filter that this depends
    on: weights are [out, h, w, in], for depthwise convolutions [1, h, w, out], for fully-connected
    layers [out, in].
    """
    inputs = [graph.tensors[i] if i >= 0 else None for i in operator.inputs]
    outputs = [graph.tensors[i] if i >= 0 else None for i in operator.outputs]
    dims = [_dims(t) for t in inputs]
    out = _dims(outputs[0]) if outputs else None
    if not out or len(dims) < 2:
        return 0
    if operator.op == "TRANSPOSE_CONV":  # output shape, weights, input
        weights, source = dims[1], dims[2] if len(dims) > 2 else None
        return prod(source) * prod(weights[:3]) if weights and source else 0
    weights = dims[1]
    if not weights:
        return 0
    if operator.op in ("CONV_2D", "CONV_3D", "FULLY_CONNECTED"):
        return prod(out) * _each(operator.op, weights)
    if operator.op == "DEPTHWISE_CONV_2D" and len(weights) == 4:
        return prod(out) * weights[1] * weights[2]
    if operator.op == "BATCH_MATMUL" and dims[0]:
        return prod(out) * _inner(dims[0], out)
    return 0


def _each(op: str, weights: tuple[int, ...]) -> int:
    """Elements of the weights that one element of the output depends on."""
    if op == "CONV_3D":  # depth, height, width, in, out
        return prod(weights[:-1])
    return prod(weights[1:])


def _inner(left: tuple[int, ...], out: tuple[int, ...]) -> int:
    """The dimension that a product of matrices sums over: the left one's that is not the rows."""
    return prod(left) // max(1, prod(out[:-1]))


def _dims(tensor: TFLiteTensor | None) -> tuple[int, ...] | None:
    dims = tensor.shape.dims if tensor is not None else None
    known: Iterable[int | None] = dims or ()
    found = tuple(d for d in known if d is not None)
    return found if dims and len(found) == len(dims) else None
