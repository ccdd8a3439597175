"""Graphs made ready for values of 16 bits, where LiteRT does not run what the converter makes.

Of squares of differences, as in the variance of every layer norm, the converter makes
SQUARED_DIFFERENCE of int16, which LiteRT refuses: "only supports FLOAT32 and INT32"; of others
SQUARE, which reads int16 and gives float32: "INT16 != FLOAT32". SUM of int16 runs, and is wrong: it
saturates, at 2 to 13 dB where MEAN has 86 (all of TensorFlow 2.21). So squares become products of a
tensor with itself, and sums become means times a count. What becomes an L2_NORMALIZATION, which
stays float, is left as it is, and so are bodies of functions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.ops.handing_on import source_node
from graphtools.ops.inference import Inference
from graphtools.wording import counted

#: What is replaced, with the number of its inputs.
_INPUTS = {"SquaredDifference": 2, "Square": 1, "Sum": 2}
#: What may hold the sum of squares off 0 in an L2 norm: x / sqrt(max(sum, epsilon)).
_HOLDS = frozenset({"Maximum", "Add", "AddV2"})
_ROOTS = {"Rsqrt": "Mul", "Sqrt": "RealDiv"}


def for_sixteen_bits(graph: Graph, inference: Inference) -> tuple[Graph, tuple[str, ...]]:
    """A graph in which squares and sums are what LiteRT runs with values of int16.

    Args:
        graph: The graph; it is not changed.
        inference: Shapes of its tensors.

    Returns:
        The graph and what was done, a remark a line.
    """
    made: dict[str, list[Node]] = {}
    for node in graph:
        if node.attr("T") is FLOAT32 and len(node.data_inputs) == _INPUTS.get(node.op):
            new = _sum(graph, inference, node) if node.op == "Sum" else _square(graph, node)
            if new:
                made[node.name] = new
    if not made:
        return graph, ()
    own = graph.copy()
    for name, new in made.items():
        own.replace(own[name], new)
    nodes = counted(len(made), "square or sum", "squares and sums")
    return own, (f"{nodes} became products and means, which LiteRT computes with int16",)


def _square(graph: Graph, node: Node) -> list[Node]:
    if node.op == "Square" and any(
        reader.node.op == "Sum" and _is_of_l2(graph, reader.node)
        for reader in data_readers(graph, node.name)
    ):
        return []
    waits = tuple(f"^{name}" for name in node.control_inputs)
    factor, made = node.data_inputs[0], []
    if node.op == "SquaredDifference":
        factor = graph.free_name(f"{node.name}/difference")
        made.append(Node(factor, "Sub", node.data_inputs, {"T": FLOAT32}, node.device))
    return [*made, Node(node.name, "Mul", (factor, factor, *waits), {"T": FLOAT32}, node.device)]


def _sum(graph: Graph, inference: Inference, node: Node) -> list[Node]:
    import numpy as np

    ref = Ref.parse(node.data_inputs[0])
    dims = inference.dims(ref.node, ref.index)
    source = source_node(graph, node.data_inputs[1])
    axes = source.tensor.integers(16) if source is not None and source.tensor is not None else None
    if dims is None or axes is None or _is_of_l2(graph, node):
        return []
    sizes = [dims[axis] for axis in {a % len(dims) for a in axes}] if dims else []
    if None in sizes:
        return []
    count = Tensor.from_array(np.float32(math.prod(size or 0 for size in sizes)))
    mean, times = (graph.free_name(f"{node.name}/{end}") for end in ("mean", "count"))
    return [
        Node(mean, "Mean", node.inputs, dict(node.attrs), node.device),
        Node(times, "Const", (), {"dtype": FLOAT32, "value": count}),
        Node(node.name, "Mul", (mean, times), {"T": FLOAT32}, node.device),
    ]


def _is_of_l2(graph: Graph, node: Node) -> bool:
    """Whether a sum is that of an L2 norm, if it is one of squares."""
    source = graph.get(Ref.parse(node.data_inputs[0]).node)
    if source is None or source.op != "Square":
        return False
    readers = [reader.node for reader in data_readers(graph, node.name)]
    if len(readers) == 1 and readers[0].op in _HOLDS:
        readers = [reader.node for reader in data_readers(graph, readers[0].name)]
    return _all(readers, _ROOTS) and all(
        _all((r.node for r in data_readers(graph, root.name)), {_ROOTS[root.op]})
        for root in readers
    )


def _all(nodes: Iterable[Node], ops: Iterable[str]) -> bool:
    found = [node.op for node in nodes]
    return bool(found) and set(found) <= set(ops)
