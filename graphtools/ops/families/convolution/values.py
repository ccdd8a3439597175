"""Convolutions of small images; sums are computed in double precision and rounded."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, require_room, require_time
from graphtools.ops.families import _checks, _images
from graphtools.ops.families._checks import Array
from graphtools.ops.families._windows import layout_of, sliding


@kernel("Conv2D", "DepthwiseConv2dNative")
def conv_2d(call: Call, x: Array, weights: Array) -> Array:
    """A convolution; the channels may stand in groups."""
    _checks.refuse_narrow(call)
    _checks.same_types(x, weights)
    if 0 in x.shape or 0 in weights.shape:
        raise NotConstant("images and weights were expected")
    slide = sliding(call, layout_of(call))
    x = _images.channels_last(slide.layout, x)
    height, width, inner, outer = weights.shape
    if call.node.op != "Conv2D":
        inner, outer = 1, inner * outer
    groups = x.shape[3] // inner
    x, rows, columns = _images.windows(slide, x, (height, width), 0.0)
    require_room(len(x) * rows * columns * outer)
    require_time(len(x) * rows * columns * outer * inner * height * width)
    found = np.zeros((len(x), rows, columns, groups, outer // groups))
    wide = _checks.wide(weights).reshape(height, width, inner, groups, outer // groups)
    down, across = slide.dilations
    for i in range(height):
        for j in range(width):
            part = _images.taken(x, down * i, across * j, rows, columns, slide.strides)
            part = part.reshape(*part.shape[:3], groups, inner)
            found += np.einsum("nhwgi,igo->nhwgo", part, wide[i, j])
    return _images.back(slide.layout, found.reshape(len(x), rows, columns, outer))
