from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.convert.editing.checking import check_edit
from graphtools.convert.editing.edit_tflite import EditedTFLite, TFLiteEdits, edit_tflite
from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats import open_model
from graphtools.formats.tflite.metadata import associated_files, model_metadata
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.tree import read_tree, write_tree
from tests.commands.running import fixture
from tests.support import shared_models

QUANTIZED, FLOAT = fixture("quant/model.tflite"), fixture("quant/float.tflite")
DETECTOR = fixture("ssd/detect.tflite")
CLASSES = {1: "cat", 2: "dog", 3: "owl", 4: "fox"}


def saved(edited: EditedTFLite, folder: Path) -> TFLiteModel:
    edited.save(folder / "edited.tflite")
    model = open_model(folder / "edited.tflite")
    assert isinstance(model, TFLiteModel)
    return model


def ops(model: TFLiteModel) -> list[str]:
    return [operator.op for operator in model.subgraphs[0].operators]


def ends(model: TFLiteModel) -> list[tuple[str, str]]:
    graph = model.subgraphs[0]
    return [(graph.tensors[i].name, graph.tensors[i].dtype) for i in graph.inputs + graph.outputs]


@pytest.mark.parametrize("path", [QUANTIZED, FLOAT])
def test_another_batch(path: str, tmp_path: Path) -> None:
    model = saved(edit_tflite(path, batch=3), tmp_path)
    computed = {i for o in model.subgraphs[0].operators for i in o.outputs}
    shapes = [t.shape.dims for t in model.subgraphs[0].tensors if t.index in computed]
    assert shapes
    assert all(dims and dims[0] == 3 for dims in shapes)


def test_a_batch_that_is_not_followed_names_the_operator() -> None:
    with pytest.raises(InvalidValue, match="TFLite_Detection_PostProcess makes detections of one"):
        edit_tflite(DETECTOR, batch=2)


def test_a_constant_in_the_place_of_the_batch_is_refused(tmp_path: Path) -> None:
    edit_tflite(QUANTIZED, batch=4).save(tmp_path / "four.tflite")
    tree = read_tree(saved(edit_tflite(QUANTIZED, batch=4), tmp_path))
    tensors, codes = tree["subgraphs"][0]["tensors"], tree["operator_codes"]
    tensors.append({**tensors[-1], "shape": [4, 4], "buffer": len(tree["buffers"])})
    tensors.append({**tensors[13], "name": "sum"})
    tree["buffers"].append({"data": bytes(16)})
    codes.append({"version": 1})  # ADD
    tree["subgraphs"][0]["operators"].append(
        {
            "opcode_index": len(codes) - 1,
            "inputs": [13, len(tensors) - 2],
            "outputs": [len(tensors) - 1],
        }
    )
    (tmp_path / "sum.tflite").write_bytes(write_tree(tree))
    with pytest.raises(InvalidValue, match=r"ADD 'sum': .* has 4 in the place of the batch"):
        edit_tflite(tmp_path / "sum.tflite", batch=2)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("float32", ["QUANTIZE", "DEQUANTIZE"]),
        ("int8", ["QUANTIZE", "QUANTIZE"]),
        ("uint8", ["CONV_2D", "FULLY_CONNECTED"]),
    ],
)
def test_other_types(kind: str, expected: list[str], tmp_path: Path) -> None:
    model = saved(edit_tflite(QUANTIZED, input_type=kind, output_type=kind), tmp_path)
    assert [ops(model)[0], ops(model)[-1]] == expected
    assert ends(model) == [("input", kind), ("logits", kind)]
    back = saved(edit_tflite(model, input_type="uint8", output_type="uint8"), tmp_path)
    assert ops(back) == ops(saved(edit_tflite(QUANTIZED, signature="s"), tmp_path))


def test_a_float_model_has_no_range() -> None:
    with pytest.raises(InvalidValue, match="has no range, so it cannot become uint8"):
        edit_tflite(FLOAT, input_type="uint8")


def test_detections(tmp_path: Path) -> None:
    more = {"max_detections": 25, "max_classes_per_detection": 2, "nms_iou_threshold": 0.3}
    model = saved(edit_tflite(DETECTOR, detection=more), tmp_path)
    operator = model.subgraphs[0].operators[-1]
    options = model.options(operator)
    assert {key: options[key] for key in more} == pytest.approx(more)
    assert options["num_classes"] == 2
    sized = [model.subgraphs[0].tensors[i].shape.dims for i in operator.outputs]
    assert all(dims in ((), None) or dims[1] == 50 for dims in sized[:3])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("max_detections", 0),
        ("nms_iou_threshold", 0.0),
        ("nms_iou_threshold", 1.5),
        ("detections_per_class", 0),
        ("max_classes_per_detection", 99),
    ],
)
def test_what_the_kernel_fails_with_is_refused(option: str, value: float) -> None:
    with pytest.raises(InvalidValue, match=option):
        edit_tflite(DETECTOR, detection={option: value})


def test_names_and_signatures(tmp_path: Path) -> None:
    edited = edit_tflite(QUANTIZED, rename={"input": "image"}, signature="serve")
    model = saved(edited, tmp_path)
    assert ends(model)[0][0] == "image"
    found = next(s for s in model.signatures if s.key == "serve")
    assert (set(found.inputs), set(found.outputs)) == ({"image"}, {"logits"})
    with pytest.raises(UnknownName, match="inptu") as caught:
        edit_tflite(QUANTIZED, rename={"inptu": "x"})
    assert "input" in caught.value.remedy
    with pytest.raises(InvalidValue, match="'logits' already"):
        edit_tflite(QUANTIZED, rename={"input": "logits"})


