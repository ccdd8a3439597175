"""Shapes of poolings."""

from __future__ import annotations

import math

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import Contradiction, Dim, Dims, merge, multiply, window_output, with_rank
from graphtools.ops.families._outputs import like_input
from graphtools.ops.families._windows import (
    LAYOUTS,
    WindowLayout,
    arranged,
    channels_of,
    has_wide_groups,
    layout_of,
    sliding,
)


@shape_function("MaxPool", "AvgPool", "_MklMaxPool", "_MklAvgPool", "_MklNativeMaxPool",
                "_MklNativeAvgPool")  # fmt: skip
def pool(call: Call) -> Dims:
    """A window slides over height and width; MaxPool may also take groups of channels."""
    return pooled(call, layout_of(call))


@shape_function("MaxPoolV2")
def pool_v2(call: Call) -> Dims:
    """As `pool`; window and strides are inputs."""
    return _pool_by_inputs(call, 1)


def _pool_by_inputs(call: Call, first: int) -> Dims:
    layout = layout_of(call)
    for position in (first, first + 1):
        if with_rank(call.input(position), 1)[0] not in (None, 4):
            raise Contradiction("window and strides have four elements")
    window, strides = call.vector(first), call.vector(first + 1)
    if window is None or strides is None or None in window or None in strides:
        dims = with_rank(call.input(0), layout.rank)
        return (dims[0], *(None,) * (layout.rank - 1))
    return pooled(call, layout, [w or 0 for w in window], [s or 0 for s in strides])


@shape_function("MaxPool3D", "AvgPool3D", "_MklMaxPool3D", "_MklAvgPool3D",
                "_MklNativeMaxPool3D", "_MklNativeAvgPool3D", "_QuantizedMaxPool3D")  # fmt: skip
def pool3d(call: Call) -> Dims | list[Dims]:
    """A window slides over depth, height and width."""
    found = pooled(call, layout_of(call, 3))
    return [found, (), ()] if call.node.op[:2] == "_Q" else found


def pooled(
    call: Call,
    layout: WindowLayout,
    window: list[int] | None = None,
    strides: list[int] | None = None,
) -> Dims:
    """What a pooling of the first input gives; window and strides are attributes by default.

    Raises:
        Contradiction: Input and attributes do not fit.
    """
    rank = 2 + len(layout.spatial)
    window = call.ints_attr("ksize", rank) if window is None else window
    strides = call.ints_attr("strides", rank) if strides is None else strides
    if len(window) != rank or len(strides) != rank:
        raise Contradiction(f"window and strides must be lists of {rank} integers")
    if any(w <= 0 for w in window) and not call.node.op.endswith("V2"):
        raise Contradiction(f"a window cannot be {window}")
    dims = with_rank(call.input(0), layout.rank)
    if has_wide_groups(layout, dims):
        return (None,) * 5
    slide = sliding(call, layout, "", strides)
    spatial = slide.places(dims, [window[axis] for axis in layout.spatial])
    channels = channels_of(layout, dims)
    step, stride = window[layout.channels], strides[layout.channels]
    if "MaxPool" in call.node.op and rank == 4 and (step != 1 or stride != 1):
        inner = b"VALID" if slide.padding == b"EXPLICIT" else slide.padding
        channels = window_output(dims[layout.channels], step, stride, inner)
        channels = multiply(channels, 4 if layout.is_grouped else 1)
    return arranged(layout, dims[0], spatial, channels)


@shape_function("MaxPoolWithArgmax")
def pool_with_argmax(call: Call) -> list[Dims]:
    """The pooled images, and for each element its place."""
    found = pooled(call, LAYOUTS[b"NHWC"])
    return [found, found]


# Gradients


shape_function("MaxPoolGrad", "MaxPoolGradV2", "MaxPoolGradWithArgmax", "_MklMaxPoolGrad",
               "_MklNativeMaxPoolGrad")(like_input(0, rank=4))  # fmt: skip


@shape_function("MaxPoolGradGrad")
def pool_grad_grad(call: Call) -> Dims:
    """As the output of the pooling is, the second input; the third is as the first."""
    merge(call.input(0), call.input(2))
    return merge(pooled(call, layout_of(call)), call.input(1))


@shape_function("MaxPoolGradGradV2")
def pool_grad_grad_v2(call: Call) -> Dims:
    """As `pool_grad_grad`; window and strides are inputs."""
    if not call.integers(3) or not call.integers(4):
        return None
    merge(call.input(0), call.input(2))
    return merge(_pool_by_inputs(call, 3), call.input(1))


# As the places are.
shape_function("MaxPoolGradGradWithArgmax")(like_input(2, rank=4))
shape_function("MaxPool3DGrad", "_MklMaxPool3DGrad", "_MklNativeMaxPool3DGrad")(
    like_input(0, rank=5)
)


@shape_function("MaxPool3DGradGrad")
def pool3d_grad_grad(call: Call) -> Dims:
    """As the output of the pooling is, the second input; the third is as the first."""
    merge(call.input(0), call.input(2))
    found = pooled(call, layout_of(call, 3))
    return merge(found, call.input(1))


# Fractional


@shape_function("FractionalAvgPool", "FractionalMaxPool")
def fractional_pool(call: Call) -> list[Dims]:
    """Each dimension divided by its ratio, and where the rows and columns are cut."""
    dims = with_rank(call.input(0), 4)
    ratios = call.attr("pooling_ratio")
    if not isinstance(ratios, list) or len(ratios) != 4:
        raise Contradiction("the attribute 'pooling_ratio' must be a list of 4 numbers")
    found: list[Dim] = []
    for size, ratio in zip(dims, ratios, strict=True):
        if not isinstance(ratio, (int, float)) or not 1 <= ratio < math.inf:
            raise Contradiction(f"a dimension cannot be divided by {ratio!r}")
        found.append(None if size is None else math.floor(size / ratio))
    # of the cuts there is one more than TensorFlow's own shapes say
    return [tuple(found), (None,), (None,)]


shape_function("FractionalMaxPoolGrad")(like_input(0, rank=4))


@shape_function("FractionalAvgPoolGrad")
def fractional_avg_pool_grad(call: Call) -> Dims:
    """The first input is the shape."""
    found = call.integers(0)
    return (None,) * 4 if found is None or len(found.dims) != 1 else call.dims(0)


@shape_function("QuantizedAvgPool", "QuantizedMaxPool", "_MklQuantizedAvgPool",
                "_MklQuantizedMaxPool")  # fmt: skip
def quantized_pool(call: Call) -> list[Dims]:
    """As `pool`, with the range of the result."""
    for position in (1, 2):
        with_rank(call.input(position), 0)
    return [pooled(call, layout_of(call)), (), ()]
