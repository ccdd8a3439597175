"""Slices of lists of integers."""

from __future__ import annotations

from graphtools.ops.call import Call, Integers, integer_function


@integer_function("StridedSlice")
def strided_slice(call: Call) -> Integers | None:
    """Part of a list, or one of its elements."""
    whole = call.integers(0)
    bounds = [call.integers(position) for position in (1, 2, 3)]
    if whole is None or len(whole.dims) != 1 or call.int_attr("new_axis_mask"):
        return None
    if any(b is None or len(b.items) > 1 for b in bounds):
        return None
    if any(b is not None and not b.items for b in bounds) or call.int_attr("ellipsis_mask") & 1:
        return whole
    begin, end, step = (b.items[0] if b is not None else None for b in bounds)
    if step is None or not step:
        return None
    if call.int_attr("shrink_axis_mask") & 1:
        if begin is None or not -len(whole.items) <= begin < len(whole.items):
            return None
        return Integers((), (whole.items[begin],))
    if call.int_attr("begin_mask") & 1:
        begin = None
    elif begin is None:
        return None
    if call.int_attr("end_mask") & 1:
        end = None
    elif end is None:
        return None
    items = whole.items[begin:end:step]
    return Integers((len(items),), items)


@integer_function("Slice")
def slice_(call: Call) -> Integers | None:
    """Part of a list; the size -1 means all that is left."""
    whole, begin, length = call.integers(0), call.integer(1), call.integer(2)
    if whole is None or len(whole.dims) != 1 or begin is None or length is None:
        return None
    end = len(whole.items) if length == -1 else begin + length
    if not 0 <= begin <= end <= len(whole.items):
        return None
    return Integers((end - begin,), whole.items[begin:end])
