"""Floats as small integers and back. All arithmetic is in float32, step by step as in TensorFlow.

A quantized tensor comes with the two numbers that its lowest and highest integer stand for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.dims import canonical_axis
from graphtools.ops.evaluation import NotConstant, kernel, move
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families.reshaping.values import reshape

_F = np.float32


def _round(x: Array) -> Array:
    """Half away from zero."""
    whole = np.trunc(x)
    return np.asarray(
        whole + np.where(np.abs(x - whole) >= 0.5, np.copysign(1, x), 0).astype(x.dtype)
    )


def _limits(kind: np.dtype[Any]) -> tuple[int, int]:
    if kind.kind not in "iu" or kind.itemsize > 4:
        raise NotConstant(f"{kind} is no quantized type")
    return int(np.iinfo(kind).min), int(np.iinfo(kind).max)


def _range(low: Array, high: Array) -> tuple[np.float32, np.float32]:
    return _F(_checks.number(low)), _F(_checks.number(high))


def _channels(call: Call, x: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Ranges, one a slice along the attribute `axis` or one for all, such that they broadcast."""
    stated = call.attr("axis")
    axis = stated if isinstance(stated, int) else -1
    if axis < -1 or axis >= max(x.ndim, 1):
        raise NotConstant(f"a tensor of rank {x.ndim} has no axis {axis}")
    count = 1 if axis == -1 or not x.ndim else x.shape[axis]
    if low.size != count or high.size != count:
        raise NotConstant(f"{count} ranges were expected")
    shape = [] if axis == -1 else [count] + [1] * (x.ndim - 1 - axis)
    return low.reshape(shape).astype(_F), high.reshape(shape).astype(_F)


# Quantized tensors


@kernel("QuantizeV2")
def quantize(call: Call, x: Array, low: Array, high: Array) -> list[Array]:
    """Integers that stand for floats, and the range."""
    kind = call.dtype_attr("T")
    if kind is None or x.dtype != _F:
        raise NotConstant("floats were expected")
    _checks.refuse_nan(x, low, high)
    lowest, highest = _limits(kind.numpy())
    shape = low.shape
    least, most = _channels(call, x, low, high)
    if (most < least).any():
        raise NotConstant("the range is empty")
    apart = call.attr("ensure_minimum_range")
    apart = _F(apart if isinstance(apart, float | int) else 0.01)
    least = np.minimum(least, _F(0))
    epsilon = np.maximum(_F(1), np.maximum(np.abs(low), np.abs(high)).reshape(least.shape)) * apart
    most = np.maximum(np.maximum(most, least + epsilon), _F(0))
    if not (np.isfinite(most) & np.isfinite(least) & (most > least)).all():
        raise NotConstant("the range has no extent")
    mode = call.text_attr("mode")
    if kind.numpy().itemsize == 4:
        raise NotConstant("32-bit integers are rounded on the way")
    clipped = np.maximum(np.minimum(x, most), least)
    if mode == b"MIN_COMBINED":
        scale = (np.float64(highest - lowest) / (most - least).astype(np.float64)).astype(_F)
        steps = (clipped - least) * scale
        half = _F((highest - lowest + 1) / 2)
        codes = _round(steps - half) if lowest else np.trunc(steps + _F(0.5))
    elif mode == b"MIN_FIRST":
        if least.ndim:
            raise NotConstant("MIN_FIRST has one range")
        codes = _codes(x, least, most, lowest, highest)
    elif mode == b"SCALED":
        lowest += int(call.bool_attr("narrow_range"))
        scale = _signed_scale(least, most, lowest, highest)
        even = call.attr("round_mode") == b"HALF_TO_EVEN"
        least, most = _F(lowest) / scale, _F(highest) / scale
        clipped = np.maximum(np.minimum(x, most), least)
        codes = np.rint(clipped * scale) if even else _round(clipped * scale)
    else:
        raise NotConstant(f"the mode {mode!r} is not known")
    wide = codes.astype(np.int64)
    if wide.size and not (wide.min() >= lowest and wide.max() <= highest):
        raise NotConstant("a value leaves its type by rounding")
    return [wide, least.reshape(shape), most.reshape(shape)]


def _signed_scale(least: Any, most: Any, lowest: int, highest: int) -> Any:
    """Integers a float, such that zero stays zero and the range fits on both sides."""
    largest = np.finfo(_F).max
    below = np.where(_F(lowest) * least > 0, _F(lowest) / least, largest)
    above = np.where(_F(highest) * most > 0, _F(highest) / most, largest)
    return np.minimum(below, above).astype(_F)


def _codes(x: Array, least: Any, most: Any, lowest: int, highest: int) -> Array:
    """Integers of floats in the mode MIN_FIRST."""
    scale = _F(np.float64(highest - lowest) / np.float64(most - least)) if most != least else _F(0)
    offset = _round(np.asarray(least * scale)) - _F(lowest)
    codes = _round(x * scale) - offset
    return np.asarray(np.minimum(np.maximum(codes, _F(lowest)), _F(highest)))


