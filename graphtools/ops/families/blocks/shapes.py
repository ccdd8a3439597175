"""Shapes of what moves blocks between space and batch or channels."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    multiply,
    product,
    show,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._windows import arranged, channels_of, layout_of
from graphtools.ops.families.blocks.attributes import block_and_margins, block_size


@shape_function("SpaceToBatchND", "SpaceToBatch")
def space_to_batch(call: Call) -> Dims:
    """Spatial dimensions, padded, are cut into blocks; the batch grows by what fits in a block."""
    dims, block, margins = _blocks(call)
    if dims is None or block is None:
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


@shape_function("BatchToSpaceND", "BatchToSpace")
def batch_to_space(call: Call) -> Dims:
    """The reverse: the batch shrinks, spatial dimensions grow and are cropped."""
    dims, block, margins = _blocks(call)
    if dims is None or block is None:
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


def _blocks(call: Call) -> tuple[Dims, tuple[Dim, ...] | None, list[tuple[Dim, Dim]]]:
    """The input, the block, and its margins."""
    dims = call.input(0) if call.node.op.endswith("ND") else with_rank(call.input(0), 4)
    block, margins = block_and_margins(call)
    if block is not None:
        with_rank_at_least(dims, len(block) + 1)
    return dims, block, margins


@shape_function("SpaceToDepth")
def space_to_depth(call: Call) -> Dims:
    """Height and width are divided by the block size, channels multiplied by its square."""
    layout = layout_of(call)
    size = block_size(call)
    dims = with_rank(call.input(0), layout.rank)
    spatial = [_divided(dims[axis], size, dims) for axis in layout.spatial]
    return arranged(layout, dims[0], spatial, multiply(channels_of(layout, dims), size * size))


@shape_function("DepthToSpace")
def depth_to_space(call: Call) -> Dims:
    """The reverse of `space_to_depth`."""
    layout = layout_of(call)
    size = block_size(call)
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
