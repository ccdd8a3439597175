from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.running import fixture, refusal, run, run_json

MODEL = fixture("quant/model.tflite")


def test_what_was_changed_is_told(tmp_path: Path) -> None:
    target = tmp_path / "image.tflite"
    done = run("edit-tflite", MODEL, "-o", target, "--rename", "input=image", "--batch", 2)
    assert done.code == 0
    assert "the batch is 2 (was 1)" in done.out
    inputs = run_json("io", target)["inputs"]
    assert [(i["name"], i["shape"]) for i in inputs] == [("image", [2, 16, 16, 3])]


def test_json(tmp_path: Path) -> None:
    found = run_json("edit-tflite", MODEL, "-o", tmp_path / "x.tflite", "--input-type", "float32")
    assert found["changes"] == ["input is float32 (was uint8)"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "nothing is to be changed"),
        (("--rename", "input"), "--rename takes OLD=NEW"),
        (("--detections", "3"), "no TFLite_Detection_PostProcess"),
        (("--cut", "nothing"), "no tensor 'nothing'"),
        (("--metadata", MODEL), "not UTF-8"),
    ],
)
def test_what_cannot_be(options: tuple[str, ...], message: str, tmp_path: Path) -> None:
    target = tmp_path / "x.tflite"
    assert message in refusal(run("edit-tflite", MODEL, "-o", target, *options))
    assert not target.exists()


def test_a_graph_is_refused(tmp_path: Path) -> None:
    graph = fixture("quant/graph.pb")
    done = run("edit-tflite", graph, "-o", tmp_path / "x.tflite", "--batch", "2")
    assert "no TFLite model" in refusal(done)
