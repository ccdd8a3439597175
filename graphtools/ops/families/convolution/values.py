"""Convolutions of small images; sums are computed in double precision and rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, require_room, require_time
from graphtools.ops.families import _checks, _images

Array = NDArray[Any]


@kernel("Conv2D", "DepthwiseConv2dNative")
def conv_2d(call: Call, x: Array, weights: Array) -> Array:
    """A convolution; the channels may stand in groups."""
    _checks.refuse_narrow(call)
    _checks.same_types(x, weights)
    depthwise = call.node.op != "Conv2D"
    if x.ndim != 4 or weights.ndim != 4 or 0 in x.shape or 0 in weights.shape:
        raise NotConstant("images and weights were expected")
    layout, x = _images.nhwc(call, x)
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
    x, (rows, columns), strides, dilations = _images.windows(call, layout, x, (height, width), 0.0)
    require_room(len(x) * rows * columns * outer)
    require_time(len(x) * rows * columns * outer * inner * height * width)
    found = np.zeros((len(x), rows, columns, groups, outer // groups))
    wide = _checks.wide(weights).reshape(height, width, inner, groups, outer // groups)
    for i in range(height):
        for j in range(width):
            part = _images.taken(x, i * dilations[0], j * dilations[1], rows, columns, strides)
            part = part.reshape(*part.shape[:3], groups, inner)
            found += np.einsum("nhwgi,igo->nhwgo", part, wide[i, j])
    return _images.back(layout, found.reshape(len(x), rows, columns, outer))
