"""What makes tensors."""

from __future__ import annotations

import math

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel, move, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


@move("Fill")
def fill(call: Call, _dims: Array, value: Array) -> Array:
    """One value everywhere."""
    return np.broadcast_to(value, _checks.known_dims(call))


@move("ZerosLike")
def zeros_like(_call: Call, x: Array) -> Array:
    """Zero everywhere; of strings empty ones."""
    return np.broadcast_to(np.array(b"" if x.dtype == object else 0, x.dtype), x.shape)


@kernel("OnesLike")
def ones_like(_call: Call, x: Array) -> Array:
    """One everywhere."""
    return np.broadcast_to(np.array(1, x.dtype), x.shape)


@kernel("Range")
def range_(call: Call, start: Array, limit: Array, delta: Array) -> Array:
    """Numbers from a start up to a limit, which is not among them.

    Floats are computed as by TensorFlow 2.21. Earlier versions added up the steps, and their
    rounding with them.
    """
    _checks.same_types(start, limit, delta)
    _checks.refuse_narrow(call)
    low, high, step = (_checks.number(v) for v in (start, limit, delta))
    kind = start.dtype
    if kind.kind in "iu":
        count = -(-(high - low) // step)
        require_room(count, kind.itemsize)
        return np.array(low + step * np.arange(count, dtype=np.int64), kind)
    steps = (limit.reshape(()) - start.reshape(())) / delta.reshape(())
    if not np.isfinite(steps):
        raise NotConstant("the number of steps is not finite")
    count = math.ceil(abs(float(steps)))
    require_room(count, kind.itemsize)
    return np.asarray(start.reshape(()) + np.arange(count).astype(kind) * delta.reshape(()), kind)


@kernel("LinSpace")
def lin_space(call: Call, start: Array, stop: Array, num: Array) -> Array:
    """Numbers at equal distances, both ends among them."""
    _checks.same_types(start, stop)
    _checks.refuse_narrow(call)
    count, kind = _checks.integer(num), start.dtype
    step = (stop - start) / kind.type(max(count - 1, 1))
    found = np.asarray(start + step * np.arange(count).astype(kind), kind)
    found[-1] = stop
    found[0] = start
    return found


@move("OneHot")
def one_hot(call: Call, indices: Array, depth: Array, on: Array, off: Array) -> Array:
    """One value at the place that an index names along a new axis, another one elsewhere."""
    count = _checks.integer(depth)
    _checks.same_types(on, off)
    if on.ndim or off.ndim:
        raise NotConstant("scalars were expected")
    axis = canonical_axis(call.int_attr("axis"), indices.ndim + 1)
    # also without indices the places along the new axis are listed
    require_room(max(indices.size, 1) * count, max(on.itemsize, indices.itemsize))
    places = np.arange(count).reshape([-1] + [1] * (indices.ndim - axis))
    return np.where(np.expand_dims(indices, axis) == places, on, off)
