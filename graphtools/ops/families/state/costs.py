"""Arithmetic of what adds to variables, as in TensorFlow's `flops_registry.py`."""

from __future__ import annotations

from graphtools.ops.cost import cost_function
from graphtools.ops.families._arithmetic import by_input

cost_function("AssignAdd", "AssignSub")(by_input(1))
