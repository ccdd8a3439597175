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

#: More tensors than this are not taken for the outputs of one node: the number must be damaged.
_MOST_OUTPUTS = 1_000_000


def output_count(call: Call, name: str) -> int:
    """The number of outputs, as an attribute states it.

    Raises:
        Contradiction: It is negative or absurd.
    """
    count = call.int_attr(name)
    if not 0 <= count <= _MOST_OUTPUTS:
        raise Contradiction(f"{count} cannot be the number of outputs")
    return count


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
    axis = canonical_axis(call.int_attr("axis"), len(dims) + 1)
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
    op = call.node.op
    if op in ("Concat", "QuantizedConcat"):
        axis, first = 0, 1
    else:
        axis, first = call.int_attr("N"), 0
    count = call.int_attr("N")
    if count < 1 or first + count > len(call.inputs) or axis >= len(call.inputs):
        raise Contradiction(f"{len(call.inputs)} inputs are too few to join {count} tensors")
    with_rank(call.input(axis), 0)
    found = _joined(call.inputs[first : first + count], call.integer(axis))
    return [found, (), ()] if op[0] == "Q" else found


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
    axis = canonical_axis(call.int_attr("axis"), len(dims))
    if dims[axis] not in (None, count):
        raise Contradiction(f"axis {axis} of {show(dims)} does not give {count} tensors")
    return [dims[:axis] + dims[axis + 1 :]] * count


@shape_function("Split")
def split(call: Call) -> list[Dims]:
    """The axis is cut into equal parts."""
    count = output_count(call, "num_split")
    dims, axis = call.input(1), call.integer(0)
    if dims is None:
        return [None] * count
    if axis is None:
        return [unknown(len(dims))] * count
    axis = canonical_axis(axis, len(dims))
    size = dims[axis]
    if size is not None and (not count or size % count):
        raise Contradiction(f"axis {axis} of {show(dims)} cannot be cut into {count} equal parts")
    return [replaced(dims, axis, None if size is None else size // count)] * count


@shape_function("SplitV")
def split_v(call: Call) -> list[Dims]:
    """The axis is cut into parts of given sizes; one of them may be -1, which is the rest."""
    count = output_count(call, "num_split")
    dims = call.input(0)
    axis, sizes = call.integer(2), call.vector(1)
    if sizes is not None and len(sizes) != count:
        raise Contradiction(f"{len(sizes)} sizes are given for {count} parts")
    if dims is None:
        return [None] * count
    if axis is None:
        return [dims if count == 1 else unknown(len(dims))] * count
    axis = canonical_axis(axis, len(dims))
    total = dims[axis]
    if sizes is None or (count == 1 and sizes[0] in (None, -1)):
        size = total if count == 1 else None
        return [replaced(dims, axis, size)] * count
    return [replaced(dims, axis, size) for size in _part_sizes(sizes, total)]


def _part_sizes(sizes: tuple[Dim, ...], total: Dim) -> list[Dim]:
    """Sizes of the parts of a whole, with the one that is left open put in where it follows."""
    if any(s is not None and s < -1 for s in sizes) or sizes.count(-1) > 1:
        raise Contradiction(f"{list(sizes)} are no sizes of parts")
    is_open = [s is None or s == -1 for s in sizes]
    given = sum(s for s, o in zip(sizes, is_open, strict=True) if s is not None and not o)
    rest = None if total is None else total - given
    if rest is not None and (rest < 0 or (rest and not any(is_open))):
        raise Contradiction(f"the sizes {list(sizes)} do not add up to {total}")
    missing = rest if is_open.count(True) == 1 else None
    return [missing if o else s for s, o in zip(sizes, is_open, strict=True)]
