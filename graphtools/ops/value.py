"""The value of one constant tensor of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.ops.evaluation import MOST_BYTES, Evaluator
from graphtools.ops.inference import infer_shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def evaluate(graph: Graph, tensor: str, most_bytes: int = MOST_BYTES) -> NDArray[Any]:
    """The value of a constant tensor of a graph.

    Args:
        graph: The graph.
        tensor: The tensor, as `name` or `name:1`.
        most_bytes: Bytes of the largest tensor that is computed on the way.

    Returns:
        An array of the tensor's shape, in the numpy type of its dtype; bfloat16 as float32, strings
        as `bytes` in an object array. It may be read-only.

    Raises:
        UnknownName: There is no such node.
        NotConstant: The tensor depends on what is fed, read or drawn when the graph runs, is too
            large, or no kernel computes it.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> graphtools.evaluate(graph, "MobilenetV1/Conv2d_0/weights/read").shape
        (3, 3, 3, 8)
    """
    ref = Ref.from_user(tensor)
    name = graph.find(ref.node).name
    inference = infer_shapes(graph, targets=[name])
    return Evaluator(inference, most_bytes).evaluate(name, ref.index)
