from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import (
    Damaged,
    GraphtoolsError,
    InvalidValue,
    MissingExtra,
    UnknownName,
)
from graphtools.formats import load, save
from graphtools.graph.shape import Shape
from graphtools.model.options import ModelOptions
from graphtools.run.litert_messages import LiteRTProblem
from graphtools.run.messages import TensorFlowProblem
from graphtools.transforms.pipeline import transform
from graphtools.verify.verify_models import ModelVerification, verify_models
from tests.arrays import f32
from tests.convert.small_graphs import NET, Convert, samples
from tests.support import FIXTURES, shared_models
from tests.transforms.graphs import graph

Verify = Callable[..., ModelVerification]
QUANT = FIXTURES / "quant"
SSD = FIXTURES / "ssd"
CLASSIFIER = FIXTURES / "classifier" / "frozen.pb"


@pytest.mark.parametrize(("missing", "package"), [("ai_edge_litert", "ai-edge-litert")])
@pytest.mark.usefixtures("missing")
def test_without_litert_the_package_is_named(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=f"pip install '{package}"):
        verify_models(QUANT / "model.tflite", QUANT / "float.tflite")
    with pytest.raises(MissingExtra, match="pip install 'tensorflow"):
        verify_models(CLASSIFIER, CLASSIFIER)


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_two_tflite_models_need_no_tensorflow() -> None:
    found = verify_models(QUANT / "model.tflite", QUANT / "model.tflite")
    assert found.equal
    assert (found.kind_a, found.tolerance.kind) == ("uint8", "uint8")
    (output,) = found.outputs
    assert output.metrics is not None
    assert output.metrics.is_equal
    assert found.inputs[0].dtype_a == "uint8"


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_a_float_conversion_computes_the_same(verify: Verify) -> None:
    found = verify(CLASSIFIER, QUANT / "float.tflite")
    assert found.equal
    assert found.tolerance.kind == "float"
    (output,) = found.outputs
    assert output.metrics is not None
    assert output.metrics.top1 == 1
    assert output.metrics.snr is None or output.metrics.snr > 100
    assert (found.what_a, found.what_b) == ("TensorFlow graph", "TFLite model")


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize("feed", [None, QUANT / "io.npz"], ids=["random", "given"])
@pytest.mark.usefixtures("tf", "litert")
def test_a_quantized_model_gets_the_values_that_its_integers_stand_for(
    verify: Verify, feed: Path | None
) -> None:
    found = verify(QUANT / "frozen.pb", QUANT / "model.tflite", feed)
    assert found.equal
    (fed,) = found.inputs
    assert (fed.dtype_a, fed.dtype_b) == ("float32", "uint8")
    (output,) = found.outputs
    assert output.metrics is not None
    assert output.metrics.within_step is not None
    assert output.metrics.within_step > 0.9
    assert not verify(QUANT / "frozen.pb", QUANT / "model.tflite", rtol=0, atol=0).equal


