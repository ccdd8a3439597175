"""Batch normalization, and convolutions and pooling of small tensors.

Sums are computed in double precision and rounded.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.dims import window_output
from graphtools.ops.evaluation import NotConstant, kernel, require_room, require_time
from graphtools.ops.kernels import _checks

Array = NDArray[Any]


@kernel("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
def fused_batch_norm(
    call: Call, x: Array, scale: Array, offset: Array, mean: Array, variance: Array
) -> list[Array]:
    """Channels with other means and variances; only for inference."""
    if call.bool_attr("is_training"):
        raise NotConstant("batch statistics are for training")
    epsilon = _float_attr(call, "epsilon")
    layout = call.text_attr("data_format")
    axis = 1 if layout.startswith(b"NC") else x.ndim - 1
    if x.ndim not in (4, 5) or any(p.shape != (x.shape[axis],) for p in (scale, offset, mean)):
        raise NotConstant("one number a channel was expected")
    _checks.refuse_narrow(call)
    channel = [-1] + [1] * (x.ndim - 1 - axis)
    factor = _checks.wide(scale) / np.sqrt(_checks.wide(variance) + epsilon)
    found = (_checks.wide(x) - mean.reshape(channel)) * factor.reshape(channel)
    return [found + offset.reshape(channel), mean, variance, mean, variance]


@kernel("BatchNormWithGlobalNormalization")
def batch_norm_with_global_normalization(
    call: Call, x: Array, mean: Array, variance: Array, beta: Array, gamma: Array
) -> Array:
    """Channels with other means and variances, in the op that came before the fused one."""
    _checks.refuse_narrow(call)
    epsilon = _float_attr(call, "variance_epsilon")
    if x.ndim != 4 or any(p.shape != x.shape[-1:] for p in (mean, variance, beta, gamma)):
        raise NotConstant("one number a channel was expected")
    factor = 1.0 / np.sqrt(_checks.wide(variance) + epsilon)
    if call.bool_attr("scale_after_normalization"):
        factor = factor * gamma
    return (_checks.wide(x) - mean) * factor + beta


def _float_attr(call: Call, name: str) -> float:
    value = call.attr(name)
    if not isinstance(value, float | int):
        raise NotConstant(f"there is no {name}")
    return float(np.float32(value))


# Windows


@kernel("Conv2D", "DepthwiseConv2dNative")
def conv_2d(call: Call, x: Array, weights: Array) -> Array:
    """A convolution; the channels may stand in groups."""
    _checks.refuse_narrow(call)
    _checks.same_types(x, weights)
    depthwise = call.node.op != "Conv2D"
    if x.ndim != 4 or weights.ndim != 4 or 0 in x.shape or 0 in weights.shape:
        raise NotConstant("images and weights were expected")
    layout, x = _nhwc(call, x)
    height, width, inner, outer = weights.shape
    depth = x.shape[3]
    if depthwise:
        if inner != depth:
            raise NotConstant(f"{inner} weights do not fit {depth} channels")
        weights = weights.reshape(height, width, 1, depth * outer)
        inner, outer = 1, depth * outer
    groups, rest = divmod(depth, inner)
    if rest or outer % groups:
        raise NotConstant(f"weights for {inner} channels do not fit {depth}")
    x, (rows, columns), strides, dilations = _windows(call, layout, x, (height, width), 0.0)
    require_room(len(x) * rows * columns * outer)
    require_time(len(x) * rows * columns * outer * inner * height * width)
    found = np.zeros((len(x), rows, columns, groups, outer // groups))
    wide = _checks.wide(weights).reshape(height, width, inner, groups, outer // groups)
    for i in range(height):
        for j in range(width):
            part = _taken(x, i * dilations[0], j * dilations[1], rows, columns, strides)
            part = part.reshape(*part.shape[:3], groups, inner)
            found += np.einsum("nhwgi,igo->nhwgo", part, wide[i, j])
    return _back(layout, found.reshape(len(x), rows, columns, outer))


@kernel("MaxPool", "AvgPool")
def pool(call: Call, x: Array) -> Array:
    """The largest, or the mean, of each window."""
    mean = call.node.op == "AvgPool"
    if mean:
        _checks.refuse_narrow(call)
    if x.ndim != 4 or x.dtype.kind not in "iuf" or (mean and x.dtype.kind != "f"):
        raise NotConstant("images were expected")
    _checks.refuse_nan(x)
    layout, x = _nhwc(call, x)
    sizes = call.ints_attr("ksize", 4)
    places = _places(layout)
    if any(s != 1 for i, s in enumerate(sizes) if i not in places) or min(sizes) < 1:
        raise NotConstant("only height and width are pooled")
    window = (sizes[places[0]], sizes[places[1]])
    lowest: Any = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    outside = np.nan if mean else lowest
    x, (rows, columns), strides, _ = _windows(call, layout, x, window, outside)
    require_room(len(x) * rows * columns * x.shape[3])
    require_time(len(x) * rows * columns * x.shape[3] * math.prod(window))
    shape = (len(x), rows, columns, x.shape[3])
    if not mean:
        best = np.full(shape, lowest, x.dtype)
        for i in range(window[0]):
            for j in range(window[1]):
                best = np.maximum(best, _taken(x, i, j, rows, columns, strides))
        return _back(layout, best)
    total, count = np.zeros(shape), np.zeros(shape)
    for i in range(window[0]):
        for j in range(window[1]):
            part = _taken(x, i, j, rows, columns, strides)
            total += np.nan_to_num(part, nan=0.0, posinf=np.inf, neginf=-np.inf)
            count += ~np.isnan(part)
    return _back(layout, total / count)


def _places(layout: bytes) -> tuple[int, int]:
    return layout.index(b"H"), layout.index(b"W")


def _nhwc(call: Call, x: Array) -> tuple[bytes, Array]:
    layout = call.text_attr("data_format")
    if layout not in (b"NHWC", b"NCHW"):
        raise NotConstant(f"the layout {layout!r} is not followed")
    return layout, x if layout == b"NHWC" else x.transpose(0, 2, 3, 1)


def _back(layout: bytes, x: Array) -> Array:
    return x if layout == b"NHWC" else x.transpose(0, 3, 1, 2)


def _windows(
    call: Call, layout: bytes, x: Array, window: tuple[int, int], outside: Any
) -> tuple[Array, tuple[int, int], list[int], list[int]]:
    """A padded image, the number of places of a window in it, strides and dilations."""
    places = _places(layout)
    all_strides = call.ints_attr("strides", 4)
    stated = call.attr("dilations")
    all_dilations = stated if isinstance(stated, list) else [1] * 4
    for steps in (all_strides, all_dilations):
        if len(steps) != 4 or any(s != 1 for i, s in enumerate(steps) if i not in places):
            raise NotConstant("a window moves over height and width only")
    strides = [all_strides[p] for p in places]
    dilations = [int(d) for p in places if isinstance(d := all_dilations[p], int)]
    padding = call.text_attr("padding")
    counts, frame = [], [(0, 0)]
    for axis, place in enumerate(places):
        explicit = (0, 0)
        if padding == b"EXPLICIT":
            stated_padding = call.ints_attr("explicit_paddings", 8)
            explicit = (stated_padding[2 * place], stated_padding[2 * place + 1])
            if min(explicit) < 0 or max(explicit) > 1 << 20:
                raise NotConstant(f"a padding cannot be {explicit}")
        dim = x.shape[1 + axis]
        stride, dilation = strides[axis], dilations[axis]
        count = window_output(dim, window[axis], stride, padding, dilation, explicit)
        if not count or count < 0:
            raise NotConstant("the window does not fit")
        if padding == b"SAME":
            missing = max((count - 1) * stride + (window[axis] - 1) * dilation + 1 - dim, 0)
            explicit = (missing // 2, missing - missing // 2)
        counts.append(count)
        frame.append(explicit)
    sizes = [d + sum(f) for d, f in zip(x.shape[1:3], frame[1:], strict=True)]
    require_room(len(x) * x.shape[3] * math.prod(sizes))
    wide = _checks.wide(x)
    padded = np.pad(wide, [*frame, (0, 0)], constant_values=outside)
    return padded, (counts[0], counts[1]), strides, dilations


def _taken(x: Array, row: int, column: int, rows: int, columns: int, strides: list[int]) -> Array:
    """For each place of a window, the pixel that is so far from its corner."""
    down, across = strides
    return x[
        :,
        row : row + (rows - 1) * down + 1 : down,
        column : column + (columns - 1) * across + 1 : across,
    ]
