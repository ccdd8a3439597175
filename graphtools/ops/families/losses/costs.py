"""Arithmetic of softmax and losses, as in TensorFlow's `flops_registry.py`."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import elements
from graphtools.ops.families._arithmetic import by_input, flops

cost_function("Softmax")(by_input(5))


@cost_function("L2Loss")
def l2_loss(call: Call) -> Work | None:
    """Square, halve and add each element."""
    count = elements(call.input(0))
    return flops(None if count is None else 3 * count - 1)
