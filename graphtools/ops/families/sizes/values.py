"""What is computed from shapes."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import broadcast, canonical_axis
from graphtools.ops.evaluation import NotConstant, move
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families.sizes.integers import gradient_axes


@move("BroadcastArgs")
def broadcast_args(_call: Call, a: Array, b: Array) -> Array:
    """The shape that two shapes broadcast to."""
    return np.array(broadcast(_shape(a), _shape(b)), a.dtype)


@move("BroadcastGradientArgs")
def broadcast_gradient_args(_call: Call, a: Array, b: Array) -> list[Array]:
    """For each of two shapes, the axes along which it was repeated, and its axes of one element."""
    broadcast(_shape(a), _shape(b))
    return [np.array(axes, a.dtype) for axes in gradient_axes(_shape(a), _shape(b))]


def _shape(x: Array) -> tuple[int, ...]:
    return _checks.dims_of(x, 0)


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
