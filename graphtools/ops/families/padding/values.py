"""Tensors within a frame."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, move, require_room
from graphtools.ops.families import _checks

Array = NDArray[Any]


@move("Pad", "PadV2")
def pad(_call: Call, x: Array, paddings: Array, fill: Array | None = None) -> Array:
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
