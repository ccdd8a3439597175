"""What a summary says of a TFLite model beside its operators."""

from __future__ import annotations

from graphtools.analysis.tflite_summary import summarize_tflite
from graphtools.report.text import render_text
from graphtools.report.tflite_summaries import tflite_blocks
from tests.lint.tflite_models import Op, Spec, model
from tests.lint.tflite_rules.test_metadata_rules import BARE, IMAGE, LABELLED, described

F = Spec("float32", [1, 4])


def test_metadata_are_told_with_normalization_and_files() -> None:
    found = summarize_tflite(described([IMAGE], [LABELLED], {"labels.txt": b"cat\ndog\n"}))
    told = found.described
    assert told is not None
    assert (told.name, told.files, told.problem) == ("m", {"labels.txt": 8}, "")
    assert told.inputs[0].content == "ImageProperties RGB"
    assert told.inputs[0].normalization == "(x - 127.5) / 127.5"
    assert list(told.outputs[0].files) == ["labels.txt"]
    text = render_text(tflite_blocks(found))
    assert "(x - 127.5) / 127.5" in text
    assert "labels.txt (8 B)" in text
    assert summarize_tflite(BARE).described is None


def test_what_an_interpreter_lacks_is_told_once_for_all_operators() -> None:
    steps = [Op("FlexErf", ["x"], ["a"]), Op("FlexErfc", ["a"], ["b"]), Op("Mine", ["b"], ["y"])]
    found = summarize_tflite(model(dict.fromkeys("xaby", F), steps))
    assert [text.partition(":")[0] for text in found.obstacles] == ["FlexErf, FlexErfc", "Mine"]
    assert found.minimum_runtime == ""
    assert "An interpreter may not take it" in render_text(tflite_blocks(found))


def test_dynamic_tensors_are_told_inputs_first() -> None:
    spec = Spec("float32", [-1, 4])
    steps = [Op("RELU6", ["x"], ["a"], version=3), Op("RELU", ["a"], ["y"])]
    found = summarize_tflite(model({"a": spec, "x": spec, "y": F}, steps))
    assert found.dynamic == ("x", "a")
    assert found.minimum_runtime == "2.5"
    assert "runtime    2.5 or later" in render_text(tflite_blocks(found))
