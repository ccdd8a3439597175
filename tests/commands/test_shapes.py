from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.graph import Graph, Node
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.shape import Shape
from tests.analysis.graphs import function, graph
from tests.commands.running import fixture, refusal, run, run_json

SSD = fixture("ssd/frozen_inference_graph.pb")
CONV = "FeatureExtractor/MobilenetV1/MobilenetV1/Conv2d_0/Conv2D"


def placeholder(name: str, shape: Any) -> Node:
    return Node(name, "Placeholder", (), {"dtype": FLOAT32, "shape": Shape(shape)})


def save(model: Graph, folder: Path) -> str:
    path = folder / "graph.pb"
    graphtools.save(model, path)
    return str(path)


def shapes(*args: object) -> dict[str, Any]:
    return {t["name"]: t["shape"] for t in run_json("shapes", *args)["tensors"]}


def test_each_tensor_has_a_line(tmp_path: Path) -> None:
    done = run("shapes", save(graph(placeholder("x", [None, 3]), "a Relu x"), tmp_path))
    assert done.code == 0
    assert [line.split() for line in done.lines] == [
        ["tensor", "op", "dtype", "shape"],
        ["--------", "-----------", "-------", "-------"],
        ["x", "Placeholder", "float32", "[?,3]"],
        ["a", "Relu", "float32", "[?,3]"],
        [],
        ["0", "of", "2", "shapes", "wholly", "known"],
    ]


def test_json_has_all_and_what_is_known() -> None:
    document = run_json("shapes", SSD, "--input-shape", "image_tensor=1,64,64,3")
    found = {t["name"]: t for t in document["tensors"]}
    assert found[CONV] == {
        "name": CONV, "op": "Conv2D", "dtype": "float32", "shape": [1, 16, 16, 8],
    }  # fmt: skip
    assert document["total"] == len(found)
    assert 0 < document["known"] < document["total"]
    assert document["findings"] == []


@pytest.mark.parametrize(
    "given", ["1,64,64,3", "image_tensor=1,64,64,3", "image_tensor:0=1,64,64,3"]
)
def test_the_input_may_be_named_or_be_the_only_one(given: str) -> None:
    assert shapes(SSD, "--op", "Conv2D", "--input-shape", given)[CONV] == [1, 16, 16, 8]


def test_shapes_of_several_inputs(tmp_path: Path) -> None:
    file = save(
        graph(placeholder("x", [None]), placeholder("y", [None]), "sum AddV2 x y"), tmp_path
    )
    found = shapes(file, "--input-shape", "x=7", "--input-shape", "y=?")
    assert found == {"x": [7], "y": [None], "sum": [7]}
    message = refusal(run("shapes", file, "--input-shape", "7"))
    assert "'7' does not say whose shape it is\n  write x=7" in message


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("image_tensr=1,2", "did you mean 'image_tensor'?"),
        ("image_tensor=1,b", "'1,b' is no shape\n  write it as 1,300,300,3"),
        ("image_tensor:1=1,2", "'image_tensor' has 1 output, so there is no 'image_tensor:1'"),
        ("=1,2", "no"),
    ],
)
def test_what_is_no_shape_of_an_input_is_refused(given: str, says: str) -> None:
    for command in ("shapes", "size"):
        assert says in refusal(run(command, SSD, "--input-shape", given))


def test_a_shape_that_the_graph_does_not_admit_is_noted() -> None:
    done = run("shapes", SSD, "--op", "Placeholder", "--input-shape", "image_tensor=64,64,3")
    assert done.code == 0
    assert done.err == (
        "note: the graph states the shape [?,?,?,3] for 'image_tensor', not [64,64,3]\n"
    )


