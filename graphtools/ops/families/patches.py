"""Shapes of patches of images and volumes."""

from __future__ import annotations

import math

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import Contradiction, Dims, multiply, with_rank
from graphtools.ops.families._windows import LAYOUTS, sliding


@shape_function("ExtractImagePatches")
def extract_image_patches(call: Call) -> Dims:
    """At each place of a sliding window the elements in it, one after the other as channels."""
    return _patches(call, 2)


@shape_function("ExtractVolumePatches")
def extract_volume_patches(call: Call) -> Dims:
    """As `extract_image_patches`, of volumes."""
    return _patches(call, 3)


def _patches(call: Call, count: int) -> Dims:
    rank = count + 2
    dims = with_rank(call.input(0), rank)
    names = ["ksizes", "strides"] + (["rates"] if count == 2 else [])
    lists = [call.ints_attr(name, rank) for name in names]
    for name, values in zip(names, lists, strict=True):
        if len(values) != rank or any(v < 1 for v in values):
            raise Contradiction(f"the attribute {name!r} cannot be {values}")
    layout = LAYOUTS[b"NHWC" if count == 2 else b"NDHWC"]
    slide = sliding(call, layout, "rates" if count == 2 else "", explicit=False)
    windows = lists[0][1:-1]
    channels = multiply(dims[-1], math.prod(windows))
    if None in dims[1:-1]:
        # TensorFlow checks nothing then, and gives volumes a dimension too few
        return (dims[0], None, None, channels) if count == 2 else None
    spatial = slide.places(dims, windows, may_be_empty=count == 2)
    return (dims[0], *spatial, channels)
