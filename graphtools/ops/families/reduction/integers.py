"""Reductions of lists of integers of which some are unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from graphtools.ops.call import Call, Integers, integer_function
from graphtools.ops.dims import canonical_axis
from graphtools.ops.families._integers import Number, in_range

_REDUCTIONS: dict[str, Callable[[Sequence[int]], int]] = {
    "Sum": sum,
    "Prod": math.prod,
    "Max": max,
    "Min": min,
    "All": all,
    "Any": any,
}


@integer_function(*_REDUCTIONS)
def reduction(call: Call) -> Integers | None:
    """A list reduced to one value."""
    found, axes = call.integers(0), call.integers(1)
    if found is None or axes is None or len(found.dims) > 1 or None in axes.items:
        return None
    if not axes.items or not found.dims:
        return found
    for axis in axes.items:
        canonical_axis(axis or 0, 1)
    values = [v for v in found.items if v is not None]
    result: Number = None
    if len(values) == len(found.items) and (values or call.node.op not in ("Max", "Min")):
        result = _REDUCTIONS[call.node.op](values)
    elif call.node.op == "Prod" and 0 in values:
        result = 0
    dims = (1,) if call.bool_attr("keep_dims") else ()
    return Integers(dims, in_range(call, [result]))
