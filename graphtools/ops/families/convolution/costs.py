"""Arithmetic of convolutions.

TensorFlow's profiler has figures for NHWC only; for NCHW the same are taken.
"""

from __future__ import annotations

import math

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import dim, elements, product
from graphtools.ops.families._arithmetic import macs, times
from graphtools.ops.families._windows import layout_of, sliding


@cost_function("Conv2D", "Conv3D", "_FusedConv2D")
def convolution(call: Call) -> Work | None:
    """For each output the window, times the input channels of its group."""
    window = call.input(1)
    return macs(times(call.output_dims(0), None if window is None else product(window[:-1])))


@cost_function("DepthwiseConv2dNative", "_FusedDepthwiseConv2dNative", "Dilation2D")
def depthwise(call: Call) -> Work | None:
    """For each output the window."""
    window = call.input(1)
    return macs(times(call.output_dims(0), None if window is None else product(window[:2])))


@cost_function("QuantizedConv2D", "QuantizedDepthwiseConv2D")
def quantized(call: Call) -> Work | None:
    """As of the ops on floating point numbers."""
    return convolution(call) if call.node.op == "QuantizedConv2D" else depthwise(call)


@cost_function("Conv2DBackpropInput", "Conv2DBackpropFilter", "Conv3DBackpropInputV2")
def transposed(call: Call) -> Work | None:
    """Image times filter, by the channels of the image and the strides.

    That is what the convolution costs whose gradient it is; exact where the strides divide the
    image, as in the profiler, which has a figure for two dimensions only.
    """
    to_image = call.node.op != "Conv2DBackpropFilter"
    image, window = (
        (call.output_dims(0), call.input(1)) if to_image else (call.input(0), call.output_dims(0))
    )
    slide = sliding(call, layout_of(call, 3 if call.node.op.startswith("Conv3D") else 2))
    channels = dim(image, slide.layout.channels)
    count = times(image, elements(window))
    step = math.prod(slide.strides)
    if count is None or not channels or step <= 0:
        return None
    flops = 2 * count // (channels * step)
    return Work(flops // 2, flops)
