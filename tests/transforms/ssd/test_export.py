from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.errors import FileProblem, InvalidGraph, InvalidValue
from graphtools.formats import load
from graphtools.graph import Attr, Node, Shape, dtype
from graphtools.graph.ref import producer
from graphtools.ops.inference import infer_shapes
from graphtools.transforms._ssd.settings import DetectorSettings, ExportOptions, read_settings
from graphtools.transforms.export_ssd import export_ssd
from graphtools.transforms.pipeline import transform
from tests.support import FIXTURES, shared_models
from tests.transforms.graphs import graph
from tests.transforms.numerics import run
from tests.transforms.ssd import variants as variants
from tests.transforms.ssd.variants import (
    FROZEN,
    IMAGE,
    OP,
    PIPELINE,
    POST,
    RAW,
    check_same_outputs,
    frozen,
    image,
    outputs_of,
)

DETECTIONS = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")
OFFICIAL = str(FIXTURES / "ssd/tflite_graph.pb")


def plain(node: Node) -> dict[str, Attr]:
    """Attributes of a node, floats as a file holds them."""
    return {
        k: float(np.float32(v)) if isinstance(v, float) else v for k, v in dict(node.attrs).items()
    }


# What is made


def test_the_graph_computes_what_the_api_s_exporter_s_computes() -> None:
    check_same_outputs(export_ssd(frozen()))


@pytest.mark.slow
def test_the_op_has_the_attributes_that_the_exporter_gives_it() -> None:
    made, official = export_ssd(frozen()).graph[OP], load(OFFICIAL)[OP]
    assert plain(made) == plain(official)
    assert made.inputs == official.inputs


def test_input_and_outputs_have_the_exporter_s_names_and_shapes() -> None:
    made = export_ssd(frozen()).graph
    assert dict(made[IMAGE].attrs) == dict(load(OFFICIAL)[IMAGE].attrs)
    assert [n.name for n in made if n.op == "Placeholder"] == [IMAGE]
    shapes = infer_shapes(made)
    assert [shapes.dims(name) for name in RAW] == [(1, 288, 4), (1, 288, 3), (288, 4)]


def test_nothing_is_left_of_loops_shapes_and_control_edges() -> None:
    made = export_ssd(frozen()).graph
    ops = {n.op for n in made}
    assert not ops & {"Enter", "TensorArrayV3", "Shape", "StridedSlice", "Pack", "Assert"}
    assert not any(n.control_inputs for n in made)
    assert {"FusedBatchNormV3", "DepthwiseConv2dNative", "Sigmoid"} <= ops


@pytest.mark.slow
def test_library_and_versions_survive_and_the_graph_given_is_not_changed() -> None:
    before = frozen()
    made = export_ssd(before).graph
    assert (made.versions, made.functions) == (before.versions, before.functions)
    assert b"".join(map(bytes, before.pieces())) == b"".join(map(bytes, frozen().pieces()))


def test_the_report_tells_what_was_found() -> None:
    report = export_ssd(frozen()).report
    assert report.input_shape == (1, 32, 32, 3)
    assert report.scale == pytest.approx((2 / 255,))
    assert report.offset == (-1.0,)
    assert report.feature_extractor == "MobileNet v1"
    assert (report.anchors, report.classes, report.with_background) == (288, 2, True)
    assert report.score_converter == "SIGMOID"
    assert report.score_threshold == pytest.approx(0.815)
    assert report.iou_threshold == pytest.approx(0.6)
    assert report.scales == (10, 10, 5, 5)
    assert report.cut_at == "Preprocessor/sub"
    assert report.boxes_from == "Squeeze"
    assert report.scores_from == f"{POST}/convert_scores"
    assert report.anchors_from == "Concatenate/concat"
    assert report.notes == ()


def test_options_become_attributes() -> None:
    options = ExportOptions(25, 2, 50, use_regular_nms=True)
    attrs = dict(export_ssd(frozen(), options=options).graph[OP].attrs)
    assert attrs["max_detections"] == 25
    assert attrs["max_classes_per_detection"] == 2
    assert attrs["detections_per_class"] == 50
    assert attrs["use_regular_nms"] is True


