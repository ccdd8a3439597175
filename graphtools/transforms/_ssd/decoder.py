"""The box decoder of a detection graph, found by what it computes.

`FasterRcnnBoxCoder` of the Object Detection API, in all of its versions, decodes the encodings
`t` with the anchors `(ya, xa, ha, wa)`, centre and size, to

    ty, tx, th, tw = unstack(transpose(t))      each divided by its scale
    h = exp(th) * ha        y = ty * ha + ya
    w = exp(tw) * wa        x = tx * wa + xa

No other part of such a graph takes `exp` of the third and fourth part of one Unpack. What these are
multiplied with, and what is added, are the anchors in the very encoding that the exporter for
TFLite writes: so they are read off here, wherever they come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphtools.errors import InvalidGraph
from graphtools.front_end import step
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import tensor_readers
from graphtools.graph.ref import Ref
from graphtools.ops.arithmetic import QUOTIENTS, SUMS
from graphtools.transforms._ssd.network import DETECTIONS
from graphtools.transforms._ssd.walk import (
    canonical,
    first_input,
    producer_of,
    scalar_of,
    upstream,
)

_ENCODING = 4
_LIST_NAMES = 3
#: Between the corners of the anchors and what the decoder reads of them.
_TOWARDS_ANCHORS = frozenset(
    {"Add", "AddV2", "Sub", "RealDiv", "Unpack", "Transpose", "Reshape", "Tile", "ExpandDims"}
    | {"Identity", "Squeeze", "StridedSlice"}
)


class Decoder(NamedTuple):
    """A box decoder.

    Attributes:
        unpack: The Unpack of the encodings.
        encodings: The tensor that it takes apart.
        scales: What the parts are divided by: y, x, height, width.
        anchors: Tensors with the anchors' centre y and x, height and width.
        heights: Tensors that multiply the parts y and height, to be equal.
        widths: Those of x and width.
    """

    unpack: Node
    encodings: str
    scales: tuple[float, float, float, float]
    anchors: tuple[str, str, str, str]
    heights: tuple[str, str]
    widths: tuple[str, str]


class _Part(NamedTuple):
    """A part of the encodings behind its division: the tensor, and by what it is divided."""

    tensor: str
    scale: float


def find_decoder(graph: Graph) -> Decoder:
    """The only box decoder of a graph.

    Raises:
        InvalidGraph: There is none, or several, or it decodes more than boxes.
    """
    unpacks = _candidates(graph)
    if not unpacks:
        raise InvalidGraph(
            "the graph has NonMaxSuppression, but no box decoder of the Object Detection API "
            "(centre and size, with exp of height and width) before it",
            "only SSD with the faster_rcnn_box_coder can be exported; show what there is with: "
            + step("nodes", "FILE", ops="NonMaxSuppression*"),
        )
    if len(unpacks) > 1:
        names = ", ".join(repr(u.name) for u in unpacks[:_LIST_NAMES])
        raise InvalidGraph(
            f"the graph has {len(unpacks)} box decoders ({names}): it is a detector with two "
            "stages, or there are several detectors in it",
            f"keep one SSD with: {step('strip', 'FILE', outputs=DETECTIONS)}",
        )
    unpack = unpacks[0]
    parts = unpack.attr("num")
    if parts != _ENCODING:
        raise InvalidGraph(
            f"the box decoder ({unpack.name!r}) takes {parts!r} numbers a box, not {_ENCODING}: it "
            "decodes keypoints as well, which TFLite_Detection_PostProcess does not",
        )
    return _decoder(graph, unpack)


def _candidates(graph: Graph) -> list[Node]:
    """The Unpacks whose third and fourth output go into an Exp, in the order of the graph."""
    found: dict[str, set[int]] = {}
    for node in graph:
        if node.op == "Exp" and node.data_inputs:
            ref = Ref.parse(_undivided(graph, node.data_inputs[0]).tensor)
            source = graph.get(ref.node)
            if source is not None and source.op == "Unpack":
                found.setdefault(source.name, set()).add(ref.index)
    return [n for n in graph if {2, 3} <= found.get(n.name, set())]


def _undivided(graph: Graph, text: str) -> _Part:
    """What a tensor is before it is divided by a constant number, and the number."""
    node = producer_of(graph, text)
    inputs = node.data_inputs if node is not None else ()
    if node is not None and len(inputs) == 2:
        if node.op in QUOTIENTS:
            divisor = scalar_of(graph, inputs[1])
            if divisor:
                return _Part(canonical(inputs[0]), divisor)
        if node.op == "Mul":  # as a converter writes it
            for own, other in (inputs, inputs[::-1]):
                factor = scalar_of(graph, other)
                if factor:
                    return _Part(canonical(own), 1.0 / factor)
    return _Part(canonical(text), 1.0)


def _divided(graph: Graph, tensor: str) -> Iterator[_Part]:
    """What becomes of a part of the encodings: divided by a constant number, or as it is."""
    for node, position, _ in tensor_readers(graph, tensor):
        if position == 0 or node.op == "Mul":
            part = _undivided(graph, node.name)
            if part.tensor == tensor:
                yield _Part(node.name, part.scale)
    yield _Part(tensor, 1.0)


def _multiplied(graph: Graph, tensor: str, *, exp: bool) -> tuple[float, str, str]:
    """By what a part is divided, the product that it goes into, and the other factor there."""
    for part in _divided(graph, tensor):
        names = [part.tensor]
        if exp:
            names = [n.name for n, *_ in tensor_readers(graph, part.tensor) if n.op == "Exp"]
        for name in names:
            product, factor = _other_operand(graph, name, frozenset({"Mul"}))
            if product:
                return part.scale, product, factor
    return 1.0, "", ""


def _other_operand(graph: Graph, tensor: str, ops: frozenset[str]) -> tuple[str, str]:
    """An op that combines a tensor with another: its name, and the other; empty if there is none.

    A combination with a constant number is none: it does not tell one anchor from the other.
    """
    for node, position, _ in tensor_readers(graph, tensor):
        if node.op in ops and len(node.data_inputs) == 2:
            other = node.data_inputs[1 - position]
            if scalar_of(graph, other) is None:
                return node.name, canonical(other)
    return "", ""


def _decoder(graph: Graph, unpack: Node) -> Decoder:
    """The decoder that takes an Unpack's outputs.

    Raises:
        InvalidGraph: It computes something else with them.
    """
    parts = [
        _multiplied(graph, canonical(f"{unpack.name}:{i}"), exp=i >= 2) for i in range(_ENCODING)
    ]
    products, factors = [p for _, p, _ in parts], [f for _, _, f in parts]
    sums = [_other_operand(graph, products[i], SUMS) if products[i] else ("", "") for i in (0, 1)]
    centers = [center for _, center in sums]
    if not all((*factors, *centers)):
        raise InvalidGraph(
            f"the box decoder behind {unpack.name!r} does not multiply its four parts with the "
            "anchors' size and add their centre",
            "only SSD with the faster_rcnn_box_coder can be exported",
        )
    for index, (name, _) in enumerate(sums):
        if not _is_corner(graph, name, index):
            raise InvalidGraph(
                f"the boxes behind {unpack.name!r} do not have the order ymin, xmin, ymax, xmax",
                "only SSD with the faster_rcnn_box_coder can be exported",
            )
    y, x, height, width = (scale for scale, _, _ in parts)
    return Decoder(
        unpack,
        canonical(first_input(unpack)),
        (y, x, height, width),
        (centers[0], centers[1], factors[2], factors[3]),
        (factors[0], factors[2]),
        (factors[1], factors[3]),
    )


def _is_corner(graph: Graph, center: str, index: int) -> bool:
    """Whether the lower corner of a centre has a place among the corners that are stacked.

    Other things than stacking may be done with the corners; then there is nothing to contradict.
    """
    corners = [
        n for n, position, _ in tensor_readers(graph, center) if n.op == "Sub" and position == 0
    ]
    places = {p for c in corners for n, p, _ in tensor_readers(graph, c.name) if n.op == "Pack"}
    return not places or index in places


def anchors_origin(graph: Graph, decoder: Decoder) -> str:
    """The tensor from which a decoder gets its anchors, for the report."""
    return upstream(graph, decoder.anchors[0], _TOWARDS_ANCHORS)
