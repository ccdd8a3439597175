"""Integers that are arranged anew."""

from __future__ import annotations

import math

from graphtools.ops.call import MOST_INTEGERS, Call, Integers, integer_function
from graphtools.ops.dims import is_known


@integer_function("ExpandDims", "Squeeze", "Reshape")
def reshaped(call: Call) -> Integers | None:
    """The same elements in another shape, that of inference."""
    found = call.integers(0)
    dims = call.output_dims(0)
    if found is None or dims is None or not is_known(dims):
        return None
    if math.prod(d or 0 for d in dims) != len(found.items):
        return None
    return Integers(tuple(d or 0 for d in dims), found.items)


@integer_function("Tile")
def tile(call: Call) -> Integers | None:
    """A list, repeated."""
    whole, times = call.integers(0), call.integer(1)
    if whole is None or len(whole.dims) != 1 or times is None or times < 0:
        return None
    if len(whole.items) * times > MOST_INTEGERS:
        return None
    items = whole.items * times
    return Integers((len(items),), items)


@integer_function("Reverse", "ReverseV2")
def reverse(call: Call) -> Integers | None:
    """A list backwards."""
    whole, which = call.integers(0), call.vector(1)
    if whole is None or len(whole.dims) != 1 or which is None or None in which:
        return None
    # Reverse says for each axis whether it is turned, ReverseV2 lists those that are
    turned = any(which) if call.node.op == "Reverse" else bool(which)
    return Integers(whole.dims, whole.items[::-1] if turned else whole.items)
