"""What reshapes, joins and cuts tensors."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, move, require_room
from graphtools.ops.kernels import _checks

Array = NDArray[Any]


# One tensor in another shape


@move("Reshape")
def reshape(call: Call, x: Array, shape: Array) -> Array:
    """The same values in another shape, one dimension of which may be -1."""
    dims = _checks.integers(shape)
    if any(d < -1 for d in dims):
        raise NotConstant(f"a shape cannot be {dims}")
    return x.reshape(dims)


@move("ExpandDims")
def expand_dims(call: Call, x: Array, dim: Array) -> Array:
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
def broadcast_to(call: Call, x: Array, shape: Array) -> Array:
    """Repeated to fill a shape."""
    return np.broadcast_to(x, _checks.dims_of(shape, x.itemsize))


@move("BroadcastArgs")
def broadcast_args(call: Call, a: Array, b: Array) -> Array:
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


# Several tensors


@move("Concat")
def concat(call: Call, axis: Array, *parts: Array) -> Array:
    """Tensors one behind the other along an axis."""
    require_room(sum(p.size for p in parts), parts[0].itemsize if parts else 1)
    _checks.same_types(*parts)
    return np.concatenate(parts, canonical_axis(_checks.integer(axis), parts[0].ndim))


@move("ConcatV2")
def concat_v2(call: Call, *inputs: Array) -> Array:
    """Tensors one behind the other along an axis, which is the last input."""
    return concat(call, inputs[-1], *inputs[:-1])


@move("ConcatOffset")
def concat_offset(call: Call, axis: Array, *shapes: Array) -> list[Array]:
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


@move("Split")
def split(call: Call, axis: Array, x: Array) -> list[Array]:
    """Equal parts along an axis."""
    return np.split(x, call.int_attr("num_split"), canonical_axis(_checks.integer(axis), x.ndim))


@move("SplitV")
def split_v(call: Call, x: Array, sizes: Array, axis: Array) -> list[Array]:
    """Parts of stated sizes along an axis; one size may be -1, which is what is left."""
    place = canonical_axis(_checks.integer(axis), x.ndim)
    wanted = _checks.integers(sizes)
    if wanted.count(-1) == 1:
        wanted[wanted.index(-1)] = x.shape[place] - sum(wanted) - 1
    if min(wanted, default=-1) < 0 or sum(wanted) != x.shape[place]:
        raise NotConstant(f"{wanted} are not the sizes of parts of {x.shape[place]}")
    return np.split(x, np.cumsum(wanted[:-1], dtype=np.int64), place)


@move("Pack")
def pack(call: Call, *parts: Array) -> Array:
    """Tensors along a new axis."""
    require_room(sum(p.size for p in parts), parts[0].itemsize if parts else 1)
    _checks.same_types(*parts)
    return np.stack(parts, canonical_axis(call.int_attr("axis"), parts[0].ndim + 1))


@move("Unpack")
def unpack(call: Call, x: Array) -> list[Array]:
    """The parts of a tensor along an axis."""
    axis = canonical_axis(call.int_attr("axis"), x.ndim)
    if call.int_attr("num") != x.shape[axis]:
        raise NotConstant(f"an axis of {x.shape[axis]} has no {call.int_attr('num')} parts")
    return list(np.moveaxis(x, axis, 0))


# Parts of one


@move("Slice")
def slice_(call: Call, x: Array, begin: Array, size: Array) -> Array:
    """A block; the size -1 means all that is left."""
    starts, sizes = _checks.integers(begin), _checks.integers(size)
    index = []
    for start, length, dim in zip(starts, sizes, x.shape, strict=True):
        end = dim if length == -1 else start + length
        if not 0 <= start <= end <= dim:
            raise NotConstant(f"there are no {length} elements from {start} on of {dim}")
        index.append(slice(start, end))
    return x[tuple(index)]


@move("StridedSlice")
def strided_slice(call: Call, x: Array, begin: Array, end: Array, strides: Array) -> Array:
    """What an index of numpy gives that is made of slices, numbers, new axes and an ellipsis."""
    return np.asarray(x[slice_index(call, x.shape, begin, end, strides)])


def slice_index(
    call: Call, shape: tuple[int, ...], begin: Array, end: Array, strides: Array
) -> tuple[Any, ...]:
    """The index of a StridedSlice, which is kept in three lists and five masks.

    Returns:
        An index for a numpy array of the shape.
    """
    starts, ends, steps = (_checks.integers(v) for v in (begin, end, strides))
    names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    begins, finishes, ellipses, new, shrink = (call.int_attr(name) for name in names)
    count = len(starts)
    ellipses &= (1 << count) - 1
    if ellipses & (ellipses - 1):
        raise NotConstant("an index has two ellipses")
    used = sum(not (ellipses | new) >> i & 1 for i in range(count))
    if used > len(shape):
        raise NotConstant(f"a tensor of rank {len(shape)} has no {used} axes")
    index: list[Any] = []
    axis = 0
    for i, (start, stop, step) in enumerate(zip(starts, ends, steps, strict=True)):
        if ellipses >> i & 1:
            index += [slice(None)] * (len(shape) - used)
            axis += len(shape) - used
        elif new >> i & 1:
            index.append(None)
        elif shrink >> i & 1:
            if step <= 0 or not -shape[axis] <= start < shape[axis]:
                raise NotConstant(f"an axis of {shape[axis]} has no element {start}")
            index.append(start)
            axis += 1
        else:
            low = None if begins >> i & 1 else start
            high = None if finishes >> i & 1 else stop
            index.append(slice(low, high, step))
            axis += 1
    return tuple(index)


# Repeated, padded, turned


@move("Tile")
def tile(call: Call, x: Array, multiples: Array) -> Array:
    """A tensor repeated along each axis."""
    times = _checks.integers(multiples)
    if len(times) != x.ndim or min(times, default=0) < 0:
        raise NotConstant(f"a tensor of rank {x.ndim} cannot be repeated {times} times")
    require_room(x.size * math.prod(times), x.itemsize)
    return np.tile(x, times)


@move("Pad", "PadV2")
def pad(call: Call, x: Array, paddings: Array, fill: Array | None = None) -> Array:
    """A tensor within a frame of zeros, or of another value."""
    frame = _frame(x, paddings)
    shape = [b + d + a for d, (b, a) in zip(x.shape, frame, strict=True)]
    require_room(math.prod(shape), x.itemsize)
    if fill is None:
        fill = np.array(b"" if x.dtype == object else 0, x.dtype)
    _checks.same_types(x, fill)
    found = np.full(shape, _checks.number(fill), x.dtype)
    found[tuple(slice(b, b + d) for d, (b, _) in zip(x.shape, frame, strict=True))] = x
    return found


@move("MirrorPad")
def mirror_pad(call: Call, x: Array, paddings: Array) -> Array:
    """A tensor within its mirror images; with SYMMETRIC these repeat the border."""
    frame = _frame(x, paddings)
    mode = call.text_attr("mode")
    if mode not in (b"REFLECT", b"SYMMETRIC"):
        raise NotConstant(f"the mode {mode!r} is not known")
    skipped = int(mode == b"REFLECT")
    sizes = [b + d + a for d, (b, a) in zip(x.shape, frame, strict=True)]
    require_room(math.prod(sizes), x.itemsize)
    for axis, (dim, (before, after)) in enumerate(zip(x.shape, frame, strict=True)):
        if max(before, after) > dim - skipped:
            raise NotConstant(f"an axis of {dim} has no mirror image of {max(before, after)}")
        places = np.arange(-before, dim + after)
        places = np.where(places < 0, skipped - 1 - places, places)
        places = np.where(places >= dim, 2 * dim - 1 - skipped - places, places)
        x = np.take(x, places, axis)
    return x


def _frame(x: Array, paddings: Array) -> list[list[int]]:
    """By axis, how much is added before and behind."""
    if paddings.shape != (x.ndim, 2) or paddings.dtype.kind not in "iu":
        raise NotConstant(f"{list(paddings.shape)} is no shape of paddings of rank {x.ndim}")
    if paddings.size and paddings.min() < 0:
        raise NotConstant("a padding is negative")
    return [[int(v) for v in row] for row in paddings.tolist()]


@move("Reverse")
def reverse(call: Call, x: Array, turned: Array) -> Array:
    """Backwards along the axes that are marked."""
    if turned.shape != (x.ndim,):
        raise NotConstant("one mark an axis was expected")
    return x[tuple(slice(None, None, -1 if t else None) for t in turned.tolist())]


@move("ReverseV2")
def reverse_v2(call: Call, x: Array, axis: Array) -> Array:
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
def roll(call: Call, x: Array, shift: Array, axis: Array) -> Array:
    """Moved along axes; what leaves at one end comes back at the other."""
    shifts, places = _checks.integers(shift.reshape(-1)), _checks.integers(axis.reshape(-1))
    for by, place in zip(shifts, places, strict=True):
        at = canonical_axis(place, x.ndim)
        x = np.roll(x, by % max(x.shape[at], 1), at)
    return x
