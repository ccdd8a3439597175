"""Batch normalization, computed in double precision and rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel
from graphtools.ops.families import _checks

Array = NDArray[Any]


@kernel("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
def fused_batch_norm(
    call: Call, x: Array, scale: Array, offset: Array, mean: Array, variance: Array
) -> list[Array]:
    """Channels with other means and variances; only for inference."""
    if call.bool_attr("is_training"):
        raise NotConstant("batch statistics are for training")
    epsilon = _float_attr(call, "epsilon")
    layout = call.text_attr("data_format")
    axis = 1 if layout.startswith(b"NC") else x.ndim - 1
    if x.ndim not in (4, 5) or any(p.shape != (x.shape[axis],) for p in (scale, offset, mean)):
        raise NotConstant("one number a channel was expected")
    _checks.refuse_narrow(call)
    channel = [-1] + [1] * (x.ndim - 1 - axis)
    factor = _checks.wide(scale) / np.sqrt(_checks.wide(variance) + epsilon)
    found = (_checks.wide(x) - mean.reshape(channel)) * factor.reshape(channel)
    return [found + offset.reshape(channel), mean, variance, mean, variance]


@kernel("BatchNormWithGlobalNormalization")
def batch_norm_with_global_normalization(
    call: Call, x: Array, mean: Array, variance: Array, beta: Array, gamma: Array
) -> Array:
    """Channels with other means and variances, in the op that came before the fused one."""
    _checks.refuse_narrow(call)
    epsilon = _float_attr(call, "variance_epsilon")
    if x.ndim != 4 or any(p.shape != x.shape[-1:] for p in (mean, variance, beta, gamma)):
        raise NotConstant("one number a channel was expected")
    factor = 1.0 / np.sqrt(_checks.wide(variance) + epsilon)
    if call.bool_attr("scale_after_normalization"):
        factor = factor * gamma
    return (_checks.wide(x) - mean) * factor + beta


def _float_attr(call: Call, name: str) -> float:
    value = call.attr(name)
    if not isinstance(value, float | int):
        raise NotConstant(f"there is no {name}")
    return float(np.float32(value))
