"""Arithmetic of two tensors, as in TensorFlow's `flops_registry.py`."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import elements
from graphtools.ops.families._arithmetic import by_output, flops

cost_function(
    "Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "Pow", "GreaterEqual", "Greater",
    "LessEqual", "Less", "Equal", "NotEqual",
)(by_output(1))  # fmt: skip
cost_function("SquaredDifference")(by_output(2))
cost_function("RsqrtGrad")(by_output(4))


@cost_function("AddN")
def add_n(call: Call) -> Work | None:
    """One addition less than there are inputs."""
    count = elements(call.input(0)) if call.inputs else 0
    return flops(None if count is None else count * max(len(call.inputs) - 1, 0))
