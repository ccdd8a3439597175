"""Conversions by TensorFlow's converter itself; one process converts them all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import load
from graphtools.convert.conversion.converter import convert
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.conversion.job import prepare_job
from graphtools.convert.conversion.messages import problem_of_answer
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.errors import MissingExtra
from graphtools.graph.shape import Shape
from graphtools.run.answers import NoRoom
from graphtools.run.requests import RunGraph
from tests.convert.small_graphs import (
    DETECTIONS,
    LARGE_NET,
    NET,
    Convert,
    real_numbers,
    samples,
)
from tests.support import shared_models
from tests.transforms.graphs import graph

pytestmark = pytest.mark.usefixtures("command_line")


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_float_graph_becomes_a_model_that_runs(converted: Convert) -> None:
    found = converted(NET)
    assert found.sound, found.findings
    assert [(p.name, p.tensor, p.dtype, p.shape) for p in (*found.inputs, *found.outputs)] == [
        ("x", "x", "float32", (1, 4)),
        ("y", "y", "float32", (1, 2)),
    ]
    assert [(o.op, o.count) for o in found.operators] == [("FULLY_CONNECTED", 1)]
    assert found.litert.status == "ran"
    assert found.error_data == "one random sample"
    assert found.size == converted.target.stat().st_size
    run = converted.converter.litert.run(converted.target, [np.ones((1, 4), np.float32)])
    assert run.outputs[0].real.tolist() == [[1, 3]]


@pytest.mark.tensorflow
def test_a_second_conversion_imports_nothing_again(converted: Convert) -> None:
    converted(NET)
    process = converted.converter.worker.process
    converted(LARGE_NET)
    assert converted.converter.worker.process is process


@pytest.mark.tensorflow
def test_what_the_child_cannot_write_is_an_answer(converted: Convert, tmp_path: Path) -> None:
    worker = converted.converter.worker
    net = graph(NET)
    arrays, values = worker.pass_arrays("feeds.npz", []), str(tmp_path / "gone/x.npz")
    asked = RunGraph(worker.file_of(net), (), (), arrays, ("w:0",), values)
    assert worker.ask(asked) == NoRoom(values, "No such file or directory")
    job = prepare_job(net, ["x"], ["y"], ConversionOptions(), None)
    model = str(tmp_path / "gone/model.tflite")
    ask = converted.converter._ask  # noqa: SLF001 - its answer, not what convert makes of it
    answer = ask(job, worker.file_of(net), model, [])
    problem = problem_of_answer(answer, job.asked, job.options)
    assert problem.message == f"{model} cannot be written: No such file or directory"


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize(
    ("options", "types", "error"),
    [
        ({"quantize": "dynamic"}, ("float32", "float32"), 0.05),
        ({"quantize": "float16"}, ("float32", "float32"), 0.01),
        ({"quantize": "int8"}, ("float32", "float32"), 0.2),
        ({"quantize": "int8", "per_tensor": True}, ("float32", "float32"), 0.2),
        ({"quantize": "int8", "input_type": "int8"}, ("int8", "float32"), 0.2),
        (
            {"quantize": "int8", "input_type": "uint8", "output_type": "int8"},
            ("uint8", "int8"),
            0.2,
        ),
        ({"quantize": "int16x8"}, ("float32", "float32"), 0.1),
        (
            {"quantize": "int16x8", "input_type": "int16", "output_type": "int16"},
            ("int16", "int16"),
            0.1,
        ),
        (
            {"quantize": "dummy", "default_ranges": (-6, 6), "input_stats": {"x": (128, 32)}},
            ("uint8", "uint8"),
            6,
        ),
        (
            {
                "quantize": "dummy",
                "quantized_type": "int8",
                "default_ranges": (-6, 6),
                "input_stats": {"x": (0, 32)},
            },
            ("int8", "int8"),
            6,
        ),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
@pytest.mark.usefixtures("litert")
def test_every_way_of_quantizing_works_and_tells_its_error(
    converted: Convert,
    tmp_path: Path,
    options: dict[str, Any],
    types: tuple[str, str],
    error: float,
) -> None:
    net = graph(LARGE_NET)
    weights = real_numbers(64, 32) / 8
    net.set_attr(net["w"], "value", type(net["w"].tensor).from_array(weights))  # type: ignore[union-attr]
    data = samples(tmp_path, net, real_numbers(8, 64))
    found = converted(net, calibration=data, **options)
    assert found.sound, found.findings
    assert (found.inputs[0].dtype, found.outputs[0].dtype) == types
    assert found.litert.status == "ran"
    measured = found.errors[0]
    assert (measured.name, measured.samples) == ("y", 8)
    assert measured.max_abs is not None
    assert 0 < measured.max_abs < error
    assert "samples.npz" in found.error_data
    assert found.size < 0.7 * found.source_size


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_without_data_the_error_is_measured_on_random_values(converted: Convert) -> None:
    found = converted(LARGE_NET, quantize="dynamic")
    assert "random" in found.error_data
    assert found.errors[0].max_abs == 0  # its weights are 0


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_float_model_is_held_to_what_tensorflow_computes(converted: Convert) -> None:
    text = "x = Placeholder dtype=float shape=[2,3]\ny = Tanh(x) T=float"
    found = converted(text)
    assert found.sound
    assert found.errors[0].max_abs == pytest.approx(0, abs=1e-6)
    # TFLite sums bytes in bytes
    mean = converted(
        "x = Placeholder dtype=uint8 shape=[4,8]\na = Const value=int32:[1]\n"
        "y = Mean(x, a) T=uint8 Tidx=int32 keep_dims=false"
    )
    assert "the output 'y' is not what TensorFlow computes" in mean.findings[0]


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_random_outputs_are_not_compared(converted: Convert) -> None:
    found = converted(
        "x = Placeholder dtype=float shape=[2,3]\ns = Const value=int32:[2,3]\n"
        "r = RandomUniform(s) T=int32 dtype=float\ny = Add(x, r) T=float",
        select_tf_ops=False,
    )
    assert not found.errors
    assert "'r' draws random numbers" in " ".join(found.notes)


@pytest.mark.tensorflow
def test_blocking_nodes_are_listed_all_at_once(converted: Convert) -> None:
    text = (
        "x = Placeholder dtype=float shape=[1,4]\na/erf = Erf(x) T=float\n"
        "c = Erfc(a/erf) T=float\ny = Tan(c) T=float"
    )
    with pytest.raises(ConversionBlocked) as raised:
        converted(text)
    found = {b.node: (b.op, b.kind) for b in raised.value.blockers}
    assert found["a/erf"] == ("Erf", "flex")
    assert found["y"] == ("Tan", "flex")
    assert list(found) == [n for n in ("a/erf", "c", "y") if n in found]
    assert all(b.reason and b.remedy for b in raised.value.blockers)
    assert "loc(" not in str(raised.value)


@pytest.mark.tensorflow
def test_a_model_with_tensorflows_kernels_says_that_it_runs_nowhere(converted: Convert) -> None:
    found = converted("x = Placeholder dtype=float shape=[1,4]\ny = Erf(x) T=float",
                      select_tf_ops=True)  # fmt: skip
    assert found.flex_ops == ("FlexErf",)
    assert found.litert.status == "skipped"
    assert any("neither LiteRT nor tf.lite" in n for n in found.notes)


@pytest.mark.tensorflow
def test_a_custom_op_gets_a_definition(converted: Convert) -> None:
    text = (
        "x = Placeholder dtype=float shape=[1,4]\nt = Placeholder dtype=int32 shape=[2]\n"
        'c = MyDetector(x, t) threshold=0.5 T=float count=3 mode="fast"\n'
        "y = Relu(c:1) T=float"
    )
    with pytest.raises(ConversionBlocked, match="'c' is a custom op, MyDetector") as raised:
        converted(text, "x,t")
    assert raised.value.remedy == "keep it as one: --allow-custom-ops"
    found = converted(text, "x,t", allow_custom_ops=True)
    assert found.custom_ops == ("MyDetector",)
    assert any("has to register" in n for n in found.notes)
    assert found.litert.status == "skipped"


@pytest.mark.tensorflow
def test_what_another_op_gives_can_be_an_input(converted: Convert) -> None:
    found = converted(NET.replace("y =", "m =") + "y = Relu(m) T=float", inputs="m")
    assert [(p.name, p.shape) for p in found.inputs] == [("m", (1, 2))]
    assert [o.op for o in found.operators] == ["RELU"]


@pytest.mark.tensorflow
def test_a_given_shape_takes_the_place_of_the_graphs(converted: Convert) -> None:
    text = NET.replace("shape=[1,4]", "shape=unknown")
    found = converted(text, input_shapes={"x:0": Shape((3, 4))})
    assert found.inputs[0].shape == (3, 4)
    assert found.outputs[0].shape == (3, 2)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_trained_detector_equals_what_toco_made(converted: Convert, tmp_path: Path) -> None:
    """Also under the flags of 2019 with default ranges, for which 2.21 does not end."""
    folder = shared_models()
    results = json.loads((folder / "tflite/results.json").read_text())
    assert results
    reference = next((folder / "tflite").glob("ssd_quant_small_seed_stddev*.tflite"))
    ssd = load(folder / "od/ssd_mobilenet_v1_quantized_small/tflite_graph.pb")
    image = np.random.default_rng(1).integers(0, 256, (1, 300, 300, 3), np.uint8)
    runs = []
    shutil.copy(reference, tmp_path / "toco.tflite")
    litert_process = converted.converter.litert
    wanted = litert_process.run(tmp_path / "toco.tflite", [image])
    for ranges in (None, (0.0, 6.0)):
        found = converted(
            ssd,
            "normalized_input_image_tensor",
            ",".join(DETECTIONS),
            quantize="qat",
            input_stats={"": (128, 128)},
            default_ranges=ranges,
            allow_custom_ops=True,
        )
        assert found.sound, found.findings
        runs.append(litert_process.run(converted.target, [image]))
    # TensorFlow 2.16 leaves the anchors float before the postprocessing, which is more precise
    old = converted.converter.worker.version.startswith("2.16.")
    most = 0.01 if old else 1e-5
    for run in runs:
        for ours, theirs in zip(run.outputs, wanted.outputs, strict=True):
            np.testing.assert_allclose(ours.real, theirs.real, atol=most)


def test_without_tensorflow_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name, _package=None: None)
    with pytest.raises(MissingExtra, match="converting a graph needs a package"):
        convert(graph(NET), ["x"], ["y"], target=tmp_path / "m.tflite")