@kernel("Dequantize")
def dequantize(call: Call, x: Array, low: Array, high: Array) -> Array:
    """The floats that integers stand for."""
    lowest, highest = _limits(x.dtype)
    mode = call.text_attr("mode")
    target = call.dtype_attr("dtype")
    if target is not None and target.name != "float32" and mode != b"MIN_COMBINED":
        raise NotConstant(f"the mode {mode!r} gives float32")
    least, most = _channels(call, x, low, high)
    codes = x.astype(_F)
    if mode == b"MIN_COMBINED":
        extent = _F(highest) - _F(lowest)
        half = (extent + _F(1)) / _F(2) if lowest else _F(0)
        return np.asarray((codes + half) * ((most - least) / extent) + least)
    if mode == b"SCALED":
        if x.itemsize == 4:
            raise NotConstant("32-bit integers have no symmetric range")
        bottom = lowest + int(call.bool_attr("narrow_range"))
        scale = most / _F(highest)
        if lowest:
            scale = np.maximum(least / _F(bottom), scale)
        return np.asarray(codes * scale)
    if mode == b"MIN_FIRST" and not least.ndim:
        scale = _F(np.float64(most - least) / np.float64(highest - lowest))
        start = least if most == least else _round(np.asarray(least / scale)) * scale
        return np.asarray((start - _F(lowest) * scale) + codes * scale, _F)
    raise NotConstant(f"the mode {mode!r} is not known, or not for several ranges")


@kernel("RequantizationRange")
def requantization_range(_call: Call, x: Array, low: Array, high: Array) -> list[Array]:
    """The range that is in use, zero included."""
    lowest, highest = _limits(x.dtype)
    least, most = _range(low, high)
    codes = (int(x.min()), int(x.max())) if x.size else (highest, lowest)
    bottom, top = (_to_float(c, least, most, x.dtype) for c in codes)
    return [np.minimum(_F(0), bottom), np.asarray(top)]


def _to_float(code: int, least: np.float32, most: np.float32, kind: np.dtype[Any]) -> np.float32:
    """The float that one integer stands for, computed in double precision."""
    if least == most:
        return least
    steps = 1 << kind.itemsize * 8
    scale = np.float64(most - least) * (steps / (steps - 1.0)) / steps
    narrow = _F(scale)
    start = np.float64(_F(_round(np.asarray(least / narrow, _F)) * narrow))
    found: np.float32 = _F(start + np.float64(code - _limits(kind)[0]) * scale)
    return found


@kernel("Requantize")
def requantize(
    call: Call, x: Array, low: Array, high: Array, new_low: Array, new_high: Array
) -> list[Array]:
    """32-bit integers as 8-bit ones in another range, with 16 binary places."""
    kind = call.dtype_attr("out_type")
    if x.dtype != np.int32 or kind is None or kind.name != "quint8":
        raise NotConstant("only 32-bit integers become 8-bit ones")
    least, most = _range(low, high)
    new_least, new_most = _range(new_low, new_high)
    if not (new_least <= 0 <= new_most) or not np.isfinite([least, most, new_most]).all():
        raise NotConstant("the new range must include zero")
    extent, new_extent = most - least, new_most - new_least
    scale = offset = new_offset = 0
    if new_extent != 0:
        inverse = _F(255.0 / float(new_extent))
        middle = _F(float(least + most) / 2.0)
        scale = int(255.0 * 65536 * float(extent) / float(new_extent))
        offset = int(middle * inverse * _F(65536))
        exact = 65536 * (float(new_least) * 255.0) / float(new_extent)
        new_offset = int(_round(np.asarray(exact)))
    largest = max(abs(int(x.min())), abs(int(x.max()))) if x.size else 0
    if max(largest * abs(scale), abs(offset), abs(new_offset)) >= 1 << 62:
        raise NotConstant("the new range is too narrow")
    fixed = ((x.astype(np.int64) * np.int64(scale)) >> 32) + (offset - new_offset + (1 << 15))
    codes, below, above = (np.clip((fixed + by) >> 16, 0, 255) for by in (0, -2, 2))
    if (below != above).any():
        # how the offsets are rounded depends on the version of TensorFlow
        raise NotConstant("a value lies in the middle between two integers")
    return [codes, np.asarray(new_least), np.asarray(new_most)]


@kernel("QuantizedMul")
def quantized_mul(
    _call: Call, a: Array, b: Array, low_a: Array, high_a: Array, low_b: Array, high_b: Array
) -> list[Array]:
    """The products of two quantized tensors, and their range."""
    _checks.broadcast(a, b)
    parts, levels = [], []
    for x, low, high in ((a, low_a, high_a), (b, low_b, high_b)):
        least, most = _range(low, high)
        if not most > least or x.itemsize != 1:
            raise NotConstant("the range is empty")
        lowest, highest = _limits(x.dtype)
        scale = 256 / (np.float64(most - least) * (256 / 255.0))
        zero = -int(_round(np.asarray(np.float64(least) * scale))) + lowest
        if abs(zero) >= 1 << 31:
            raise NotConstant("zero is too far outside of the range")
        parts.append(x.astype(np.int32) - np.int32(zero))
        levels.append((most - least) / _F(highest - lowest))
    level = levels[0] * levels[1]
    product = np.asarray(parts[0] * parts[1])
    return [product, np.asarray(level * _F(-(2**31))), np.asarray(level * _F(2**31 - 1))]


