"""Shapes of what picks and places by index."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    broadcast,
    canonical_axis,
    concatenate,
    dim,
    elements,
    merge,
    part,
    replaced,
    show,
    unknown,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import (
    output_count,
)


@shape_function("DynamicPartition")
def dynamic_partition(call: Call) -> list[Dims]:
    """The data behind the dimensions of the partitions, once for each that belongs to an output."""
    count = output_count(call)
    data, partitions = call.input(0), call.input(1)
    if partitions is None:
        return [None] * count
    check_prefix(data, partitions)
    rest = None if data is None else data[len(partitions) :]
    return [concatenate((None,), rest)] * count


def check_prefix(dims: Dims, prefix: Dims) -> None:
    """Require of a shape to begin with another.

    Raises:
        Contradiction: It does not.
    """
    if dims is None or prefix is None:
        return
    if len(dims) < len(prefix):
        raise Contradiction(f"{dims} cannot begin with {prefix}")
    merge(dims[: len(prefix)], prefix)


@shape_function("DynamicStitch", "ParallelDynamicStitch")
def dynamic_stitch(call: Call) -> Dims:
    """Rows that come from all data, as many as the greatest index tells."""
    count = len(call.inputs) // 2
    if count * 2 != len(call.inputs) or not count:
        raise Contradiction(f"{len(call.inputs)} inputs are not as many indices as data")
    greatest: int | None = 0
    rest: Dims = None
    for position in range(count):
        indices, data = call.input(position), call.input(count + position)
        found = call.integers(position) if greatest is not None else None
        values = found.items if found is not None else (None,)
        if None in values:
            greatest = None
        elif greatest is not None:
            greatest = max([greatest, *[v + 1 for v in values if v is not None]])
        if indices is None:
            continue
        check_prefix(data, indices)
        rest = merge(rest, None if data is None else data[len(indices) :])
    return concatenate((greatest,), rest)


@shape_function("Where")
def where(call: Call) -> Dims:
    """A row for each element that is true, a column for each dimension of the input."""
    dims = call.input(0)
    return (None, None if dims is None else len(dims))


# Gathered and scattered


@shape_function("Gather")
def gather(call: Call) -> Dims:
    """For each index a slice of the first input."""
    dims = with_rank_at_least(call.input(0), 1)
    return concatenate(call.input(1), part(dims, 1))


@shape_function("GatherV2")
def gather_v2(call: Call) -> Dims:
    """For each index a slice along the axis; leading batch dimensions go together."""
    params, indices = with_rank_at_least(call.input(0), 1), call.input(1)
    with_rank(call.input(2), 0)
    batch = call.int_attr("batch_dims")
    axis = call.integer(2)
    if params is None:
        return None
    if batch < 0:
        if indices is None:
            return None
        batch += len(indices)
    with_rank_at_least(indices, batch) if 0 <= batch <= 254 else _refuse_batch(batch)
    if axis is None:
        rank = (
            None
            if indices is None or call.int_attr("batch_dims") < 0
            else len(params) + len(indices) - 1 - batch
        )
        return None if rank is None or rank < 0 else unknown(rank)
    axis = canonical_axis(axis, len(params))
    if indices is None:
        return None
    return (*params[:axis], *indices[batch:], *params[axis + 1 :])


def _refuse_batch(batch: int) -> None:
    raise Contradiction(f"there cannot be {batch} batch dimensions")


@shape_function("GatherNd")
def gather_nd(call: Call) -> Dims:
    """For each row of indices the slice that they lead to."""
    params = call.input(0)
    indices = with_rank_at_least(call.input(1), 1)
    depth = dim(indices, -1)
    if params is None or depth is None or indices is None:
        return None
    if depth > len(params):
        raise Contradiction(f"{depth} indices lead nowhere in {show(params)}")
    return indices[:-1] + params[depth:]


@shape_function("ScatterNd")
def scatter_nd(call: Call) -> Dims:
    """The third input is the shape."""
    dims = call.dims(2)
    _check_scatter(dims, call.input(0), call.input(1))
    return dims


@shape_function(
    "TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMax",
    "TensorScatterMin", "ScatterNdNonAliasingAdd",
)  # fmt: skip
def tensor_scatter(call: Call) -> Dims:
    """As the first input is, some slices of which are replaced."""
    dims = call.input(0)
    if call.node.op != "ScatterNdNonAliasingAdd":
        with_rank_at_least(dims, 1)
    _check_scatter(dims, call.input(1), call.input(2))
    return dims


def _check_scatter(dims: Dims, indices: Dims, updates: Dims) -> None:
    """For each row of indices there is an update of the slice that they lead to."""
    if elements(dims) == 0 and (elements(indices) or elements(updates)):
        raise Contradiction(f"{show(dims)} has no element to be updated")
    if indices is None or not updates:
        return
    if not indices:
        raise Contradiction("the indices cannot be a scalar")
    outer = len(indices) - 1
    depth = indices[-1]
    if depth is not None and dims is not None:
        merge(indices[:-1], updates[:outer])
        merge(dims[depth:], updates[outer:])


@shape_function("SelectV2")
def select_v2(call: Call) -> Dims:
    """What condition and both choices broadcast to."""
    return broadcast(call.input(0), broadcast(call.input(1), call.input(2)))


@shape_function("Select")
def select(call: Call) -> Dims:
    """Both choices are alike; the condition is as they are, a scalar, or one for each row."""
    condition = call.input(0)
    found = merge(call.input(1), call.input(2))
    if condition is None or not condition:
        return found
    if found is None:
        # a list may select rows of anything
        return condition if len(condition) > 1 else None
    if not found:
        raise Contradiction(f"a condition {show(condition)} cannot select scalars")
    if len(condition) == 1:
        return replaced(found, 0, (merge(found[:1], condition) or (None,))[0])
    return merge(found, condition)