def test_labels_of_a_classifier(tmp_path: Path) -> None:
    model = saved(edit_tflite(QUANTIZED, labels=CLASSES), tmp_path)
    assert associated_files(model) == {"labels.txt": b"cat\ndog\nowl\nfox\n"}
    metadata: Any = model_metadata(model)
    output = metadata["subgraph_metadata"][0]["output_tensor_metadata"][0]
    assert output["associated_files"][0] == {"name": "labels.txt", "type": "TENSOR_AXIS_LABELS"}
    again = saved(edit_tflite(model, rename={"input": "image"}), tmp_path)
    assert model_metadata(again) == metadata
    assert associated_files(again) == associated_files(model)


@pytest.mark.parametrize("labels", [{1: "cat"}, dict.fromkeys(range(1, 8), "x")])
def test_as_many_labels_as_classes(labels: dict[int, str]) -> None:
    with pytest.raises(InvalidValue, match="wrong names"):
        edit_tflite(QUANTIZED, labels=labels)


def test_labels_of_a_detector(tmp_path: Path) -> None:
    edited = edit_tflite(DETECTOR, labels={1: "cat", 2: "dog"}, mean=(127.5,), std=(127.5,))
    metadata: Any = model_metadata(saved(edited, tmp_path))
    outputs = metadata["subgraph_metadata"][0]["output_tensor_metadata"]
    assert [o["name"] for o in outputs][-1] == "number of detections"
    assert outputs[1]["associated_files"][0]["type"] == "TENSOR_VALUE_LABELS"


def test_what_pictures_are_for_floats_has_to_be_said() -> None:
    with pytest.raises(InvalidValue, match="is float32, and how pictures become"):
        edit_tflite(DETECTOR, labels={1: "cat", 2: "dog"})


def test_strip_and_cut(tmp_path: Path) -> None:
    labelled = saved(edit_tflite(QUANTIZED, labels=CLASSES), tmp_path)
    bare = saved(edit_tflite(labelled, strip=True), tmp_path)
    assert model_metadata(bare) is None
    assert associated_files(bare) == {}
    assert ends(bare) == ends(labelled)
    assert ops(bare) == ops(labelled)
    short = saved(edit_tflite(QUANTIZED, cut=("pool/AvgPool",)), tmp_path)
    assert ops(short)[-1] == "AVERAGE_POOL_2D"
    assert ends(short)[-1][0] == "pool/AvgPool"
    assert len(short.buffers) < len(labelled.buffers)
    assert "FULLY_CONNECTED" not in {code.name for code in short.operator_codes}
    with pytest.raises(InvalidValue, match="computed by no operator"):
        edit_tflite(QUANTIZED, cut=("input",))


def test_nothing_to_do_is_an_error() -> None:
    with pytest.raises(InvalidValue, match="nothing is to be changed"):
        edit_tflite(QUANTIZED)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
@pytest.mark.parametrize(
    "edits",
    [
        TFLiteEdits(batch=3),
        TFLiteEdits(input_type="float32", output_type="int8"),
        TFLiteEdits(strip=True, signature="serve"),
        TFLiteEdits(labels=CLASSES, rename={"input": "image"}),
        TFLiteEdits(cut=("pool/AvgPool",)),
    ],
)
def test_litert_computes_what_it_must(edits: TFLiteEdits) -> None:
    checked = check_edit(edit_tflite(QUANTIZED, edits), edits)
    assert checked.compared == (0 if edits.cut else 1)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_wrong_edit_is_found(tmp_path: Path) -> None:
    from graphtools.errors import InvalidGraph

    other = tmp_path / "other.tflite"
    tree = read_tree(saved(edit_tflite(QUANTIZED, signature="s"), tmp_path))
    weights = tree["buffers"][tree["subgraphs"][0]["tensors"][3]["buffer"]]
    weights["data"] = bytes(len(weights["data"]))
    other.write_bytes(write_tree(tree))
    wrong = edit_tflite(other, signature="t")
    with pytest.raises(InvalidGraph, match="from what it must be"):
        check_edit(
            dataclasses.replace(wrong, path=QUANTIZED, pieces=[other.read_bytes()]),
            TFLiteEdits(signature="t"),
        )


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_types_and_detections_are_those_of_the_converter_and_of_litert() -> None:
    from ai_edge_litert.interpreter import Interpreter

    folder = shared_models() / "editing" / "tflite"
    values = np.load(folder / "io.npz")
    for kind, name in (("float32", "q_float"), ("int8", "q_int8"), ("uint8", "q_uint8")):
        for start in ("q_float", "q_int8", "q_uint8"):
            edited = edit_tflite(folder / f"{start}.tflite", input_type=kind, output_type=kind)
            running = Interpreter(model_content=edited.to_bytes())
            running.allocate_tensors()
            found = []
            for sample in values[f"{name}|in"]:
                running.set_tensor(running.get_input_details()[0]["index"], sample[None])
                running.invoke()
                found.append(running.get_tensor(running.get_output_details()[0]["index"]))
            np.testing.assert_array_equal(np.concatenate(found), values[f"{name}|out"])
    cases = json.loads((folder / "postprocess.json").read_text())
    model = next((shared_models() / "tflite").rglob(cases["model"]))
    expected = np.load(folder / "postprocess_io.npz")
    edited = edit_tflite(model, detection={"max_detections": 3})
    running = Interpreter(model_content=edited.to_bytes())
    running.allocate_tensors()
    fed = running.get_input_details()[0]
    noise = np.random.RandomState(0).rand(*fed["shape"]) * 2 - 1
    running.set_tensor(fed["index"], noise.astype(np.float32))
    running.invoke()
    for place, detail in enumerate(running.get_output_details()):
        np.testing.assert_array_equal(
            running.get_tensor(detail["index"]), expected[f"max_detections_3|{place}"]
        )
