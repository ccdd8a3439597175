"""Keeps the network of an SSD alone, with a new input, its raw outputs and its anchors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphtools.errors import InvalidGraph
from graphtools.front_end import param
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.following import ancestors_of
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.inference import Inference
from graphtools.rewrite.prune import remove_except
from graphtools.transforms._ssd.upsampling import replace_upsamplings
from graphtools.transforms._ssd.walk import data_ancestors

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Array = NDArray[Any]

INPUT = "normalized_input_image_tensor"
BOXES = "raw_outputs/box_encodings"
SCORES = "raw_outputs/class_predictions"
ANCHORS = "anchors"
#: What the graph of a detector gives, as the Object Detection API exports it.
DETECTIONS = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")
POSTPROCESS = "TFLite_Detection_PostProcess"
_LARGEST_FOLDED = 64


class Network(NamedTuple):
    """What was done to the network.

    Attributes:
        upsamplings: Names of the nodes that are a ResizeNearestNeighbor now.
        folded: Number of shapes that are constants now.
    """

    upsamplings: list[str]
    folded: int


def keep_network(
    graph: Graph,
    cut_at: str,
    ends: tuple[str, str],
    anchors: Array,
    shape: tuple[int, ...],
    inference: Inference,
) -> Network:
    """Keep the network of a graph alone.

    Args:
        graph: The graph, to be changed.
        cut_at: The tensor in whose place the new input is.
        ends: The tensors with the box encodings and the scores.
        anchors: The anchors.
        shape: Shape of the new input.
        inference: Shapes of the graph for an input of this shape.

    Raises:
        InvalidGraph: What is kept depends on what is fed elsewhere.
    """
    cut = producer(cut_at)
    names = data_ancestors(graph, ends, {cut}) - {cut}
    upsamplings = replace_upsamplings(graph, names, inference)
    names = data_ancestors(graph, ends, {cut}) - {cut}
    folded = _fold_shapes(graph, names, inference)
    placeholder = graph.free_name(INPUT)
    graph.add(
        Node(placeholder, "Placeholder", attrs={"dtype": FLOAT32, "shape": Shape(shape)}),
        before=graph[cut],
    )
    graph.redirect(cut_at, placeholder)
    names = data_ancestors(graph, ends, {placeholder})
    _follow_shapes(graph, names)
    fed = next((n.name for n in graph if n.name in names and n.op in PLACEHOLDERS), placeholder)
    if fed != placeholder:
        raise InvalidGraph(
            f"the network asks for the shape of {fed!r} while it runs, and this is not constant",
            f"give the size of the images with {param(input_size=['H', 'W'])}",
        )
    for node in graph:
        if node.name in names:
            graph.set_inputs(node, (i for i in node.inputs if i[:1] != "^" or producer(i) in names))
    remove_except(graph, names)
    _name_ends(graph, placeholder, ends)
    value = Tensor.from_array(anchors)
    graph.add(Node(ANCHORS, "Const", attrs={"dtype": value.dtype, "value": value}))
    return Network(upsamplings, folded)


def _name_ends(graph: Graph, placeholder: str, ends: tuple[str, str]) -> None:
    """Give input and outputs their names; nodes of the network that have them get others."""
    moved = {}
    for name in (INPUT, BOXES, SCORES, ANCHORS, POSTPROCESS):
        if name in graph and name != placeholder:
            moved[name] = graph.free_name(f"{name}_of_network")
            graph.rename(name, moved[name])
    graph.rename(placeholder, INPUT)
    for name, end in zip((BOXES, SCORES), ends, strict=True):
        ref = Ref.parse(end)
        source = str(Ref(moved.get(ref.node, ref.node), ref.index))
        graph.add(Node(name, "Identity", (source,), {"T": FLOAT32}))


def _follow_shapes(graph: Graph, names: set[str]) -> None:
    """Add what the shapes depend on that are still asked for while the graph runs."""
    names |= ancestors_of(graph, names, control=False)


def _fold_shapes(graph: Graph, names: set[str], inference: Inference) -> int:
    """Put constants in the place of computed integers, such as shapes; tell how many."""
    found: dict[str, Tensor] = {}
    for node in graph:
        if node.name not in names or node.op == "Const" or len(inference.shapes(node.name)) != 1:
            continue
        kind = inference.dtype(node.name)
        if kind is None or kind.base.name not in ("int32", "int64"):
            continue
        value = inference.value(node.name)
        if value is not None and value.size <= _LARGEST_FOLDED:
            found[node.name] = Tensor.from_array(value, kind.base)
    read = {
        name
        for name in found
        if any(r.name in names and r.name not in found for r in graph.consumers(name))
    }
    for name in read:
        node, tensor = graph[name], found[name]
        attrs: dict[str, Attr] = {"dtype": tensor.dtype, "value": tensor}
        graph.replace(node, [Node(name, "Const", attrs=attrs, device=node.device)])
    return len(read)
