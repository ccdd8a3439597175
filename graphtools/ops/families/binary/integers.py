"""Arithmetic of integer tensors of which some values are unknown.

A result outside the range of its dtype, which would wrap around, is taken as unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from graphtools.ops.call import MOST_INTEGERS, Call, Integers, integer_function
from graphtools.ops.dims import broadcast
from graphtools.ops.families._integers import Number, in_range


def _truncated(a: int, b: int) -> int | None:
    """The quotient rounded toward zero, as in C; None for a division by zero."""
    return None if not b else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(a: int, b: int) -> int | None:
    """What `_truncated` leaves, with the sign of the dividend."""
    quotient = _truncated(a, b)
    return None if quotient is None else a - quotient * b


_BINARY: dict[str, Callable[[int, int], int | None]] = {
    "Add": lambda a, b: a + b,
    "AddV2": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "FloorDiv": lambda a, b: a // b if b else None,
    "FloorMod": lambda a, b: a % b if b else None,
    "Div": _truncated,
    "TruncateDiv": _truncated,
    "Mod": _remainder,
    "TruncateMod": _remainder,
    "Maximum": max,
    "Minimum": min,
    "SquaredDifference": lambda a, b: (a - b) ** 2,
    "Equal": lambda a, b: a == b,
    "NotEqual": lambda a, b: a != b,
    "Less": lambda a, b: a < b,
    "LessEqual": lambda a, b: a <= b,
    "Greater": lambda a, b: a > b,
    "GreaterEqual": lambda a, b: a >= b,
    "LogicalAnd": lambda a, b: bool(a and b),
    "LogicalOr": lambda a, b: bool(a or b),
}


#: Results that one operand decides, whatever the other is.
_DECIDED = {"Mul": (0, 0), "LogicalAnd": (0, 0), "LogicalOr": (1, 1)}


@integer_function(*_BINARY)
def binary(call: Call) -> Integers | None:
    """An operation on two tensors, element by element, with broadcasting."""
    left, right = call.integers(0), call.integers(1)
    if left is None or right is None:
        return None
    dims = broadcast(left.dims, right.dims)
    known = tuple(d for d in dims or () if d is not None)
    if math.prod(known) > MOST_INTEGERS:
        return None
    operation = _BINARY[call.node.op]
    decisive, decided = _DECIDED.get(call.node.op, (None, None))
    found: list[Number] = []
    pairs = zip(_spread(left, known), _spread(right, known), strict=True)
    for a, b in pairs:
        if a is not None and b is not None:
            found.append(operation(a, b))
        else:
            found.append(decided if decisive is not None and decisive in (a, b) else None)
    return Integers(known, in_range(call, found))


def _spread(values: Integers, dims: tuple[int, ...]) -> Sequence[Number]:
    """The elements of a tensor that is broadcast to a shape."""
    if values.dims == dims:
        return values.items
    if len(values.items) == 1:
        return values.items * math.prod(dims)
    padded = (1,) * (len(dims) - len(values.dims)) + values.dims
    strides = [0] * len(dims)
    step = 1
    for axis in range(len(dims) - 1, -1, -1):
        strides[axis] = step if padded[axis] != 1 else 0
        step *= padded[axis]
    places = [0]
    for size, stride in zip(dims, strides, strict=True):
        places = [p + i * stride for p in places for i in range(size)]
    return [values.items[p] for p in places]
