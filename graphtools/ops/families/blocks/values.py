"""What moves blocks between space, batch and depth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, move, require_room
from graphtools.ops.families import _checks

Array = NDArray[Any]


@move("SpaceToBatchND")
def space_to_batch_nd(_call: Call, x: Array, block: Array, paddings: Array) -> Array:
    """Blocks of space, of which each place becomes an element of the batch."""
    sizes = _checks.integers(block)
    frame = _pairs(paddings, len(sizes))
    _check_blocks(x, sizes)
    rest = x.ndim - 1 - len(sizes)
    padded = [(0, 0), *frame, *[(0, 0)] * rest]
    shape = [b + d + a for d, (b, a) in zip(x.shape, padded, strict=True)]
    require_room(_checks.prod(shape), x.itemsize)
    full = np.full(shape, b"" if x.dtype == object else 0, x.dtype)
    full[tuple(slice(b, b + d) for d, (b, _) in zip(x.shape, padded, strict=True))] = x
    split = [shape[0]]
    for dim, size in zip(shape[1:], sizes, strict=False):
        if dim % size:
            raise NotConstant(f"an extent of {dim} has no blocks of {size}")
        split += [dim // size, size]
    count = len(sizes)
    order = [*range(2, 2 * count + 1, 2), 0, *range(1, 2 * count + 1, 2)]
    order += range(2 * count + 1, 2 * count + 1 + rest)
    moved = full.reshape(split + shape[1 + count :]).transpose(order)
    outer = [d // s for d, s in zip(shape[1:], sizes, strict=False)]
    return np.asarray(moved.reshape([shape[0] * _checks.prod(sizes), *outer, *shape[1 + count :]]))


@move("SpaceToBatch")
def space_to_batch(call: Call, x: Array, paddings: Array) -> Array:
    """As SpaceToBatchND, with square blocks."""
    return space_to_batch_nd(call, x, np.array([call.int_attr("block_size")] * 2), paddings)


@move("BatchToSpaceND")
def batch_to_space_nd(_call: Call, x: Array, block: Array, crops: Array) -> Array:
    """The inverse of SpaceToBatchND."""
    sizes = _checks.integers(block)
    frame = _pairs(crops, len(sizes))
    _check_blocks(x, sizes)
    count, volume = len(sizes), _checks.prod(sizes)
    if x.shape[0] % volume:
        raise NotConstant(f"a batch of {x.shape[0]} has no blocks of {volume}")
    rest = x.shape[1 + count :]
    split = x.reshape([*sizes, x.shape[0] // volume, *x.shape[1:]])
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    order += range(2 * count + 1, 2 * count + 1 + len(rest))
    full = [d * s for d, s in zip(x.shape[1:], sizes, strict=False)]
    moved = split.transpose(order).reshape([x.shape[0] // volume, *full, *rest])
    index = [slice(None)]
    for dim, (before, after) in zip(full, frame, strict=True):
        if before + after > dim:
            raise NotConstant(f"{before} and {after} cannot be cropped from {dim}")
        index.append(slice(before, dim - after))
    return np.asarray(moved[tuple(index)])


@move("BatchToSpace")
def batch_to_space(call: Call, x: Array, crops: Array) -> Array:
    """As BatchToSpaceND, with square blocks."""
    return batch_to_space_nd(call, x, np.array([call.int_attr("block_size")] * 2), crops)


@move("SpaceToDepth")
def space_to_depth(call: Call, x: Array) -> Array:
    """Square blocks of space become depth."""
    x, size, back = _nhwc(call, x)
    batch, height, width, depth = x.shape
    if height % size or width % size:
        raise NotConstant(f"{height} x {width} has no blocks of {size}")
    split = x.reshape(batch, height // size, size, width // size, size, depth)
    moved = split.transpose(0, 1, 3, 2, 4, 5)
    found = moved.reshape(batch, height // size, width // size, size * size * depth)
    return np.asarray(found.transpose(back))


@move("DepthToSpace")
def depth_to_space(call: Call, x: Array) -> Array:
    """Depth becomes square blocks of space."""
    x, size, back = _nhwc(call, x)
    batch, height, width, depth = x.shape
    if depth % (size * size):
        raise NotConstant(f"a depth of {depth} has no blocks of {size} x {size}")
    split = x.reshape(batch, height, width, size, size, depth // (size * size))
    moved = split.transpose(0, 1, 3, 2, 4, 5)
    found = moved.reshape(batch, height * size, width * size, depth // (size * size))
    return np.asarray(found.transpose(back))


def _nhwc(call: Call, x: Array) -> tuple[Array, int, tuple[int, ...]]:
    """An image with its channels last, the block size, and the order of axes to go back."""
    layout = call.text_attr("data_format")
    size = call.int_attr("block_size")
    if size < 1 or x.ndim != 4:
        raise NotConstant(f"an image of rank {x.ndim} has no blocks of {size}")
    if layout == b"NHWC":
        return x, size, (0, 1, 2, 3)
    if layout == b"NCHW":
        return x.transpose(0, 2, 3, 1), size, (0, 3, 1, 2)
    raise NotConstant(f"the layout {layout!r} is not followed")


def _pairs(x: Array, count: int) -> list[tuple[int, int]]:
    if x.shape != (count, 2) or x.dtype.kind not in "iu" or (x.size and x.min() < 0):
        raise NotConstant(f"{count} pairs of numbers were expected")
    return [(int(a), int(b)) for a, b in x.tolist()]


def _check_blocks(x: Array, sizes: list[int]) -> None:
    if x.ndim < 1 + len(sizes) or min(sizes, default=1) < 1:
        raise NotConstant(f"a tensor of rank {x.ndim} has no blocks of {sizes}")
