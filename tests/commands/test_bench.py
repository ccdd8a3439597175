from __future__ import annotations

import pytest

from graphtools.errors import pip_install
from tests.commands.running import FROZEN, fixture, refusal, run, run_json

QUANT = fixture("quant/model.tflite")
FLOAT = fixture("quant/float.tflite")


def test_without_litert_the_command_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert pip_install("litert") in refusal(run("bench", QUANT))


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_model_is_timed() -> None:
    done = run("bench", QUANT, "--runs", 3)
    assert done.code == 0, done
    assert "median" in done.out
    assert "CONV_2D" in done.out
    assert "does not tell the times of single operators" in done.out


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_two_models_stand_side_by_side() -> None:
    done = run("bench", QUANT, "--against", FLOAT, "--runs", 4, "--threads", 2)
    assert done.code == 0, done
    assert "A / B" in done.out
    assert "2 threads" in done.out
    document = run_json("bench", QUANT, "--against", FLOAT, "--runs", 4)
    assert document["ratio"] > 0
    assert [document[m]["kind"] for m in ("model", "against")] == ["uint8", "float"]
    assert document["model"]["operators"][0]["macs"] > 0


def test_what_cannot_be_timed_exits_with_2() -> None:
    assert "is no TFLite model" in refusal(run("bench", FROZEN))
    assert "nonsense" in refusal(run("bench", "nonsense.tflite"))
    assert run("bench", QUANT, "--runs", 0).code == 2
