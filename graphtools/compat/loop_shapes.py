"""Loops of v1 control flow whose variables change their shape, at which the converter fails.

A `While` wants a variable back in the shape in which it enters, as far as both are known. Shape
invariants would allow others, but a graph does not keep them. Source: measured with TensorFlow
2.21.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphtools.compat.judgement import Failure
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.idioms.control_flow import loop_variable
from graphtools.ops.dims import Contradiction, Dims, merge, show
from graphtools.ops.inference import infer_shapes

if TYPE_CHECKING:
    from graphtools.ops.inference import Inference


def changing_variables(inference: Inference, nodes: Sequence[Node]) -> list[tuple[Node, Failure]]:
    """The Merges of loops whose variables come back in another shape than they enter."""
    variables = [v for node in nodes if (v := loop_variable(inference.graph, node)) is not None]
    entering = {v.merge: inference.dims(v.enters.node, v.enters.index) for v in variables}
    widened = [v for v in variables if inference.dims(v.merge) != entering[v.merge]]
    if not widened:
        return []
    entry = {f"{v.merge}:0": Shape(entering[v.merge]) for v in widened}
    first_round = infer_shapes(inference.graph, entry)
    found = []
    for variable in widened:
        enters = entering[variable.merge]
        returns = first_round.dims(variable.returns.node, variable.returns.index)
        if _differ(enters, returns):
            reason = f"it enters the loop as {show(enters)} and comes back as {show(returns)}"
            remedy = "make it with control flow v2, which keeps shape invariants"
            node = inference.graph[variable.merge]
            found.append((node, Failure("error", reason, remedy)))
    return found


def _differ(first: Dims, second: Dims) -> bool:
    """Whether two shapes are known not to be the same."""
    try:
        merge(first, second)
    except Contradiction:
        return True
    return False
