"""Shapes of what arranges elements anew."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dim,
    Dims,
    canonical_axis,
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
