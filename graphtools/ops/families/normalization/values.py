"""Batch normalization, computed in double precision and rounded."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import NotConstant, kernel
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array
from graphtools.ops.families.normalization.attributes import channel_axis


@kernel("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
def fused_batch_norm(
    call: Call, x: Array, scale: Array, offset: Array, mean: Array, variance: Array
) -> list[Array]:
    """Channels with other means and variances; only for inference."""
    if call.bool_attr("is_training"):
        raise NotConstant("batch statistics are for training")
    epsilon = _float_attr(call, "epsilon")
    _checks.refuse_narrow(call)
    channel = [-1] + [1] * (x.ndim - 1 - channel_axis(call, x.ndim))
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
    factor = 1.0 / np.sqrt(_checks.wide(variance) + epsilon)
    if call.bool_attr("scale_after_normalization"):
        factor = factor * gamma
    return (_checks.wide(x) - mean) * factor + beta


def _float_attr(call: Call, name: str) -> float:
    value = call.attr(name)
    if not isinstance(value, float | int):
        raise NotConstant(f"there is no {name}")
    return float(np.float32(value))
