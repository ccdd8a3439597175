"""Recognises dropout, in the forms in which TensorFlow's Python has written it.

    up to 1.12   (x / keep) * floor(keep + random)
    from 1.13    (x * scale) * cast(random >= rate)
    from 2.12    where(random >= rate, x * scale, 0)

where `random` is RandomUniform, perhaps brought to a range by a product and a sum.
"""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer

_SUMS = frozenset({"Add", "AddV2"})
_SCALES = frozenset({"RealDiv", "Div", "Mul"})
_SELECTS = frozenset({"Select", "SelectV2"})
#: Ops that a dropout may end in.
ENDS = _SELECTS | {"Mul"}
#: Steps from the mask back to the random numbers.
_LONGEST_WAY = 5


def dropped_out(graph: Graph, node: Node) -> str:
    """The tensor of which a node gives what dropout leaves.

    Returns:
        The tensor, as inputs of nodes are written; empty if the node is not the end of a dropout.
    """
    inputs = node.data_inputs
    if node.op in _SELECTS and len(inputs) == 3:
        return _scaled(graph, inputs[1]) if _is_kept(graph, inputs[0]) else ""
    if node.op == "Mul" and len(inputs) == 2:
        for text, mask in (inputs, inputs[::-1]):
            if _is_mask(graph, mask):
                return _scaled(graph, text)
    return ""


def _scaled(graph: Graph, text: str) -> str:
    """What is multiplied by the inverse of the share that is kept."""
    node = _first(graph, text)
    if node is None or node.op not in _SCALES or len(node.data_inputs) != 2:
        return ""
    return node.data_inputs[0]


def _is_mask(graph: Graph, text: str) -> bool:
    node = _first(graph, text)
    if node is None or not node.data_inputs:
        return False
    if node.op == "Cast":
        return _is_kept(graph, node.data_inputs[0])
    source = _first(graph, node.data_inputs[0])
    return node.op == "Floor" and source is not None and source.op in _SUMS and _random(graph, node)


def _is_kept(graph: Graph, text: str) -> bool:
    node = _first(graph, text)
    return node is not None and node.op == "GreaterEqual" and _random(graph, node)


def _random(graph: Graph, node: Node) -> bool:
    """Whether a node depends on random numbers, a few steps back."""
    level = [node]
    for _ in range(_LONGEST_WAY):
        level = [
            source
            for reader in level
            for source in (graph.get(producer(i)) for i in reader.data_inputs[:2])
            if source is not None
        ]
        if any(source.op == "RandomUniform" for source in level):
            return True
        level = [source for source in level if source.op in _SUMS or source.op == "Mul"]
    return False


def _first(graph: Graph, text: str) -> Node | None:
    """The node whose first output a tensor is."""
    name, _, index = text.partition(":")
    return graph.get(name) if index in ("", "0") else None
