"""Elements arranged anew."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, move, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array

# One tensor in another shape


@move("Reshape", "ExpandDims", "Squeeze")
def reshape(call: Call, x: Array, *_how: Array) -> Array:
    """The same values in the shape that the op's shape function gives."""
    return x.reshape(_checks.known_dims(call))


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
    return np.frombuffer(x.tobytes(), target.numpy()).reshape(_checks.known_dims(call))


@move("BroadcastTo")
def broadcast_to(call: Call, x: Array, _shape: Array) -> Array:
    """Repeated to fill a shape."""
    return np.broadcast_to(x, _checks.known_dims(call))


@move("Tile")
def tile(_call: Call, x: Array, multiples: Array) -> Array:
    """A tensor repeated along each axis."""
    times = _checks.integers(multiples)
    if min(times, default=0) < 0:
        raise NotConstant(f"a tensor cannot be repeated {times} times")
    return np.tile(x, times)


@move("Reverse")
def reverse(_call: Call, x: Array, turned: Array) -> Array:
    """Backwards along the axes that are marked."""
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