@pytest.mark.tensorflow
@pytest.mark.litert
def test_several_samples_for_a_batch_of_one_are_compared_together(
    verify: Verify, converted: Convert
) -> None:
    converted(NET)
    save(graph(NET), converted.target.with_suffix(".pb"))
    fed = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    found = verify(converted.target.with_suffix(".pb"), converted.target, {"x": fed})
    assert found.equal
    assert found.outputs[0].shape_a == found.outputs[0].shape_b == (3, 2)
    assert found.inputs[0].shape == (3, 4)
    assert "3 samples were run one by one" in found.notes


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_what_differs_in_the_last_sample_alone_is_found(verify: Verify, tmp_path: Path) -> None:
    paths = []
    for op in ("Relu", "Identity"):
        net = f"x = Placeholder dtype=float shape=[1,2]\ny = {op}(x) T=float"
        paths.append(tmp_path / f"{op}.pb")
        save(graph(net), paths[-1])
    fed = f32([[1, 2], [3, 4], [5, -6]])
    assert verify(*paths, {"x": fed[:2]}).equal
    assert not verify(*paths, {"x": fed}).equal


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_values_may_have_the_names_of_a_signature(verify: Verify) -> None:
    path = FIXTURES / "signatures" / "two"
    found = verify(path, path, {"x": np.ones((2, 4), np.float32)})
    assert (found.source, found.inputs[0].name_a) == ("given", "serving_default_x")
    with pytest.raises(InvalidValue, match="no values") as caught:
        verify(path, path, {"other": np.ones((2, 4), np.float32)})
    assert caught.value.remedy.endswith("wanted is 'serving_default_x' or 'x'")


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_values_out_of_the_range_of_the_input_are_said(verify: Verify) -> None:
    image = np.full((1, 16, 16, 3), 100, np.float32)
    found = verify(QUANT / "frozen.pb", QUANT / "model.tflite", {"input": image})
    assert any("100.0% of the values for 'input'" in note for note in found.notes)
    assert found.outputs[0].metrics is not None  # both see the clipped values


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_random_values_are_those_that_a_quantized_model_can_tell_apart(
    converted: Convert, verify: Verify, tmp_path: Path
) -> None:
    """Its input is float, and cut to the range that was measured: that is no error of a layer."""
    net = graph(NET)
    save(net, tmp_path / "net.pb")
    data = samples(tmp_path, net, np.linspace(0, 0.1, 32, dtype=np.float32).reshape(8, 4))
    converted(net, quantize="int8", calibration=data)
    found = verify(tmp_path / "net.pb", converted.target, layers=True)
    assert found.kind_b == "int8"
    assert found.equal
    assert found.layers is not None
    assert not found.layers.first_drift
    outside = np.array([[5, 0, 0, 0.1]], np.float32)
    told = verify(tmp_path / "net.pb", converted.target, {"x": outside})
    assert any("25.0% of the values for 'x'" in n and "in B alone" in n for n in told.notes)
    assert not told.equal


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_a_graph_that_rounds_says_so_where_another_differs(verify: Verify, tmp_path: Path) -> None:
    bare = transform(load(QUANT / "frozen.pb"), "drop_fake_quant", ["input"], ["logits"]).graph
    save(bare, tmp_path / "bare.pb")
    found = verify(QUANT / "frozen.pb", tmp_path / "bare.pb")
    assert not found.equal
    assert any(n.startswith("A rounds to steps as a quantized model does") for n in found.notes)
    assert not any("rounds" in n for n in verify(QUANT / "frozen.pb", QUANT / "model.tflite").notes)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_another_model_is_told(verify: Verify, tmp_path: Path) -> None:
    other = tmp_path / "other.pb"
    steps = "rename_op(old_op_name=Relu6, new_op_name=Relu)"
    graph = load(QUANT / "frozen.pb")
    save(transform(graph, steps, ["input"], ["logits"]).graph, other)
    save_scaled(other, 3.0)
    found = verify(other, QUANT / "model.tflite", layers=True)
    assert not found.equal
    assert found.layers is not None
    assert found.layers.first_drift


def save_scaled(path: Path, factor: float) -> None:
    """Multiply the weights of the first convolution of a graph."""
    from graphtools.graph.tensor import Tensor

    graph = load(path)
    node = next(n for n in graph if n.op == "Const" and "conv1" in n.name and _rank(n) == 4)
    value = node.attr("value")
    assert isinstance(value, Tensor)
    graph.set_attr(node, "value", Tensor.from_array(value.array() * np.float32(factor)))
    save(graph, path)


def _rank(node: Any) -> int:
    return len(node.attr("value").shape.dims or ())


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize("reference", ["tflite_graph.pb", "frozen_inference_graph.pb"])
@pytest.mark.usefixtures("tf", "litert")
def test_detectors_are_compared_by_detections(verify: Verify, reference: str) -> None:
    found = verify(SSD / reference, SSD / "detect.tflite")
    assert found.equal
    assert found.detections is not None
    assert found.detections.matched == found.detections.count_b
    assert found.detections.max_score_difference is not None
    assert found.detections.max_score_difference < 1e-5
    assert not found.outputs
    turned = verify(SSD / "detect.tflite", SSD / reference)
    assert turned.equal


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_an_exported_detector_is_compared_with_its_source(verify: Verify) -> None:
    found = verify(SSD / "frozen_inference_graph.pb", SSD / "tflite_graph.pb")
    assert found.equal
    assert any("pixel * 0.00784314 - 1" in note for note in found.notes)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_an_image_may_be_given_under_either_name(verify: Verify) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8)
    real = pixels * np.float32(2 / 255) - 1
    models = (SSD / "frozen_inference_graph.pb", SSD / "detect.tflite")
    first = verify(*models, {"image_tensor": pixels})
    second = verify(*models, {"normalized_input_image_tensor": real})
    assert first.equal
    assert first.detections == second.detections
    with pytest.raises(InvalidValue, match="the other model takes"):
        verify(*models, {"image_tensor": pixels[:, :16]})


