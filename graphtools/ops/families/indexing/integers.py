"""Integers that are picked, where either values or choice are known in part."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.ops.call import Call, Integers, integer_function
from graphtools.ops.families._integers import Number


@integer_function("Select", "SelectV2")
def select(call: Call) -> Integers | None:
    """Elements of the one or the other tensor; where that is unknown, what both have."""
    condition, then, otherwise = (call.integers(position) for position in (0, 1, 2))
    if then is None or otherwise is None or then.dims != otherwise.dims:
        return None
    shape = call.input(0)
    if shape is None:
        return None
    added = shape[: max(0, len(shape) - len(then.dims))]
    pairs = zip(shape[::-1], then.dims[::-1], strict=False)
    if any(d != 1 for d in added) or any(d not in (1, t) for d, t in pairs):
        return None  # they are broadcast to the condition
    which: Sequence[Number]
    if condition is None or (len(condition.items) > 1 and condition.dims != then.dims):
        which = (None,) * len(then.items)
    elif len(condition.items) == 1:
        which = condition.items * len(then.items)
    else:
        which = condition.items
    items = tuple(
        (a if a == b else None) if c is None else a if c else b
        for c, a, b in zip(which, then.items, otherwise.items, strict=True)
    )
    return Integers((*[1] * len(added), *then.dims), items)


@integer_function("Gather", "GatherV2")
def gather(call: Call) -> Integers | None:
    """Elements of a list, by their positions."""
    whole, where = call.integers(0), call.integers(1)
    if whole is None or where is None or len(whole.dims) != 1:
        return None
    count = len(whole.items)
    if any(i is not None and not 0 <= i < count for i in where.items):
        return None
    return Integers(where.dims, tuple(None if i is None else whole.items[i] for i in where.items))
