"""Graphs made ready for values of 16 bits, where the converter makes what LiteRT does not run."""

from __future__ import annotations

from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.wording import counted

#: What squares, with the number of its inputs.
_INPUTS = {"SquaredDifference": 2, "Square": 1}
#: Ops that read the sum of squares where it is an L2 norm: x / sqrt(sum + epsilon), or its maximum.
_OF_L2 = frozenset({"Maximum", "Add", "AddV2", "Rsqrt", "Sqrt"})


def with_products_for_squares(graph: Graph) -> tuple[Graph, tuple[str, ...]]:
    """A graph in which squares are products.

    Of squares of differences, as in the variance of every layer norm, the converter makes
    SQUARED_DIFFERENCE of int16, which LiteRT does not run: "only supports FLOAT32 and INT32"; of
    others SQUARE, which reads int16 and gives float32: "INT16 != FLOAT32" (TensorFlow 2.21). Of a
    product it makes neither. What becomes an L2_NORMALIZATION stays, as do bodies of functions.

    Args:
        graph: The graph; it is not changed.

    Returns:
        The graph and what was done, a remark a line.
    """
    found = [node.name for node in graph if _is_square(graph, node)]
    if not found:
        return graph, ()
    own = graph.copy()
    for node in map(own.__getitem__, found):
        made, factor = [], node.data_inputs[0]
        if node.op == "SquaredDifference":
            factor = own.free_name(f"{node.name}/difference")
            made.append(Node(factor, "Sub", node.data_inputs, {"T": FLOAT32}, node.device))
        waits = (f"^{name}" for name in node.control_inputs)
        inputs = (factor, factor, *waits)
        own.replace(node, [*made, Node(node.name, "Mul", inputs, {"T": FLOAT32}, node.device)])
    squares = counted(len(found), "square")
    return own, (f"{squares} became products: LiteRT runs no others of int16",)


def _is_square(graph: Graph, node: Node) -> bool:
    if node.attr("T") is not FLOAT32 or len(node.data_inputs) != _INPUTS.get(node.op):
        return False
    return node.op == "SquaredDifference" or not any(
        onward.node.op in _OF_L2
        for reader in data_readers(graph, node.name)
        if reader.node.op == "Sum"
        for onward in data_readers(graph, reader.node.name)
    )
