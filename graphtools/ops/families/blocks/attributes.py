"""What the ops say that move blocks between space and batch."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction, Dim, merge_dim, with_rank


def block_size(call: Call) -> int:
    """The attribute `block_size`, of squares of two or more.

    Raises:
        Contradiction: It is less.
    """
    size = call.int_attr("block_size")
    if size < 2:
        raise Contradiction(f"a block cannot have the size {size}")
    return size


def block_and_margins(call: Call) -> tuple[tuple[Dim, ...] | None, list[tuple[Dim, Dim]]]:
    """The block, and what is added or cropped before and behind each of its dimensions.

    Raises:
        Contradiction: They do not fit together, or are too small.
    """
    block: tuple[Dim, ...] | None
    if call.node.op.endswith("ND"):
        block, position = call.vector(1), 2
        (count,) = with_rank(call.input(1), 1)
    else:
        block, position, count = (block_size(call),) * 2, 1, 2
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
