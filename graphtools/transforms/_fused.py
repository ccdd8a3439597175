"""Which nodes become one operator of TFLite, so that only the last of them has a range.

A convolution or MatMul takes in what follows it, as long as nothing else reads what is between:

    Conv2D -> BiasAdd | Add, Sub, Mul, Div with a constant | batch norm -> Relu | Relu6
    Conv2D -> BatchToSpaceND     (dilated; what follows as before)
    Add | Sub | Mul | Div | pool -> Relu | Relu6

Source: the fusions of TFLite's converter, as its operators tell: a bias and an activation are
arguments of theirs.
"""

from __future__ import annotations

from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.idioms.fake_quant import FAKE_QUANTS, LAYERS
from graphtools.ops.arithmetic import QUOTIENTS, SUMS
from graphtools.rewrite.constants import find_constant
from graphtools.transforms._fake_quants import only_reader

ACTIVATIONS = frozenset({"Relu", "Relu6"})
_ARITHMETIC = SUMS | QUOTIENTS | {"Sub", "Mul"}
_POOLS = frozenset({"MaxPool", "AvgPool"})


def next_fused(graph: Graph, node: Node, *, linear: bool) -> Node | None:
    """The node that goes into the same operator and reads a node, None where there is none.

    A FakeQuant between the two is looked through.

    Args:
        graph: The graph.
        node: A node.
        linear: Whether it is a convolution or MatMul, or what has gone into one.
    """
    if node.op in ACTIVATIONS:
        return None
    joins = node.op in _ARITHMETIC or node.op in _POOLS
    reader = only_reader(graph, node)
    if reader is not None and reader.op in FAKE_QUANTS:
        node, reader = reader, only_reader(graph, reader)
    if reader is None or not reader.data_inputs:
        return None
    first = Ref.parse(reader.data_inputs[0]) == Ref(node.name)
    if reader.op in ACTIVATIONS:
        return reader if linear or joins else None
    if not linear:
        return None
    if reader.op in ("BiasAdd", "BiasAddV1", "BatchToSpaceND") or reader.op in BATCH_NORMS:
        return reader if first else None
    if reader.op in _ARITHMETIC and len(reader.data_inputs) == 2:
        other = reader.data_inputs[first]
        if reader.op in QUOTIENTS and not first:
            return None
        return reader if _is_per_channel(graph, other) else None
    return None


def _is_per_channel(graph: Graph, text: str) -> bool:
    found = find_constant(graph, text)
    dims = found.tensor.shape.dims if found is not None else None
    return dims is not None and all(d == 1 for d in dims[:-1])


def is_linear(graph: Graph, node: Node) -> bool:
    """Whether a node is a convolution or MatMul, or what went into one, before its activation."""

    def onward(node: Node) -> list[Node]:
        source = _source(graph, node) if _may_be_fused(node) else None
        if source is not None and source.op in FAKE_QUANTS:
            source = _source(graph, source)
        ends = source is None or source.op in ACTIVATIONS or source.op in FAKE_QUANTS
        return [] if source is None or ends else [source]

    return any(found.op in LAYERS for found in reach([node], onward))


def _may_be_fused(node: Node) -> bool:
    ops = ("BiasAdd", "BiasAddV1", "BatchToSpaceND")
    return node.op in ops or node.op in BATCH_NORMS or node.op in _ARITHMETIC


def _source(graph: Graph, node: Node) -> Node | None:
    """The node whose values another one changes: that which is no constant."""
    for text in node.data_inputs[:2]:
        if find_constant(graph, text) is None:
            return graph.get(Ref.parse(text).node)
    return None
