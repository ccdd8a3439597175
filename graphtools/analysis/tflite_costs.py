"""What the operators of a TFLite model cost, by the shapes in the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from graphtools.analysis.model_costs import (
    GROUPINGS,
    CostRow,
    ModelCosts,
    add_costs,
    concentrations,
    cost_rows,
)
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.arena import plan_arena, tensor_bytes
from graphtools.formats.tflite.as_graph import graph_of_tflite
from graphtools.formats.tflite.macs import operator_macs
from graphtools.formats.tflite.model import Operator, TFLiteModel, TFLiteTensor
from graphtools.graph.graph import Graph


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


def tflite_costs(model: TFLiteModel, *, by: str = "op", depth: int | None = None) -> ModelCosts:
    """Where a TFLite model's parameters, bytes and multiply-accumulates are.

    Operators of the first subgraph count, by the shapes in the file; a constant counts for the
    first that reads it. The peak is the memory that LiteRT plans for what is computed, see
    `formats.tflite.arena`.

    Args:
        model: The model.
        by: What the rows stand for: `op`, `scope` or `node`.
        depth: How many scopes deep, for `scope`; by default so deep that there are several.

    Raises:
        InvalidValue: `by` is none of these, or the model has no subgraph.

    Example:
        >>> tflite_costs(open_model("fixtures/quant/model.tflite")).total.parameters
        412
    """
    if by not in GROUPINGS:
        raise InvalidValue(f"{by!r} is no grouping", f"there are {', '.join(GROUPINGS)}")
    if not model.subgraphs:
        raise InvalidValue(f"{model.path} has no subgraph, so that nothing is computed")
    main = model.subgraphs[0]
    costs: dict[str, list[int]] = {}
    ops: dict[str, str] = {}
    names = node_names(graph_of_tflite(model))
    for row, op in operator_rows(model, names):
        ops[row.name] = op
        numbers = (row.parameters, row.parameter_bytes, row.macs, row.flops, row.activation_bytes)
        if any(numbers) or op != CONSTANT:
            add_costs(costs, row.name, (1, *numbers))
    rows = cost_rows(costs, ops, by, depth)
    arena = plan_arena(main)
    busiest = main.operators[arena.busiest] if arena.busiest >= 0 else None
    inputs = [main.tensors[i] for i in main.inputs if i >= 0]
    shapes = {t.name: t.shape_signature.to_json() for t in inputs}
    return ModelCosts(
        by,
        tuple(rows),
        sum(rows, CostRow()),
        tuple(concentrations(costs, ops)),
        arena.bytes,
        _named(busiest, names),
        arena.unknown,
        shapes,
        (),
        {},
        (),
        (),
    )


def _named(operator: Operator | None, names: Mapping[int, str]) -> str:
    outputs = operator.outputs if operator is not None else ()
    return next((names[index] for index in outputs if index in names), "")


#: Stands for the op of a constant that no operator reads.
CONSTANT = "Const"


def node_names(graph: Graph) -> dict[int, str]:
    """By index of a tensor of the first subgraph, its node in the graph that is shown."""
    found: dict[int, str] = {}
    for node in graph:
        tensors = node.attrs.get("_tensors")
        for index in tensors if isinstance(tensors, list) else ():
            if isinstance(index, int):
                found[index] = node.name
    return found


def operator_rows(model: TFLiteModel, names: Mapping[int, str]) -> Iterator[tuple[CostRow, str]]:
    """What the nodes of the first subgraph cost, with their ops: operators, and constants that none
    of them reads.

    Args:
        model: The model.
        names: What `node_names` gives.
    """
    main = model.subgraphs[0]
    counted: set[int] = set()

    def weights(indices: Iterable[int]) -> tuple[int, int]:
        own = [main.tensors[i] for i in indices if i >= 0 and main.tensors[i].buffer not in counted]
        counted.update(t.buffer for t in own)
        own = [t for t in own if is_weight(t)]
        return sum(t.shape.elements or 0 for t in own), sum(t.buffer_bytes for t in own)

    for operator in main.operators:
        macs = operator_macs(main, operator)
        made = sum(tensor_bytes(main.tensors[i]) or 0 for i in operator.outputs if i >= 0)
        name = _named(operator, names)
        if name:
            row = CostRow(name, 1, *weights(operator.inputs), macs, 2 * macs, made)
            yield row, operator.op
    for tensor in main.tensors:
        if tensor.is_constant and tensor.buffer not in counted and tensor.index in names:
            yield CostRow(names[tensor.index], 1, *weights([tensor.index])), CONSTANT


def is_weight(tensor: TFLiteTensor) -> bool:
    """Whether a constant stands for real values: floats, and integers with a scale."""
    is_quantized = tensor.quantization is not None and bool(tensor.quantization.scale)
    return tensor.is_constant and (tensor.dtype.startswith(("float", "bfloat")) or is_quantized)


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
