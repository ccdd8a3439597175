from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from graphtools.errors import pip_install
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from tests.commands.running import fixture, refusal, run

QUANT = fixture("quant/model.tflite")
FLOAT = fixture("quant/float.tflite")


def test_without_litert_the_command_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    message = refusal(run("verify", QUANT, QUANT))
    assert "running a TFLite model needs a package" in message
    assert pip_install("litert") in message


def test_two_models_must_be_given() -> None:
    assert run("verify", QUANT).code == 2


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_equal_models_exit_with_0(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run("verify", QUANT, QUANT, "--report", page)
    assert done.code == 0, done
    assert "The models compute the same, bit by bit" in page.read_text(encoding="utf-8")
    assert "<h2>A and B</h2>" in page.read_text(encoding="utf-8")
    assert "input uint8 [1,16,16,3] (random, seed 0)" in done.out
    assert "The models compute the same, bit by bit (uint8: rtol 0.01" in done.out


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_different_models_exit_with_1(tmp_path: Path) -> None:
    other = tmp_path / "other model.tflite"
    model = open_model(QUANT)
    assert isinstance(model, TFLiteModel)
    tensors = (t for t in model.subgraphs[0].tensors if t.is_constant and t.dtype == "uint8")
    weights = model.buffers[max(tensors, key=lambda t: t.buffer_bytes).buffer]
    raw = bytearray(Path(QUANT).read_bytes())
    raw[weights.start : weights.start + weights.size] = bytes([200]) * weights.size
    other.write_bytes(raw)
    done = run("verify", QUANT, other)
    assert done.code == 1, done
    assert "The models do not compute the same; different: 1 output ('logits')" in done.out
    document = json.loads(run("verify", QUANT, other, "--atol", 0, "--json").out)
    assert document["schema_version"] == 1
    assert document["equal"] is False
    assert document["tolerance"]["kind"] == "given"


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_a_graph_and_its_conversion() -> None:
    graph = fixture("quant/frozen.pb")
    done = run("verify", graph, QUANT, "--feed", fixture("quant/io.npz"), "--layers")
    assert done.code == 0, done
    assert "Layers, in the order of execution" in done.out
    assert "conv1/act_quant/FakeQuantWithMinMaxVars" in done.out
    assert "within the tolerance" in done.out
    assert f"B    {QUANT} (TFLite model, uint8)" in done.out


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_a_detector_and_its_conversion() -> None:
    frozen, model = fixture("ssd/frozen_inference_graph.pb"), fixture("ssd/detect.tflite")
    done = run("verify", frozen, model)
    assert done.code == 0, done
    assert "Detections\n  matched           10 (of 10 in A, 10 in B)" in done.out


@pytest.mark.litert
@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((QUANT, FLOAT), "can be told to be one of"),
        ((QUANT, "nonsense.tflite"), "nonsense.tflite"),
        ((QUANT, fixture("checkpoints/v2/model.ckpt")), "against [none]"),
        ((QUANT, QUANT, "--tolerance", "nonsense"), "no tolerance 'nonsense'"),
        ((QUANT, QUANT, "--rtol", "-1"), "a tolerance is 0 or more"),
        ((QUANT, QUANT, "--feed", "nonsense.npz"), "nonsense.npz"),
        ((QUANT, QUANT, "--feed", fixture("ssd/tflite_io.npz")), "no values for the input 'input'"),
        ((QUANT, QUANT, "--input-shape", "2,16,16,3"), "has the shape [1,16,16,3]"),
        ((QUANT, QUANT, "--input-shape", "nonsense"), "nonsense"),
    ],
)
@pytest.mark.usefixtures("litert")
def test_what_cannot_be_done_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr("graphtools.verify.verify_models.require_tensorflow", lambda: None)
    assert message in refusal(run("verify", *args))


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_single_array_is_no_npz(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((1, 16, 16, 3), np.float32))
    assert "single array" in refusal(run("verify", QUANT, QUANT, "--feed", path))
