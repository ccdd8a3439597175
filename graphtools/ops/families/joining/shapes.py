"""Shapes of what joins tensors and takes them apart."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dim,
    Dims,
    add,
    canonical_axis,
    is_known,
    merge,
    replaced,
    show,
    unknown,
    with_rank,
)
from graphtools.ops.families._outputs import told_by_attr
from graphtools.ops.families.joining.attributes import (
    joined,
    output_count,
    packed_axis,
    split_sizes,
)


@shape_function("Pack")
def pack(call: Call) -> Dims:
    """All inputs are alike; their number becomes a dimension at the axis."""
    dims: Dims = None
    for other in call.inputs:
        dims = merge(dims, other)
    handle = call.handle(0)
    if handle is not None and all(call.handle(p) == handle for p in range(1, len(call.inputs))):
        call.give_handle(0, handle)
    if dims is None:
        return None
    axis = packed_axis(call, len(dims) + 1)
    return (*dims[:axis], len(call.inputs), *dims[axis:])


shape_function("_ParallelConcatStart")(told_by_attr("shape"))


@shape_function("ParallelConcat")
def parallel_concat(call: Call) -> Dims:
    """What the attribute states; each input is one slice of it."""
    dims = call.shape_attr("shape")
    if dims is None or not dims or not is_known(dims):
        raise Contradiction("the attribute 'shape' must be known and not that of a scalar")
    for other in call.inputs:
        if not is_known(other):
            raise Contradiction("the shapes of all inputs must be known")
        merge(other, (1, *dims[1:]))
    return dims


@shape_function("Concat", "ConcatV2", "QuantizedConcat", "QuantizedConcatV2", "_MklConcatV2")
def concat(call: Call) -> Dims | list[Dims]:
    """The inputs are alike but for the axis, along which they are added up."""
    axis, parts = joined(call)
    with_rank(call.input(axis), 0)
    found = _joined([call.input(part) for part in parts], call.integer(axis))
    return [found, (), ()] if call.node.op[0] == "Q" else found


def _joined(shapes: list[Dims], axis: int | None) -> Dims:
    rank = next((len(dims) for dims in shapes if dims is not None), None)
    if rank is None:
        return None
    if rank == 0:
        raise Contradiction("scalars cannot be concatenated")
    for dims in shapes:
        with_rank(dims, rank)
    if axis is None:
        return unknown(rank)
    axis = canonical_axis(axis, rank)
    merged: Dims = None
    total: Dim = 0
    for dims in shapes:
        merged = merge(merged, replaced(dims, axis, None))
        total = add(total, None if dims is None else dims[axis])
    return replaced(merged, axis, total)


@shape_function("Unpack")
def unpack(call: Call) -> list[Dims]:
    """Each output is the input without the axis, whose dimension is their number."""
    count = output_count(call, "num")
    dims = call.input(0)
    for output in range(count if call.handle(0) is not None else 0):
        call.give_handle(output, call.handle(0))
    if dims is None:
        return [None] * count
    axis = packed_axis(call, len(dims))
    if dims[axis] not in (None, count):
        raise Contradiction(f"axis {axis} of {show(dims)} does not give {count} tensors")
    return [dims[:axis] + dims[axis + 1 :]] * count


@shape_function("Split", "SplitV")
def split(call: Call) -> list[Dims]:
    """The axis is cut into parts, equal ones or of given sizes."""
    is_equal = call.node.op == "Split"
    count = output_count(call, "num_split")
    dims, axis = call.input(int(is_equal)), call.integer(0 if is_equal else 2)
    sizes = None if is_equal else call.vector(1)
    if sizes is not None and len(sizes) != count:
        raise Contradiction(f"{len(sizes)} sizes are given for {count} parts")
    if dims is None:
        return [None] * count
    if axis is None:
        return [dims if count == 1 and not is_equal else unknown(len(dims))] * count
    axis = canonical_axis(axis, len(dims))
    return [replaced(dims, axis, size) for size in split_sizes(call, dims, axis)]
