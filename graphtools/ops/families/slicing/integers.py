"""Slices of lists of integers."""

from __future__ import annotations

from graphtools.ops.call import Call, Integers, integer_function
from graphtools.ops.families.slicing.attributes import block, strided_index


@integer_function("StridedSlice")
def strided_slice(call: Call) -> Integers | None:
    """Part of a list, or one of its elements."""
    whole = call.integers(0)
    if whole is None or len(whole.dims) != 1:
        return None
    entries = strided_index(call, whole.dims) or []
    if len(entries) != 1:
        return None
    (entry,) = entries
    if entry.is_single:
        index, count = entry.start, len(whole.items)
        known = index is not None and -count <= index < count
        return Integers((), (whole.items[index or 0],)) if known else None
    if not entry.is_known or not entry.step:
        return None
    items = whole.items[entry.start : entry.end : entry.step]
    return Integers((len(items),), items)


@integer_function("Slice")
def slice_(call: Call) -> Integers | None:
    """Part of a list; the size -1 means all that is left."""
    whole = call.integers(0)
    if whole is None or len(whole.dims) != 1:
        return None
    ((start, size),) = block(call, whole.dims)
    if start is None or size is None or start + size > len(whole.items):
        return None
    return Integers((size,), whole.items[start : start + size])
