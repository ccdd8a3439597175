"""`graphtools toco`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import load
from graphtools.commands.toco import COMMAND
from graphtools.legacy.flags import FLAG, FLAGS, INTEGER, NUMBER
from graphtools.run.litert import LiteRT
from tests.commands.running import FROZEN, Outcome, fixture, refusal, run
from tests.support import FIXTURES

OUTPUT = "MobilenetV1/Predictions/Reshape_1"
ENDS = ("--input_arrays=input", f"--output_arrays={OUTPUT}")
QUANT = (
    f"--input_file={fixture('quant/frozen.pb')}",
    "--input_array=input",
    "--output_array=logits",
    "--inference_type=QUANTIZED_UINT8",
    "--mean_value=128",
    "--std_value=128",
)


def shapes_of(model: Path) -> list[tuple[int | None, ...]]:
    with LiteRT() as runtime:
        return [tensor.signature for tensor in runtime.inspect(model).inputs]


def refusal_after_notes(done: Outcome) -> str:
    lines = [line for line in done.err.splitlines() if not line.startswith("note: ")]
    return refusal(done._replace(err="\n".join(lines)))


# The command line


@pytest.mark.parametrize("flag", FLAGS, ids=lambda f: f.key)
def test_a_flag_is_taken_in_all_spellings(flag: Any) -> None:
    value = {FLAG: "TRUE", NUMBER: "0.5", INTEGER: "3"}.get(flag.kind, "a text")
    read = {"TRUE": True, "0.5": 0.5, "3": 3}.get(value, value)
    for name in flag.names:
        for args in ([f"--{name}={value}"], [f"--{name}", value]):
            assert COMMAND.make_context("toco", args).params[flag.key] == read
        if flag.kind == FLAG:
            args = [f"--{name}", "--output_file=x"]
            assert COMMAND.make_context("toco", args).params[flag.key] is True


def test_dashes_are_taken_for_underscores() -> None:
    args = ["--allow-custom-ops", "--input-file=x"]
    params = COMMAND.make_context("toco", args).params
    assert (params["allow_custom_ops"], params["input_file"]) == (True, "x")


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_what_is_missing_is_told_in_the_words_of_toco(tmp_path: Path) -> None:
    line = (f"--input_file={FROZEN}", *ENDS, "--inference_type=QUANTIZED_UINT8")
    ranges = ("--default_ranges_min=0", "--default_ranges_max=6")
    target = f"--output_file={tmp_path / 'x'}"
    assert " ".join(ranges) in refusal(run("toco", *line, target))
    assert "--mean_values=128 --std_values=128" in refusal_after_notes(
        run("toco", *line, *ranges, target)
    )


def test_an_unknown_flag_is_an_error_with_a_suggestion() -> None:
    done = run("toco", "--input_arays=x")
    assert done.code == 2
    assert "--input_arrays" in done.err


def test_what_is_missing_is_told() -> None:
    assert "--output_file" in refusal(run("toco", f"--input_file={FROZEN}"))
    assert "--input_file" in refusal(run("toco", "--output_file=x"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    line = ("--input_file=nowhere.pb", f"--output_file={tmp_path / 'x'}")
    assert "nowhere.pb" in refusal(run("toco", *line, "--output_format=GRAPHVIZ_DOT"))


# Graphs and pictures; neither needs TensorFlow


def test_a_graph_can_be_written_instead(tmp_path: Path) -> None:
    target = tmp_path / "out.pb"
    args = [a for a in QUANT if "type" not in a and "val" not in a]
    form = "--output_format=TENSORFLOW_GRAPHDEF"
    done = run("toco", *args, form, "--drop_fake_quant", f"--output_file={target}")
    assert done.code == 0, done.err
    found = load(target)
    assert "logits" in found
    assert not [n for n in found if n.op.startswith("FakeQuant")]
    assert "note: drop_fake_quant: -" in done.err


def test_a_picture_can_be_written_instead(tmp_path: Path) -> None:
    target = tmp_path / "out.dot"
    form = "--output_format=GRAPHVIZ_DOT"
    done = run("toco", f"--input_file={FROZEN}", *ENDS, form, f"--output_file={target}")
    assert done.code == 0, done.err
    text = target.read_text()
    assert text.startswith("digraph")
    assert "Conv2d_0" in text


# Conversions


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("one_child")
def test_notes_pictures_and_the_size_of_a_batch(tmp_path: Path) -> None:
    target, folder = tmp_path / "model.tflite", tmp_path / "pictures"
    done = run(
        "toco",
        f"--input_file={FROZEN}",
        *ENDS,
        "--batch_size=2",
        "--conversion_summary_dir=x",
        "--drop_control_dependency",
        f"--dump_graphviz_dir={folder}",
        f"--output_file={target}",
    )
    assert done.code == 0, done.err
    assert "note: --conversion_summary_dir has no effect: " in done.err
    assert "note: --drop_control_dependency has no effect: " in done.err
    assert sorted(p.name for p in folder.iterdir()) == [
        "toco_AFTER_TRANSFORMATIONS.dot",
        "toco_AT_IMPORT.dot",
    ]
    assert shapes_of(target) == [(2, 32, 32, 3)]


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("one_child")
def test_the_first_dimension_may_stay_open_and_names_be_missing(tmp_path: Path) -> None:
    target = tmp_path / "model.tflite"
    done = run(
        "toco",
        "--graph_def_file",
        FROZEN,
        "--input_arrays='input','nothing'",
        f"--output_arrays={OUTPUT}:0",
        "--allow_nonexistent_arrays",
        "--variable_batch=true",
        "--output_file",
        target,
    )
    assert done.code == 0, done.err
    assert "note: the input 'nothing' is left out" in done.err
    assert shapes_of(target) == [(None, 32, 32, 3)]


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize(
    "flags",
    [
        ("--default_ranges_min=0", "--default_ranges_max=6"),
        ("--default_ranges_min=0", "--default_ranges_max=6", "--change_concat_input_ranges"),
        ("--default_ranges_min=0", "--default_ranges_max=6", "--reorder_across_fake_quant=1"),
    ],
)
@pytest.mark.usefixtures("one_child")
def test_a_quantization_aware_graph_becomes_a_model_of_integers(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    target = tmp_path / "model.tflite"
    done = run("toco", *QUANT, *flags, f"--output_file={target}", "--json")
    assert done.code == 0, done.err + done.out
    found = json.loads(done.out)
    assert [e["dtype"] for e in found["inputs"] + found["outputs"]] == ["uint8", "uint8"]
    assert "QUANTIZE" not in done.out


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("one_child")
def test_a_float_model_of_it_computes_what_tensorflow_does(tmp_path: Path) -> None:
    target = tmp_path / "model.tflite"
    done = run("toco", *QUANT[:3], f"--output_file={target}")
    assert done.code == 0, done.err
    with np.load(FIXTURES / "quant/io.npz") as arrays:
        fed = next(arrays[k] for k in arrays.files if k.startswith("in|"))
        wanted = next(arrays[k] for k in arrays.files if k.startswith("out|"))
    with LiteRT() as runtime:
        (output,) = runtime.run(target, [fed]).outputs
    np.testing.assert_allclose(output.raw, wanted, atol=1e-5)
