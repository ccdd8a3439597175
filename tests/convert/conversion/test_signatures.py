"""The signatures of SavedModels in converted models, against what TensorFlow writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.convert.calibration.calibrating import calibration_for
from graphtools.convert.conversion.converter import Converter
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.model.loading import ModelGraph, load_model
from graphtools.model.options import ModelOptions
from graphtools.verify.feeds import random_feeds

FIXTURES = Path(__file__).parents[3] / "fixtures"
MODES: tuple[dict[str, Any], ...] = (
    {},
    {"quantize": "dynamic"},
    {"quantize": "float16"},
    {"quantize": "int8"},
    {"quantize": "int8", "input_type": "int8", "output_type": "int8"},
    {"quantize": "int16x8"},
    {"quantize": "dummy", "default_ranges": (-6, 6), "input_stats": {"": (128, 128)}},
)

pytestmark = [pytest.mark.tensorflow, pytest.mark.litert]


def convert(
    converter: Converter, model: ModelGraph, target: Path, signed: bool, options: dict[str, Any]
) -> bytes:
    arrays = target.with_suffix(".npz")
    np.savez(arrays, **random_feeds(model.graph, model.inputs).arrays)  # type: ignore[arg-type]
    converter.convert(
        model.graph,
        model.inputs,
        model.outputs,
        ConversionOptions(**options),
        target=target,
        calibration=calibration_for(model.graph, model.inputs, arrays),
        signatures=model.signatures if signed else (),
    )
    return target.read_bytes()


@pytest.mark.parametrize("options", MODES, ids=lambda o: "-".join(map(str, o.values())) or "none")
def test_a_saved_model_gives_a_signature_and_the_same_model(
    converter: Converter, tmp_path: Path, options: dict[str, Any]
) -> None:
    from ai_edge_litert.interpreter import Interpreter

    model = load_model(FIXTURES / "saved_model" / "v1").runnable
    plain = convert(converter, model, tmp_path / "plain.tflite", False, options)
    signed = convert(converter, model, tmp_path / "signed.tflite", True, options)
    assert signed.endswith(plain)
    assert len(signed) - len(plain) < 400
    interpreter = Interpreter(model_path=str(tmp_path / "signed.tflite"))
    names = {"inputs": ["features"], "outputs": ["logits", "scores"]}
    assert interpreter.get_signature_list() == {"serving_default": names}
    runner = interpreter.get_signature_runner()
    detail = runner.get_input_details()["features"]
    fed = np.linspace(-2, 2, np.prod(detail["shape"])).reshape(detail["shape"])
    fed = fed.astype(detail["dtype"])
    found = runner(features=fed)
    run = converter.litert.run(tmp_path / "plain.tflite", [fed])
    for value, end in zip(run.outputs, model.outputs, strict=True):
        stored = runner.get_output_details()[model.keys[end]]
        assert stored["name"] == value.tensor.name
        scale, zero = stored["quantization"]
        real = (found[model.keys[end]].astype(np.float32) - zero) * (scale or 1)
        np.testing.assert_allclose(real, value.real, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "key"),
    [("saved_model/v1", None), ("saved_model/v2", None), ("signatures/two", None)]
    + [("signatures/nameless", key) for key in ("encode", "decode")],
)
def test_names_are_those_that_tensorflow_writes(
    converter: Converter, tmp_path: Path, tf: Any, name: str, key: str | None
) -> None:
    path = FIXTURES / name
    model = load_model(path, ModelOptions(signature=key)).runnable
    convert(converter, model, tmp_path / "own.tflite", True, {})
    keys = [key or "serving_default"]
    theirs = tf.lite.TFLiteConverter.from_saved_model(str(path), signature_keys=keys).convert()
    (tmp_path / "theirs.tflite").write_bytes(theirs)
    own, other = (open_model(tmp_path / f"{n}.tflite") for n in ("own", "theirs"))
    assert isinstance(own, TFLiteModel)
    assert isinstance(other, TFLiteModel)
    assert named(own) == named(other)


def named(model: TFLiteModel) -> list[tuple[str, list[str], list[str]]]:
    return [(s.key, sorted(s.inputs), sorted(s.outputs)) for s in model.signatures]


def test_signatures_of_other_ends_are_left_out(converter: Converter, tmp_path: Path) -> None:
    # two signatures become one model, which needs the inputs of both
    model = load_model(FIXTURES / "signatures" / "nameless").runnable
    assert len(model.signatures) == 2
    plain = convert(converter, model, tmp_path / "plain.tflite", False, {})
    assert convert(converter, model, tmp_path / "signed.tflite", True, {}) == plain
