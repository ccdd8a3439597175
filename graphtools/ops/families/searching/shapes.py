"""Shapes of what finds and counts values."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    canonical_axis,
    dim,
    elements,
    merge,
    part,
    replaced,
    show,
    unknown,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)
from graphtools.ops.families._outputs import like_input

# A list as long as the input.
shape_function("InvertPermutation")(like_input(0, rank=1))


@shape_function("UnravelIndex")
def unravel_index(call: Call) -> Dims:
    """A coordinate for each dimension, by a column for each index."""
    indices = call.input(0)
    (rank,) = with_rank(call.input(1), 1)
    if indices is None:
        return None
    return (rank,) if not indices else (rank, elements(indices))


@shape_function("Unique")
def unique(call: Call) -> list[Dims]:
    """The distinct values of a list, and for each element its place among them."""
    return [(None,), with_rank(call.input(0), 1)]


@shape_function("UniqueWithCounts")
def unique_with_counts(call: Call) -> list[Dims]:
    """As `unique`, and how often each value occurs."""
    return [(None,), call.input(0), (None,)]


@shape_function("UniqueV2", "UniqueWithCountsV2")
def unique_v2(call: Call) -> list[Dims]:
    """As `unique`, of the slices along an axis; without an axis of a list."""
    dims = call.input(0)
    found = call.integers(1)
    values = None if dims is None else unknown(len(dims))
    places: Dims = (None,)
    if dims is not None and found is not None:
        if len(found.items) > 1:
            raise Contradiction("not more than one axis can be given")
        axis = found.items[0] if found.items else 0
        if not found.items:
            with_rank(dims, 1)
        if axis is not None:
            axis = canonical_axis(axis, len(dims))
            places = (dims[axis],)
            values = replaced(dims, axis, None)
    return [values, places, (None,)][: 3 if call.node.op == "UniqueWithCountsV2" else 2]


@shape_function("ListDiff")
def list_diff(call: Call) -> list[Dims]:
    """The elements of one list that are not in another, and their places."""
    with_rank(call.input(0), 1)
    with_rank(call.input(1), 1)
    return [(None,), (None,)]


@shape_function("LowerBound", "UpperBound")
def bound(call: Call) -> Dims:
    """A place for each value; values and sorted inputs are lists by row."""
    with_rank(call.input(0), 2)
    return with_rank(call.input(1), 2)


@shape_function("Bucketize", "NthElement", "KthOrderStatistic")
def along_last(call: Call) -> Dims:
    """A bucket for each element; or of each row one element."""
    dims = call.input(0)
    if call.node.op == "Bucketize":
        return dims
    dims = with_rank_at_least(dims, 1)
    if call.node.op == "NthElement":
        place, size = call.integer(1), dim(dims, -1)
        if place is not None and (place < 0 or (size is not None and place >= size)):
            raise Contradiction(f"there is no element {place} in rows of {size}")
    return part(dims, 0, -1)


@shape_function("Bincount")
def bincount(call: Call) -> Dims:
    """As many bins as the second input says."""
    with_rank(call.input(1), 0)
    return (_bins(call.integer(1)),)


@shape_function("DenseBincount")
def dense_bincount(call: Call) -> Dims:
    """As many bins as the second input says, for each row of the first."""
    dims = with_rank_at_most(call.input(0), 2)
    with_rank(call.input(1), 0)
    count = _bins(call.integer(1))
    if dims is None:
        return None
    if not dims:
        return None if count is None else (count,)
    return (*dims[:-1], count)


def _bins(count: int | None) -> int | None:
    if count is not None and count < 0:
        raise Contradiction(f"there cannot be {count} bins")
    return count


@shape_function("HistogramFixedWidth")
def histogram_fixed_width(call: Call) -> Dims:
    """As many bins as the third input says."""
    (two,) = with_rank(call.input(1), 1)
    if two not in (None, 2):
        raise Contradiction(f"a range has two ends, not {two}")
    with_rank(call.input(2), 0)
    count = call.integer(2)
    if count is not None and count <= 0:
        raise Contradiction(f"there cannot be {count} bins")
    return (count,)


@shape_function("TopK", "TopKV2")
def top_k(call: Call) -> list[Dims]:
    """The last dimension becomes the number, of values and of their places."""
    dims = with_rank_at_least(call.input(0), 1)
    if call.node.op == "TopK":
        count: int | None = call.int_attr("k")
    else:
        count = call.integer(1)
        if count is not None:
            with_rank(call.input(1), 0)
    if count is not None and count < 0:
        raise Contradiction(f"there cannot be {count} best ones")
    if dims is None:
        return [None, None]
    size = dims[-1]
    if size is not None and count is not None and size < count:
        raise Contradiction(f"rows of {show(dims)} do not have {count} best ones")
    return [replaced(dims, -1, count)] * 2


@shape_function("ApproxTopK")
def approx_top_k(call: Call) -> list[Dims]:
    """As `top_k` along an axis; how many are kept depends on how they are found."""
    dims = with_rank_at_least(call.input(0), 1)
    count, axis = call.int_attr("k"), call.int_attr("reduction_dimension")
    if dims is None:
        return [None, None]
    axis = canonical_axis(axis, len(dims))
    if not call.bool_attr("aggregate_to_topk"):
        return [replaced(dims, axis, None)] * 2
    return [replaced(dims, axis, count)] * 2


@shape_function("InTopK", "InTopKV2")
def in_top_k(call: Call) -> Dims:
    """An answer for each row of predictions."""
    predictions = with_rank(call.input(0), 2)
    targets = with_rank(call.input(1), 1)
    return merge(predictions[:1], targets)
