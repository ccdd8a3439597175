"""`graphtools tflite_convert`, which is toco by another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.commands.tflite_convert import COMMAND
from graphtools.commands.toco import COMMAND as TOCO
from tests.commands.running import FROZEN, fixture, refusal, run


def test_it_takes_the_flags_of_toco() -> None:
    own, other = ({o for p in c.params for o in p.opts} for c in (COMMAND, TOCO))
    assert own == other


def test_a_keras_file_is_answered_with_what_to_do(tmp_path: Path) -> None:
    line = ("--keras_model_file=model.h5", f"--output_file={tmp_path / 'x'}")
    assert "export" in refusal(run("tflite_convert", *line))


def test_types_of_16_bits_are_answered_with_what_to_do(tmp_path: Path) -> None:
    line = (f"--graph_def_file={FROZEN}", f"--output_file={tmp_path / 'x'}")
    done = run("tflite_convert", *line, "--inference_type=QUANTIZED_INT16")
    assert "graphtools convert FILE -o OUT --quantize int16x8" in refusal(done)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("one_child")
def test_a_saved_model_is_converted(tmp_path: Path) -> None:
    target = tmp_path / "model.tflite"
    done = run(
        "tflite_convert",
        f"--saved_model_dir={fixture('saved_model/v1')}",
        "--saved_model_tag_set=serve",
        "--saved_model_signature_key=serving_default",
        "--enable_v1_converter",
        "--post_training_quantize=false",
        f"--output_file={target}",
    )
    assert done.code == 0, done.err + done.out
    assert "note: --enable_v1_converter has no effect: " in done.err
    assert target.stat().st_size > 0
