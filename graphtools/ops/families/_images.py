"""Windows that slide over images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from graphtools.ops.evaluation import NotConstant, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families._windows import LAYOUTS, Sliding, WindowLayout


def channels_last(layout: WindowLayout, x: Array) -> Array:
    """Images with their channels last.

    Raises:
        NotConstant: The channels are in groups.
    """
    if layout.is_grouped:
        raise NotConstant("groups of channels are not followed")
    return np.transpose(x, (0, *layout.spatial, layout.channels))


def back(layout: WindowLayout, x: Array) -> Array:
    """Images with their channels last in the layout that they came in."""
    return x if layout.channels == 3 else x.transpose(0, 3, 1, 2)


def windows(
    slide: Sliding, x: Array, window: Sequence[int], outside: float
) -> tuple[Array, int, int]:
    """Padded images, their channels last, and how often a window fits in either direction.

    Raises:
        NotConstant: It does not fit, or moves over more than height and width.
    """
    if not slide.is_spatial:
        raise NotConstant("a window moves over height and width only")
    counts = slide._replace(layout=LAYOUTS[b"NHWC"]).places(x.shape, window)
    frame = [(0, 0)]
    for axis, count in enumerate(counts):
        pair = slide.explicit[axis]
        if not count:
            raise NotConstant("the window does not fit")
        if slide.padding == b"SAME":
            span = (window[axis] - 1) * slide.dilations[axis] + 1
            missing = max((count - 1) * slide.strides[axis] + span - x.shape[1 + axis], 0)
            pair = (missing // 2, missing - missing // 2)
        frame.append(pair)
    sizes = [d + sum(f) for d, f in zip(x.shape[1:3], frame[1:], strict=True)]
    require_room(len(x) * x.shape[3] * math.prod(sizes))
    padded = np.pad(_checks.wide(x), [*frame, (0, 0)], constant_values=outside)
    return padded, counts[0] or 0, counts[1] or 0


def taken(x: Array, row: int, column: int, rows: int, columns: int, strides: list[int]) -> Array:
    """For each place of a window, the pixel that is so far from its corner."""
    down, across = strides
    return x[
        :,
        row : row + (rows - 1) * down + 1 : down,
        column : column + (columns - 1) * across + 1 : across,
    ]
