"""Arithmetic of element-wise ops and reductions, as in TensorFlow's `flops_registry.py`."""

from __future__ import annotations

from graphtools.ops.call import Call
from graphtools.ops.cost import Work, cost_function
from graphtools.ops.dims import elements

#: Operations for each element of the input.
_BY_INPUT = {
    "Reciprocal": 1, "Square": 1, "Rsqrt": 2, "Log": 1, "Neg": 1, "AssignSub": 1, "AssignAdd": 1,
    "Softmax": 5, "BiasAdd": 1,
}  # fmt: skip
#: Operations for each element of the output.
_BY_OUTPUT = {
    "Add": 1, "AddV2": 1, "Sub": 1, "Mul": 1, "RealDiv": 1, "Maximum": 1, "Minimum": 1, "Pow": 1,
    "RsqrtGrad": 4, "GreaterEqual": 1, "Greater": 1, "LessEqual": 1, "Less": 1, "Equal": 1,
    "NotEqual": 1, "SquaredDifference": 2,
}  # fmt: skip


@cost_function(*_BY_INPUT)
def by_input(call: Call) -> Work | None:
    """So many operations for each element of the input."""
    count = elements(call.input(0))
    return None if count is None else Work(0, count * _BY_INPUT[call.node.op])


@cost_function(*_BY_OUTPUT)
def by_output(call: Call) -> Work | None:
    """So many operations for each element of the output."""
    count = elements(call.output_dims(0))
    return None if count is None else Work(0, count * _BY_OUTPUT[call.node.op])


@cost_function("Sum", "ArgMax", "ArgMin", "BiasAddGrad", "Mean")
def reduction(call: Call) -> Work | None:
    """All elements but one of each output; a mean divides each output in the end."""
    before, after = elements(call.input(0)), elements(call.output_dims(0))
    if before is None or after is None:
        return None
    return Work(0, before if call.node.op == "Mean" else before - after)


@cost_function("L2Loss")
def l2_loss(call: Call) -> Work | None:
    """Square, halve and add each element."""
    count = elements(call.input(0))
    return None if count is None else Work(0, 3 * count - 1)


@cost_function("AddN")
def add_n(call: Call) -> Work | None:
    """One addition less than there are inputs."""
    count = elements(call.input(0)) if call.inputs else 0
    return None if count is None else Work(0, count * max(len(call.inputs) - 1, 0))
