"""From a detector's frozen graph to a .tflite, by the lines that are printed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from graphtools.convert.conversion.converter import Converter
from graphtools.verify.verify_models import ModelVerification
from tests.commands.running import run, run_json
from tests.convert.converting import share
from tests.support import FIXTURES, shared_models

pytestmark = [pytest.mark.tensorflow, pytest.mark.litert, pytest.mark.usefixtures("command_line")]

#: Folders with a frozen graph and what TensorFlow gives for an image, and how the .tflite computes.
DETECTORS = {
    "ssd": "float",
    "od/ssd_mobilenet_v1_small": "float",
    "od/ssd_mobilenet_v1_quantized_small": "uint8",
}
#: Of the size of the smallest of them.
PICTURE = {
    "image_tensor": np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype(np.uint8)
}


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.usefixtures("litert")
def test_the_detections_are_those_of_the_frozen_graph(
    name: str,
    converter: Converter,
    verify: Callable[..., ModelVerification],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    share(converter, monkeypatch)
    folder = (FIXTURES if name == "ssd" else shared_models()) / name
    monkeypatch.chdir(tmp_path)
    exported = run("export-ssd", folder / "frozen_inference_graph.pb", "-o", "tflite_graph.pb")
    assert exported.code == 0, exported.err
    program, *line = shlex.split(exported.lines[-1])
    assert (program, line[0]) == ("graphtools", "convert")
    done = run(*line)
    assert done.code == 0, done.err + done.out
    feed = PICTURE if name == "ssd" else folder / "io.npz"
    found = verify(folder / "frozen_inference_graph.pb", "detect.tflite", feed)
    assert found.kind_b == DETECTORS[name]
    assert found.equal, found.detections
    assert found.detections is not None
    assert found.detections.matched == found.detections.count_b > 0


@pytest.mark.usefixtures("litert")
def test_detections_of_a_float_model_are_held_to_those_of_the_graph(
    converter: Converter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    share(converter, monkeypatch)
    outputs = [f"TFLite_Detection_PostProcess:{i}" for i in range(4)]
    line = ["convert", FIXTURES / "ssd/tflite_graph.pb", "-o", tmp_path / "detect.tflite"]
    found = run_json(*line, "--outputs", ",".join(outputs), "--allow-custom-ops")
    assert [e["name"] for e in found["errors"]] == [outputs[0].removesuffix(":0"), *outputs[1:]]
    assert all(e["max_abs"] < 1e-5 for e in found["errors"])
    assert not found["notes"]
