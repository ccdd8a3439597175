"""Images in other sizes."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, move, require_room
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


@kernel("ResizeBilinear")
def resize_bilinear(call: Call, images: Array, size: Array) -> Array:
    """Each pixel is made of the four around its place in the old image."""
    height, width = _sizes(images, size)
    if _checks.is_narrow(call):
        raise NotConstant("16-bit floats are rounded on the way")
    x = images.astype(np.float32)
    top, bottom, down = _neighbours(call, images.shape[1], height)
    left, right, across = _neighbours(call, images.shape[2], width)
    down, across = down[:, None, None], across[:, None]
    require_room(len(x) * (height * 2 + 2) * max(width, x.shape[2]) * x.shape[3], 4)
    upper = x[:, top]
    upper = upper[:, :, left] + (upper[:, :, right] - upper[:, :, left]) * across
    lower = x[:, bottom]
    lower = lower[:, :, left] + (lower[:, :, right] - lower[:, :, left]) * across
    return upper + (lower - upper) * down


@move("ResizeNearestNeighbor")
def resize_nearest_neighbor(call: Call, images: Array, size: Array) -> Array:
    """Each pixel is the one at its place in the old image."""
    height, width = _sizes(images, size)
    rows = _nearest(call, images.shape[1], height)
    columns = _nearest(call, images.shape[2], width)
    require_room(len(images) * height * max(width, images.shape[2]) * images.shape[3], 8)
    return images[:, rows][:, :, columns]


def _sizes(images: Array, size: Array) -> tuple[int, int]:
    if not images.size:
        raise NotConstant("images were expected")
    height, width = _checks.integers(size)
    if height <= 0 or width <= 0 or max(height, width) > 1 << 24:
        raise NotConstant(f"an image cannot have {height} x {width} pixels")
    return height, width


def _scale(call: Call, old: int, new: int) -> np.float32:
    """Old pixels a new one, with align_corners the centers of the corners stay."""
    if call.bool_attr("align_corners") and call.bool_attr("half_pixel_centers"):
        raise NotConstant("align_corners and half_pixel_centers exclude each other")
    if call.bool_attr("align_corners") and new > 1:
        old, new = old - 1, new - 1
    scale: np.float32 = np.float32(old) / np.float32(new)
    return scale


def _neighbours(call: Call, old: int, new: int) -> tuple[Array, Array, Array]:
    """By new pixel, the old ones before and behind its place, and how near it is to the latter."""
    scale = _scale(call, old, new)
    places = np.arange(new, dtype=np.float32)
    half = np.float32(0.5)
    if call.bool_attr("half_pixel_centers"):
        places = (places + half) * scale - half
    else:
        places = places * scale
    whole = np.floor(places)
    before = np.maximum(whole.astype(np.int64), 0)
    behind = np.minimum(np.ceil(places).astype(np.int64), old - 1)
    return np.minimum(before, old - 1), np.maximum(behind, 0), places - whole


def _nearest(call: Call, old: int, new: int) -> Array:
    """By new pixel, the old one at its place."""
    scale = _scale(call, old, new)
    places = np.arange(new, dtype=np.float32)
    if call.bool_attr("half_pixel_centers"):
        places = (places + np.float32(0.5)) * scale
    else:
        places = places * scale
    # half away from zero
    whole = np.floor(places + np.float32(0.5)) if call.bool_attr("align_corners") else places
    return np.clip(np.floor(whole).astype(np.int64), 0, old - 1)
