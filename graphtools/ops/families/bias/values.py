"""Biases, added."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.evaluation import kernel
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families.bias.attributes import channel_axis


@kernel("BiasAdd", "BiasAddV1")
def bias_add(call: Call, x: Array, bias: Array) -> Array:
    """One number a channel is added."""
    _checks.same_types(x, bias)
    return x + bias.reshape([-1] + [1] * (x.ndim - 1 - channel_axis(call, x.shape)))
