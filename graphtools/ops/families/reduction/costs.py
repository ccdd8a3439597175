"""Arithmetic of reductions, as in TensorFlow's `flops_registry.py`."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import elements
from graphtools.ops.families._arithmetic import fewer, flops

cost_function("Sum", "ArgMax", "ArgMin")(fewer)


@cost_function("Mean")
def mean(call: Call) -> Work | None:
    """As of a sum, and a division for each output."""
    return None if fewer(call) is None else flops(elements(call.input(0)))
