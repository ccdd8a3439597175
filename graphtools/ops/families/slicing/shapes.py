"""Shapes of slices."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    merge,
    merge_dim,
    show,
    with_rank,
)
from graphtools.ops.families._outputs import like_input, told_by_input


@shape_function("Slice", "_MklSlice")
def slice_(call: Call) -> Dims:
    """Sizes as given; -1 is all that follows the beginning."""
    dims = call.input(0)
    for position in (1, 2):
        with_rank(call.input(position), 1)
    merge(call.input(1), call.input(2))
    starts, sizes = call.vector(1), call.vector(2)
    count = len(starts) if starts is not None else None if sizes is None else len(sizes)
    if dims is None and count is None:
        return None
    if dims is not None and count not in (None, len(dims)):
        raise Contradiction(f"{show(dims)} cannot be sliced by {count} numbers")
    rank = len(dims) if dims is not None else count or 0
    dims = with_rank(dims, rank)
    empty = (None,) * rank
    return tuple(map(_sliced, dims, starts or empty, sizes or empty))


def _sliced(dim: Dim, start: Dim, size: Dim) -> Dim:
    if (start is not None and start < 0) or (size is not None and size < -1):
        raise Contradiction(f"a slice cannot start at {start} with the size {size}")
    if size == -1:
        size = None if dim is None or start is None else dim - start
    if size is not None and size < 0:
        raise Contradiction(f"a slice cannot start at {start} in a dimension of {dim}")
    return size


@shape_function("StridedSlice")
def strided_slice(call: Call) -> Dims:
    """Slices as `x[start:end:step, ..., newaxis, index]`, by bits of the masks.

    Source: TensorFlow's `ValidateStridedSliceOp`.
    """
    starts, ends, steps = [with_rank(call.input(p), 1)[0] for p in (1, 2, 3)]
    count = merge_dim(starts, merge_dim(ends, steps))
    call.give_handle(0, call.handle(0))
    dims = call.input(0)
    if count is None or dims is None or count > 64 or call.integers(3) is None:
        return None
    return _strided(call, dims, count)


def _strided(call: Call, dims: tuple[Dim, ...], count: int) -> Dims:
    masks = [
        call.int_attr(name)
        for name in ("begin_mask", "end_mask", "shrink_axis_mask", "new_axis_mask", "ellipsis_mask")
    ]
    open_start, open_end, shrinks, news, ellipses = masks
    if ellipses & (ellipses - 1):
        raise Contradiction("a slice cannot have several ellipses")
    ellipses &= (1 << count) - 1
    bits = [1 << i for i in range(count)]
    inserted = sum(bool(news & bit and not ellipses & bit) for bit in bits)
    skipped = len(dims) - (count - inserted - bool(ellipses))
    if skipped < 0:
        raise Contradiction(f"{show(dims)} has too few dimensions for {count - inserted} indices")
    empty = (None,) * count
    starts, ends, steps = [call.vector(position) or empty for position in (1, 2, 3)]
    found: list[Dim] = []
    axis = 0
    for i, bit in enumerate(bits):
        if ellipses & bit:
            found += dims[axis : axis + skipped]
            axis += skipped
        elif news & bit:
            found.append(1)
        else:
            start = None if open_start & bit else starts[i]
            end = None if open_end & bit else ends[i]
            size = dims[axis]
            axis += 1
            if shrinks & bit:
                _check_index(size, None if open_start & bit else start, steps[i])
                continue
            knows_start = bool(open_start & bit) or start is not None
            knows_end = bool(open_end & bit) or end is not None
            found.append(_strided_size(size, start, end, steps[i], knows=knows_start and knows_end))
    return (*found, *dims[axis:])


def _check_index(size: Dim, index: Dim, step: Dim) -> None:
    if size is not None and step is not None and step <= 0:
        raise Contradiction(f"a single index cannot go by steps of {step}")
    if size is not None and index is not None and not -size <= index < size:
        raise Contradiction(f"the index {index} is outside of a dimension of {size}")


def _strided_size(size: Dim, start: Dim, end: Dim, step: Dim, *, knows: bool) -> Dim:
    """Elements of `[start:end:step]`, where None is the end of the dimension."""
    if step == 0:
        raise Contradiction("a slice cannot go by steps of 0")
    if size is None or not knows or step is None:
        return None
    return len(range(*slice(start, end, step).indices(max(size, 0))))


shape_function("StridedSliceGrad")(told_by_input(0))

shape_function("StridedSliceAssign", "TensorStridedSliceUpdate")(like_input(0))