def test_filters() -> None:
    assert set(shapes(SSD, "--name", "detection_*")) == {
        "detection_boxes", "detection_scores", "detection_classes",
    }  # fmt: skip
    assert set(shapes(SSD, "--regex", "^image|^add$")) == {"image_tensor", "add"}
    assert all(n.startswith("BoxPredictor_0/") for n in shapes(SSD, "--scope", "BoxPredictor_0"))
    assert set(shapes(SSD, "--op", "Placeholder", "--op", "Sq*")) >= {"image_tensor"}
    done = run("shapes", SSD, "--name", "nothing")
    assert done.code == 0
    assert "no node is let through" in done.err


def test_only_what_is_unknown() -> None:
    found = shapes(SSD, "--unknown")
    assert found
    assert all(s is None or None in s for s in found.values())
    assert "detection_boxes" in found


def test_tensors_in_functions() -> None:
    file = fixture("control_flow/functional/graph.pb")
    assert not any("@" in name for name in shapes(file))
    inner = {n: s for n, s in shapes(file, "--functions").items() if "@" in n}
    (product,) = (s for n, s in inner.items() if n.startswith("MatMul@loop_body"))
    assert product == [None, 3]


def test_contradictions_are_shown_and_the_exit_code_is_1(tmp_path: Path) -> None:
    model = graph(placeholder("x", [2, 3]), placeholder("y", [4, 5]), "m MatMul x y")
    done = run("shapes", save(model, tmp_path))
    assert done.code == 1
    assert done.lines[-2:] == [
        "Contradictions",
        "  - m (MatMul): matrices [2,3] and [4,5] cannot be multiplied; inputs: x [2,3], y [4,5]",
    ]
    as_json = run("shapes", save(model, tmp_path), "--json")
    assert as_json.code == 1
    assert json.loads(as_json.out)["findings"][0]["node"] == "m"


def test_contradictions_in_functions_are_named_with_the_function(tmp_path: Path) -> None:
    add = function("f", ["p", "q"], "y:z:0", "y AddV2 p q")
    model = graph(placeholder("x", [2]), placeholder("z", [3]), "a f x z", functions=[add])
    done = run("shapes", save(model, tmp_path))
    assert done.code == 1
    assert "y@f (AddV2): the shapes [2] and [3] cannot be broadcast" in done.out


@pytest.mark.parametrize("command", ["shapes", "size"])
def test_a_graph_that_tensorflow_refuses_is_shown_with_exit_code_2(
    command: str, tmp_path: Path
) -> None:
    model = graph(placeholder("x", [2]), "a Relu gone", "b Relu x")
    done = run(command, save(model, tmp_path))
    assert "reads 'gone'" in refusal(done)
    assert done.out


def test_a_node_of_an_unknown_op_is_listed(tmp_path: Path) -> None:
    found = shapes(save(graph(placeholder("x", [2]), "a Whatever x"), tmp_path))
    assert found == {"x": [2], "a": None}


def test_what_holds_no_graph_is_refused() -> None:
    checkpoint = fixture("checkpoints/v2_sharded/model.ckpt")
    assert "holds no TensorFlow graph" in refusal(run("shapes", checkpoint))


def test_a_tflite_tells_the_shapes_in_the_file() -> None:
    model = fixture("quant/model.tflite")
    assert shapes(model)["logits"] == [1, 4]
    assert "--batch is for graphs" in refusal(run("shapes", model, "--batch", "2"))


def test_saved_models_by_their_tags() -> None:
    model = fixture("saved_model/v2")
    found = shapes(model, "--tag-set", "serve")
    assert found["serving_default_features"] == [None, 4]
    assert "no meta graph with the tags train" in refusal(
        run("shapes", model, "--tag-set", "train")
    )


def test_sizes_no_tensor_can_have_are_listed(tmp_path: Path) -> None:
    model = graph(placeholder("x", [2**40, 2**40]), "m MatMul x x", "c Relu m")
    file = save(model, tmp_path)
    assert shapes(file)["c"] == [2**40, 2**40]
    assert run_json("size", file)["total"]["macs"] == 2**120
