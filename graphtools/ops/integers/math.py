"""Arithmetic of integer tensors of which some values are unknown.

A result outside the range of its dtype, which would wrap around, is taken as unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from graphtools.ops.call import MOST_INTEGERS, Call, Integers, integer_function
from graphtools.ops.dims import broadcast, canonical_axis

Number = int | None
#: Bits of the integer types, and whether they have a sign.
_RANGES = {
    "int8": (-(1 << 7), (1 << 7) - 1),
    "int16": (-(1 << 15), (1 << 15) - 1),
    "int32": (-(1 << 31), (1 << 31) - 1),
    "int64": (-(1 << 63), (1 << 63) - 1),
    "uint8": (0, (1 << 8) - 1),
    "uint16": (0, (1 << 16) - 1),
    "uint32": (0, (1 << 32) - 1),
    "uint64": (0, (1 << 64) - 1),
    "bool": (0, 1),
}


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
    return Integers(known, _in_range(call, found))


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


def _in_range(call: Call, values: Sequence[Number]) -> tuple[Number, ...]:
    """Values as integers, None for those that the dtype of the output does not hold."""
    kind = (call.output_dtypes() or [None])[0]
    low, high = _RANGES.get(kind.base.name if kind else "", (1, 0))
    return tuple([int(v) if v is not None and low <= v <= high else None for v in values])


_UNARY: dict[str, Callable[[int], int]] = {
    "Neg": lambda a: -a,
    "Abs": abs,
    "Sign": lambda a: (a > 0) - (a < 0),
    "Square": lambda a: a * a,
    "LogicalNot": lambda a: not a,
    "Cast": lambda a: a,
}


@integer_function(*_UNARY)
def unary(call: Call) -> Integers | None:
    """An operation on one tensor, element by element.

    A Cast to a type of another range is followed for values that both have.
    """
    found = call.integers(0)
    if found is None:
        return None
    operation = _UNARY[call.node.op]
    if call.node.op == "Cast" and call.dtype_attr("DstT") not in (None, call.dtype_attr("SrcT")):
        kind = call.dtype_attr("DstT")
        if kind is not None and kind.name == "bool":
            return Integers(found.dims, tuple(None if v is None else v != 0 for v in found.items))
    values = [None if v is None else operation(v) for v in found.items]
    items = _in_range(call, values)
    return Integers(found.dims, items) if any(v is not None for v in items) else None


_REDUCTIONS: dict[str, Callable[[Sequence[int]], int]] = {
    "Sum": sum,
    "Prod": math.prod,
    "Max": max,
    "Min": min,
    "All": all,
    "Any": any,
}


@integer_function(*_REDUCTIONS)
def reduction(call: Call) -> Integers | None:
    """A list reduced to one value."""
    found, axes = call.integers(0), call.integers(1)
    if found is None or axes is None or len(found.dims) > 1 or None in axes.items:
        return None
    if not axes.items or not found.dims:
        return found
    for axis in axes.items:
        canonical_axis(axis or 0, 1)
    values = [v for v in found.items if v is not None]
    result: Number = None
    if len(values) == len(found.items) and (values or call.node.op not in ("Max", "Min")):
        result = _REDUCTIONS[call.node.op](values)
    elif call.node.op == "Prod" and 0 in values:
        result = 0
    dims = (1,) if call.bool_attr("keep_dims") else ()
    return Integers(dims, _in_range(call, [result]))


@integer_function("Select", "SelectV2")
def select(call: Call) -> Integers | None:
    """Elements of the one or the other tensor; where that is unknown, what both have."""
    condition, then, otherwise = (call.integers(position) for position in (0, 1, 2))
    if then is None or otherwise is None or then.dims != otherwise.dims:
        return None
    shape = call.input(0)
    if shape is None:
        return None
    added = shape[: max(0, len(shape) - len(then.dims))]
    pairs = zip(shape[::-1], then.dims[::-1], strict=False)
    if any(d != 1 for d in added) or any(d not in (1, t) for d, t in pairs):
        return None  # they are broadcast to the condition
    which: Sequence[Number]
    if condition is None or (len(condition.items) > 1 and condition.dims != then.dims):
        which = (None,) * len(then.items)
    elif len(condition.items) == 1:
        which = condition.items * len(then.items)
    else:
        which = condition.items
    items = tuple(
        (a if a == b else None) if c is None else a if c else b
        for c, a, b in zip(which, then.items, otherwise.items, strict=True)
    )
    return Integers((*[1] * len(added), *then.dims), items)
