"""Shapes of sums over segments."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    concatenate,
    merge,
    part,
    with_rank,
    with_rank_at_least,
)


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