def test_without_the_op_boxes_scores_and_anchors_are_the_outputs() -> None:
    exported = export_ssd(frozen(), options=ExportOptions(postprocessing_op=False))
    assert OP not in exported.graph
    assert exported.report.outputs == RAW
    check_same_outputs(exported)


@pytest.mark.parametrize(
    "options",
    [
        ExportOptions(max_detections=0),
        ExportOptions(detections_per_class=-1),
        ExportOptions(input_size=(0, 9)),
    ],
)
def test_options_that_make_no_sense_are_refused(options: ExportOptions) -> None:
    with pytest.raises(InvalidValue):
        export_ssd(frozen(), options=options)


# Variants of the graph


def test_names_do_not_matter() -> None:
    renamed = transform(frozen(), "obfuscate_names", ["image_tensor"], DETECTIONS).graph
    assert not any("Postprocessor" in n.name for n in renamed)
    check_same_outputs(export_ssd(renamed))


@pytest.mark.parametrize(
    "step",
    [
        "fold_constants(ignore_errors=true)",
        "fold_batch_norms",
        "merge_duplicate_nodes",
        "remove_nodes(op=Identity, op=CheckNumerics)",
        "sort_by_execution_order",
    ],
)
def test_graphs_that_were_transformed_before_are_exported_too(step: str) -> None:
    check_same_outputs(export_ssd(transform(frozen(), step, ["image_tensor"], DETECTIONS).graph))


def test_names_of_the_outputs_that_the_network_has_itself_are_given_up() -> None:
    other = frozen()
    other.rename("Squeeze", RAW[0])
    other.rename("concat_1", RAW[2])
    exported = export_ssd(other)
    check_same_outputs(exported)
    assert f"{RAW[0]}_of_network" in exported.graph


def test_2017_background_removed_before_the_sigmoid() -> None:
    other = frozen()
    variants.slice_before_converter(other)
    exported = export_ssd(other)
    assert exported.report.with_background
    check_same_outputs(exported)


def test_2017_background_removed_before_the_softmax() -> None:
    other = frozen()
    variants.slice_before_converter(other)
    other.set_op(other[f"{POST}/convert_scores"], "Softmax")
    exported = export_ssd(other)
    assert (exported.report.score_converter, exported.report.with_background) == ("SOFTMAX", False)
    assert exported.graph[OP].attr("num_classes") == 2
    scores = outputs_of(exported.graph, image())[1]
    assert scores.shape == (1, 288, 2)
    np.testing.assert_allclose(scores.sum(2), 1, rtol=1e-6)
    assert any("background" in note for note in exported.report.notes)


def test_softmax_before_the_background_is_removed() -> None:
    other = frozen()
    other.set_op(other[f"{POST}/convert_scores"], "Softmax")
    exported = export_ssd(other)
    assert (exported.report.score_converter, exported.report.with_background) == ("SOFTMAX", True)
    np.testing.assert_allclose(outputs_of(exported.graph, image())[1].sum(2), 1, rtol=1e-6)


@pytest.mark.parametrize("early", [False, True], ids=["2018", "2017"])
def test_a_softmax_between_reshapes(early: bool) -> None:
    other, plain_one = frozen(), frozen()
    plain_one.set_op(plain_one[f"{POST}/convert_scores"], "Softmax")
    for g in (other, plain_one):
        if early:
            variants.slice_before_converter(g)
    variants.softmax_of_rank_2(other, 2 if early else 3)
    exported = export_ssd(other)
    assert exported.report.score_converter == "SOFTMAX"
    assert exported.report.with_background is not early
    expected = outputs_of(export_ssd(plain_one).graph, image())[1]
    np.testing.assert_allclose(outputs_of(exported.graph, image())[1], expected, rtol=1e-6)


