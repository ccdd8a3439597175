"""SpaceToBatchND, a convolution and BatchToSpaceND: the converter makes one dilated convolution.

It does so in NHWC, where the batch is known, or height and width are. The shapes behind are left as
they were, at which it may fail. Source: measured with TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.ops.inference import Inference

_CONVOLUTIONS = frozenset({"Conv2D", "DepthwiseConv2dNative"})


class Dilation(NamedTuple):
    """The nodes that become one convolution.

    Attributes:
        start: The SpaceToBatchND.
        convolution: The convolution.
        bias: The BiasAdd behind it; None where there is none.
        end: The BatchToSpaceND.
    """

    start: Node
    convolution: Node
    bias: Node | None
    end: Node


def dilation_of(inference: Inference, end: Node, needed: Collection[str]) -> Dilation | None:
    """The dilated convolution that ends at a node, None where the converter makes none.

    Args:
        inference: The inferred shapes of the graph.
        end: A BatchToSpaceND.
        needed: Names of the nodes that are left in the model.
    """
    graph = inference.graph
    convolution = _source(graph, end)
    bias = convolution if convolution is not None and convolution.op == "BiasAdd" else None
    if bias is not None:
        convolution = _source(graph, bias)
    if convolution is None or convolution.op not in _CONVOLUTIONS:
        return None
    start = _source(graph, convolution)
    if start is None or start.op != "SpaceToBatchND" or convolution.attr("padding") != b"VALID":
        return None
    for node in (bias, convolution, start):
        if node and sum(n.name in needed for n in graph.consumers(node.name)) != 1:
            return None
    shapes = inference.call(start).inputs
    if len(shapes) != 3 or shapes[1] != (2,) or convolution.attr("data_format") == b"NCHW":
        return None
    image = shapes[0]
    if image is None or len(image) != 4 or (image[0] is None and None in image[1:3]):
        return None
    return Dilation(start, convolution, bias, end)


def _source(graph: Graph, node: Node) -> Node | None:
    """The node that another one reads first."""
    data = node.data_inputs
    return graph.get(producer(data[0])) if data else None
