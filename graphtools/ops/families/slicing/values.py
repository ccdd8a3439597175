"""Slices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, move
from graphtools.ops.families import _checks

Array = NDArray[Any]


@move("Slice")
def slice_(_call: Call, x: Array, begin: Array, size: Array) -> Array:
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
