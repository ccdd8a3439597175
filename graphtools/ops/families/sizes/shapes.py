"""Shapes of what tells of shapes."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Dims,
    with_rank,
)
from graphtools.ops.families._outputs import always

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
