"""State that a model keeps from run to run: a variable that it changes and then reads.

A training step and the moving averages of a batch norm are changed, too, but nothing of the same
run reads them afterwards: such updates go when a graph is frozen for inference. What is read back
is part of what the model computes, as in a counter or a recurrent network that keeps its state:

    count = VarHandleOp
    add = AssignAddVariableOp(count, one)
    now = ReadVariableOp(count, ^add)          # or what reads the reference that AssignAdd gives
    y = Add(x, now)
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator

from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref
from graphtools.graph.variables import UPDATES
from graphtools.ops.handing_on import INTO_FRAMES, REFERENCES, SAME_TENSOR, source_node

#: What makes a .tflite file of a model with state, which a frozen graph cannot have.
FOR_TFLITE = (
    "TensorFlow's own converter takes such a SavedModel as it is: "
    "tf.lite.TFLiteConverter.from_saved_model(FOLDER)"
)
_HANDED_ON = SAME_TENSOR | INTO_FRAMES | REFERENCES


def updated(graph: Graph, node: Node) -> Node | None:
    """The variable, or argument of a body, that a node writes to; None where it is no update."""
    if not node.op.startswith(UPDATES) or not node.data_inputs:
        return None
    return source_node(graph, node.data_inputs[0], _HANDED_ON)


def is_read_back(
    graph: Graph,
    update: Node,
    results: Collection[str] = (),
    needed: Container[str] | None = None,
) -> bool:
    """Whether something reads a variable after a node has changed it, and is read itself.

    Args:
        graph: The graph, or that of a function's body.
        update: The node that changes the variable.
        results: The tensors that a graph or body gives.
        needed: Names of the nodes that count; all if None.

    Example:
        >>> is_read_back(graph, graph["count/AssignAdd"], ["y"])
        True
    """
    given = {Ref.parse(text).node for text in results}
    variable = updated(graph, update)
    if variable is None:
        return False

    def counts(node: Node) -> bool:
        readers = (reader.node.name for reader in data_readers(graph, node.name))
        return node.name in given or any(needed is None or name in needed for name in readers)

    return counts(update) or any(
        source_node(graph, node.data_inputs[0], _HANDED_ON) is variable and counts(node)
        for node in _waiting(graph, update)
        if node.data_inputs and not node.op.startswith(UPDATES)
    )


def _waiting(graph: Graph, update: Node) -> Iterator[Node]:
    """The nodes that run after another because of control edges, by way of NoOps too."""

    def later(node: Node) -> list[Node]:
        if node is not update and node.op != "NoOp":
            return []
        return [n for n in graph.consumers(node.name) if f"^{node.name}" in n.inputs]

    return (node for node in reach([update], later) if node is not update)


def kept_state(graph: Graph) -> dict[str, Node]:
    """By the name of each variable that a graph, without functions, writes to, the first update."""
    found: dict[str, Node] = {}
    for node in graph:
        variable = updated(graph, node)
        if variable is not None:
            found.setdefault(variable.name, node)
    return found
