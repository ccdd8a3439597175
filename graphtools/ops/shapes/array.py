"""Shapes of ops that make tensors, tell of them, and arrange their dimensions anew."""

from __future__ import annotations

import math

from graphtools.ops.call import Call, known, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dim,
    Dims,
    canonical_axis,
    concatenate,
    elements,
    merge,
    merge_dim,
    multiply,
    replaced,
    show,
    unknown,
    with_rank,
    with_rank_at_least,
    with_rank_at_most,
)
from graphtools.ops.shapes._outputs import always, like_input, told_by_attr

#: More tensors than this are not taken for the outputs of one node: the number must be damaged.
_MOST_OUTPUTS = 1_000_000
#: GraphDef versions up to this one write an unknown shape of a Placeholder as that of a scalar.
_SCALAR_MEANS_UNKNOWN = 21


def output_count(call: Call, name: str) -> int:
    """The number of outputs, as an attribute states it.

    Raises:
        Contradiction: It is negative or absurd.
    """
    count = call.int_attr(name)
    if not 0 <= count <= _MOST_OUTPUTS:
        raise Contradiction(f"{count} cannot be the number of outputs")
    return count


# Made


@shape_function("Placeholder")
def placeholder(call: Call) -> Dims:
    """What the attribute states.

    Graphs of up to GraphDef version 21 state a scalar where they mean an unknown shape.
    """
    dims = call.shape_attr("shape")
    return None if dims == () and call.producer <= _SCALAR_MEANS_UNKNOWN else dims


shape_function("PlaceholderV2", "ImmutableConst", "FakeParam")(told_by_attr("shape"))


@shape_function("PlaceholderWithDefault")
def placeholder_with_default(call: Call) -> Dims:
    """What the attribute states and the default value has; another value may be fed.

    As in TensorFlow, what the attribute leaves open stays open.
    """
    dims = call.shape_attr("shape")
    merge(call.input(0), dims)
    return dims


@shape_function("HostConst", "_EagerConst")
def host_const(call: Call) -> Dims:
    """The shape of the value, or of the input."""
    if call.inputs:
        return call.inputs[0]
    tensor = call.tensor()
    return tensor.shape.dims if tensor is not None else None


@shape_function("EnsureShape")
def ensure_shape(call: Call) -> Dims:
    """The input has the shape that the attribute states."""
    return merge(call.input(0), call.shape_attr("shape"))


@shape_function("Fill", "Empty")
def fill(call: Call) -> Dims:
    """The first input is the shape."""
    if call.node.op == "Fill":
        with_rank_at_most(call.input(1), 0)
    return call.dims(0)


