"""Loops of v1 control flow whose variables change their shape, at which the converter fails.

A `While` wants a variable back in the shape in which it enters, as far as both are known. Shape
invariants would allow others, but a graph does not keep them. Source: measured with TensorFlow
2.21.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from graphtools.compat.control_flow import LOOP_ENDS
from graphtools.compat.site import Failure
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.control_flow import ENTERS, MERGES
from graphtools.ops.dims import Contradiction, Dims, merge, show
from graphtools.ops.inference import infer_shapes

if TYPE_CHECKING:
    from graphtools.ops.inference import Inference


class Variable(NamedTuple):
    """A variable of a loop: the Merge that holds it, where it enters and where it comes back."""

    merge: str
    enters: Ref
    returns: Ref


def changing_variables(inference: Inference, nodes: Sequence[Node]) -> list[tuple[Node, Failure]]:
    """The Merges of loops whose variables come back in another shape than they enter.

    Args:
        inference: The inferred shapes of the graph.
        nodes: Its nodes that are left to convert.
    """
    variables = [v for node in nodes if (v := _variable(inference, node)) is not None]
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


def _variable(inference: Inference, node: Node) -> Variable | None:
    """The variable that a Merge at the start of a loop holds; None for any other node."""
    refs = [Ref.parse(text) for text in node.data_inputs] if node.op in MERGES else []
    ops = [source.op if (source := inference.graph.get(ref.node)) else "" for ref in refs]
    if len(refs) != 2 or ops[0] not in ENTERS or ops[1] not in LOOP_ENDS:
        return None
    return Variable(node.name, refs[0], refs[1])


def _differ(first: Dims, second: Dims) -> bool:
    """Whether two shapes are known not to be the same."""
    try:
        merge(first, second)
    except Contradiction:
        return True
    return False
