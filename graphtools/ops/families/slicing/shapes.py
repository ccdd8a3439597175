"""Shapes of slices."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import Contradiction, Dim, Dims, merge, show, with_rank
from graphtools.ops.families._outputs import like_input, told_by_input
from graphtools.ops.families.slicing.attributes import IndexEntry, block, strided_index


@shape_function("Slice", "_MklSlice")
def slice_(call: Call) -> Dims:
    """Sizes as given; -1 is all that follows the beginning."""
    dims = call.input(0)
    for position in (1, 2):
        with_rank(call.input(position), 1)
    merge(call.input(1), call.input(2))
    given = call.vector(1) or call.vector(2)
    count = None if given is None else len(given)
    if dims is None and count is None:
        return None
    if dims is not None and count not in (None, len(dims)):
        raise Contradiction(f"{show(dims)} cannot be sliced by {count} numbers")
    return tuple([size for _, size in block(call, with_rank(dims, count or len(dims or ())))])


@shape_function("StridedSlice")
def strided_slice(call: Call) -> Dims:
    """Slices as `x[start:end:step, ..., newaxis, index]`, by bits of the masks."""
    call.give_handle(0, call.handle(0))
    dims = call.input(0)
    entries = strided_index(call, dims)
    if entries is None or dims is None:
        return None
    found: list[Dim] = []
    for entry in entries:
        if entry.axis is None:
            found.append(1)
        elif entry.is_single:
            _check_single(dims[entry.axis], entry)
        else:
            found.append(_taken(dims[entry.axis], entry))
    return tuple(found)


def _check_single(size: Dim, entry: IndexEntry) -> None:
    index, step = entry.start, entry.step
    if size is not None and step is not None and step <= 0:
        raise Contradiction(f"a single index cannot go by steps of {step}")
    if size is not None and index is not None and not -size <= index < size:
        raise Contradiction(f"the index {index} is outside of a dimension of {size}")


def _taken(size: Dim, entry: IndexEntry) -> Dim:
    if entry.step == 0:
        raise Contradiction("a slice cannot go by steps of 0")
    if size is None or not entry.is_known or entry.step is None:
        return None
    return len(range(*slice(entry.start, entry.end, entry.step).indices(max(size, 0))))


shape_function("StridedSliceGrad")(told_by_input(0))
shape_function("StridedSliceAssign", "TensorStridedSliceUpdate")(like_input(0))
