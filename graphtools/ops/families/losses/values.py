"""Softmax and losses, computed in double precision and rounded."""

from __future__ import annotations

import numpy as np

from graphtools.ops.call import Call
from graphtools.ops.evaluation import kernel
from graphtools.ops.families import _checks
from graphtools.ops.families._checks import Array


@kernel("Softmax", "LogSoftmax")
def softmax(call: Call, x: Array) -> Array:
    """exp(x), divided by its sum over the last axis; or the logarithm of that."""
    _checks.refuse_narrow(call)
    if not x.size:
        return x
    wide = _checks.floats(call, x)
    shifted = wide - wide.max(-1, keepdims=True)
    total = np.exp(shifted).sum(-1, keepdims=True)
    return np.asarray(
        shifted - np.log(total) if call.node.op == "LogSoftmax" else np.exp(shifted) / total
    )


@kernel("L2Loss")
def l2_loss(call: Call, x: Array) -> Array:
    """Half the sum of squares."""
    _checks.refuse_narrow(call)
    return np.asarray(np.sum(np.square(_checks.wide(x))) / 2)
