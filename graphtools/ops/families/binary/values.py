"""Arithmetic of two tensors, after broadcasting; comparisons, and logic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, require_room, rounded_to_bfloat16
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


def _pair(a: Array, b: Array) -> None:
    """Refuse two tensors that do not broadcast, or for whose result there is no room."""
    _checks.same_types(a, b)
    if a.dtype == object:
        raise NotConstant("strings are not computed with")
    _checks.broadcast(a, b)


_SIMPLE: dict[str, Any] = {
    "Add": np.add,
    "AddV2": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "BitwiseAnd": np.bitwise_and,
    "BitwiseOr": np.bitwise_or,
    "BitwiseXor": np.bitwise_xor,
    "LogicalAnd": np.logical_and,
    "LogicalOr": np.logical_or,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "NextAfter": np.nextafter,
}


@kernel(*_SIMPLE)
def simple(call: Call, a: Array, b: Array) -> Array:
    """What numpy computes in the same way: integers wrap around, NaN goes through."""
    if call.node.op == "NextAfter" and _checks.is_narrow(call):
        raise NotConstant("the next value is not that of the wider type")
    if a.dtype == object and call.node.op in ("Add", "AddV2"):
        _checks.broadcast(a, b)
        return np.add(a, b)
    _pair(a, b)
    return np.asarray(_SIMPLE[call.node.op](a, b))


@kernel("AddN", "AccumulateNV2")
def add_n(call: Call, *inputs: Array) -> Array:
    """The sum of tensors of one shape."""
    if any(x.shape != inputs[0].shape for x in inputs):
        raise NotConstant("the shapes of the inputs differ")
    for x in inputs:
        _pair(inputs[0], x)
    if len(inputs) > 2:
        _checks.refuse_narrow(call)
    total = _checks.wide(inputs[0])
    for x in inputs[1:]:
        total = total + x
    return total


# Division


def _truncated(a: Array, b: Array) -> Array:
    """The quotient of integers, rounded toward zero; the lowest by -1 wraps around."""
    a, b = _checks.broadcast(a, b)
    if not b.all():
        raise NotConstant("an integer is divided by zero")
    if a.dtype.kind == "u":
        return a // b
    minus = b == -1
    safe = np.where(minus, np.ones((), b.dtype), b)
    quotient = a // safe
    quotient = quotient + ((quotient * safe != a) & ((a < 0) != (safe < 0)))
    return np.where(minus, np.negative(a), quotient)


@kernel("RealDiv", "Div", "TruncateDiv")
def divide(call: Call, a: Array, b: Array) -> Array:
    """The quotient, of integers rounded toward zero; TruncateDiv rounds that of floats too."""
    _pair(a, b)
    if a.dtype.kind in "iu":
        return _truncated(a, b)
    quotient = np.asarray(a / b)
    return np.trunc(quotient) if call.node.op == "TruncateDiv" else quotient


@kernel("FloorDiv")
def floor_divide(call: Call, a: Array, b: Array) -> Array:
    """The quotient, rounded down."""
    _pair(a, b)
    if a.dtype.kind not in "iu":
        return np.floor(_rounded(call, a / b))
    quotient = _truncated(a, b)
    return np.asarray(quotient - ((quotient * b != a) & ((a < 0) != (b < 0))))


@kernel("Mod", "TruncateMod")
def truncate_mod(_call: Call, a: Array, b: Array) -> Array:
    """What is left of a division that rounds toward zero."""
    return _rest(a, b)


def _rest(a: Array, b: Array) -> Array:
    _pair(a, b)
    if a.dtype.kind in "iu":
        return np.asarray(a - _truncated(a, b) * b)
    return np.asarray(np.fmod(a, b))


@kernel("FloorMod")
def floor_mod(_call: Call, a: Array, b: Array) -> Array:
    """What is left of a division that rounds down."""
    rest = _rest(a, b)
    return np.where((rest != 0) & ((rest < 0) != (b < 0)), rest + b, rest)


@kernel("DivNoNan")
def div_no_nan(_call: Call, a: Array, b: Array) -> Array:
    """The quotient, 0 where it is one by zero."""
    _pair(a, b)
    return np.where(b == 0, np.zeros((), a.dtype), a / b)


@kernel("MulNoNan")
def mul_no_nan(_call: Call, a: Array, b: Array) -> Array:
    """The product, 0 where the second factor is."""
    _pair(a, b)
    return np.where(b == 0, np.zeros((), a.dtype), a * b)


# Functions of two numbers


def _rounded(call: Call, x: Any) -> Array:
    """An intermediate result as TensorFlow holds it."""
    array = np.asarray(x)
    return rounded_to_bfloat16(array) if _checks.is_bfloat16(call) else array


@kernel("SquaredDifference")
def squared_difference(call: Call, a: Array, b: Array) -> Array:
    """The square of the difference; of complex numbers that of its absolute value."""
    _pair(a, b)
    difference = _rounded(call, a - b)
    return difference * np.conjugate(difference)


@kernel("Pow")
def power(_call: Call, a: Array, b: Array) -> Array:
    """A power; of integers one that is not negative."""
    _pair(a, b)
    a, b = _checks.broadcast(a, b)
    if a.dtype.kind in "iu" and b.size and b.min() < 0:
        raise NotConstant("an integer is raised to a negative power")
    return np.asarray(np.power(_checks.wide(a), _checks.wide(b)))


@kernel("Atan2")
def atan2(_call: Call, a: Array, b: Array) -> Array:
    """The angle of a point, by its y and x."""
    _pair(a, b)
    return np.asarray(np.arctan2(_checks.wide(a), _checks.wide(b)))


@kernel("Xdivy", "Xlogy", "Xlog1py")
def zero_times(call: Call, a: Array, b: Array) -> Array:
    """A factor by, or times the logarithm of, another number; 0 where the factor is."""
    _pair(a, b)
    x, y = _checks.wide(a), _checks.wide(b)
    functions: dict[str, Any] = {"Xdivy": np.reciprocal, "Xlogy": np.log, "Xlog1py": np.log1p}
    value = x / y if call.node.op == "Xdivy" else x * functions[call.node.op](y)
    return np.where(x == 0, np.zeros((), x.dtype), value)


@kernel("LeftShift", "RightShift")
def shift(call: Call, a: Array, b: Array) -> Array:
    """Bits moved by so many places, at most by all but one."""
    _pair(a, b)
    if a.dtype.kind not in "iu":
        raise NotConstant("only the bits of integers are moved")
    bits = np.array(a.itemsize * 8 - 1, b.dtype)
    by = np.clip(b, np.zeros((), b.dtype), bits)
    if call.node.op == "RightShift":
        return np.asarray(np.right_shift(a, by))
    unsigned = np.dtype(f"u{a.itemsize}")
    return np.asarray(
        np.left_shift(np.asarray(a).astype(unsigned), by.astype(unsigned)).astype(a.dtype)
    )


# Comparisons

_COMPARISONS: dict[str, Any] = {
    "Less": np.less,
    "LessEqual": np.less_equal,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
}


@kernel(*_COMPARISONS)
def compare(call: Call, a: Array, b: Array) -> Array:
    """Whether one number is less or greater than another."""
    _pair(a, b)
    return np.asarray(_COMPARISONS[call.node.op](a, b))


@kernel("Equal", "NotEqual")
def equal(call: Call, a: Array, b: Array) -> Array:
    """Whether two values are equal; shapes that do not broadcast may count as different."""
    _checks.same_types(a, b)
    differs = call.node.op == "NotEqual"
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        if call.attr("incompatible_shape_error") is not False:
            raise
        return np.array(differs)
    require_room(math.prod(shape), 8)
    return np.asarray(a != b if differs else a == b).astype(bool)


@kernel("ApproximateEqual")
def approximate_equal(call: Call, a: Array, b: Array) -> Array:
    """Whether two values differ by less than a tolerance."""
    _checks.same_types(a, b)
    if a.shape != b.shape or a.dtype.kind == "u" or _checks.is_narrow(call):
        raise NotConstant("the inputs are not compared")
    tolerance = call.attr("tolerance")
    if not isinstance(tolerance, float | int):
        raise NotConstant("there is no tolerance")
    limit = np.array(tolerance, np.float32).astype(a.dtype)
    return np.asarray(np.abs(a - b) < limit)


@kernel("ClipByValue")
def clip_by_value(_call: Call, x: Array, low: Array, high: Array) -> Array:
    """Values within two bounds."""
    _checks.same_types(x, low, high)
    _checks.refuse_nan(x, low, high)
    if x.dtype.kind == "c" or any(b.ndim and b.shape != x.shape for b in (low, high)):
        raise NotConstant("the bounds do not fit")
    if np.any(low > high):
        raise NotConstant("the lower bound is above the upper one")
    return np.minimum(np.maximum(x, low), high)


@kernel("Complex")
def complex_(call: Call, real: Array, imaginary: Array) -> Array:
    """Complex numbers of their parts."""
    _pair(real, imaginary)
    if real.dtype.kind != "f":
        raise NotConstant("the parts must be floats")
    kind = call.dtype_attr("Tout")
    if kind is None:
        raise NotConstant("the type is missing")
    found = np.empty(np.broadcast_shapes(real.shape, imaginary.shape), kind.numpy())
    found.real = real
    found.imag = imaginary
    return found
