"""Tensors within a frame."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, move
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


@move("Pad", "PadV2")
def pad(_call: Call, x: Array, paddings: Array, fill: Array | None = None) -> Array:
    """A tensor within a frame of zeros, or of another value."""
    frame = paddings.tolist()
    shape = [b + d + a for d, (b, a) in zip(x.shape, frame, strict=True)]
    if fill is None:
        fill = np.array(b"" if x.dtype == object else 0, x.dtype)
    _checks.same_types(x, fill)
    found = np.full(shape, _checks.number(fill), x.dtype)
    found[tuple(slice(b, b + d) for d, (b, _) in zip(x.shape, frame, strict=True))] = x
    return found


@move("MirrorPad")
def mirror_pad(call: Call, x: Array, paddings: Array) -> Array:
    """A tensor within its mirror images; with SYMMETRIC these repeat the border."""
    frame = paddings.tolist()
    mode = call.text_attr("mode")
    if mode not in (b"REFLECT", b"SYMMETRIC"):
        raise NotConstant(f"the mode {mode!r} is not known")
    skipped = int(mode == b"REFLECT")
    for axis, (dim, (before, after)) in enumerate(zip(x.shape, frame, strict=True)):
        if max(before, after) > dim - skipped:
            raise NotConstant(f"an axis of {dim} has no mirror image of {max(before, after)}")
        places = np.arange(-before, dim + after)
        places = np.where(places < 0, skipped - 1 - places, places)
        places = np.where(places >= dim, 2 * dim - 1 - skipped - places, places)
        x = np.take(x, places, axis)
    return x
