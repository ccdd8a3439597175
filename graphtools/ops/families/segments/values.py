"""Sums and the like over segments.

Floats are added in double precision, and the sum is rounded; integers wrap around.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array

_COMBINE: dict[str, tuple[Any, int]] = {
    "SegmentSum": (np.add, 0),
    "SegmentMean": (np.add, 0),
    "SegmentProd": (np.multiply, 1),
    "SegmentMax": (np.maximum, 0),
    "SegmentMin": (np.minimum, 0),
}


@kernel(*_COMBINE)
def segments(call: Call, x: Array, ids: Array) -> Array:
    """Rows that have the same number, combined; the numbers rise."""
    if ids.ndim != 1 or not x.ndim or len(ids) != len(x):
        raise NotConstant("one number a row was expected")
    if ids.size and (ids[0] < 0 or (ids[1:] < ids[:-1]).any()):
        raise NotConstant("the numbers do not rise")
    count = int(ids[-1]) + 1 if ids.size else 0
    combine, default = _COMBINE[call.node.op]
    sums = _combined(call, x, ids, count, combine, default)
    if call.node.op == "SegmentMean":
        if x.dtype.kind not in "fc":
            raise NotConstant("the mean of integers is rounded on the way")
        sizes = np.maximum(np.bincount(ids, minlength=count), 1)
        sums = sums / sizes.reshape([-1] + [1] * (x.ndim - 1))
    return sums


@kernel("UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMax", "UnsortedSegmentMin")
def unsorted_segments(call: Call, x: Array, ids: Array, num: Array) -> Array:
    """Elements that have the same number, combined; those with a negative number are left out."""
    count = _checks.integer(num)
    if ids.size and ids.max() >= count:
        raise NotConstant(f"a number is not below {count}")
    combine, default = _COMBINE[call.node.op[len("Unsorted") :]]
    start: Any = default
    if call.node.op.endswith(("Max", "Min")):
        if x.dtype.kind not in "iuf" or _checks.is_narrow(call):
            raise NotConstant("the values have no order, or no lowest one that is held")
        limits: Any = np.finfo(x.dtype) if x.dtype.kind == "f" else np.iinfo(x.dtype)
        start = limits.min if call.node.op.endswith("Max") else limits.max
    kept = ids.reshape(-1) >= 0
    rows = x.reshape(ids.size, *x.shape[ids.ndim :])[kept]
    return _combined(call, rows, ids.reshape(-1)[kept], count, combine, start)


def _combined(call: Call, x: Array, ids: Array, count: int, combine: Any, default: Any) -> Array:
    """Rows combined by number, those numbers that have none filled with a default."""
    inner = x.shape[1:]
    require_room(count * math.prod(inner))
    if combine in (np.add, np.multiply):
        _checks.refuse_narrow(call)
        x = _checks.wide(x)
    else:
        _checks.refuse_nan(x)
        if x.dtype.kind == "c":
            raise NotConstant("the values have no order")
    found = np.full((count, *inner), default, x.dtype)
    there, first = np.unique(ids, return_index=True)
    found[there] = x[first]
    rest = np.ones(len(ids), bool)
    rest[first] = False
    combine.at(found, ids[rest], x[rest])
    return found
