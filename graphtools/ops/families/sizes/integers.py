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
    """The axes along which each of two shapes, broadcast to one, has to be summed.

    As in TensorFlow these are all of length 1, but none if the shapes are equal.
    """
    shapes = [known(call.vector(position)) for position in (0, 1)]
    left, right = shapes
    if left is None or right is None:
        return []
    rank = max(len(left), len(right))
    found: list[Integers | None] = []
    for dims in (left, right):
        padded = (1,) * (rank - len(dims)) + dims
        axes = tuple(a for a in range(rank) if padded[a] == 1 and left != right)
        found.append(Integers((len(axes),), axes))
    return found
