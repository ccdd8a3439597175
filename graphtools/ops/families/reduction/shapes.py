"""Shapes of reductions."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Dims,
    canonical_axis,
    unknown,
    with_rank,
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
