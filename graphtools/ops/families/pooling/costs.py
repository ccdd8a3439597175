"""Arithmetic of poolings.

TensorFlow's profiler has figures for NHWC only; for NCHW the same are taken.
"""

from __future__ import annotations

import math

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import product
from graphtools.ops.families._arithmetic import flops, times


@cost_function("AvgPool", "MaxPool", "MaxPoolV2", "AvgPool3D", "MaxPool3D")
def pool(call: Call) -> Work | None:
    """One operation for each element of the window of each output."""
    if call.node.op == "MaxPoolV2":
        window = call.vector(1)
        area = None if window is None else product(window)
    else:
        area = math.prod(call.ints_attr("ksize"))
    return flops(times(call.output_dims(0), area))


@cost_function("AvgPoolGrad")
def average_pool_gradient(call: Call) -> Work | None:
    """Two operations for each element of the window of each gradient."""
    return flops(times(call.input(1), 2 * math.prod(call.ints_attr("ksize"))))


@cost_function("MaxPoolGrad")
def max_pool_gradient(call: Call) -> Work | None:
    """The pooling, and one operation for each of its outputs."""
    return flops(times(call.input(1), math.prod(call.ints_attr("ksize")) + 1))
