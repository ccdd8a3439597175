"""What is computed from shapes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, move
from graphtools.ops.families import _checks

Array = NDArray[Any]


@move("BroadcastArgs")
def broadcast_args(_call: Call, a: Array, b: Array) -> Array:
    """The shape that two shapes broadcast to."""
    left, right = _checks.integers(a), _checks.integers(b)
    if min(left + right, default=0) < 0:
        raise NotConstant("a shape holds a negative dimension")
    pairs = itertools.zip_longest(reversed(left), reversed(right), fillvalue=1)
    found = []
    for x, y in pairs:
        if x != y and 1 not in (x, y):
            raise NotConstant(f"the shapes {left} and {right} cannot be broadcast")
        found.append(y if x == 1 else x)
    return np.array(found[::-1], a.dtype)


@move("BroadcastGradientArgs")
def broadcast_gradient_args(call: Call, a: Array, b: Array) -> list[Array]:
    """For each of two shapes, the axes along which it was repeated, and its axes of one element."""
    broadcast_args(call, a, b)
    left, right = _checks.integers(a), _checks.integers(b)
    if left == right:
        return [np.array([], a.dtype)] * 2
    rank = max(len(left), len(right))
    padded = [[1] * (rank - len(s)) + s for s in (left, right)]
    return [np.array([i for i, d in enumerate(s) if d == 1], a.dtype) for s in padded]


@move("ConcatOffset")
def concat_offset(_call: Call, axis: Array, *shapes: Array) -> list[Array]:
    """Where each tensor of a Concat starts in its output."""
    first = _checks.integers(shapes[0])
    place = canonical_axis(_checks.integer(axis), len(first))
    found, start = [], 0
    for shape in shapes:
        dims = _checks.integers(shape)
        if len(dims) != len(first) or any(
            d != f for i, (d, f) in enumerate(zip(dims, first, strict=True)) if i != place
        ):
            raise NotConstant("the shapes of the parts differ")
        offset = np.zeros(len(dims), shape.dtype)
        offset[place] = start
        start += dims[place]
        found.append(offset)
    return found
