"""Variants of the fixture's SSD, as other releases of the Object Detection API export them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from graphtools.formats import load
from graphtools.graph import Attr, Graph, Node, Ref, Tensor, dtype
from graphtools.graph.ref import producer
from graphtools.ops.evaluation import Evaluator
from graphtools.ops.inference import infer_shapes
from graphtools.transforms.export_ssd import Exported
from tests.support import FIXTURES, values_of

FROZEN = str(FIXTURES / "ssd/frozen_inference_graph.pb")
PIPELINE = str(FIXTURES / "ssd/pipeline.config")
POST = "Postprocessor"
IMAGE = "normalized_input_image_tensor"
OP = "TFLite_Detection_PostProcess"
RAW = ("raw_outputs/box_encodings", "raw_outputs/class_predictions", "anchors")


@functools.cache
def _read() -> Graph:
    return load(FROZEN)


def frozen() -> Graph:
    """The fixture's frozen graph, to be changed."""
    return _read().copy()


def recorded() -> Mapping[str, Any]:
    """The input and outputs of the fixture's `tflite_graph.pb`, by tensor name."""
    arrays = values_of("ssd/tflite_io.npz")
    return {key.partition("|")[2] or key.partition("/")[2]: v for key, v in arrays.items()}


def outputs_of(graph: Graph, image: Any) -> list[Any]:
    """Boxes, scores and anchors of an exported graph for an image, computed without TensorFlow."""
    fed = graph.copy()
    node = fed[IMAGE]
    fed.replace(node, [constant(node.name, image)])
    evaluator = Evaluator(infer_shapes(fed, targets=list(RAW)))
    return [evaluator.evaluate(name) for name in RAW]


def image() -> Any:
    """The recorded input."""
    return recorded()[f"{IMAGE}:0"]


def check_same_outputs(exported: Exported) -> None:
    """The outputs are those that the API's exporter's graph has."""
    for name, value in zip(RAW, outputs_of(exported.graph, image()), strict=True):
        np.testing.assert_allclose(value, recorded()[f"{name}:0"], rtol=0, atol=1e-6)


def constant(name: str, value: Any, *controls: str) -> Node:
    """A Const."""
    tensor = Tensor.from_array(np.asarray(value))
    attrs: dict[str, Attr] = {"dtype": tensor.dtype, "value": tensor}
    return Node(name, "Const", tuple(f"^{c}" for c in controls), attrs)


def suppressions(graph: Graph) -> list[Node]:
    """The nodes that suppress overlapping boxes."""
    return [n for n in graph if n.op.startswith("NonMaxSuppression")]


def slice_before_converter(graph: Graph) -> None:
    """Remove the background before the scores are converted, as in 2017."""
    removal = next(n for n in graph if n.name == f"{POST}/Slice")
    for reader in graph.consumers(removal.name):
        inputs = [
            f"{POST}/raw_box_scores" if producer(i) == removal.name else i for i in reader.inputs
        ]
        graph.set_inputs(reader, inputs)
    graph.replace_input(removal, 0, graph[f"{POST}/scale_logits"].inputs[0])
    graph.replace_input(graph[f"{POST}/scale_logits"], 0, removal.name)


def softmax_of_rank_2(graph: Graph, classes: int) -> None:
    """Convert scores by a Softmax between two Reshapes, as TensorFlow wrote it before 1.9."""
    node = graph[f"{POST}/convert_scores"]
    rows = constant(f"{node.name}/rows", np.array([-1, classes], np.int32))
    whole = constant(f"{node.name}/whole", np.array([1, -1, classes], np.int32))
    kind: dict[str, Attr] = {"T": dtype("float32")}
    flat = Node(f"{node.name}/Flat", "Reshape", (node.inputs[0], rows.name), kind)
    soft = Node(f"{node.name}/Softmax", "Softmax", (flat.name,), kind)
    last = Node(node.name, "Reshape", (soft.name, whole.name), kind)
    graph.replace(node, [rows, whole, flat, soft, last])


def filter_before_suppression(graph: Graph, threshold: float, *, first: bool = False) -> None:
    """Filter the scores before NonMaxSuppression, which has no threshold for them, as in 2017."""
    for node in suppressions(graph):
        scope = node.name
        boxes, scores, number, overlap = node.data_inputs[:4]
        names = [f"{scope}/{part}" for part in ("threshold", "shape", "axis")]
        for name, value in zip(names, (np.float32(threshold), [-1], 0), strict=True):
            array = np.asarray(value)
            graph.add(
                constant(name, array.astype(np.int32) if array.dtype.kind == "i" else array),
                before=node,
            )
        greater = Node(f"{scope}/Greater", "Greater", (scores, names[0]), {"T": dtype("float32")})
        where = Node(f"{scope}/Where", "Where", (greater.name,), {})
        flat = Node(f"{scope}/Flat", "Reshape", (where.name, names[1]), {})
        for new in (greater, where, flat):
            graph.add(new, before=node)
        taken = []
        for label, source in (("boxes", boxes), ("scores", scores)):
            gather = Node(
                f"{scope}/{label}",
                "GatherV2",
                (source, flat.name, names[2]),
                {"Taxis": dtype("int32")},
            )
            graph.add(gather, before=node)
            taken.append(gather.name)
        inputs = (*taken, number) if first else (*taken, number, overlap)
        attrs: dict[str, Attr] = {"iou_threshold": 0.6} if first else {"T": dtype("float32")}
        op = "NonMaxSuppression" if first else "NonMaxSuppressionV2"
        graph.replace(node, [Node(scope, op, inputs, attrs)])


def anchors_from_shapes(graph: Graph) -> None:
    """Compute the grids of the anchors from the shapes of the feature maps, not as constants."""
    scope = "MultipleGridAnchorGenerator"
    for index, names in enumerate((("Const_3", "range/limit"), ("Const_7", "range_1/limit"))):
        source = graph[f"BoxPredictor_{index}/Shape"].inputs[0]
        for name in names:
            node = graph[f"{scope}/{name}"]
            parts = [
                Node(f"{node.name}/shape", "Shape", (source,), {"T": dtype("float32")}),
                constant(f"{node.name}/from", np.array([1], np.int32)),
                constant(f"{node.name}/to", np.array([2], np.int32)),
                constant(f"{node.name}/step", np.array([1], np.int32)),
            ]
            attrs: dict[str, Attr] = {"T": dtype("int32"), "Index": dtype("int32")}
            attrs["shrink_axis_mask"] = 1
            inputs = tuple(p.name for p in parts)
            graph.replace(node, [*parts, Node(node.name, "StridedSlice", inputs, attrs)])
    for node in list(graph):
        if node.name.startswith(scope) and node.name.endswith(("/Size", "/Size_1")):
            counted = graph[node.name.replace("Size", "Reshape")].inputs[0]
            graph.replace(node, [Node(node.name, "Size", (counted,), {"T": dtype("float32")})])


def twice(graph: Graph, prefix: str = "second/") -> None:
    """Put a copy of all nodes under a prefix beside them: a graph of two detectors."""
    for node in list(graph):
        inputs = [_prefixed(text, prefix) for text in node.inputs]
        graph.add(node.variant(name=prefix + node.name, inputs=inputs))


def _prefixed(text: str, prefix: str) -> str:
    if text[:1] == "^":
        return f"^{prefix}{text[1:]}"
    ref = Ref.parse(text)
    return str(Ref(prefix + ref.node, ref.index))
