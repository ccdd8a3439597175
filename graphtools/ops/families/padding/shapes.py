"""Shapes of what is padded."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    merge_dim,
    show,
    unknown,
    with_rank,
)


@shape_function("Pad", "PadV2", "MirrorPad")
def pad(call: Call) -> Dims:
    """Each dimension with what is added before and behind."""
    return _padded(call, 1)


@shape_function("MirrorPadGrad")
def mirror_pad_grad(call: Call) -> Dims:
    """Each dimension without what was added."""
    return _padded(call, -1)


def _padded(call: Call, sign: int) -> Dims:
    dims = call.input(0)
    count, two = with_rank(call.input(1), 2)
    if sign > 0:
        merge_dim(two, 2)
    found = call.integers(1)
    if dims is None:
        if count is None or count > 254:
            return None
        dims = (None,) * count
    merge_dim(count, len(dims))
    if found is None or len(found.items) != 2 * len(dims):
        return unknown(len(dims))
    if any(v is not None and v < 0 for v in found.items):
        raise Contradiction(f"a padding cannot be negative: {list(found.items)}")
    padded = []
    for size, before, behind in zip(dims, found.items[::2], found.items[1::2], strict=True):
        new = (
            None if size is None or before is None or behind is None
            else size + sign * (before + behind)
        )  # fmt: skip
        if new is not None and new < 0:
            raise Contradiction(f"{show(dims)} is less than its paddings {list(found.items)}")
        padded.append(new)
    return tuple(padded)
