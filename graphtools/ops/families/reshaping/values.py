"""Elements arranged anew."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, move, require_room
from graphtools.ops.families import _checks

Array = NDArray[Any]


# One tensor in another shape


@move("Reshape")
def reshape(_call: Call, x: Array, shape: Array) -> Array:
    """The same values in another shape, one dimension of which may be -1."""
    dims = _checks.integers(shape)
    if any(d < -1 for d in dims):
        raise NotConstant(f"a shape cannot be {dims}")
    return x.reshape(dims)


@move("ExpandDims")
def expand_dims(_call: Call, x: Array, dim: Array) -> Array:
    """A new axis of one element."""
    return np.expand_dims(x, canonical_axis(_checks.integer(dim), x.ndim + 1))


@move("Squeeze")
def squeeze(call: Call, x: Array) -> Array:
    """Without the stated axes of one element, or without all of them."""
    stated = call.ints_attr("squeeze_dims")
    gone = {canonical_axis(a, x.ndim) for a in stated}
    if not stated:
        gone = {i for i, d in enumerate(x.shape) if d == 1}
    return np.squeeze(x, tuple(gone))


@move("Transpose", "ConjugateTranspose")
def transpose(call: Call, x: Array, perm: Array) -> Array:
    """Axes in another order."""
    order = _checks.integers(perm)
    if sorted(order) != list(range(x.ndim)):
        raise NotConstant(f"{order} is no order of the axes of a tensor of rank {x.ndim}")
    moved = np.transpose(x, order)
    conjugate = call.node.op == "ConjugateTranspose" and x.dtype.kind == "c"
    return np.conjugate(moved) if conjugate else moved


@move("Bitcast")
def bitcast(call: Call, x: Array) -> Array:
    """The same bytes as another type."""
    source, target = call.dtype(0), call.dtype_attr("type")
    if source is None or target is None:
        raise NotConstant("a type is missing")
    for kind in (source.base, target):
        native = kind.array_name and kind.size == kind.numpy().itemsize
        if not native or kind.name in ("bool", "int4", "uint4", "int2", "uint2"):
            raise NotConstant(f"the bytes of {kind} are not at hand")
    old, new = source.size, target.size
    flat: Array = np.frombuffer(x.tobytes(), target.numpy())
    dims = list(x.shape)
    if old == new:
        return flat.reshape(dims)
    if old > new and old % new == 0:
        return flat.reshape([*dims, old // new])
    if new % old or dims[-1:] != [new // old]:
        raise NotConstant(f"{source} of shape {dims} is no {target}")
    return flat.reshape(dims[:-1])


@move("BroadcastTo")
def broadcast_to(_call: Call, x: Array, shape: Array) -> Array:
    """Repeated to fill a shape."""
    return np.broadcast_to(x, _checks.dims_of(shape, x.itemsize))


# Repeated, padded, turned


@move("Tile")
def tile(_call: Call, x: Array, multiples: Array) -> Array:
    """A tensor repeated along each axis."""
    times = _checks.integers(multiples)
    if len(times) != x.ndim or min(times, default=0) < 0:
        raise NotConstant(f"a tensor of rank {x.ndim} cannot be repeated {times} times")
    require_room(x.size * math.prod(times), x.itemsize)
    return np.tile(x, times)


@move("Reverse")
def reverse(_call: Call, x: Array, turned: Array) -> Array:
    """Backwards along the axes that are marked."""
    if turned.shape != (x.ndim,):
        raise NotConstant("one mark an axis was expected")
    return x[tuple(slice(None, None, -1 if t else None) for t in turned.tolist())]


@move("ReverseV2")
def reverse_v2(_call: Call, x: Array, axis: Array) -> Array:
    """Backwards along the axes that are listed."""
    _checks.integers(axis)
    return np.flip(x, _checks.axes(axis, x.ndim))


@move("ReverseSequence")
def reverse_sequence(call: Call, x: Array, lengths: Array) -> Array:
    """For each element of the batch, so many of its first steps backwards."""
    step = call.int_attr("seq_dim")
    batch = call.int_attr("batch_dim")
    if step == batch or not (0 <= step < x.ndim and 0 <= batch < x.ndim):
        raise NotConstant(f"a tensor of rank {x.ndim} has no axes {step} and {batch}")
    count = x.shape[step]
    if lengths.shape != (x.shape[batch],):
        raise NotConstant("one length an element of the batch was expected")
    _checks.check_indices(lengths, count + 1)
    require_room(lengths.size * count, 8)
    steps = np.arange(count)
    many = lengths[:, None].astype(np.int64)
    order = np.where(steps < many, many - 1 - steps, steps)
    moved = np.moveaxis(x, (batch, step), (0, 1))
    return np.moveaxis(moved[np.arange(lengths.size)[:, None], order], (0, 1), (batch, step))


@move("Roll")
def roll(_call: Call, x: Array, shift: Array, axis: Array) -> Array:
    """Moved along axes; what leaves at one end comes back at the other."""
    shifts, places = _checks.integers(shift.reshape(-1)), _checks.integers(axis.reshape(-1))
    for by, place in zip(shifts, places, strict=True):
        at = canonical_axis(place, x.ndim)
        x = np.roll(x, by % max(x.shape[at], 1), at)
    return x
