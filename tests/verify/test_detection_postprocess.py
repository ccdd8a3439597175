from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidGraph
from graphtools.formats import load, open_model, save
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.run.litert import LiteRT
from graphtools.verify.detection_postprocess import (
    POSTPROCESS,
    PostprocessOptions,
    decode_boxes,
    options_of,
    postprocess,
)
from tests.support import FIXTURES, shared_models

OPTIONS = PostprocessOptions(3, 1, 100, False, 0.1, 0.5, 2, (10.0, 10.0, 5.0, 5.0))
#: Three anchors of one size, the second a little beside the first.
ANCHORS = np.array([[0.3, 0.3, 0.2, 0.2], [0.3, 0.32, 0.2, 0.2], [0.7, 0.7, 0.2, 0.2]], np.float32)
ZEROS = np.zeros((1, 3, 4), np.float32)


def run(scores: list[list[float]], **changed: Any) -> tuple[list[float], list[float], float]:
    """Classes, scores and count for the scores of three anchors, background first."""
    options = OPTIONS._replace(**changed)
    array = np.array([[[0.0, *row] for row in scores]], np.float32)
    _, classes, found, count = postprocess(ZEROS, array, ANCHORS, options)
    number = int(count[0]) * (1 if options.use_regular_nms else options.max_classes_per_detection)
    assert not found[0, number:].any()
    return classes[0, :number].tolist(), found[0, :number].tolist(), number


def test_boxes_are_decoded_from_centre_and_size() -> None:
    encodings = np.array([[10.0, -10.0, 5 * np.log(2), 0.0]], np.float32)
    anchors = np.array([[0.5, 0.5, 0.2, 0.1]], np.float32)
    found = decode_boxes(encodings, anchors, OPTIONS.scales)
    np.testing.assert_allclose(found, [[0.5, 0.35, 0.9, 0.45]], atol=1e-6)


def test_of_boxes_that_overlap_one_is_kept() -> None:
    classes, scores, count = run([[0.9, 0.0], [0.0, 0.8], [0.3, 0.0]])
    assert (classes, count) == ([0, 0], 2)  # the second yields to the first, of another class
    assert scores == pytest.approx([0.9, 0.3])


def test_regular_nms_looks_at_each_class_alone() -> None:
    classes, scores, _ = run([[0.9, 0.0], [0.0, 0.8], [0.3, 0.0]], use_regular_nms=True)
    assert classes == [0, 1, 0]
    assert scores == pytest.approx([0.9, 0.8, 0.3])
    many = run([[0.9, 0.0], [0.0, 0.8], [0.3, 0.0]], use_regular_nms=True, detections_per_class=1)
    assert many[0] == [0, 1]


def test_thresholds_and_limits_hold() -> None:
    assert run([[0.05, 0.0], [0.0, 0.09], [0.0, 0.0]])[2] == 0
    assert run([[0.9, 0.0], [0.0, 0.8], [0.3, 0.0]], max_detections=1)[2] == 1
    assert run([[0.9, 0.0], [0.0, 0.8], [0.3, 0.0]], nms_iou_threshold=0.95)[2] == 3


def test_a_box_may_have_several_classes() -> None:
    classes, scores, _ = run([[0.9, 0.2], [0.0, 0.0], [0.1, 0.3]], max_classes_per_detection=2)
    assert classes == [0, 1, 1, 0]
    assert scores == pytest.approx([0.9, 0.2, 0.3, 0.1])


def test_scores_may_come_without_background() -> None:
    array = np.array([[[0.9, 0.0], [0.0, 0.0], [0.0, 0.3]]], np.float32)
    _, classes, _, count = postprocess(ZEROS, array, ANCHORS, OPTIONS)
    assert classes[0, : int(count[0])].tolist() == [0, 1]
    with pytest.raises(InvalidGraph, match="for 2 classes"):
        postprocess(ZEROS, np.zeros((1, 3, 5), np.float32), ANCHORS, OPTIONS)


def test_attributes_are_read_from_the_node() -> None:
    (node,) = (n for n in load(FIXTURES / "ssd" / "tflite_graph.pb") if n.op == POSTPROCESS)
    options = options_of(node)
    assert options.scales == (10.0, 10.0, 5.0, 5.0)
    assert options.max_detections == 10
    without = Node(node.name, node.op, node.inputs, {"num_classes": 3})
    with pytest.raises(InvalidGraph, match="has no attribute 'max_detections'"):
        options_of(without)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_litert_computes_the_same() -> None:
    graph = load(FIXTURES / "ssd" / "tflite_graph.pb")
    _compare(FIXTURES / "ssd" / "detect.tflite", options_of(_node(graph)))


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_litert_computes_the_same_on_real_detectors() -> None:
    folder = shared_models()
    for model, graph in (
        ("ssd_float_small_posttrainq", "ssd_mobilenet_v1_small"),
        ("ssd_quant_small_noranges", "ssd_mobilenet_v1_quantized_small"),
    ):
        node = _node(load(folder / "od" / graph / "tflite_graph.pb"))
        _compare(folder / "tflite" / f"{model}.tflite", options_of(node))


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize(
    "changed",
    [
        {"use_regular_nms": True, "max_detections": 20},
        {"use_regular_nms": True, "detections_per_class": 1},
        {"max_classes_per_detection": 2},
    ],
    ids=["regular", "one a class", "two classes a box"],
)
@pytest.mark.usefixtures("litert")
def test_the_kernel_agrees_on_other_attributes(
    tf: Any, changed: dict[str, Any], tmp_path: Path
) -> None:
    graph = load(FIXTURES / "ssd" / "tflite_graph.pb")
    node = _node(graph)
    for name, value in changed.items():
        graph.set_attr(node, name, value)
    save(graph, tmp_path / "graph.pb")
    image = "normalized_input_image_tensor"
    outputs = [node.name, *(f"{node.name}:{i}" for i in (1, 2, 3))]
    converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(
        str(tmp_path / "graph.pb"), [image], outputs, {image: [1, 32, 32, 3]}
    )
    converter.allow_custom_ops = True
    path = tmp_path / "model.tflite"
    path.write_bytes(converter.convert())
    _compare(path, options_of(node))


def _node(graph: Graph) -> Node:
    return next(n for n in graph if n.op == POSTPROCESS)


def _compare(path: Path, options: PostprocessOptions) -> None:
    """Run the op in numpy with what LiteRT's operators before it gave."""
    model = open_model(path)
    assert isinstance(model, TFLiteModel)
    subgraph = model.subgraphs[0]
    (operator,) = (o for o in subgraph.operators if o.op == POSTPROCESS)
    with LiteRT(60) as runner:
        run = runner.run(path, every_tensor=True)
    values = {v.tensor.index: v.real for v in run.tensors}
    boxes, scores = (values[i] for i in operator.inputs[:2])
    anchors = model.tensor_data(subgraph.tensors[operator.inputs[2]]).astype(np.float32)
    quantization = subgraph.tensors[operator.inputs[2]].quantization
    if quantization is not None and quantization.scale:
        anchors = (anchors - quantization.zero_point[0]) * np.float32(quantization.scale[0])
    found = postprocess(boxes, scores, anchors, options)
    if quantization is None:
        for mine, theirs in zip(found, run.outputs, strict=True):
            np.testing.assert_allclose(mine, theirs.raw, atol=1e-5)
    else:  # equal scores are ordered by chance
        np.testing.assert_allclose(found[2], run.outputs[2].raw, atol=1e-5)