@pytest.mark.tensorflow
@pytest.mark.parametrize("path", ["classifier/model.ckpt.meta", "saved_model/v2"])
@pytest.mark.usefixtures("tf")
def test_variables_get_their_values(verify: Verify, path: str) -> None:
    source = FIXTURES / path
    found = verify(source, source)
    assert found.equal
    assert all(o.metrics is None or o.metrics.is_equal for o in found.outputs)
    assert any("come from" in note for note in found.notes)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_a_meta_file_is_compared_with_its_frozen_graph(verify: Verify) -> None:
    meta = FIXTURES / "classifier" / "model.ckpt.meta"
    found = verify(meta, CLASSIFIER, layers=True)
    assert found.equal
    assert found.layers is not None
    assert len(found.layers.layers) > 5
    assert not found.layers.first_drift


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_shapes_and_names_are_taken(verify: Verify) -> None:
    options = ModelOptions(
        ["input:0"], ["MobilenetV1/Logits/SpatialSqueeze"], {"": Shape([3, 32, 32, 3])}
    )
    found = verify(
        CLASSIFIER,
        FIXTURES / "classifier" / "frozen_fused_batch_norm_v1.pb",
        options=options,
    )
    assert found.equal
    assert found.outputs[0].shape_a == (3, 10)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize(
    ("a", "b", "options", "error", "message"),
    [
        (CLASSIFIER, QUANT / "model.tflite", {}, InvalidValue, "no output of .* can be told"),
        (
            QUANT / "frozen.pb",
            QUANT / "model.tflite",
            {"options": ModelOptions(["nonsense"])},
            UnknownName,
            "nonsense",
        ),
        (
            QUANT / "frozen.pb",
            QUANT / "model.tflite",
            {"options": ModelOptions(None, ["nonsense"])},
            UnknownName,
            "nonsense",
        ),
        (
            FIXTURES / "saved_model" / "v2",
            QUANT / "model.tflite",
            {"options": ModelOptions(signature="nonsense")},
            UnknownName,
            "no signature 'nonsense'",
        ),
        (
            QUANT / "frozen.pb",
            QUANT / "model.tflite",
            {"options": ModelOptions(input_shapes={"nonsense": Shape([1])})},
            UnknownName,
            "no input 'nonsense'",
        ),
        (
            QUANT / "frozen.pb",
            QUANT / "model.tflite",
            {"feed": {"nonsense": np.zeros(1)}},
            InvalidValue,
            "holds no values for the input 'input'",
        ),
        (
            QUANT / "frozen.pb",
            QUANT / "model.tflite",
            {"feed": {"input": np.zeros((2, 2))}},
            InvalidValue,
            "its values have",
        ),
        (QUANT / "frozen.pb", QUANT / "model.tflite", {"tolerance": "x"}, UnknownName, "'x'"),
        (QUANT / "frozen.pb", QUANT / "model.tflite", {"rtol": -1}, InvalidValue, "0 or more"),
        (QUANT / "io.npz", QUANT / "model.tflite", {}, GraphtoolsError, "zip archive"),
    ],
)
@pytest.mark.usefixtures("tf", "litert")
def test_what_does_not_fit_is_said(
    verify: Verify,
    a: Path,
    b: Path,
    options: dict[str, Any],
    error: type[GraphtoolsError],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        verify(a, b, **options)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_models_that_do_not_run_are_said(verify: Verify, tmp_path: Path) -> None:
    model = tmp_path / "model.tflite"
    shutil.copy(QUANT / "model.tflite", model)
    raw = bytearray(model.read_bytes())
    model.write_bytes(raw[: len(raw) // 2])
    with pytest.raises((Damaged, LiteRTProblem)):
        verify(QUANT / "frozen.pb", model)
    graph = transform(
        load(CLASSIFIER), "rename_op(old_op_name=Relu6, new_op_name=NoSuchOp)", [], []
    ).graph
    save(graph, tmp_path / "unknown.pb")
    with pytest.raises(TensorFlowProblem, match="NoSuchOp"):
        verify(tmp_path / "unknown.pb", QUANT / "float.tflite")


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_real_conversions_of_toco(verify: Verify) -> None:
    """By graph and model, whether TOCO's result computes the same, as its makers should have seen.

    Dummy ranges spoil a model that was not trained for them, and default ranges an output without.
    """
    folder = shared_models()
    tflite = folder / "tflite"
    quantized = folder / "od" / "ssd_mobilenet_v1_quantized_small"
    plain = folder / "od" / "ssd_mobilenet_v1_small"
    mobilenet = folder / "slim" / "mobilenet_v1_0.25_128" / "frozen.pb"
    for source, name, equal in (
        (mobilenet, "mobilenet_0.25_posttrainq", True),
        (mobilenet, "mobilenet_0.25_quant_dummy", False),
        (folder / "quantize" / "smallnet" / "frozen_eval.pb", "quant_smallnet_ranges", False),
        (quantized / "tflite_graph.pb", "ssd_quant_small_seed_stddev", True),
        (quantized / "frozen_inference_graph.pb", "ssd_quant_small_seed_stddev", True),
        (quantized / "tflite_graph_nopostproc.pb", "ssd_quant_small_nopost", True),
        (plain / "frozen_inference_graph.pb", "ssd_float_small_posttrainq", True),
        (plain / "tflite_graph.pb", "ssd_float_small_quant_dummy", False),
    ):
        found = verify(source, tflite / f"{name}.tflite")
        assert found.equal is equal, (name, found)