@shape_function("Range")
def range_(call: Call) -> Dims:
    """ceil((limit - start) / delta) elements."""
    for position in range(3):
        with_rank_at_most(call.input(position), 0)
    kind = call.dtype_attr("Tidx")
    if kind is not None and kind.base.name.startswith(("float", "double", "half", "bfloat")):
        arrays = [call.array(position) for position in range(3)]
        if any(a is None or a.size != 1 for a in arrays):
            return (None,)
        start, limit, delta = [float(a.ravel()[0]) for a in arrays if a is not None]
        _check_range(start, limit, delta)
        count = math.ceil(abs((limit - start) / delta))
        return (count,)
    first, last, step = (call.integer(position) for position in range(3))
    if first is None or last is None or step is None:
        return (None,)
    _check_range(first, last, step)
    return (-(-abs(last - first) // abs(step)),)


def _check_range(start: float, limit: float, delta: float) -> None:
    if not (math.isfinite(start) and math.isfinite(limit) and math.isfinite(delta)):
        raise Contradiction("a range needs finite numbers")
    if delta == 0:
        raise Contradiction("a range cannot go by steps of 0")
    if (limit - start) * delta < 0:
        raise Contradiction(f"a range from {start} to {limit} cannot go by steps of {delta}")


@shape_function("LinSpace")
def lin_space(call: Call) -> Dims:
    """As many elements as the third input says."""
    for position in range(3):
        with_rank(call.input(position), 0)
    count = call.integer(2)
    if count is not None and count <= 0:
        raise Contradiction(f"{count} values cannot be spread over an interval")
    return (count,)


@shape_function("OneHot")
def one_hot(call: Call) -> Dims:
    """The indices with one more dimension, the depth, at the axis; -1 is behind the last."""
    axis = call.int_attr("axis")
    if axis < -1:
        raise Contradiction(f"the axis must be -1 or more, not {axis}")
    depth = call.integer(1)
    if depth is not None and depth < 0:
        raise Contradiction(f"the depth cannot be {depth}")
    indices = call.input(0)
    if indices is None:
        return None
    if axis > len(indices):
        return None
    axis = canonical_axis(axis, len(indices) + 1)
    return (*indices[:axis], depth, *indices[axis:])


@shape_function("BroadcastTo")
def broadcast_to(call: Call) -> Dims:
    """The second input is the shape; what of the first is not 1 must be the same there."""
    dims = call.input(0)
    target = call.dims(1)
    if target is None or dims is None:
        return target
    if len(dims) > len(target):
        raise Contradiction(f"{show(dims)} cannot be broadcast to {show(target)}")
    lead = len(target) - len(dims)
    found = list(target[:lead])
    for ours, theirs in zip(dims, target[lead:], strict=True):
        try:
            found.append(merge_dim(theirs, ours) if ours is not None and ours > 1 else theirs)
        except Contradiction:
            raise Contradiction(f"{show(dims)} cannot be broadcast to {show(target)}") from None
    return tuple(found)


# Told of


@shape_function("Shape")
def shape(call: Call) -> Dims:
    """As many elements as the input has dimensions."""
    dims = call.input(0)
    return (None,) if dims is None else (len(dims),)


@shape_function("ShapeN")
def shape_n(call: Call) -> list[Dims]:
    """For each input, as many elements as it has dimensions."""
    return [(None,) if dims is None else (len(dims),) for dims in call.inputs]


shape_function("Rank", "Size")(always(SCALAR))


@shape_function("Where")
def where(call: Call) -> Dims:
    """A row for each element that is true, a column for each dimension of the input."""
    dims = call.input(0)
    return (None, None if dims is None else len(dims))


@shape_function("BroadcastArgs")
def broadcast_args(call: Call) -> Dims:
    """As many dimensions as the shape of higher rank has."""
    first, second = (with_rank(call.input(p), 1)[0] for p in (0, 1))
    return (None if first is None or second is None else max(first, second),)


@shape_function("BroadcastGradientArgs")
def broadcast_gradient_args(call: Call) -> list[Dims]:
    """Two lists of axes."""
    for position in (0, 1):
        with_rank(call.input(position), 1)
    return [(None,), (None,)]


@shape_function("ConcatOffset")
def concat_offset(call: Call) -> list[Dims]:
    """An offset for each of the shapes that follow the first input."""
    return call.inputs[1:]


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


@shape_function("EditDistance")
def edit_distance(call: Call) -> Dims:
    """A number for each sequence: the larger of both shapes without their last dimension."""
    for position, rank in enumerate((2, 1, 1, 2, 1, 1)):
        with_rank(call.input(position), rank)
    first, second = known(call.vector(2)), known(call.vector(5))
    if first is None or second is None:
        return None
    if len(first) != len(second) or not first:
        raise Contradiction("hypothesis and truth must have the same rank, of 1 or more")
    return tuple([max(a, b) for a, b in zip(first[:-1], second[:-1], strict=True)])


# Arranged anew


@shape_function("Reshape", "QuantizedReshape")
def reshape(call: Call) -> Dims | list[Dims]:
    """The second input is the shape; one dimension may follow from the number of elements."""
    found = _reshaped(call.input(0), call.dims(1))
    if call.node.op == "Reshape":
        return found
    return [found, SCALAR, SCALAR]


def _reshaped(dims: Dims, target: Dims) -> Dims:
    if dims is None or target is None:
        return target
    have, given = _count_of_known(dims), _count_of_known(target)
    open_in, open_out = dims.count(None), target.count(None)
    if 0 in dims:
        have, open_in = 0, 0
    if 0 in target:
        given, open_out = 0, 0
    refusal = f"{show(dims)} cannot be reshaped to {show(target)}"
    if not open_in and not open_out:
        if have != given:
            raise Contradiction(refusal)
    elif not open_in and open_out == 1:
        if given:
            missing, rest = divmod(have, given)
            if rest:
                raise Contradiction(refusal)
            return replaced(target, target.index(None), missing)
    elif open_in == 1 and not open_out and have and given % have:
        raise Contradiction(refusal)
    return target


def _count_of_known(dims: tuple[Dim, ...]) -> int:
    count = 1
    for dim in dims:
        if dim is not None:
            count *= dim
    return count


@shape_function("ExpandDims")
def expand_dims(call: Call) -> Dims:
    """A dimension of 1 at the axis."""
    dims = call.input(0)
    axis = call.integer(1)
    if dims is None or elements(call.input(1)) not in (None, 1):
        return None
    if axis is None:
        return unknown(len(dims) + 1)
    axis = canonical_axis(axis, len(dims) + 1)
    return (*dims[:axis], 1, *dims[axis:])


@shape_function("Squeeze")
def squeeze(call: Call) -> Dims:
    """Without the dimensions that the attribute names, all of which are 1; or without any 1."""
    dims = call.input(0)
    axes = call.ints_attr("squeeze_dims")
    if dims is None:
        return None
    if not axes:
        return None if None in dims else tuple([d for d in dims if d != 1])
    rank = len(dims)
    gone = {canonical_axis(axis, rank) for axis in axes}
    for axis in gone:
        if dims[axis] not in (None, 1):
            raise Contradiction(f"axis {axis} of {show(dims)} is not 1 and cannot be squeezed")
    return tuple([d for i, d in enumerate(dims) if i not in gone])


@shape_function("Transpose", "ConjugateTranspose")
def transpose(call: Call) -> Dims:
    """The dimensions in the order that the second input gives."""
    dims = call.input(0)
    count = elements(call.input(1))
    order = call.vector(1)
    if dims is None:
        if order is None:
            return None if count is None or count < 2 or count > 254 else unknown(count)
        # a list of one element may stand for a scalar, too
        return unknown(len(order)) if len(order) > 1 else None
    with_rank(call.input(1), 1)
    rank = len(dims)
    if count not in (None, rank):
        raise Contradiction(f"the order of {count} dimensions does not fit {show(dims)}")
    if order is None:
        return unknown(rank)
    return tuple([None if i is None else dims[canonical_axis(i, rank)] for i in order])


@shape_function("Diag")
def diag(call: Call) -> Dims:
    """The dimensions twice."""
    dims = with_rank_at_least(call.input(0), 1)
    return concatenate(dims, dims)


@shape_function("DiagPart")
def diag_part(call: Call) -> Dims:
    """One half of the dimensions, which is equal to the other."""
    dims = call.input(0)
    if dims is None:
        return None
    if not dims or len(dims) % 2:
        raise Contradiction(f"the rank must be even and not 0, not that of {show(dims)}")
    middle = len(dims) // 2
    return merge(dims[:middle], dims[middle:])


@shape_function("Bitcast")
def bitcast(call: Call) -> Dims:
    """A larger element is split along a new last dimension; smaller ones are joined along it."""
    dims = call.input(0)
    old, new = call.dtype_attr("T"), call.dtype_attr("type")
    if dims is None or old is None or new is None:
        return None
    before, after = old.size, new.size
    if not before or not after:
        raise Contradiction(f"{old} cannot be taken for {new}")
    if before == after:
        return dims
    if before > after:
        return (*dims, before // after)
    ratio = after // before
    if not dims:
        raise Contradiction(f"a scalar of {old} cannot be taken for {new}")
    if dims[-1] not in (None, ratio):
        raise Contradiction(f"{old} of shape {show(dims)} cannot be taken for {new}")
    return dims[:-1]


# As the input is


@shape_function("OnesLike", "ZerosLike", "_ParallelConcatUpdate", "GuaranteeConst")
def like(call: Call) -> Dims:
    """As the input is."""
    call.give_handle(0, call.handle(0))
    return call.input(0)


shape_function(
    "DeepCopy", "InplaceUpdate", "InplaceAdd", "InplaceSub", "Copy", "CopyHost",
    "CheckNumerics", "CheckNumericsV2", "DataFormatDimMap", "DataFormatVecPermute", "CopyOp",
    "SleepIdentityOp",
    "DebugIdentity", "CheckPinned", "_CopyFromGpuToHost", "_CopyFromHostToGpu",
)(like_input(0))  # fmt: skip


@shape_function("Roll")
def roll(call: Call) -> Dims:
    """As the input is, which must be a list at least."""
    dims = with_rank_at_least(call.input(0), 1)
    merge(with_rank_at_most(call.input(1), 1), with_rank_at_most(call.input(2), 1))
    return dims


@shape_function("Reverse")
def reverse(call: Call) -> Dims:
    """As the input is; the second input tells for each dimension whether it is reversed."""
    dims = call.input(0)
    (count,) = with_rank(call.input(1), 1)
    if dims is not None and len(dims) > 8:
        raise Contradiction(f"{show(dims)} has too many dimensions to be reversed")
    if dims is None:
        return None if count is None or count > 8 else unknown(count)
    merge_dim(count, len(dims))
    return dims


@shape_function("ReverseV2")
def reverse_v2(call: Call) -> Dims:
    """As the input is; the second input names each axis that is reversed, once."""
    dims = call.input(0)
    with_rank(call.input(1), 1)
    axes = call.vector(1)
    if dims is None or axes is None:
        return dims
    if len(dims) > 8:
        raise Contradiction(f"{show(dims)} has too many dimensions to be reversed")
    named = [canonical_axis(a, len(dims)) for a in axes if a is not None]
    if len(set(named)) != len(named):
        raise Contradiction(f"the axes {named} are not all different")
    return dims


@shape_function("ReverseSequence")
def reverse_sequence(call: Call) -> Dims:
    """As the input is; there is a length for each place of the batch dimension."""
    dims = call.input(0)
    (count,) = with_rank(call.input(1), 1)
    batch, sequence = call.int_attr("batch_dim"), call.int_attr("seq_dim")
    if dims is None:
        return None
    if max(batch, sequence) >= len(dims) or batch < -len(dims):
        raise Contradiction(f"{show(dims)} has no dimensions {batch} and {sequence}")
    return replaced(dims, batch, merge_dim(dims[batch], count))


# Repeated


@shape_function("Tile")
def tile(call: Call) -> Dims:
    """Each dimension repeated so often."""
    times = call.dims(1)
    dims = call.input(0)
    if dims is None:
        return None if times is None else tuple([0 if t == 0 else None for t in times])
    if times is None:
        return unknown(len(dims))
    if len(times) != len(dims):
        raise Contradiction(f"{show(dims)} cannot be repeated {show(times)} times")
    return tuple([multiply(d, t) for d, t in zip(dims, times, strict=True)])
