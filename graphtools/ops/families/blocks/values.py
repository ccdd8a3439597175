"""What moves blocks between space, batch and depth."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import move, require_room
from graphtools.ops.families import _checks, _images
from graphtools.ops.families._checks import Array
from graphtools.ops.families._windows import layout_of
from graphtools.ops.families.blocks.attributes import block_and_margins, block_size


@move("SpaceToBatchND", "SpaceToBatch")
def space_to_batch(call: Call, x: Array, *_lists: Array) -> Array:
    """Blocks of space, of which each place becomes an element of the batch."""
    sizes, frame = _blocks(call)
    count, rest = len(sizes), x.ndim - 1 - len(sizes)
    padded = [(0, 0), *frame, *[(0, 0)] * rest]
    shape = [b + d + a for d, (b, a) in zip(x.shape, padded, strict=True)]
    require_room(_checks.prod(shape), x.itemsize)
    full = np.full(shape, b"" if x.dtype == object else 0, x.dtype)
    full[tuple(slice(b, b + d) for d, (b, _) in zip(x.shape, padded, strict=True))] = x
    split = [shape[0]]
    for dim, size in zip(shape[1:], sizes, strict=False):
        split += [dim // size, size]
    order = [*range(2, 2 * count + 1, 2), 0, *range(1, 2 * count + 1, 2)]
    order += range(2 * count + 1, 2 * count + 1 + rest)
    moved = full.reshape(split + shape[1 + count :]).transpose(order)
    outer = [d // s for d, s in zip(shape[1:], sizes, strict=False)]
    return np.asarray(moved.reshape([shape[0] * _checks.prod(sizes), *outer, *shape[1 + count :]]))


@move("BatchToSpaceND", "BatchToSpace")
def batch_to_space(call: Call, x: Array, *_lists: Array) -> Array:
    """The inverse of SpaceToBatchND."""
    sizes, frame = _blocks(call)
    count, batch = len(sizes), x.shape[0] // _checks.prod(sizes)
    rest = x.shape[1 + count :]
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    order += range(2 * count + 1, 2 * count + 1 + len(rest))
    full = [d * s for d, s in zip(x.shape[1:], sizes, strict=False)]
    moved = x.reshape([*sizes, batch, *x.shape[1:]]).transpose(order).reshape([batch, *full, *rest])
    kept = [slice(None)]
    kept += [slice(before, dim - after) for dim, (before, after) in zip(full, frame, strict=True)]
    return np.asarray(moved[tuple(kept)])


def _blocks(call: Call) -> tuple[list[int], list[tuple[int, int]]]:
    """The block and its margins, which are known."""
    block, margins = block_and_margins(call)
    return [b or 0 for b in block or ()], [(a or 0, b or 0) for a, b in margins]


@move("SpaceToDepth")
def space_to_depth(call: Call, x: Array) -> Array:
    """Square blocks of space become depth."""
    layout, size = layout_of(call), block_size(call)
    x = _images.channels_last(layout, x)
    batch, height, width, depth = x.shape
    split = x.reshape(batch, height // size, size, width // size, size, depth)
    moved = split.transpose(0, 1, 3, 2, 4, 5)
    shape = (batch, height // size, width // size, size * size * depth)
    return _images.back(layout, moved.reshape(shape))


@move("DepthToSpace")
def depth_to_space(call: Call, x: Array) -> Array:
    """Depth becomes square blocks of space."""
    layout, size = layout_of(call), block_size(call)
    x = _images.channels_last(layout, x)
    batch, height, width, depth = x.shape
    split = x.reshape(batch, height, width, size, size, depth // (size * size))
    moved = split.transpose(0, 1, 3, 2, 4, 5)
    shape = (batch, height * size, width * size, depth // (size * size))
    return _images.back(layout, moved.reshape(shape))