def test_a_model_without_background_class() -> None:
    other = frozen()
    removal = other[f"{POST}/Slice"]
    size = variants.constant("begin", np.array([0, 0, 0], np.int32))
    other.add(size, before=removal)
    other.replace_input(removal, 1, size.name)
    report = export_ssd(other).report
    assert (report.classes, report.with_background) == (3, False)


@pytest.mark.parametrize("first", [False, True], ids=["V2", "V1"])
def test_2017_scores_filtered_before_non_max_suppression(first: bool) -> None:
    other = frozen()
    variants.filter_before_suppression(other, 0.25, first=first)
    exported = export_ssd(other)
    assert exported.report.score_threshold == 0.25
    assert exported.report.iou_threshold == pytest.approx(0.6)
    check_same_outputs(exported)


def test_scales_written_as_products_and_none_at_all() -> None:
    other = frozen()
    divisions = [n for n in other if n.op == "RealDiv" and _reads_encodings(n)]
    assert len(divisions) == 4
    for node in divisions[:2]:
        factor = variants.constant(f"{node.name}/factor", np.float32(0.25))
        other.add(factor, before=node)
        other.replace(
            node, [Node(node.name, "Mul", (node.inputs[0], factor.name), {"T": dtype("float32")})]
        )
    for node in divisions[2:]:
        other.redirect(node.name, node.inputs[0])
    assert export_ssd(other).report.scales == (4, 4, 1, 1)


def _reads_encodings(node: Node) -> bool:
    return producer(node.inputs[0]) == f"{POST}/Decode/unstack"


def test_padding_before_the_network_stays_in_it() -> None:
    other = frozen()
    (reader,) = (n for n in other.consumers("Preprocessor/sub") if n.op == "Conv2D")
    texts = """
        pad/none = Const value=float:zeros[1,0,32,3]
        pad/axis = Const value=int32:1
        pad/joined = ConcatV2(Preprocessor/sub, pad/none, pad/axis) T=float N=2 Tidx=int32
        pad/sizes = Const value=int32:[[0,0],[0,0],[0,0],[0,0]]
        pad/padded = Pad(pad/joined, pad/sizes) T=float Tpaddings=int32
    """
    for node in graph(texts):
        other.add(node, before=reader)
    other.replace_input(reader, 0, "pad/padded")
    exported = export_ssd(other)
    assert exported.report.cut_at == "Preprocessor/sub"
    check_same_outputs(exported)


def test_anchors_that_are_constants_already() -> None:
    other = frozen()
    made = export_ssd(other)
    corners = infer_shapes(other, {"image_tensor": Shape((1, 32, 32, 3))}).value(
        "Concatenate/concat"
    )
    assert corners is not None
    other.replace(other["Concatenate/concat"], [variants.constant("Concatenate/concat", corners)])
    again = export_ssd(other)
    check_same_outputs(again)
    assert len(again.graph) == len(made.graph)


# Configuration and options against the graph


def test_the_configuration_says_what_the_graph_says() -> None:
    alone, both = export_ssd(frozen()), export_ssd(frozen(), read_settings(PIPELINE))
    assert plain(alone.graph[OP]) == plain(both.graph[OP])
    assert both.report.notes == ()


def test_thresholds_of_the_configuration_count_and_the_contradiction_is_told() -> None:
    report = export_ssd(frozen(), DetectorSettings(score_threshold=0.5, iou_threshold=0.25)).report
    assert (report.score_threshold, report.iou_threshold) == (0.5, 0.25)
    assert len(report.notes) == 2
    assert "0.815" in report.notes[0]
    assert "0.5" in report.notes[0]


def test_scales_and_converter_of_the_graph_count_and_the_contradiction_is_told() -> None:
    settings = DetectorSettings(scales=(1, 1, 1, 1), converter="SOFTMAX")
    report = export_ssd(frozen(), settings).report
    assert report.scales == (10, 10, 5, 5)
    assert len(report.notes) == 2


def test_a_configuration_with_other_classes_is_that_of_another_model() -> None:
    with pytest.raises(InvalidValue, match=r"90 classes and the graph 2"):
        export_ssd(frozen(), DetectorSettings(classes=90))


