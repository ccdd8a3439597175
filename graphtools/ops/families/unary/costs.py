"""Arithmetic of functions of each element, as in TensorFlow's `flops_registry.py`."""

from __future__ import annotations

from graphtools.ops.cost import cost_function
from graphtools.ops.families._arithmetic import by_input

cost_function("Reciprocal", "Square", "Log", "Neg")(by_input(1))
cost_function("Rsqrt")(by_input(2))
