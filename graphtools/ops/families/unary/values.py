"""Functions of each element of one tensor, casts and activations.

Functions of floats are computed in double precision and rounded, so that they are as near to
TensorFlow's, which lie within an ulp or two of the exact value, as can be.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel, require_time
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array

_EXACT: dict[str, Any] = {
    "Neg": np.negative,
    "Conj": np.conjugate,
    "Invert": np.invert,
    "LogicalNot": np.logical_not,
    "Square": np.square,
    "IsNan": np.isnan,
    "IsInf": np.isinf,
    "IsFinite": np.isfinite,
    "Real": np.real,
    "Imag": np.imag,
}

_ROUNDING: dict[str, Any] = {
    "Ceil": np.ceil,
    "Floor": np.floor,
    "Rint": np.rint,
    "Round": np.rint,
}

_FLOAT: dict[str, Any] = {
    "Sqrt": np.sqrt,
    "Reciprocal": np.reciprocal,
    "Inv": np.reciprocal,
    "Exp": np.exp,
    "Expm1": np.expm1,
    "Log": np.log,
    "Log1p": np.log1p,
    "Sin": np.sin,
    "Cos": np.cos,
    "Tan": np.tan,
    "Asin": np.arcsin,
    "Acos": np.arccos,
    "Atan": np.arctan,
    "Sinh": np.sinh,
    "Cosh": np.cosh,
    "Tanh": np.tanh,
    "Asinh": np.arcsinh,
    "Acosh": np.arccosh,
    "Atanh": np.arctanh,
    "Angle": np.angle,
}


@kernel(*_EXACT)
def exact(call: Call, x: Array) -> Array:
    """What numpy computes in the same way."""
    return np.asarray(_EXACT[call.node.op](x))


@kernel("Abs", "ComplexAbs")
def absolute(_call: Call, x: Array) -> Array:
    """The absolute value; the lowest integer has none and stays."""
    return np.asarray(np.abs(_checks.wide(x)))


@kernel("Sign")
def sign(_call: Call, x: Array) -> Array:
    """-1, 0 or 1; of a complex number the one in its direction."""
    if x.dtype.kind != "c":
        return np.asarray(np.sign(x))
    size = np.abs(_checks.wide(x))
    return np.where(size == 0, 0, x / np.where(size == 0, 1, size))


@kernel(*_ROUNDING)
def rounding(call: Call, x: Array) -> Array:
    """A whole number; Rint and Round give of two as near ones the even one."""
    if x.dtype.kind in "iu":
        # they should stay; some versions of TensorFlow make them 0
        raise NotConstant("integers are not rounded")
    return np.asarray(_ROUNDING[call.node.op](x))


@kernel(*_FLOAT)
def function(call: Call, x: Array) -> Array:
    """A function that numpy has."""
    return np.asarray(_FLOAT[call.node.op](_checks.floats(call, x)))


@kernel("Rsqrt")
def rsqrt(call: Call, x: Array) -> Array:
    """One by the square root."""
    return np.asarray(1.0 / np.sqrt(_checks.floats(call, x)))


@kernel("Sigmoid")
def sigmoid(call: Call, x: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return np.asarray(1.0 / (1.0 + np.exp(-_checks.floats(call, x))))


@kernel("Erf", "Erfc", "Lgamma")
def special(call: Call, x: Array) -> Array:
    """A function that Python has and numpy has not."""
    functions = {"Erf": math.erf, "Erfc": math.erfc, "Lgamma": _lgamma}
    require_time(x.size * 128)
    apply = functions[call.node.op]
    flat = [apply(v) for v in _checks.floats(call, x).reshape(-1).tolist()]
    return np.array(flat, np.float64).reshape(x.shape)


def _lgamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):  # at a pole
        return math.inf


@kernel("PopulationCount")
def population_count(_call: Call, x: Array) -> Array:
    """The number of bits that are set."""
    raw = np.ascontiguousarray(x).reshape(-1).view(np.uint8)
    counts = np.unpackbits(raw).reshape(*x.shape, x.itemsize * 8)
    return np.asarray(counts.sum(-1, dtype=np.uint8))


# Casts


@kernel("Cast")
def cast(call: Call, x: Array) -> Array:
    """Values in another type.

    Floats become integers by rounding toward zero; those that no integer of the type is near, and
    NaN, become what the processor makes of them, so they are refused. Integers lose their upper
    bits.
    """
    source, target = call.dtype_attr("SrcT"), call.dtype_attr("DstT")
    if source is None or target is None or x.dtype == object:
        raise NotConstant(f"{source} is not cast to {target}")
    name = target.base.name
    if name.startswith(("q", "float8", "int4", "uint4", "int2", "uint2", "string")):
        raise NotConstant(f"{source} is not cast to {target}")
    kind = target.numpy()
    if source.base is target.base:
        return x
    if call.bool_attr("Truncate") and source.is_floating and target.is_floating:
        raise NotConstant("the lower bits are cut off")
    if name == "bool":
        return np.asarray(x != 0)
    if x.dtype.kind == "c" and kind.kind != "c":
        x = x.real
    if x.dtype.kind == "f" and kind.kind in "iu":
        whole = np.trunc(x.astype(np.float64))
        limits = np.iinfo(kind)
        if not ((whole >= float(limits.min)) & (whole < float(limits.max) + 1)).all():
            raise NotConstant(f"a value is outside of {target}")
        return np.asarray(x, kind)
    if name in ("float16", "bfloat16"):
        return x.astype(np.float32)  # which is rounded once more, as in TensorFlow
    return x.astype(kind)


# Activations


@kernel("Relu")
def relu(_call: Call, x: Array) -> Array:
    """Negative numbers become 0."""
    return np.maximum(x, np.zeros((), x.dtype))


@kernel("Relu6")
def relu6(_call: Call, x: Array) -> Array:
    """Numbers are kept within 0 and 6."""
    return np.asarray(np.minimum(np.maximum(x, np.zeros((), x.dtype)), np.array(6, x.dtype)))


@kernel("LeakyRelu")
def leaky_relu(call: Call, x: Array) -> Array:
    """Negative numbers are multiplied."""
    alpha = call.attr("alpha")
    if not isinstance(alpha, float | int):
        raise NotConstant("there is no alpha")
    return np.where(x > 0, x, x * np.array(alpha, np.float32).astype(x.dtype))


@kernel("Elu")
def elu(call: Call, x: Array) -> Array:
    """Negative numbers become exp(x) - 1."""
    wide = _checks.floats(call, x)
    return np.where(wide < 0, np.expm1(wide), wide)


@kernel("Selu")
def selu(call: Call, x: Array) -> Array:
    """Elu, scaled so that networks normalize themselves. Source: arXiv:1706.02515."""
    scale, scaled_alpha = 1.0507009873554805, 1.7580993408473768
    wide = _checks.floats(call, x)
    return np.where(wide < 0, scaled_alpha * np.expm1(wide), scale * wide)


@kernel("Softplus")
def softplus(call: Call, x: Array) -> Array:
    """log(1 + exp(x))."""
    return np.asarray(np.logaddexp(0.0, _checks.floats(call, x)))


@kernel("Softsign")
def softsign(call: Call, x: Array) -> Array:
    """The number by one more than its absolute value."""
    wide = _checks.floats(call, x)
    return np.asarray(wide / (np.abs(wide) + 1.0))


@kernel("Cumsum", "Cumprod")
def cumulative(call: Call, x: Array, axis: Array) -> Array:
    """The sums, or products, of all elements up to each one along an axis."""
    _checks.refuse_narrow(call)
    place = canonical_axis(_checks.integer(axis), x.ndim)
    moved = np.moveaxis(x, place, 0)
    if call.bool_attr("reverse"):
        moved = moved[::-1]
    if call.bool_attr("exclusive") and len(moved):
        neutral = np.array(int(call.node.op == "Cumprod"), x.dtype)
        moved = np.concatenate([np.broadcast_to(neutral, moved[:1].shape), moved[:-1]])
    steps: Any = np.add if call.node.op == "Cumsum" else np.multiply
    found = steps.accumulate(moved, 0, dtype=x.dtype)
    return np.moveaxis(found[::-1] if call.bool_attr("reverse") else found, 0, place)
