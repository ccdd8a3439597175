"""What the operators of a TFLite model cost, by the shapes in the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from math import prod

from graphtools.display import Displayed
from graphtools.formats.tflite.model import Operator, Subgraph, TFLiteModel, TFLiteTensor


@dataclasses.dataclass(frozen=True)
class OperatorKind:
    """The operators of a kind.

    Attributes:
        op: Name, as `CONV_2D`.
        count: Number of operators in the first subgraph.
        macs: Multiply-accumulates of one run; 0 for operators without weights or products.
        weight_bytes: Bytes of the constants that they read.
    """

    op: str
    count: int
    macs: int
    weight_bytes: int


@dataclasses.dataclass(frozen=True)
class TFLiteCosts(Displayed):
    """What a TFLite model costs.

    Attributes:
        kinds: Its operators by kind.
        parameters: Number of elements of its constants that stand for real values: floats, and
            integers with a scale; shapes and axes are none.
        parameter_bytes: Bytes of these.
        macs: Multiply-accumulates of one run, by the shapes in the file.
        flops: Floating point operations of these, two each; what has no weights is not counted.
    """

    kinds: tuple[OperatorKind, ...]
    parameters: int
    parameter_bytes: int
    macs: int
    flops: int


def tflite_costs(model: TFLiteModel) -> TFLiteCosts:
    """What a TFLite model costs; a constant that several subgraphs have counts once.

    Example:
        >>> tflite_costs(open_model("fixtures/quant/model.tflite")).parameters
        412
    """
    weights = {
        t.buffer: t
        for subgraph in model.subgraphs
        for t in subgraph.tensors
        if t.is_constant
        and (t.dtype.startswith(("float", "bfloat")) or (t.quantization and t.quantization.scale))
    }
    kinds = operator_kinds(model)
    macs = sum(kind.macs for kind in kinds)
    return TFLiteCosts(
        kinds,
        sum(t.shape.elements or 0 for t in weights.values()),
        sum(t.buffer_bytes for t in weights.values()),
        macs,
        2 * macs,
    )


def operator_kinds(model: TFLiteModel) -> tuple[OperatorKind, ...]:
    """The kinds of operators of a model's first subgraph, the most multiply-accumulates first."""
    graph = model.subgraphs[0]
    tensors = {t.index: t for t in graph.tensors}
    found: dict[str, OperatorKind] = {}
    for operator in graph.operators:
        inputs = [tensors[i] for i in operator.inputs if i in tensors]
        known = found.get(operator.op, OperatorKind(operator.op, 0, 0, 0))
        found[operator.op] = OperatorKind(
            operator.op,
            known.count + 1,
            known.macs + operator_macs(graph, operator),
            known.weight_bytes + sum(t.buffer_bytes for t in inputs),
        )
    return tuple(sorted(found.values(), key=lambda kind: (-kind.macs, -kind.count, kind.op)))


def operator_macs(graph: Subgraph, operator: Operator) -> int:
    """Multiply-accumulates of an operator in one run; 0 where it has none, or shapes are not known.

    A convolution takes one for each element of its output and each of the filter that this depends
    on: weights are [out, h, w, in], for depthwise convolutions [1, h, w, out], for fully-connected
    layers [out, in].
    """
    tensors = {t.index: t for t in graph.tensors}
    inputs = [tensors.get(i) for i in operator.inputs]
    outputs = [tensors.get(i) for i in operator.outputs]
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
