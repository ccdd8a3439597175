"""What the operators of a TFLite model cost, by the shapes in the file."""

from __future__ import annotations

import dataclasses

from graphtools.display import Displayed
from graphtools.formats.tflite.macs import operator_macs
from graphtools.formats.tflite.model import TFLiteModel


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
