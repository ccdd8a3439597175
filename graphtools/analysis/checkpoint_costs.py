"""Where a checkpoint's parameters and bytes are."""

from __future__ import annotations

import dataclasses

from graphtools.analysis.sizes import Item, Size, by_scope, informative_scopes, total
from graphtools.display import Displayed
from graphtools.formats.checkpoint import OBJECT_GRAPH, Checkpoint
from graphtools.graph.variables import is_optimizer_slot
from graphtools.idioms.moving_average import is_moving_average


@dataclasses.dataclass(frozen=True)
class RunCost:
    """What one run of the graph beside a checkpoint costs.

    Attributes:
        graph: The file of the graph.
        macs: Multiply-accumulates.
        flops: Floating point operations, as TensorFlow's profiler counts them.
        is_whole: Whether that is all: shapes are known.
        assumed: Names of the inputs of whose batches of 1 were assumed.
    """

    graph: str
    macs: int
    flops: int
    is_whole: bool
    assumed: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class CheckpointCosts(Displayed):
    """Where a checkpoint's parameters and bytes are.

    Attributes:
        by: What the rows stand for: `scope` or `node`, which is a tensor here.
        rows: Parameters by scope or tensor, the most bytes first.
        parameters: The weights: tensors of floating point that are none of the others.
        optimizer_slots: What an optimizer keeps.
        moving_averages: Averages of weights, beside them.
        other: Steps and other numbers.
        work: What a run costs, where the graph lies beside.
    """

    by: str
    rows: dict[str, Size]
    parameters: Size
    optimizer_slots: Size
    moving_averages: Size
    other: Size
    work: RunCost | None = None


def checkpoint_costs(
    checkpoint: Checkpoint,
    *,
    by: str = "scope",
    depth: int | None = None,
    work: RunCost | None = None,
) -> CheckpointCosts:
    """Say where a checkpoint's parameters and bytes are; values are not read.

    Args:
        checkpoint: The checkpoint.
        by: What the rows stand for: `scope`, or `node` for each tensor.
        depth: How many scopes deep; by default so deep that there are several.
        work: What a run costs, where that is known.

    Example:
        >>> checkpoint_costs(open_model("fixtures/classifier/train/model.ckpt-2000")).parameters
        Size(count=17, elements=714, bytes=2856)
    """
    kinds: dict[str, list[Item]] = {"slot": [], "average": [], "weight": [], "other": []}
    for tensor in checkpoint.values():
        if tensor.name == OBJECT_GRAPH:
            continue
        elements = tensor.shape.elements or 0
        item = Item(tensor.name, tensor.dtype, tensor.shape, elements, tensor.nbytes)
        kinds[_kind(item)].append(item)
    weights = kinds["weight"]
    if by == "node":
        rows = {item.name: Size(1, item.elements, item.bytes) for item in weights}
        rows = dict(sorted(rows.items(), key=lambda row: (-row[1].bytes, row[0])))
    else:
        rows = by_scope(weights, depth) if depth else informative_scopes(weights)
    return CheckpointCosts(
        by, rows, total(weights), total(kinds["slot"]), total(kinds["average"]),
        total(kinds["other"]), work,
    )  # fmt: skip


def _kind(item: Item) -> str:
    if is_optimizer_slot(item.name):
        return "slot"
    if is_moving_average(item.name):
        return "average"
    return "weight" if item.dtype and item.dtype.is_floating else "other"