@move("QuantizedReshape")
def quantized_reshape(call: Call, x: Array, shape: Array, low: Array, high: Array) -> list[Array]:
    """The same integers in another shape."""
    return [reshape(call, x, shape), low.reshape(()), high.reshape(())]


# Floats that were quantized for a moment


@kernel("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel")
def fake_quant(call: Call, x: Array, low: Array, high: Array) -> Array:
    """Floats rounded as if they were quantized, with one range or one a channel."""
    return _fake_quant(call, x, low, high)


@kernel("FakeQuantWithMinMaxArgs")
def fake_quant_args(call: Call, x: Array) -> Array:
    """As FakeQuantWithMinMaxVars, with the range in attributes."""
    low, high = call.attr("min"), call.attr("max")
    if not isinstance(low, float | int) or not isinstance(high, float | int):
        raise NotConstant("there is no range")
    return _fake_quant(call, x, np.asarray(low, _F), np.asarray(high, _F))


def _fake_quant(call: Call, x: Array, low: Array, high: Array) -> Array:
    """Rounding, after the range was moved so that zero is one of the integers."""
    bits = call.int_attr("num_bits")
    if not 2 <= bits <= 16:
        raise NotConstant(f"there are no {bits} bits")
    _checks.refuse_nan(x, low, high)
    unset = (low == 0) & (high == 0)
    if not (unset | ((low <= 0) & (high >= 0) & (low < high))).all():
        raise NotConstant("the range must include zero")
    bottom, top = _F(call.bool_attr("narrow_range")), _F((1 << bits) - 1)
    scale = (high - low) / (top - bottom)
    exact_zero = bottom - low / scale
    zero = np.clip(_round(np.asarray(exact_zero)), bottom, top).astype(_F)
    least, most = (bottom - zero) * scale, (top - zero) * scale
    inverse = (top - bottom) / (high - low)
    start = np.floor(-least * inverse + _F(0.5))
    shifted = np.maximum(np.minimum(x, most), least) - least
    # only the kernel of this one divides
    divides = call.node.op == "FakeQuantWithMinMaxVars"
    steps = shifted / scale if divides else shifted * inverse
    found = np.floor(steps - start + _F(0.5)) * scale
    return np.asarray(np.where(unset, _F(0), found))


@kernel("QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4")
def quantize_and_dequantize(call: Call, x: Array, low: Array, high: Array, *bits: Array) -> Array:
    """Floats rounded as if they were quantized; zero stays zero."""
    _checks.refuse_narrow(call)
    _checks.refuse_nan(x, low, high)
    axis = call.attr("axis")
    several = isinstance(axis, int) and axis != -1
    place = canonical_axis(axis, x.ndim) if isinstance(axis, int) and several else -1
    count = x.shape[place] if several else 1
    others = tuple(i for i in range(x.ndim) if i != place) if several else None
    shape = [count] + [1] * (x.ndim - 1 - place) if several else []
    given = call.bool_attr("range_given")
    if given:
        if low.size != count or high.size != count or (low > high).any():
            raise NotConstant(f"{count} ranges were expected")
    else:
        if not x.size:
            return x
        low, high = np.min(x, axis=others), np.max(x, axis=others)
    least, most = np.reshape(low, shape), np.reshape(high, shape)
    signed = call.bool_attr("signed_input")
    width = _checks.integer(bits[0]) if bits else call.int_attr("num_bits")
    if not 1 + signed <= width <= 62:
        raise NotConstant(f"there are no {width} bits")
    lowest = -(1 << (width - 1)) + int(call.bool_attr("narrow_range")) if signed else 0
    highest = (1 << (width - 1)) - 1 if signed else (1 << width) - 1
    kind = x.dtype.type
    bottom, top, largest = kind(lowest), kind(highest), np.finfo(x.dtype).max
    below = np.where(bottom * least > 0, bottom / least, largest)
    above = np.where(top * most > 0, top / most, largest)
    by_least = below < above
    scale = np.where(by_least, below, above)
    inverse = np.where(by_least, least / bottom if lowest else kind(0), most / top)
    least, most = (
        np.where(by_least, least, bottom * inverse),
        np.where(by_least, top * inverse, most),
    )
    if given:
        x = np.maximum(np.minimum(x, most), least)
    scaled = x * scale
    up = call.attr("round_mode") == b"HALF_UP"
    return np.asarray((np.floor(scaled + kind(0.5)) if up else np.rint(scaled)) * inverse)
