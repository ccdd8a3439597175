"""Shapes of ops that sum up: reductions, segments, histograms."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    canonical_axis,
    concatenate,
    merge,
    part,
    replaced,
    show,
    unknown,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)


@shape_function(
    "All", "Any", "EuclideanNorm", "Max", "Mean", "Min", "Prod", "Sum", "ReduceJoin",
)  # fmt: skip
def reduction(call: Call) -> Dims:
    """Without the axes that the second input names, or with 1 in their places."""
    dims = call.input(0)
    with_rank_at_most(call.input(1), 1)
    axes = call.vector(1)
    if call.input(1) == () and axes is None:
        axes = (call.integer(1),)
    keeps = call.bool_attr("keep_dims")
    if dims is None:
        return () if axes == () and dims == () else None
    rank = len(dims)
    if axes is None or None in axes:
        return unknown(rank) if keeps else None
    gone = {canonical_axis(axis, rank) for axis in axes if axis is not None}
    if keeps:
        return tuple([1 if i in gone else d for i, d in enumerate(dims)])
    return tuple([d for i, d in enumerate(dims) if i not in gone])


@shape_function("ArgMax", "ArgMin")
def arg_extreme(call: Call) -> Dims:
    """Without the axis."""
    dims = call.input(0)
    with_rank(call.input(1), 0)
    if dims is None or len(dims) <= 1:
        return None if dims is None else ()
    axis = call.integer(1)
    if axis is None:
        return unknown(len(dims) - 1)
    axis = canonical_axis(axis, len(dims))
    return dims[:axis] + dims[axis + 1 :]


# Segments


@shape_function("SegmentMax", "SegmentMean", "SegmentMin", "SegmentProd", "SegmentSum")
def segment(call: Call) -> Dims:
    """One slice for each of an unknown number of segments."""
    dims = with_rank_at_least(call.input(0), 1)
    with_rank(call.input(1), 1)
    return None if dims is None else (None, *dims[1:])


@shape_function("SparseSegmentMean", "SparseSegmentSqrtN", "SparseSegmentSum")
def sparse_segment(call: Call) -> Dims:
    """As `segment`, of slices that are picked first."""
    dims = with_rank_at_least(call.input(0), 1)
    merge(with_rank(call.input(1), 1), with_rank(call.input(2), 1))
    return None if dims is None else (None, *dims[1:])


@shape_function(
    "SparseSegmentMeanWithNumSegments", "SparseSegmentSqrtNWithNumSegments",
    "SparseSegmentSumWithNumSegments",
)  # fmt: skip
def sparse_segment_with_number(call: Call) -> Dims:
    """As `sparse_segment`, for as many segments as the last input says."""
    dims = with_rank_at_least(call.input(0), 1)
    merge(with_rank(call.input(1), 1), with_rank(call.input(2), 1))
    return _segments(call, 3, part(dims, 1))


@shape_function("SparseSegmentMeanGrad", "SparseSegmentSqrtNGrad", "SparseSegmentSumGrad")
def sparse_segment_grad(call: Call) -> Dims:
    """As many slices as the last input says."""
    dims = with_rank_at_least(call.input(0), 1)
    merge(with_rank(call.input(1), 1), call.input(2))
    return _segments(call, 3, part(dims, 1))


@shape_function("SparseSegmentMeanGradV2", "SparseSegmentSqrtNGradV2", "SparseSegmentSumGradV2")
def sparse_segment_grad_v2(call: Call) -> list[Dims]:
    """As many slices as the indices have distinct values, and these values."""
    dims = with_rank_at_least(call.input(0), 1)
    merge(with_rank(call.input(1), 1), call.input(2))
    with_rank(call.input(3), 0)
    return [concatenate((None,), part(dims, 1)), (None,)]


@shape_function(
    "UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd", "UnsortedSegmentSum",
    "SegmentMaxV2", "SegmentMinV2", "SegmentProdV2", "SegmentSumV2",
)  # fmt: skip
def segment_with_number(call: Call) -> Dims:
    """The dimensions that the segment numbers have become their number, the third input."""
    data, places = call.input(0), call.input(1)
    if data is None or places is None:
        with_rank(call.input(2), 0)
        return None
    merge(part(data, 0, len(places)), places)
    return _segments(call, 2, data[len(places) :])


def _segments(call: Call, position: int, tail: Dims) -> Dims:
    with_rank(call.input(position), 0)
    count = call.integer(position)
    if count is not None and count < 0:
        raise Contradiction(f"there cannot be {count} segments")
    return concatenate((count,), tail)


# Counted


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


# Best


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
