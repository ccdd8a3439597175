"""Command lines of toco, and what TOCO 1.15 made of them: its outputs, and its refusals."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from graphtools.convert.conversion.converter import Converter
from graphtools.run.litert import LiteRT
from graphtools.verify.detections import (
    DetectionTolerance,
    compare_detections,
    detections_of,
)
from graphtools.verify.verify_models import ModelVerification
from tests.commands.running import Outcome, run
from tests.convert.converting import share
from tests.support import shared_models, shared_models_or_none

pytestmark = [pytest.mark.tensorflow, pytest.mark.litert, pytest.mark.usefixtures("command_line")]

POST = "TFLite_Detection_PostProcess"
#: What TOCO refused and is converted now, with whose outputs it has to agree.
CONVERTS_NOW = {
    "ssd_quant_300_seed_exact": "ssd_quant_300_seed_stddev",
    "ssd_quant_small_seed_exact": "ssd_quant_small_seed_stddev",
}
#: What is refused, and what the message says.
REFUSED = {
    "ssd_quant_small_no_custom": f"'{POST}'",
    "ssd_quant_small_nostats": "range of the input 'normalized_input_image_tensor' is not known",
    "ssd_float_small_quant_noranges": "it was not trained for quantization",
    "ssd_frozen_inference_graph": "graphtools export-ssd",
    "mobilenet_0.25_badoutput": "'NoSuchNode'",
    "mobilenet_0.25_unfrozen": "no checkpoint was given",
    "lstm_float": "'rnn/TensorArray' (TensorArrayV3)",
}
#: What is converted, but not to what was asked for, which is told: some tensors have no range.
LEFT_FLOAT = ("quant_smallnet", "quant_smallnet_floatmean")
#: Weights of eight bits have a scale for each channel now, and values are quantized as they come.
TOLERANCES = {"mobilenet_0.25_posttrainq": 1e-4}


class Case(NamedTuple):
    """A command line, and what came of it in TOCO 1.15."""

    name: str
    flags: tuple[str, ...]
    graph: str
    code: int


def cases() -> list[Case]:
    folder = shared_models_or_none()
    found: dict[str, Case] = {}
    for name in ("results.json", "results_extra.json"):
        if folder is None:
            return []
        for key, entry in json.loads((folder / "tflite" / name).read_text()).items():
            flags = entry["command"].split()[1:]
            given = dict(flag.removeprefix("--").partition("=")[::2] for flag in flags)
            kept = (f for f in flags if not f.startswith(("--output_file", "--graph_def_file")))
            found[key] = Case(key, tuple(kept), given["graph_def_file"], entry["rc"])
    return list(found.values())


CASES = cases()


@pytest.fixture(scope="module")
def runtime(litert: Any) -> Iterator[LiteRT]:  # noqa: ARG001 - skips where it is not installed
    with LiteRT(time_limit=300, reference=True) as runtime:
        yield runtime


@pytest.fixture
def one_child(converter: Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    share(converter, monkeypatch)


def toco(case: Case, target: Path) -> Outcome:
    graph = shared_models() / case.graph
    if not graph.is_file():
        pytest.skip(f"{case.graph} is not there")
    return run("toco", f"--graph_def_file={graph}", f"--output_file={target}", *case.flags)


def recorded(name: str) -> dict[str, Any]:
    path = shared_models() / "tflite" / f"{name}_io.npz"
    if not path.is_file():
        return {}
    with np.load(path) as arrays:
        return {key: arrays[key] for key in arrays.files}


def outputs_of(runtime: LiteRT, model: Path, values: dict[str, Any]) -> dict[str, Any]:
    feeds = [value for key, value in values.items() if key.startswith("in|")]
    found = runtime.run(model, feeds)
    return {value.tensor.name.removesuffix(":0"): value.raw for value in found.outputs}


def agree(name: str, found: dict[str, Any], values: dict[str, Any]) -> None:
    """Compare outputs with the recorded ones; detections of equal score may come in any order."""
    wanted = {key[4:]: value for key, value in values.items() if key.startswith("out|")}
    assert set(found) == set(wanted)
    if POST in wanted:
        expected, computed = (
            detections_of(*(side[f"{POST}{end}"] for end in ("", ":1", ":2", ":3")))
            for side in (wanted, found)
        )
        tolerance = DetectionTolerance(score=1 / 256, mean_iou=0.95)
        compared = compare_detections(expected, computed, tolerance, (10, 10), suppress_across=True)
        assert compared.equal, compared
        np.testing.assert_allclose(found[f"{POST}:2"], wanted[f"{POST}:2"], atol=1 / 256 + 1e-6)
        return
    for key, value in wanted.items():
        assert found[key].shape == value.shape
        assert found[key].dtype == value.dtype
        apart = np.abs(found[key].astype(np.float64) - value)
        if value.dtype.kind == "f":
            assert apart.max() <= TOLERANCES.get(name, 1e-5)
        else:
            assert (apart <= 1).mean() >= 0.99


def quantizes_anchors() -> bool:
    """Whether the converter that is installed quantizes them, as toco did."""
    import tensorflow as tf

    major, minor = tf.__version__.split(".")[:2]
    return (int(major), int(minor)) > (2, 16)


def same_as_tocos_own(name: str, model: Path, runtime: LiteRT) -> None:
    """Compare a model with the one that TOCO made: in the same runtime, bit by bit."""
    values = recorded(name)
    theirs = outputs_of(runtime, shared_models() / "tflite" / f"{name}.tflite", values)
    ours = outputs_of(runtime, model, values)
    # TensorFlow 2.16 leaves the anchors float before the postprocessing, which is more precise
    most = 0.0 if quantizes_anchors() else 0.01
    for key, value in theirs.items():
        np.testing.assert_allclose(ours[key], value, rtol=0, atol=most)


@pytest.mark.parametrize("case", [c for c in CASES if not c.code], ids=lambda c: c.name)
@pytest.mark.usefixtures("one_child")
def test_what_toco_converted_gives_the_same(
    case: Case, runtime: LiteRT, verify: Callable[..., ModelVerification], tmp_path: Path
) -> None:
    target = tmp_path / "model.tflite"
    done = toco(case, target)
    assert done.code == 0, done.err + done.out
    values = recorded(case.name)
    if values:
        agree(case.name, outputs_of(runtime, target, values), values)
    elif "--inference_type=FLOAT" in case.flags and "--post_training_quantize" not in case.flags:
        # what FakeQuants round may fall to another step where a sum differs in its last bit
        kind = "uint8" if "quantized" in case.graph else ""
        found = verify(shared_models() / case.graph, target, tolerance=kind)
        assert found.equal, found


@pytest.mark.usefixtures("one_child")
def test_the_line_of_many_tutorials_works_as_it_stands(
    runtime: LiteRT, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shared_models() / "od/ssd_mobilenet_v1_quantized_small")
    target = tmp_path / "detect.tflite"
    done = run(
        *shlex.split(
            "toco --input_file=tflite_graph.pb "
            f"--output_file={target} --input_shapes=1,300,300,3 "
            "--input_arrays=normalized_input_image_tensor --output_arrays="
            "'TFLite_Detection_PostProcess','TFLite_Detection_PostProcess:1',"
            "'TFLite_Detection_PostProcess:2','TFLite_Detection_PostProcess:3' "
            "--inference_type=QUANTIZED_UINT8 --mean_values=128 --std_values=128 "
            "--change_concat_input_ranges=false --allow_custom_ops "
            "--default_ranges_min=0 --default_ranges_max=6"
        )
    )
    assert done.code == 0, done.err + done.out
    same_as_tocos_own("ssd_quant_small_seed_stddev", target, runtime)


@pytest.mark.parametrize("case", [c for c in CASES if c.code], ids=lambda c: c.name)
@pytest.mark.usefixtures("one_child")
def test_what_toco_refused_is_converted_or_refused_in_clear_words(
    case: Case, runtime: LiteRT, tmp_path: Path
) -> None:
    target = tmp_path / "model.tflite"
    done = toco(case, target)
    if case.name in CONVERTS_NOW:
        assert done.code == 0, done.err
        values = recorded(CONVERTS_NOW[case.name])
        agree(case.name, outputs_of(runtime, target, values), values)
    elif case.name in LEFT_FLOAT:
        assert done.code == 1
        assert "float" in done.out
    else:
        assert done.code == 2
        assert REFUSED[case.name] in done.err + done.out
        assert "Traceback" not in done.err + done.out
        assert not target.exists()


@pytest.mark.parametrize(
    "name", ["ssd_quant_small_seed_stddev", "ssd_quant_small_noranges", "ssd_quant_small_nopost"]
)
@pytest.mark.usefixtures("one_child")
def test_in_litert_the_outputs_are_those_of_tocos_own_model(
    name: str, runtime: LiteRT, tmp_path: Path
) -> None:
    case = next((c for c in CASES if c.name == name), None)
    if case is None:
        pytest.skip("needs the shared models")
    target = tmp_path / "model.tflite"
    assert toco(case, target).code == 0
    same_as_tocos_own(name, target, runtime)
