"""Which constants and variables are weights: those that a layer computes with."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from graphtools.graph.following import follow, reach
from graphtools.graph.functions import CASES, CONDITIONALS
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.handing_on import (
    CONVERTED,
    INTO_BRANCHES,
    INTO_FRAMES,
    REARRANGED,
    SAME_TENSOR,
    VARIABLE_READS,
)

if TYPE_CHECKING:
    from graphtools.ops.inference import Inference

#: Kinds of layers, by the op that computes with the weights.
LAYER_KINDS = {
    "CONV_2D": "convolution",
    "CONV_3D": "convolution",
    "DEPTHWISE_CONV_2D": "depthwise convolution",
    "FULLY_CONNECTED": "fully-connected",
    "TRANSPOSE_CONV": "transposed convolution",
    "Conv2D": "convolution",
    "Conv3D": "convolution",
    "_FusedConv2D": "convolution",
    "QuantizedConv2D": "convolution",
    "DepthwiseConv2dNative": "depthwise convolution",
    "Conv2DBackpropInput": "transposed convolution",
    "Conv3DBackpropInputV2": "transposed convolution",
    "MatMul": "fully-connected",
    "_FusedMatMul": "fully-connected",
    "BatchMatMulV2": "fully-connected",
    "Gather": "embedding",
    "GatherV2": "embedding",
    "ResourceGather": "embedding",
}
#: Ops that look rows up in weights, which are their first input.
_LOOKS_UP = frozenset({"Gather", "GatherV2", "ResourceGather"})
#: Ops that compute with weights, which are all inputs but the first.
_READS_WEIGHTS = (
    (LAYER_KINDS.keys() - _LOOKS_UP)
    | {"BiasAdd", "BiasAddV1", "Dilation2D", "BatchMatMul"}
    | BATCH_NORMS
)
#: Ops through which weights reach what computes with them.
_PASS_WEIGHTS = (
    SAME_TENSOR
    | VARIABLE_READS
    | INTO_FRAMES
    | INTO_BRANCHES
    | REARRANGED
    | CONVERTED
    | FAKE_QUANTS
    | {"Dequantize", "Mul"}
)
#: Dtypes of axes, indices and the like.
NO_WEIGHTS = frozenset({"string", "bool", "int64"})
#: So many calls of functions are looked into, node by node.
_MOST_CALLS = 10_000


class CalledGraph(NamedTuple):
    """A graph that is run: the whole one, or the body of a function that a node calls."""

    inference: Inference
    prefix: str
    outer: CalledGraph | None = None
    arguments: tuple[str, ...] = ()


class ReadWeight(NamedTuple):
    """A constant or variable that a layer computes with.

    Attributes:
        reader: The layer; one in a function's body with the calls that lead there, as `call/conv`.
        name: The constant or variable, likewise.
        node: Its node.
    """

    reader: str
    name: str
    node: Node


def weights_by_reader(
    inference: Inference, needed: Collection[str] | None = None
) -> Iterator[ReadWeight]:
    """What the layers of a graph compute with, also by way of reads, casts and quantization.

    Args:
        inference: The graph with its shapes, and with those of the functions that it calls.
        needed: Names of the nodes that count; all if None.
    """
    for place, node, _ in every_node(inference, needed):
        for text in _inputs_with_weights(node):
            found = _weight(place, text)
            if found is not None:
                inner, source = found
                yield ReadWeight(place.prefix + node.name, inner.prefix + source.name, source)


def weights_without_calls(graph: Graph) -> Iterator[ReadWeight]:
    """What the layers of a graph compute with, where no functions are called; nothing is inferred.

    Args:
        graph: The graph.
    """
    for node in graph:
        for text in _inputs_with_weights(node):
            way = follow(graph, text, _before)
            source = next((s for _, s in way if _may_be_weight(s)), None)
            if source is not None:
                yield ReadWeight(node.name, source.name, source)


def every_node(
    inference: Inference, needed: Collection[str] | None = None
) -> Iterator[tuple[CalledGraph, Node, bool]]:
    """The needed nodes of a graph, and those of the functions that they call, with their places.

    A function counts at each of its calls. Where there are too many, which takes functions that
    call each other many times over, a call stands for what it calls.

    Yields:
        The place, the node, and whether the nodes of what it calls follow.
    """
    return _every_node(CalledGraph(inference, ""), needed, itertools.count())


def _every_node(
    place: CalledGraph, needed: Collection[str] | None, counter: Iterator[int]
) -> Iterator[tuple[CalledGraph, Node, bool]]:
    for node in place.inference.graph:
        if needed is not None and node.name not in needed:
            continue
        bodies = place.inference.bodies(node.name)
        opened = bool(bodies) and next(counter) < _MOST_CALLS
        yield place, node, opened
        for body in bodies.values() if opened else ():
            # If and Case hand on what follows their first input
            skipped = 1 if node.op in CONDITIONALS | CASES else 0
            arguments = node.data_inputs[skipped:]
            prefix = f"{place.prefix}{node.name}/"
            yield from _every_node(CalledGraph(body, prefix, place, arguments), None, counter)


def _inputs_with_weights(node: Node) -> Sequence[str]:
    """The inputs of a node that its weights are, where it computes with some."""
    if node.op in _LOOKS_UP:
        return node.data_inputs[:1]
    return node.data_inputs[1:] if node.op in _READS_WEIGHTS else ()


def _before(node: Node, _: Ref | None = None) -> str | None:
    """The input through which weights reach what reads a node, if they do so through it."""
    data = node.data_inputs if node.op in _PASS_WEIGHTS else ()
    return data[0] if data else None


def _may_be_weight(node: Node) -> bool:
    return node.op == "Const" or node.op in VARIABLE_OPS


def _weight(place: CalledGraph, text: str) -> tuple[CalledGraph, Node] | None:
    """The constant or variable that an input reads, None if it is anything else."""

    def onward(step: tuple[str, CalledGraph]) -> list[tuple[str, CalledGraph]]:
        name, place = step
        node = place.inference.graph.get(name)
        if node is not None and node.op == "_Arg" and place.outer is not None:
            position = node.attr("index")
            if isinstance(position, int) and position < len(place.arguments):
                return [(producer(place.arguments[position]), place.outer)]
        text = _before(node) if node is not None else None
        return [(producer(text), place)] if text is not None else []

    for name, inner in reach([(producer(text), place)], onward):
        node = inner.inference.graph.get(name)
        if node is not None and _may_be_weight(node):
            return inner, node
    return None
