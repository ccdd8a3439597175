"""Shapes of what moves blocks between space and batch or channels."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    merge_dim,
    multiply,
    product,
    show,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._windows import arranged, channels_of, layout_of


@shape_function("SpaceToBatchND")
def space_to_batch_nd(call: Call) -> Dims:
    """Spatial dimensions, padded, are cut into blocks; the batch grows by what fits in a block."""
    return _to_batch(call, call.vector(1), 2, call.input(0))


@shape_function("SpaceToBatch")
def space_to_batch(call: Call) -> Dims:
    """As `space_to_batch_nd`, of images and square blocks."""
    return _to_batch(call, _square_block(call), 1, with_rank(call.input(0), 4))


@shape_function("BatchToSpaceND")
def batch_to_space_nd(call: Call) -> Dims:
    """The reverse: the batch shrinks, spatial dimensions grow and are cropped."""
    return _to_space(call, call.vector(1), 2, call.input(0))


@shape_function("BatchToSpace")
def batch_to_space(call: Call) -> Dims:
    """As `batch_to_space_nd`, of images and square blocks."""
    return _to_space(call, _square_block(call), 1, with_rank(call.input(0), 4))


def _square_block(call: Call) -> tuple[Dim, ...]:
    size = call.int_attr("block_size")
    if size < 2:
        raise Contradiction(f"a block cannot have the size {size}")
    return (size, size)


def _margins(
    call: Call, block: tuple[Dim, ...] | None, position: int
) -> tuple[tuple[Dim, ...] | None, list[tuple[Dim, Dim]]]:
    """The block, and what is added or cropped before and behind each of its dimensions."""
    if position == 2:
        (count,) = with_rank(call.input(1), 1)
    else:
        count = 2
    rows, two = with_rank(call.input(position), 2)
    merge_dim(rows, count)
    merge_dim(two, 2)
    if block is None and rows is not None and rows <= 254:
        block = (None,) * rows
    if block is None:
        return None, []
    if any(b is not None and b < 1 for b in block):
        raise Contradiction(f"a block cannot have the sizes {list(block)}")
    found = call.integers(position)
    if found is None or len(found.items) != 2 * len(block):
        return block, [(None, None)] * len(block)
    if any(v is not None and v < 0 for v in found.items):
        raise Contradiction(f"margins cannot be negative: {list(found.items)}")
    return block, list(zip(found.items[::2], found.items[1::2], strict=True))


def _to_batch(call: Call, sizes: tuple[Dim, ...] | None, position: int, dims: Dims) -> Dims:
    block, margins = _margins(call, sizes, position)
    if block is None:
        return None
    with_rank_at_least(dims, len(block) + 1)
    if dims is None:
        return None
    found = [multiply(dims[0], product(block))]
    for size, length, (before, behind) in zip(dims[1:], block, margins, strict=False):
        if size is None or length is None or before is None or behind is None:
            found.append(None)
            continue
        padded = size + before + behind
        if padded % length:
            raise Contradiction(f"{padded} of {show(dims)} cannot be cut into blocks of {length}")
        found.append(padded // length)
    return (*found, *dims[len(block) + 1 :])


def _to_space(call: Call, sizes: tuple[Dim, ...] | None, position: int, dims: Dims) -> Dims:
    block, margins = _margins(call, sizes, position)
    if block is None:
        return None
    with_rank_at_least(dims, len(block) + 1)
    if dims is None:
        return None
    count = product(block)
    batch = dims[0]
    if batch is not None and count is not None and batch % count:
        raise Contradiction(f"a batch of {batch} does not come from blocks of {count}")
    found: list[Dim] = [None if batch is None or count is None else batch // count]
    for size, length, (before, behind) in zip(dims[1:], block, margins, strict=False):
        if size is None or length is None or before is None or behind is None:
            found.append(None)
            continue
        cropped = size * length - before - behind
        if cropped < 0:
            raise Contradiction(f"{size * length} of {show(dims)} is less than what is cropped")
        found.append(cropped)
    return (*found, *dims[len(block) + 1 :])


@shape_function("SpaceToDepth")
def space_to_depth(call: Call) -> Dims:
    """Height and width are divided by the block size, channels multiplied by its square."""
    layout = layout_of(call)
    size = _square_block(call)[0] or 1
    dims = with_rank(call.input(0), layout.rank)
    spatial = [_divided(dims[axis], size, dims) for axis in layout.spatial]
    return arranged(layout, dims[0], spatial, multiply(channels_of(layout, dims), size * size))


@shape_function("DepthToSpace")
def depth_to_space(call: Call) -> Dims:
    """The reverse of `space_to_depth`."""
    layout = layout_of(call)
    size = _square_block(call)[0] or 1
    dims = with_rank(call.input(0), layout.rank)
    spatial = [multiply(dims[axis], size) for axis in layout.spatial]
    depth = _divided(channels_of(layout, dims), size * size, dims)
    return arranged(layout, dims[0], spatial, depth)


def _divided(size: Dim, by: int, dims: Dims) -> Dim:
    if size is None:
        return None
    if size % by:
        raise Contradiction(f"{size} of {show(dims)} cannot be divided by {by}")
    return size // by
