"""Shapes, and what is computed from them, as far as they are known."""

from __future__ import annotations

from graphtools.ops.call import Call, Integers, integer_function, known
from graphtools.ops.dims import elements


@integer_function("Shape", "ShapeN")
def shape(call: Call) -> list[Integers | None]:
    """The dimensions of each input."""
    return [None if d is None else Integers((len(d),), d) for d in call.inputs]


@integer_function("Rank")
def rank(call: Call) -> Integers | None:
    """The number of dimensions."""
    dims = call.input(0)
    return None if dims is None else Integers((), (len(dims),))


@integer_function("Size")
def size(call: Call) -> Integers | None:
    """The number of elements."""
    return Integers((), (elements(call.input(0)),))


@integer_function("BroadcastGradientArgs")
def broadcast_gradient_args(call: Call) -> list[Integers | None]:
    """The axes along which each of two shapes, broadcast to one, has to be summed."""
    left, right = known(call.vector(0)), known(call.vector(1))
    if left is None or right is None:
        return []
    return [Integers((len(axes),), axes) for axes in gradient_axes(left, right)]


def gradient_axes(*shapes: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Of each shape the axes of length 1, also those that it lacks; none if they are equal."""
    if shapes[0] == shapes[1]:
        return [(), ()]
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(dims)) + dims for dims in shapes]
    return [tuple([axis for axis in range(rank) if dims[axis] == 1]) for dims in padded]
