"""The scores of a detection graph and the thresholds of its NonMaxSuppression.

From the scores that a NonMaxSuppression reads, one way leads against the data to the network: out
of the loop over the images, past the selection of a class, the removal of the background, and the
score converter. Two orders occur:

| exports of | order | what is taken |
|---|---|---|
| 2018 and later | converter, then Slice | the converter's output |
| 2017 | Slice, then converter | sigmoid: the converter reads the scores with the background then |
| | | softmax: the converter's output, without background, as there is no other with its values |

Without a background class there is no Slice, and the converter's output is taken.

Thresholds stand at NonMaxSuppression (V1: its attribute; V2: the overlap only; V3 to V5: both). The
score threshold of V1 and V2 is that of the `Greater` by which the scores are filtered before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import NamedTuple

from graphtools.errors import InvalidGraph
from graphtools.front_end import step
from graphtools.graph.following import follow
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.arithmetic import QUOTIENTS
from graphtools.ops.handing_on import CONVERTED, RESHAPED
from graphtools.ops.inference import Inference
from graphtools.transforms._ssd.walk import HANDS_ON, canonical, producer_of, scalar_of, upstream

#: By op, the number of the input that carries the value which the op gives; 0 for all others.
_VALUE_INPUT = {
    "TensorArrayRead": 2, "TensorArrayReadV2": 2, "TensorArrayReadV3": 2,
    "TensorArrayGather": 2, "TensorArrayGatherV2": 2, "TensorArrayGatherV3": 2,
    "TensorArrayScatter": 2, "TensorArrayScatterV2": 2, "TensorArrayScatterV3": 2,
    "TensorArrayWrite": 2, "TensorArrayWriteV2": 2, "TensorArrayWriteV3": 2,
    "TensorArrayUnpack": 1, "Select": 1, "SelectV2": 1,
}  # fmt: skip
#: Where the network begins, seen from the scores.
_NETWORK = frozenset(
    {"ConcatV2", "Concat", "BiasAdd", "Conv2D", "DepthwiseConv2dNative", "MatMul", "Const"}
)
_REMOVALS = frozenset({"Slice", "StridedSlice"})
_CONVERTERS = {"Sigmoid": "SIGMOID", "Softmax": "SOFTMAX"}
#: Ops that do the same to each element, so that the background does not matter to the others.
_ELEMENTWISE = HANDS_ON | FAKE_QUANTS | QUOTIENTS | {"Sigmoid", "Mul"}
_GATHERS = frozenset({"Gather", "GatherV2"})
_INDICES = HANDS_ON | CONVERTED | RESHAPED


class Thresholds(NamedTuple):
    """What NonMaxSuppression is called with; None where it is no constant."""

    score: float | None
    iou: float | None


class Scores(NamedTuple):
    """The scores.

    Attributes:
        tensor: Scores of all anchors, [1, anchors, classes with background].
        classes: Number of classes without background.
        with_background: Whether the tensor has the background as its first class.
        converter: SIGMOID, SOFTMAX or IDENTITY.
        rewire: Name of the node that is to read past the Slice, and the tensor that it is to read;
            empty if nothing is to be changed.
    """

    tensor: str
    classes: int
    with_background: bool
    converter: str
    rewire: tuple[str, str] | None


def suppressions(graph: Graph) -> list[Node]:
    """The nodes that suppress overlapping boxes."""
    return [n for n in graph if n.op.startswith("NonMaxSuppression") and len(n.data_inputs) > 1]


def find_thresholds(graph: Graph, nodes: Iterable[Node]) -> Thresholds:
    """The thresholds that all of a graph's NonMaxSuppressions have.

    Raises:
        InvalidGraph: They have several, which one op for TFLite cannot have.
    """
    scores: set[float | None] = set()
    overlaps: set[float | None] = set()
    for node in nodes:
        inputs = node.data_inputs
        if node.op == "NonMaxSuppression":
            value = node.attr("iou_threshold")
            overlaps.add(value if isinstance(value, float) else 0.5)  # the op's default
        else:
            overlaps.add(scalar_of(graph, inputs[3]) if len(inputs) > 3 else None)
        has_both = node.op in ("NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5")
        if has_both:
            scores.add(scalar_of(graph, inputs[4]) if len(inputs) > 4 else None)
        else:
            scores.add(_filter_threshold(graph, inputs[1]))
    for name, values in (("score", scores), ("IoU", overlaps)):
        if len(values) > 1:
            shown = ", ".join(sorted(f"{v:g}" if v is not None else "?" for v in values))
            raise InvalidGraph(
                f"the classes have different {name} thresholds ({shown}); "
                "TFLite_Detection_PostProcess has one for all",
                "give the graph of a detector whose classes are treated alike",
            )
    return Thresholds(next(iter(scores)), next(iter(overlaps)))


def _filter_threshold(graph: Graph, text: str) -> float | None:
    """The threshold by which scores are filtered on their way to NonMaxSuppression."""
    for tensor in _way(graph, text):
        node = producer_of(graph, tensor)
        if node is None or node.op not in _GATHERS or len(node.data_inputs) < 2:
            continue
        where = producer_of(graph, upstream(graph, node.data_inputs[1], _INDICES))
        if where is None or where.op != "Where" or not where.data_inputs:
            continue
        test = producer_of(graph, where.data_inputs[0])
        if test is None or test.op not in ("Greater", "GreaterEqual"):
            continue
        if canonical(test.data_inputs[0]) == canonical(node.data_inputs[0]):
            return scalar_of(graph, test.data_inputs[1])
    return None


def _way(graph: Graph, text: str) -> list[str]:
    """The tensors from one against the data, each the value from which the one before is made."""

    def onward(node: Node, _: Ref) -> str | None:
        position = _VALUE_INPUT.get(node.op, 0)
        inputs = () if node.op in _NETWORK else node.data_inputs
        return inputs[position] if position < len(inputs) else None

    return [str(ref) for ref, _ in follow(graph, text, onward)]


def ways_of_scores(graph: Graph, nodes: Iterable[Node]) -> list[str]:
    """The way of the scores from NonMaxSuppression to the network, the part all classes share.

    Raises:
        InvalidGraph: They have none in common: there are several detectors.
    """
    ways = [_way(graph, n.data_inputs[1]) for n in nodes]
    shared = set(ways[0]).intersection(*ways[1:])
    way = [tensor for tensor in ways[0] if tensor in shared]
    if not way:
        raise InvalidGraph(
            "the scores of the classes come from different places: there are several detectors in "
            "the graph",
            f"keep one with: {step('strip', 'FILE', outputs='NAMES')}",
        )
    return way


def find_scores(graph: Graph, way: list[str], inference: Inference, anchors: int) -> Scores:
    """The scores of all anchors.

    Args:
        graph: The graph.
        way: The tensors from NonMaxSuppression to the network.
        inference: The graph's shapes for images of the size that it is exported for.
        anchors: Number of anchors.

    Raises:
        InvalidGraph: No tensor of the way has a score for each anchor.
    """
    classes = {t: c for t in way if (c := _classes(inference, t, anchors)) is not None}
    whole = [t for t in way if t in classes]
    if not whole:
        dims = ", ".join(f"{t} {inference.shape(*Ref.parse(t)[:2])}" for t in way[-3:])
        raise InvalidGraph(
            f"none of the scores before NonMaxSuppression has the shape [1,{anchors},classes]: "
            f"{dims}",
            "the graph is no SSD of the Object Detection API, or was altered",
        )
    last = whole[0]
    outside = way[way.index(last) :]  # of the loop over the images
    converter = "IDENTITY"
    for tensor in outside:
        node = producer_of(graph, tensor)
        converter = _CONVERTERS.get(node.op if node else "", converter)
    removal = _removal(graph, whole, classes)
    source = upstream(graph, last, HANDS_ON)
    if removal is None:
        return Scores(source, classes[last], False, converter, None)
    place = outside.index(removal)
    before = outside[place + 1]
    behind = [producer_of(graph, t) for t in outside[:place]]
    if all(n is not None and n.op in HANDS_ON for n in behind):
        tensor = upstream(graph, before, HANDS_ON)
        return Scores(tensor, classes[last], True, converter, None)
    if all(n is not None and n.op in _ELEMENTWISE for n in behind):
        reader = Ref.parse(outside[place - 1]).node
        return Scores(source, classes[last], True, converter, (reader, before))
    return Scores(source, classes[last], False, converter, None)


def _classes(inference: Inference, tensor: str, anchors: int) -> int | None:
    """The last dimension of [1, anchors, classes], None for another shape."""
    ref = Ref.parse(tensor)
    dims = inference.dims(ref.node, ref.index)
    if dims is None or len(dims) != 3 or dims[:2] != (1, anchors) or not dims[2]:
        return None
    return dims[2]


def _removal(graph: Graph, whole: list[str], classes: dict[str, int]) -> str | None:
    """The tensor from which the background has been removed, None if it has not."""
    for tensor, before in itertools.pairwise(whole):
        node = producer_of(graph, tensor)
        if node is not None and node.op in _REMOVALS and classes[before] == classes[tensor] + 1:
            return tensor
    return None
