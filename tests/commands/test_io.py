from __future__ import annotations

import pytest

from tests.commands.running import FROZEN, fixture, run, run_json


def test_json_has_the_keys_that_are_promised() -> None:
    document = run_json("io", FROZEN)
    assert set(document) == {"schema_version", "inputs", "outputs"}
    for candidate in document["inputs"] + document["outputs"]:
        assert set(candidate) == {"name", "op", "dtype", "shape", "score", "reason"}
    assert document["inputs"][0] == {
        "name": "input",
        "op": "Placeholder",
        "dtype": "float32",
        "shape": [None, 32, 32, 3],
        "score": 0.95,
        "reason": "placeholder",
    }
    assert document["outputs"][0]["name"] == "MobilenetV1/Predictions/Reshape_1"


def test_the_likely_ones_are_shown_and_the_others_on_demand() -> None:
    some, everything = run("io", FROZEN), run("io", FROZEN, "--all")
    assert "less likely (graphtools io FILE --all)" in some.out
    assert "the logits before" not in some.out
    assert "the logits before" in everything.out
    assert "less likely" not in everything.out


def test_signatures_decide() -> None:
    document = run_json("io", fixture("saved_model/v1"))
    sure = [c["name"] for c in document["outputs"] if c["score"] == 1]
    assert sorted(sure) == ["logits", "scores"]
    assert all("signature" in c["reason"] for c in document["outputs"])


def test_the_meta_graph_is_chosen_by_its_tags() -> None:
    trained = run_json("io", fixture("saved_model/v1"), "--tag-set", "serve,train")
    assert [c["name"] for c in trained["inputs"] if c["score"] > 0.5] == ["features"]


@pytest.mark.parametrize("name", ["quant/model.tflite", "quant/float.tflite", "ssd/detect.tflite"])
def test_a_tflite_model_states_them(name: str) -> None:
    document = run_json("io", fixture(name))
    assert {c["score"] for c in document["inputs"] + document["outputs"]} == {1.0}
    assert document["inputs"][0]["reason"] == "input 0 of the model"


def test_a_graph_without_any_says_so() -> None:
    assert "none that is likely" in run("io", fixture("const_dtypes/graph.pb")).out
