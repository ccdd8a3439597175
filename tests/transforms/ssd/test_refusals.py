from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue
from graphtools.formats import load
from graphtools.graph import Attr, Graph, Node, Shape, dtype
from graphtools.transforms._ssd.settings import ExportOptions, read_settings
from graphtools.transforms.export_ssd import export_ssd
from tests.support import FIXTURES
from tests.transforms.ssd import variants as variants
from tests.transforms.ssd.variants import (
    OP,
    PIPELINE,
    POST,
    check_same_outputs,
    frozen,
)

pytestmark = pytest.mark.usefixtures("command_line")


def refuse(other: Graph, match: str) -> None:
    with pytest.raises(InvalidGraph, match=match):
        export_ssd(other)


def test_two_detectors_in_a_graph() -> None:
    other = frozen()
    variants.twice(other)
    refuse(other, "2 box decoders")


def test_a_second_stage_is_told_by_what_crops_its_features() -> None:
    other = frozen()
    other.add(Node("SecondStage/CropAndResize", "CropAndResize", ("Squeeze",) * 4))
    refuse(other, "Faster R-CNN")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("ssd/tflite_graph.pb", "exported for TFLite"),
        ("ssd/graph.pb", "not frozen"),
        ("classifier/frozen.pb", "no NonMaxSuppression"),
    ],
)
def test_graphs_of_another_kind_say_what_they_are(name: str, word: str) -> None:
    refuse(load(str(FIXTURES / name)), word)


def test_functions_of_tensorflow_2_are_told() -> None:
    other = Graph([Node("call", "StatefulPartitionedCall")])
    refuse(other, "functions")


def test_boxes_that_nobody_decodes() -> None:
    other = frozen()
    for node in list(other):
        if node.op == "Exp":
            other.set_op(node, "Tanh")
    refuse(other, "no box decoder")


def test_keypoints_are_told() -> None:
    other = frozen()
    other.set_attr(other[f"{POST}/Decode/unstack"], "num", 14)
    refuse(other, "keypoints")


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[1:3])
def test_a_decoder_of_another_order(order: tuple[int, ...]) -> None:
    other = frozen()
    unpack = f"{POST}/Decode/unstack"
    new = {f"{unpack}:{i}" if i else unpack: f"{unpack}:{order[i]}" for i in range(4)}
    for node in other.consumers(unpack):
        other.set_inputs(node, (new.get(i, i) for i in node.inputs))
    with pytest.raises(InvalidGraph):
        export_ssd(other)


def test_corners_of_another_order() -> None:
    other = frozen()
    (stack,) = (n for n in other if n.op == "Pack" and n.name.startswith(f"{POST}/Decode/"))
    a, b, c, d = stack.inputs
    other.set_inputs(stack, (b, a, d, c))
    refuse(other, "order ymin, xmin")


def test_thresholds_that_are_not_constant_are_taken_from_the_configuration() -> None:
    other = frozen()
    other.add(Node("fed", "Placeholder", attrs={"dtype": dtype("float32"), "shape": Shape(())}))
    for node in variants.suppressions(other):
        other.replace_input(node, 4, "fed")
    with pytest.raises(InvalidGraph, match="score threshold") as caught:
        export_ssd(other)
    assert "--pipeline" in caught.value.remedy
    report = export_ssd(other, read_settings(PIPELINE)).report
    assert report.score_threshold == 0.815


def test_thresholds_that_differ_by_class() -> None:
    other = frozen()
    node = variants.suppressions(other)[0]
    other.add(variants.constant("lower", np.float32(0.1)), before=node)
    other.replace_input(node, 4, "lower")
    refuse(other, r"different score thresholds \(0.1, 0.815\)")


def dependent_size() -> Graph:
    other = frozen()
    resize = next(n for n in other if n.op == "ResizeBilinear")
    other.add(Node("fed", "Placeholder", attrs={"dtype": dtype("int32"), "shape": Shape((2,))}))
    other.replace_input(resize, 1, "fed")
    return other


def test_a_size_that_depends_on_the_image_has_to_be_given() -> None:
    with pytest.raises(InvalidGraph, match="depends on the image") as caught:
        export_ssd(dependent_size())
    assert "--input-size" in caught.value.remedy
    exported = export_ssd(dependent_size(), options=ExportOptions(input_size=(32, 32)))
    check_same_outputs(exported)
    assert any("32 x 32" in note for note in exported.report.notes)


def test_a_second_input_of_the_network() -> None:
    other = frozen()
    squeeze = other["Squeeze"]
    other.add(Node("fed", "Placeholder", attrs={"dtype": dtype("float32"), "shape": Shape(())}))
    other.add(Node("sum", "AddV2", (squeeze.inputs[0], "fed"), {"T": dtype("float32")}))
    other.replace_input(squeeze, 0, "sum")
    refuse(other, "'fed' by another way")


def test_anchors_that_are_fed() -> None:
    other = frozen()
    other.add(
        Node("fed", "Placeholder", attrs={"dtype": dtype("float32"), "shape": Shape((288, 4))})
    )
    other.redirect("Concatenate/concat", "fed")
    refuse(other, "anchors are not constant.*fed")


def test_two_nodes_of_one_name() -> None:
    refuse(Graph([*frozen(), Node("Squeeze", "NoOp")]), "two nodes 'Squeeze'")


NAMES = [n.name for n in frozen()]
OPS = sorted({n.op for n in frozen()})


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.slow
def test_damaged_graphs_are_exported_or_refused(data: st.DataObject) -> None:
    other = frozen()
    for _ in range(data.draw(st.integers(1, 4))):
        node = other[data.draw(st.sampled_from(NAMES))]
        damage = data.draw(st.integers(0, 4))
        if damage == 0:
            other.set_op(node, data.draw(st.sampled_from(OPS)))
        elif damage == 1:
            other.set_inputs(node, node.inputs[:-1])
        elif damage == 2 and node.inputs:
            text = data.draw(st.sampled_from(["", ":1", ":7"]))
            name = data.draw(st.sampled_from([*NAMES, "nowhere"]))
            other.replace_input(node, data.draw(st.integers(0, len(node.inputs) - 1)), name + text)
        elif damage == 3 and len(node.attrs):
            other.remove_attr(node, data.draw(st.sampled_from(sorted(node.attrs))))
        elif damage == 4 and len(node.attrs):
            values: list[Attr] = [3, -1, 1.5, b"x", True, [1, 2]]
            name = data.draw(st.sampled_from(sorted(node.attrs)))
            value = data.draw(st.sampled_from(values))
            other.replace(node, node.variant(attrs={name: value}))
    try:
        exported = export_ssd(other)
    except GraphtoolsError as refusal:
        assert refusal.message
    else:
        assert OP in exported.graph


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e40", "300.5"])
def test_a_size_that_is_no_whole_number_is_refused(value: str, tmp_path: Path) -> None:
    text = re.sub(r"height: *\d+", f"height: {value}", Path(PIPELINE).read_text())
    config = tmp_path / "pipeline.config"
    config.write_text(text)
    with pytest.raises(InvalidValue, match="height"):
        read_settings(str(config))