def config(tmp_path: Any, old: str, new: str) -> str:
    text = (FIXTURES / "ssd/pipeline.config").read_text()
    assert old in text
    path = tmp_path / "pipeline.config"
    path.write_text(text.replace(old, new))
    return str(path)


def test_defaults_of_the_configuration(tmp_path: Any) -> None:
    settings = read_settings(config(tmp_path, "iou_threshold: 0.6", ""))
    assert settings.iou_threshold == 0.6
    assert settings.size == (32, 32)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("  ssd {", "  faster_rcnn {", "faster_rcnn"),
        ("fixed_shape_resizer", "keep_aspect_ratio_resizer", "fixed_shape_resizer"),
        ("faster_rcnn_box_coder", "keypoint_box_coder", "keypoint_box_coder"),
    ],
)
def test_configurations_of_what_cannot_be_exported(
    tmp_path: Any, old: str, new: str, word: str
) -> None:
    with pytest.raises(InvalidValue, match=word):
        read_settings(config(tmp_path, old, new))


def test_what_is_no_configuration_is_refused() -> None:
    with pytest.raises(FileProblem):
        read_settings(FROZEN)


def test_anchors_follow_the_size_of_the_images() -> None:
    other = frozen()
    variants.anchors_from_shapes(other)
    check_same_outputs(export_ssd(other))
    exported = export_ssd(other, options=ExportOptions(input_size=(64, 64)))
    report = exported.report
    assert (report.input_shape, report.anchors) == ((1, 64, 64, 3), 4 * 288)
    assert "32 x 32" in report.notes[0]
    assert infer_shapes(exported.graph).dims(RAW[0]) == (1, 4 * 288, 4)
    anchors = exported.graph["anchors"].tensor
    assert anchors is not None
    assert anchors.array()[0, :2].tolist() == pytest.approx([1 / 32, 1 / 32])
    again = export_ssd(other, DetectorSettings(size=(64, 64)))
    assert again.report.anchors == 4 * 288
    assert "configuration" in again.report.notes[0]


def test_a_size_that_the_anchors_were_not_made_for_is_refused() -> None:
    with pytest.raises(InvalidGraph, match=r"\[1,288,4\]"):
        export_ssd(frozen(), options=ExportOptions(input_size=(64, 64)))


# Real exports

MODELS = ["ssd_mobilenet_v1_small", "ssd_mobilenet_v1_quantized_small"]


@pytest.mark.parametrize("name", MODELS)
def test_real_exports_have_the_anchors_and_attributes_of_the_official_graph(name: str) -> None:
    folder = shared_models() / "od" / name
    official = load(folder / "tflite_graph.pb")
    exported = export_ssd(load(folder / "frozen_inference_graph.pb"))
    assert plain(exported.graph[OP]) == plain(official[OP])
    anchors, expected = (g["anchors"].tensor for g in (exported.graph, official))
    assert anchors is not None
    assert expected is not None
    np.testing.assert_array_equal(anchors.array(), expected.array())
    assert len(exported.graph) == len(official)
    assert bool(exported.report.fake_quants) == ("quantized" in name)
    both = export_ssd(
        load(folder / "frozen_inference_graph.pb"), read_settings(str(folder / "pipeline.config"))
    )
    assert both.report.notes == ()


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", MODELS)
def test_real_exports_compute_what_the_official_graph_computes(name: str) -> None:
    tf = pytest.importorskip("tensorflow")
    folder = shared_models() / "od" / name
    exported = export_ssd(
        load(folder / "frozen_inference_graph.pb"), options=ExportOptions(postprocessing_op=False)
    )
    with np.load(folder / "tflite_graph_io.npz") as arrays:
        feeds = {f"{IMAGE}:0": arrays[f"in|{IMAGE}:0"]}
    fetches = [f"{n}:0" for n in RAW]
    official = run(tf, load(folder / "tflite_graph_nopostproc.pb"), feeds, fetches)
    for left, right in zip(run(tf, exported.graph, feeds, fetches), official, strict=True):
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-6)
