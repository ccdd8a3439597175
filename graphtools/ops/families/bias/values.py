"""Biases, added."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel
from graphtools.ops.families import _checks

Array = NDArray[Any]


@kernel("BiasAdd", "BiasAddV1")
def bias_add(call: Call, x: Array, bias: Array) -> Array:
    """One number a channel is added."""
    _checks.same_types(x, bias)
    first = call.attr("data_format") in (b"NCHW", b"NCDHW")
    axis = 1 if first else x.ndim - 1
    if x.ndim < 2 or bias.ndim != 1 or bias.shape[0] != x.shape[axis]:
        raise NotConstant("one number a channel was expected")
    return x + bias.reshape([-1] + [1] * (x.ndim - 1 - axis))
