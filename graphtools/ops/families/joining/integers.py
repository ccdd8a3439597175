"""Lists of integers that are joined and taken apart."""

from __future__ import annotations

import math

from graphtools.ops.call import MOST_INTEGERS, Call, Integers, integer_function
from graphtools.ops.dims import elements
from graphtools.ops.families.joining.attributes import joined, packed_axis, split_sizes


@integer_function("Pack")
def pack(call: Call) -> Integers | None:
    """Tensors along a new first axis; those of which nothing is known by their shapes."""
    parts = [_known_or_blank(call, position) for position in range(len(call.inputs))]
    first = parts[0] if parts else None
    if first is None or any(p is None or p.dims != first.dims for p in parts):
        return None
    if packed_axis(call, len(first.dims) + 1) and first.dims:
        return None
    items = tuple(item for p in parts if p is not None for item in p.items)
    return Integers((len(parts), *first.dims), items)


@integer_function("ConcatV2", "Concat")
def concat(call: Call) -> Integers | None:
    """Lists one behind the other."""
    parts = [_known_or_blank(call, position) for position in joined(call)[1]]
    if any(p is None or len(p.dims) != 1 for p in parts):
        return None
    items = tuple(item for p in parts if p is not None for item in p.items)
    return Integers((len(items),), items)


@integer_function("Unpack")
def unpack(call: Call) -> list[Integers | None]:
    """The parts of a tensor along its first axis."""
    found = call.integers(0)
    if found is None or not found.dims or packed_axis(call, len(found.dims)):
        return []
    inner = found.dims[1:]
    step = math.prod(inner)
    return [Integers(inner, found.items[i * step : (i + 1) * step]) for i in range(found.dims[0])]


@integer_function("Split", "SplitV")
def split(call: Call) -> list[Integers | None]:
    """The parts of a list: equal ones, or of stated sizes of which one may be left open."""
    whole = call.integers(1 if call.node.op == "Split" else 0)
    if whole is None or len(whole.dims) != 1:
        return []
    found: list[Integers | None] = []
    start = 0
    for length in split_sizes(call, whole.dims, 0):
        if length is None:
            return []
        found.append(Integers((length,), whole.items[start : start + length]))
        start += length
    return found if start == len(whole.items) else []


def _known_or_blank(call: Call, position: int) -> Integers | None:
    """The values of an input, all unknown where only its shape is known."""
    found = call.integers(position)
    if found is not None:
        return found
    dims = call.input(position)
    count = elements(dims)
    if dims is None or count is None or count > MOST_INTEGERS:
        return None
    return Integers(tuple(d or 0 for d in dims), (None,) * count)
