"""Shapes of what makes tensors."""

from __future__ import annotations

import math

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    canonical_axis,
    merge,
    with_rank,
    with_rank_at_most,
)
from graphtools.ops.families._outputs import told_by_attr

#: GraphDef versions up to this one write an unknown shape of a Placeholder as that of a scalar.
_SCALAR_MEANS_UNKNOWN = 21


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


@shape_function("OnesLike", "ZerosLike", "_ParallelConcatUpdate", "GuaranteeConst")
def like(call: Call) -> Dims:
    """As the input is."""
    call.give_handle(0, call.handle(0))
    return call.input(0)
