"""Graphs made ready for values of 16 bits, where the converter makes what LiteRT does not run."""

from __future__ import annotations

from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.ops.handing_on import SAME_TENSOR, source_node
from graphtools.wording import counted


def with_products_of_differences(graph: Graph) -> tuple[Graph, tuple[str, ...]]:
    """A graph in which squares of differences are products.

    The converter makes SQUARED_DIFFERENCE of int16 of them, as of the variance in every layer norm,
    which LiteRT refuses to run: "only supports FLOAT32 and INT32" (TensorFlow 2.21); of a product
    of the same difference with itself it makes none. Bodies of functions stay as they are.

    Args:
        graph: The graph; it is not changed.

    Returns:
        The graph and what was done, a remark a line.
    """
    found = [node.name for node in graph if _squares_difference(graph, node)]
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
    return own, (f"{squares} of differences became products: LiteRT has no others of int16",)


def _squares_difference(graph: Graph, node: Node) -> bool:
    if node.attr("T") is not FLOAT32:
        return False
    if node.op == "SquaredDifference":
        return len(node.data_inputs) == 2
    if node.op != "Square" or not node.data_inputs:
        return False
    source = source_node(graph, node.data_inputs[0], SAME_TENSOR)
    return source is not None and source.op == "Sub"
