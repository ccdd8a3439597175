"""Nearest-neighbour upsampling that is written with other ops, as in feature pyramids.

The Object Detection API writes it so for TPUs, and its exporters put ResizeNearestNeighbor in its
place (`rewrite_nn_resize_op` of exporter.py), since TFLite suffers no product of rank 6. With x of
[1,h,w,c] and whole factors k and l:

    Reshape(Mul(Reshape(x, [1,h,1,w,1,c]), ones), [1,h*k,w*l,c])       until 2019
    Reshape(FakeQuant(Mul(...)), ...)                                  the same, quantization-aware
    Reshape(Pack(Pack(x, x, axis=3), Pack(x, x, axis=3), axis=2), ...) from 2019 on
    ->  ResizeNearestNeighbor(x, [h*k,w*l])

As there, the FakeQuant goes: the range of what it reads is that of x.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from graphtools.graph.attributes import Attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.inference import Inference
from graphtools.transforms._ssd.walk import canonical, producer_of


class Upsampling(NamedTuple):
    """An upsampling.

    Attributes:
        node: The Reshape at its end.
        source: The tensor that is upsampled.
        size: Height and width of the result.
    """

    node: Node
    source: str
    size: tuple[int, int]


def find_upsampling(graph: Graph, node: Node, inference: Inference) -> Upsampling | None:
    """The upsampling of which a node is the end, None if it is of none."""
    if node.op != "Reshape" or not node.data_inputs:
        return None
    inner = producer_of(graph, node.data_inputs[0])
    if inner is not None and inner.op in FAKE_QUANTS and inner.data_inputs:
        inner = producer_of(graph, inner.data_inputs[0])
    if inner is None:
        return None
    source = _of_product(graph, inner, inference) or _of_packs(graph, inner)
    if not source:
        return None
    before, wide = _dims(inference, source), _dims(inference, inner.name)
    after = _dims(inference, node.name)
    if not (before and wide and after) or (len(before), len(wide), len(after)) != (4, 6, 4):
        return None
    batch, height, width, channels = before
    rows, columns = wide[2], wide[4]
    if wide != (batch, height, rows, width, columns, channels):
        return None
    if after != (batch, height * rows, width * columns, channels):
        return None
    return Upsampling(node, source, (after[1], after[2]))


def _of_product(graph: Graph, product: Node, inference: Inference) -> str:
    """What is upsampled by a product with ones; empty if it is no such product."""
    if product.op != "Mul" or len(product.data_inputs) != 2:
        return ""
    for text, other in (product.data_inputs, product.data_inputs[::-1]):
        spread = producer_of(graph, text)
        ones = Ref.parse(other)
        if spread is None or spread.op != "Reshape" or not spread.data_inputs:
            continue
        source = canonical(spread.data_inputs[0])
        dims, apart = _dims(inference, source), _dims(inference, spread.name)
        if not dims or not apart or len(dims) != 4:
            continue
        if apart != (dims[0], dims[1], 1, dims[2], 1, dims[3]):
            continue
        value = inference.value(ones.node, ones.index)
        if value is not None and bool((value == 1).all()):
            return source
    return ""


def _of_packs(graph: Graph, outer: Node) -> str:
    """What is upsampled by two Packs; empty if they are none."""
    inner = _only_input(outer, 2)
    node = producer_of(graph, inner) if inner else None
    return _only_input(node, 3) if node is not None else ""


def _only_input(pack: Node, axis: int) -> str:
    """The tensor that is all inputs of a Pack along an axis; empty for anything else."""
    inputs = {canonical(i) for i in pack.data_inputs}
    if pack.op != "Pack" or pack.attr("axis") != axis or len(inputs) != 1:
        return ""
    return inputs.pop()


def _dims(inference: Inference, tensor: str) -> Any:
    """Dimensions of a tensor, None unless all are known."""
    ref = Ref.parse(tensor)
    dims = inference.dims(ref.node, ref.index)
    return None if dims is None or None in dims else dims


def replace_upsamplings(graph: Graph, names: Collection[str], inference: Inference) -> list[str]:
    """Put ResizeNearestNeighbor in the place of upsamplings; what they were made of stays.

    Args:
        graph: The graph, to be changed.
        names: Names of the nodes that are looked at.
        inference: Its shapes.

    Returns:
        Names of the nodes that are a ResizeNearestNeighbor now.
    """
    import numpy as np

    found = [find_upsampling(graph, n, inference) for n in graph if n.name in names]
    done = []
    for upsampling in filter(None, found):
        node = upsampling.node
        size = graph.free_name(f"{node.name}/size")
        value = Tensor.from_array(np.array(upsampling.size, np.int32))
        attrs: dict[str, Attr] = {"dtype": value.dtype, "value": value}
        kind = node.attr("T")
        graph.replace(
            node,
            [
                Node(size, "Const", attrs=attrs),
                Node(
                    node.name,
                    "ResizeNearestNeighbor",
                    (upsampling.source, size),
                    {"T": kind, "align_corners": False},
                    node.device,
                ),
            ],
        )
        done.append(node.name)
    return done
