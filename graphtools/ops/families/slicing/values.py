"""Slices."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, move
from graphtools.ops.families._checks import Array
from graphtools.ops.families.slicing.attributes import block, strided_index


@move("Slice")
def slice_(call: Call, x: Array, *_lists: Array) -> Array:
    """A block; the size -1 means all that is left."""
    index = []
    for dim, (start, size) in zip(x.shape, block(call, x.shape), strict=True):
        if start is None or size is None or start + size > dim:
            raise NotConstant(f"there are no {size} elements from {start} on of {dim}")
        index.append(slice(start, start + size))
    return x[tuple(index)]


@move("StridedSlice")
def strided_slice(call: Call, x: Array, *_lists: Array) -> Array:
    """What an index of numpy gives that is made of slices, numbers, new axes and an ellipsis."""
    index: list[Any] = []
    for entry in strided_index(call, x.shape) or ():
        if entry.axis is None:
            index.append(None)
        else:
            bounds = slice(entry.start, entry.end, entry.step)
            index.append(entry.start or 0 if entry.is_single else bounds)
    return np.asarray(x[tuple(index)])
