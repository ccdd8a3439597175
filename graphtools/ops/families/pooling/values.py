"""Poolings of small images; means are computed in double precision and rounded."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel, require_room, require_time
from graphtools.ops.families import _checks, _images
from graphtools.ops.families._checks import Array
from graphtools.ops.families._windows import layout_of, sliding


@kernel("MaxPool", "AvgPool")
def pool(call: Call, x: Array) -> Array:
    """The largest, or the mean, of each window."""
    mean = call.node.op == "AvgPool"
    if mean:
        _checks.refuse_narrow(call)
    if x.dtype.kind not in "iuf" or (mean and x.dtype.kind != "f"):
        raise NotConstant("images were expected")
    _checks.refuse_nan(x)
    slide = sliding(call, layout_of(call), "")
    layout, sizes = slide.layout, call.ints_attr("ksize", 4)
    if sizes[0] != 1 or sizes[layout.channels] != 1:
        raise NotConstant("only height and width are pooled")
    window = [sizes[axis] for axis in layout.spatial]
    lowest: Any = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    outside = np.nan if mean else lowest
    x, rows, columns = _images.windows(slide, _images.channels_last(layout, x), window, outside)
    require_room(len(x) * rows * columns * x.shape[3])
    require_time(len(x) * rows * columns * x.shape[3] * math.prod(window))
    shape = (len(x), rows, columns, x.shape[3])
    if not mean:
        best = np.full(shape, lowest, x.dtype)
        for i in range(window[0]):
            for j in range(window[1]):
                best = np.maximum(best, _images.taken(x, i, j, rows, columns, slide.strides))
        return _images.back(layout, best)
    total, count = np.zeros(shape), np.zeros(shape)
    for i in range(window[0]):
        for j in range(window[1]):
            part = _images.taken(x, i, j, rows, columns, slide.strides)
            total += np.nan_to_num(part, nan=0.0, posinf=np.inf, neginf=-np.inf)
            count += ~np.isnan(part)
    return _images.back(layout, total / count)
