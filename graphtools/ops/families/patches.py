"""Shapes of patches of images and volumes."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    Contradiction,
    Dims,
    multiply,
    window_output,
    with_rank,
)
from graphtools.ops.families._windows import padding_of


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
    windows, strides = lists[:2]
    rates = lists[2] if count == 2 else [1] * rank
    padding = padding_of(call, explicit=False)
    channels = dims[-1]
    for window in windows[1:-1]:
        channels = multiply(channels, window)
    if None in dims[1:-1]:
        # TensorFlow checks nothing then, and gives volumes a dimension too few
        return (dims[0], None, None, channels) if count == 2 else None
    spatial = [
        window_output(dims[i], windows[i], strides[i], padding, rates[i], may_be_empty=count == 2)
        for i in range(1, count + 1)
    ]
    return (dims[0], *spatial, channels)
