"""How much memory LiteRT plans for the tensors that are computed.

Source: LiteRT's `arena_planner.cc` and `simple_memory_arena.cc`: a tensor lives from the operator
that computes it to the last that reads it, inputs and outputs all the time; what RESHAPE gives
shares the memory of what it reads. The largest tensors are placed first, each in the smallest gap
that fits. Of what kernels take for themselves only the patches of integer convolutions are known
(`conv.cc`); delegates plan memory of their own.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from graphtools.formats.tflite.model import Subgraph, TFLiteTensor
from graphtools.graph.dtypes import dtype

#: Bytes to which the place of a tensor is aligned.
_ALIGNMENT = 64
#: Operators whose output is the memory of their first input, where only they read it.
_SHARES = frozenset({"RESHAPE", "EXPAND_DIMS", "SQUEEZE", "BITCAST"})


class Arena(NamedTuple):
    """The memory that is planned for a subgraph.

    Attributes:
        bytes: Its size.
        busiest: Index of the operator while which the tensors that live take the most; -1 for none.
        live_bytes: What these take.
        unknown: Number of tensors whose size is not known before the model runs.
    """

    bytes: int
    busiest: int
    live_bytes: int
    unknown: int


class _Life(NamedTuple):
    size: int
    first: int
    last: int


def tensor_bytes(tensor: TFLiteTensor) -> int | None:
    """Bytes of a tensor in memory; None where its size is not known."""
    if tensor.dtype.startswith("unknown") or tensor.dtype in ("string", "resource", "variant"):
        return None
    size, count = dtype(tensor.dtype).size, tensor.shape.elements
    return None if count is None or not size else count * size


def plan_arena(subgraph: Subgraph) -> Arena:
    """Plan the memory of a subgraph's tensors, constants left out.

    Example:
        >>> model = open_model("fixtures/quant/model.tflite")
        >>> plan_arena(model.subgraphs[0]).bytes
        3008
    """
    lives, unknown = _lives(subgraph)
    end = max(len(subgraph.operators) - 1, 0)
    order = sorted(lives, key=lambda life: (-(life.first <= 0 and life.last >= end), -life.size))
    placed: list[tuple[int, _Life]] = []
    for life in order:
        placed.append((_place(life, placed), life))
    busiest, most = -1, 0
    for operator in subgraph.operators:
        live = sum(x.size for x in lives if x.first <= operator.index <= x.last)
        if live > most:
            busiest, most = operator.index, live
    size = max((place + life.size for place, life in placed), default=0)
    return Arena(size, busiest, most, unknown)


def _lives(subgraph: Subgraph) -> tuple[list[_Life], int]:
    """From which operator to which tensors live, and how many have no known size."""
    end = max(len(subgraph.operators) - 1, 0)
    kept = {*subgraph.inputs, *subgraph.outputs}
    first: dict[int, int] = {i: 0 for i in subgraph.inputs if i >= 0}
    first |= {t.index: 0 for t in subgraph.tensors if t.is_variable}
    last: dict[int, int] = dict.fromkeys(first, end)
    owner: dict[int, int] = {}
    readers: dict[int, int] = {}
    for operator in subgraph.operators:
        for index in operator.inputs:
            readers[index] = readers.get(index, 0) + 1
    for operator in subgraph.operators:
        source = operator.inputs[0] if operator.inputs else -1
        shares = operator.op in _SHARES and owner.get(source, source) in first
        shares = shares and readers[source] == 1 and source not in kept
        for place, index in enumerate(operator.outputs):
            if index >= 0 and shares and not place and index not in kept:
                owner[index] = owner.get(source, source)
            elif index >= 0:
                first.setdefault(index, operator.index)
        for index in (*operator.inputs, *operator.outputs):
            held = owner.get(index, index)
            if held in first:
                last[held] = max(last.get(held, 0), operator.index)
    last |= {i: end for i in first if i in kept}
    found, unknown = _patches(subgraph), 0
    for index, start in first.items():
        tensor = subgraph.tensors[index]
        size = None if tensor.is_constant else tensor_bytes(tensor)
        unknown += size is None and not tensor.is_constant
        if size:
            found.append(_Life(size, start, last.get(index, start)))
    return found, unknown


def _patches(subgraph: Subgraph) -> list[_Life]:
    """The patches that integer convolutions copy out of their input, unless these are pixels."""
    found = []
    for operator in subgraph.operators:
        if operator.op != "CONV_2D" or len(operator.inputs) < 2 or min(operator.inputs[:2]) < 0:
            continue
        given, weights = (subgraph.tensors[i] for i in operator.inputs[:2])
        outputs = [subgraph.tensors[i].shape.dims for i in operator.outputs[:1] if i >= 0]
        before, filters = given.shape.dims, weights.shape.dims
        after = outputs[0] if outputs else None
        if "int" not in given.dtype or not before or not filters or not after:
            continue
        if None in (*before, *filters, *after) or len(filters) != 4 or len(after) != 4:
            continue
        patch = prod(d or 0 for d in filters[1:])
        if tuple(filters[1:3]) != (1, 1) or before[1:3] != after[1:3]:
            count = prod(d or 0 for d in after[:3]) * patch
            found.append(_Life(count * dtype(given.dtype).size, operator.index, operator.index))
    return found


def _place(life: _Life, placed: list[tuple[int, _Life]]) -> int:
    """Where a tensor goes: the smallest gap between those that live at the same time."""
    busy = sorted(
        (place, place + other.size)
        for place, other in placed
        if other.first <= life.last and life.first <= other.last
    )
    best, best_gap, current = -1, -1, 0
    for start, stop in busy:
        aligned = -(-current // _ALIGNMENT) * _ALIGNMENT
        gap = start - aligned
        if gap >= life.size and (best < 0 or gap < best_gap):
            best, best_gap = aligned, gap
        current = max(current, stop)
    return best if best >= 0 else -(-current // _ALIGNMENT) * _ALIGNMENT
