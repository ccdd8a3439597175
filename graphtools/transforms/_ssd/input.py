"""Where the network of an SSD begins, and what the Preprocessor does before.

The network begins at its first convolution. What that reads, before padding, is the image as the
Preprocessor leaves it: resized and normalised. Everything that depends on a fed image has to pass
there; otherwise the graph cannot be cut. The size of the images is the constant with which the last
resize before it is called (`fixed_shape_resizer`), be it in a loop over the images or not.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graphtools.errors import InvalidGraph
from graphtools.front_end import step
from graphtools.graph.following import follow
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import producer
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.arithmetic import QUOTIENTS, SUMS
from graphtools.transforms._ssd.walk import (
    HANDS_ON,
    constant_of,
    data_ancestors,
    producer_of,
    upstream,
)

_CONVOLUTIONS = frozenset({"Conv2D", "DepthwiseConv2dNative", "FusedPadConv2D"})
#: Ops of the network that may stand before its first convolution.
_ENTRANCE = (
    HANDS_ON
    | FAKE_QUANTS
    | {
        "ConcatV2",  # `pad_to_multiple` appends zeros
        "Pad",
        "PadV2",
        "MirrorPad",
        "SpaceToBatchND",
    }
)
_RESIZES = frozenset({"ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea"})
_SCALES = SUMS | QUOTIENTS | {"Sub", "Mul"}
_CHANNELS = 3
#: By the part of a name, what feature extractor it tells; the first that fits counts.
_EXTRACTORS = {
    "MobilenetV1": "MobileNet v1",
    "MobilenetV2": "MobileNet v2",
    "MobilenetV3": "MobileNet v3",
    "MobilenetEdgeTPU": "MobileNet EdgeTPU",
    "InceptionV2": "Inception v2",
    "InceptionV3": "Inception v3",
    "resnet_v1_50": "ResNet v1 50",
    "resnet_v1_101": "ResNet v1 101",
    "resnet_v1_152": "ResNet v1 152",
}


class Entrance(NamedTuple):
    """Where the network begins.

    Attributes:
        tensor: The image as the Preprocessor leaves it.
        channels: Number of its channels.
        placeholders: Names of the inputs from which it is made.
        size: Height and width to which the graph resizes; None where they are not constant, or it
            does not resize.
        resize: Name of the op that resizes; empty if there is none.
        scale: What the resized image is multiplied with, one number or one a channel.
        offset: What is added then.
    """

    tensor: str
    channels: int
    placeholders: tuple[str, ...]
    size: tuple[int, int] | None
    resize: str
    scale: tuple[float, ...]
    offset: tuple[float, ...]


def find_entrance(graph: Graph, outputs: tuple[str, ...]) -> Entrance:
    """Where the network begins that computes some tensors.

    Raises:
        InvalidGraph: There is no convolution, or the graph cannot be cut before the first.
    """
    needed = data_ancestors(graph, outputs)
    order = [n for n in runnable_order(graph)[0] if n.name in needed]
    first = next((n for n in order if n.op in _CONVOLUTIONS and len(n.data_inputs) > 1), None)
    if first is None:
        raise InvalidGraph(
            "the boxes and scores come from no convolution",
            step("path", "FILE", producer(outputs[0]), ancestors=True)
            + " shows what they depend on",
        )
    tensor = upstream(graph, first.data_inputs[0], _ENTRANCE)
    name = producer(tensor)
    others = data_ancestors(graph, outputs, {name}) - {name}
    fed = sorted(n for n in others if n in graph and graph[n].op in PLACEHOLDERS)
    if fed:
        raise InvalidGraph(
            f"the graph cannot be cut before {first.name!r}, its first convolution: boxes and "
            f"scores depend on {fed[0]!r} by another way, too",
            f"{step('path', 'FILE', fed[0], producer(outputs[0]))} shows it",
        )
    before = data_ancestors(graph, [tensor])
    resizes = [n for n in order if n.op in _RESIZES and n.name in before]
    scale, offset = _normalisation(graph, tensor)
    return Entrance(
        tensor,
        _channels(graph, first),
        tuple(n.name for n in order if n.op in PLACEHOLDERS and n.name in before),
        _size(graph, resizes[-1]) if resizes else None,
        resizes[-1].name if resizes else "",
        scale,
        offset,
    )


def _channels(graph: Graph, convolution: Node) -> int:
    """Channels of the image, as the filter of the first convolution has them."""
    weights = upstream(graph, convolution.data_inputs[1], _ENTRANCE)
    # behind a folded batch norm: filter * factor
    for _, node in follow(graph, weights, lambda node, _: next(iter(node.data_inputs), None)):
        if node.tensor is not None:
            dims = node.tensor.shape.dims or ()
            return (dims[2] if len(dims) == 4 else None) or _CHANNELS
    return _CHANNELS


def _size(graph: Graph, resize: Node) -> tuple[int, int] | None:
    """The constant height and width to which an op resizes, None where it has none."""
    inputs = resize.data_inputs
    if len(inputs) < 2:
        return None
    found = constant_of(graph, inputs[1])
    if found is None:
        pack = producer_of(graph, upstream(graph, inputs[1], HANDS_ON))
        if pack is None or pack.op != "Pack" or len(pack.data_inputs) != 2:
            return None
        values = [constant_of(graph, i) for i in pack.data_inputs]
        if any(v is None or v.size != 1 for v in values):
            return None
        sizes = [int(v.reshape(())) for v in values]
    else:
        sizes = [int(v) for v in found.ravel().tolist()]
    if len(sizes) != 2 or min(sizes) < 1:
        return None
    return sizes[0], sizes[1]


def _normalisation(graph: Graph, tensor: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What constants an image is multiplied with, and what is added, before a tensor."""
    import numpy as np

    scale: Any = np.float64(1)
    offset: Any = np.float64(0)
    for _, node in follow(graph, tensor, lambda node, _: (_scaled(graph, node) or (None,))[0]):
        step = _scaled(graph, node)
        if step is None:
            break
        _, constant, swapped = step
        value = np.asarray(constant, np.float64).reshape(-1)
        if node.op in SUMS:
            offset = offset + scale * value
        elif node.op == "Sub":
            offset = offset + (scale * value if swapped else -scale * value)
            scale = -scale if swapped else scale
        else:
            scale = scale * value if node.op == "Mul" else scale / value
    return _numbers(scale), _numbers(offset)


def _scaled(graph: Graph, node: Node) -> tuple[str, Any, bool] | None:
    """What a node scales or moves, by which constant, and whether that stands first."""
    if node.op not in _SCALES or len(node.data_inputs) != 2:
        return None
    left, right = node.data_inputs
    value = constant_of(graph, right)
    if value is not None:
        return left, value, False
    value = constant_of(graph, left)
    return None if value is None or node.op in QUOTIENTS else (right, value, True)


def _numbers(array: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in array.reshape(-1))


def extractor_kind(graph: Graph) -> str:
    """What feature extractor the names of a graph tell; empty where they tell nothing."""
    found = ""
    pyramid = False
    for node in graph:
        if not node.name.startswith("FeatureExtractor/"):
            continue
        pyramid = pyramid or "/fpn/" in node.name.lower() or "fpn" in node.name.lower().split("/")
        if not found:
            found = next((kind for part, kind in _EXTRACTORS.items() if part in node.name), "")
    if pyramid:
        return f"{found} FPN".strip()
    return found
