from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.formats import load
from tests.commands.running import fixture, refusal, run, run_json

FROZEN = fixture("ssd/frozen_inference_graph.pb")
PIPELINE = fixture("ssd/pipeline.config")
OP = "TFLite_Detection_PostProcess"


def test_export_says_what_was_found_and_what_comes_next(tmp_path: Path) -> None:
    target = tmp_path / "tflite_graph.pb"
    done = run("export-ssd", FROZEN, "-o", target)
    assert (done.code, done.err) == (0, "")
    facts = {line.partition("  ")[0]: line for line in (x.strip() for x in done.lines)}
    assert "[1,32,32,3], in the place of Preprocessor/sub" in facts["input"]
    assert "mean 127.5, standard deviation 127.5" in facts["normalisation"]
    assert "MobileNet v1" in facts["feature extractor"]
    assert "288, from Concatenate/concat" in facts["anchors"]
    assert "SIGMOID, 2 classes, with background" in facts["scores"]
    assert "0.815" in facts["score threshold"]
    assert f"graphtools convert {target} -o detect.tflite" in done.out
    assert "--allow-custom-ops" in done.out
    assert "--quantize" not in done.out
    assert load(target)[OP].attr("max_detections") == 10


def test_options_reach_the_op(tmp_path: Path) -> None:
    target = tmp_path / "out.pbtxt"
    options = "--max-detections 3 --max-classes-per-detection 2 --detections-per-class 7"
    words = [*options.split(), "--use-regular-nms", "--pipeline", PIPELINE, "--input-size", "32x32"]
    assert run("export-ssd", FROZEN, "-o", target, *words).code == 0
    assert target.read_text().startswith("node {")
    node = load(target)[OP]
    assert node.attr("max_detections") == 3
    assert node.attr("max_classes_per_detection") == 2
    assert node.attr("detections_per_class") == 7
    assert node.attr("use_regular_nms") is True


def test_without_the_op(tmp_path: Path) -> None:
    target = tmp_path / "out.pb"
    done = run("export-ssd", FROZEN, "-o", target, "--no-postprocessing-op")
    assert done.code == 0
    assert OP not in load(target)
    assert "raw_outputs/box_encodings,raw_outputs/class_predictions,anchors" in done.out
    assert "--allow_custom_ops" not in done.out


def test_json(tmp_path: Path) -> None:
    found = run_json("export-ssd", FROZEN, "-o", tmp_path / "out.pb", "--pipeline", PIPELINE)
    assert found["anchors"] == 288
    assert found["input_shape"] == [1, 32, 32, 3]
    assert found["scales"] == [10, 10, 5, 5]
    assert found["notes"] == []


def test_contradictions_of_configuration_and_graph_are_told(tmp_path: Path) -> None:
    config = tmp_path / "pipeline.config"
    text = Path(PIPELINE).read_text()
    config.write_text(text.replace("score_threshold: 0.815", "score_threshold: 0.5"))
    done = run("export-ssd", FROZEN, "-o", tmp_path / "out.pb", "--pipeline", config)
    assert done.code == 0
    assert "the graph has the score threshold 0.815, the configuration 0.5" in done.out


@pytest.mark.parametrize("text", ["300", "a,b", "300,300,3", "-1,5", ""])
def test_what_is_no_size_is_refused(tmp_path: Path, text: str) -> None:
    done = run("export-ssd", FROZEN, "-o", tmp_path / "out.pb", "--input-size", text)
    assert "is no size" in refusal(done)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("ssd/tflite_graph.pb", "exported for TFLite"),
        ("ssd/graph.pb", "not frozen"),
        ("classifier/frozen.pb", "no NonMaxSuppression"),
        ("ssd/pipeline.config", "not a TensorFlow model"),
    ],
)
def test_other_files_say_what_they_are_and_nothing_is_written(
    tmp_path: Path, name: str, word: str
) -> None:
    target = tmp_path / "out.pb"
    assert word in refusal(run("export-ssd", fixture(name), "-o", target))
    assert not target.exists()
