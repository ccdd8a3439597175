"""Windows that slide over images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import window_output
from graphtools.ops.evaluation import NotConstant, require_room
from graphtools.ops.families import _checks

Array = NDArray[Any]


def places(layout: bytes) -> tuple[int, int]:
    """The axes of height and width."""
    return layout.index(b"H"), layout.index(b"W")


def nhwc(call: Call, x: Array) -> tuple[bytes, Array]:
    """The layout of images, and the images with their channels last."""
    layout = call.text_attr("data_format")
    if layout not in (b"NHWC", b"NCHW"):
        raise NotConstant(f"the layout {layout!r} is not followed")
    return layout, x if layout == b"NHWC" else x.transpose(0, 2, 3, 1)


def back(layout: bytes, x: Array) -> Array:
    """Images with their channels last in the layout that they came in."""
    return x if layout == b"NHWC" else x.transpose(0, 3, 1, 2)


def windows(
    call: Call, layout: bytes, x: Array, window: tuple[int, int], outside: Any
) -> tuple[Array, tuple[int, int], list[int], list[int]]:
    """A padded image, the number of at of a window in it, strides and dilations."""
    at = places(layout)
    all_strides = call.ints_attr("strides", 4)
    stated = call.attr("dilations")
    all_dilations = stated if isinstance(stated, list) else [1] * 4
    for steps in (all_strides, all_dilations):
        if len(steps) != 4 or any(s != 1 for i, s in enumerate(steps) if i not in at):
            raise NotConstant("a window moves over height and width only")
    strides = [all_strides[p] for p in at]
    dilations = [int(d) for p in at if isinstance(d := all_dilations[p], int)]
    padding = call.text_attr("padding")
    counts, frame = [], [(0, 0)]
    for axis, place in enumerate(at):
        explicit = (0, 0)
        if padding == b"EXPLICIT":
            stated_padding = call.ints_attr("explicit_paddings", 8)
            explicit = (stated_padding[2 * place], stated_padding[2 * place + 1])
            if min(explicit) < 0 or max(explicit) > 1 << 20:
                raise NotConstant(f"a padding cannot be {explicit}")
        dim = x.shape[1 + axis]
        stride, dilation = strides[axis], dilations[axis]
        count = window_output(dim, window[axis], stride, padding, dilation, explicit)
        if not count or count < 0:
            raise NotConstant("the window does not fit")
        if padding == b"SAME":
            missing = max((count - 1) * stride + (window[axis] - 1) * dilation + 1 - dim, 0)
            explicit = (missing // 2, missing - missing // 2)
        counts.append(count)
        frame.append(explicit)
    sizes = [d + sum(f) for d, f in zip(x.shape[1:3], frame[1:], strict=True)]
    require_room(len(x) * x.shape[3] * math.prod(sizes))
    wide = _checks.wide(x)
    padded = np.pad(wide, [*frame, (0, 0)], constant_values=outside)
    return padded, (counts[0], counts[1]), strides, dilations


def taken(x: Array, row: int, column: int, rows: int, columns: int, strides: list[int]) -> Array:
    """For each place of a window, the pixel that is so far from its corner."""
    down, across = strides
    return x[
        :,
        row : row + (rows - 1) * down + 1 : down,
        column : column + (columns - 1) * across + 1 : across,
    ]
