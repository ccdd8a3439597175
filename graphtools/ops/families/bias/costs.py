"""Arithmetic of biases, as in TensorFlow's `flops_registry.py`."""

from __future__ import annotations

from graphtools.ops.cost import cost_function
from graphtools.ops.families._arithmetic import by_input, fewer

cost_function("BiasAdd")(by_input(1))
cost_function("BiasAddGrad")(fewer)
