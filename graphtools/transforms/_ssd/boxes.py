"""The anchors of an SSD as numbers, and the encodings of its boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphtools.errors import InvalidGraph
from graphtools.front_end import param
from graphtools.graph.following import follow
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.handing_on import REARRANGED, SAME_TENSOR
from graphtools.ops.inference import Inference
from graphtools.transforms._ssd.decoder import Decoder

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Array = NDArray[Any]


def read_anchors(decoder: Decoder, inference: Inference) -> Array:
    """The anchors, [anchors, 4] of centre y and x, height and width.

    Raises:
        InvalidGraph: They are not constant, or the decoder uses them in another way.
    """
    import numpy as np

    from graphtools.ops.evaluation import Evaluator, NotConstant

    evaluator = Evaluator(inference)

    def value(tensor: str) -> Array:
        ref = Ref.parse(tensor)
        array = evaluator.evaluate(ref.node, ref.index)
        if array.dtype.kind != "f":
            raise NotConstant(f"{tensor!r} holds no floats")
        return array.astype(np.float32)

    try:
        columns = [value(t) for t in decoder.anchors]
        pairs = [(value(a), value(b)) for a, b in (decoder.heights, decoder.widths)]
    except NotConstant as refusal:
        raise InvalidGraph(
            f"the anchors are not constant for images of this size: {refusal.message}",
            f"give the size of the images with {param(input_size=['H', 'W'])} or "
            f"{param(pipeline='pipeline.config')}; an image that the graph reads by itself is to "
            "be fed instead",
        ) from None
    count = columns[0].size
    if not count or any(c.shape != (count,) for c in columns):
        shapes = ", ".join(str(list(c.shape)) for c in columns)
        raise InvalidGraph(
            f"the anchors' centres and sizes behind {decoder.unpack.name!r} have the shapes "
            f"{shapes}, not one number an anchor"
        )
    if not all(np.array_equal(a, b) for a, b in pairs):
        raise InvalidGraph(
            f"the box decoder behind {decoder.unpack.name!r} does not have the order y, x, height, "
            "width",
            "only SSD with the faster_rcnn_box_coder can be exported",
        )
    return np.stack(columns, axis=1)


def find_boxes(graph: Graph, decoder: Decoder, inference: Inference, anchors: int) -> str:
    """The tensor with the box encodings of one image, [1, anchors, 4].

    Raises:
        InvalidGraph: There is none before the decoder.
    """

    def onward(node: Node, _: Ref) -> str | None:
        through = SAME_TENSOR | REARRANGED | {"Unpack"}
        return node.data_inputs[0] if node.op in through and node.data_inputs else None

    tensor, found = decoder.encodings, ""
    for ref, node in follow(graph, tensor, onward):
        tensor = str(ref)
        if inference.dims(ref.node, ref.index) == (1, anchors, 4):
            found = tensor
        if found and node.op not in SAME_TENSOR:
            break
    if not found:
        raise InvalidGraph(
            f"no tensor of the shape [1,{anchors},4] is before the box decoder "
            f"({decoder.unpack.name!r}); it comes from {tensor!r} "
            f"{inference.shape(producer(tensor))}",
            "the anchors stand in the graph as numbers for images of one size: export it for that "
            f"size, which it resizes to, without {param('input_size')} and with its own "
            "pipeline.config",
        )
    return found
