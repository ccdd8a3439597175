from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphtools.verify.verify_models import ModelVerification
from tests.support import FIXTURES, shared_models

Verify = Callable[..., ModelVerification]
QUANT = FIXTURES / "quant"


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_fused_operators_have_the_value_of_the_last_node(verify: Verify) -> None:
    found = verify(FIXTURES / "classifier" / "frozen.pb", QUANT / "float.tflite", layers=True)
    assert found.layers is not None
    layers = found.layers.layers
    assert all(layer.equal for layer in layers)
    assert [layer.op for layer in layers][:2] == ["CONV_2D", "DEPTHWISE_CONV_2D"]
    assert layers[0].name_a.endswith("Conv2d_0/Relu6")
    assert (found.layers.first_drift, found.layers.largest_drop) == ("", "")
    assert found.layers.only_b <= 1
    assert all(layer.drop is None or layer.drop >= 0 for layer in layers)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_a_quantized_tensor_is_compared_with_what_is_fake_quantized(verify: Verify) -> None:
    found = verify(QUANT / "frozen.pb", QUANT / "model.tflite", layers=True)
    assert found.layers is not None
    layers = found.layers.layers
    assert "FakeQuant" in layers[0].name_a
    assert layers[-1].name_a == "logits"
    assert all(layer.metrics.is_equal or (layer.metrics.snr or 0) > 20 for layer in layers)
    turned = verify(QUANT / "model.tflite", QUANT / "frozen.pb", layers=True)
    assert turned.layers is not None
    pairs = {(layer.name_a, layer.name_b) for layer in layers}
    assert {(layer.name_b, layer.name_a) for layer in turned.layers.layers} == pairs


@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_two_tflite_models_are_compared_by_names(verify: Verify) -> None:
    model = QUANT / "model.tflite"
    found = verify(model, model, layers=True)
    assert found.layers is not None
    assert len(found.layers.layers) == 5
    assert all(layer.metrics.is_equal for layer in found.layers.layers)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_the_layer_is_found_where_quantization_hurts(verify: Verify) -> None:
    """TOCO gave the output of a net the default range 0 to 6, which it does not have."""
    folder = shared_models()
    graph = folder / "quantize" / "smallnet" / "frozen_eval.pb"
    found = verify(graph, folder / "tflite" / "quant_smallnet_ranges.tflite", layers=True)
    assert found.layers is not None
    assert found.layers.first_drift == "logits"
    assert found.layers.largest_drop == "logits"
    assert found.layers.layers[-1].drop is not None
    assert found.layers.layers[-1].drop > 20
    graph = folder / "slim" / "mobilenet_v1_0.25_128" / "frozen.pb"
    model = folder / "tflite" / "mobilenet_0.25_quant_dummy.tflite"
    found = verify(graph, model, layers=True)
    assert found.layers is not None
    assert found.layers.largest_drop == "MobilenetV1/Logits/Conv2d_1c_1x1/BiasAdd"


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_detectors_have_layers_as_well(verify: Verify) -> None:
    folder = FIXTURES / "ssd"
    found = verify(folder / "tflite_graph.pb", folder / "detect.tflite", layers=True)
    assert found.layers is not None
    assert len(found.layers.layers) > 10
    assert all(layer.equal for layer in found.layers.layers)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_functions_are_looked_into(verify: Verify) -> None:
    model = FIXTURES / "saved_model" / "v2"
    found = verify(model, model, layers=True)
    assert found.layers is not None
    assert any(layer.name_a.endswith("/matmul") for layer in found.layers.layers)
    assert all(layer.metrics.is_equal for layer in found.layers.layers)


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("litert")
def test_a_saved_model_and_its_conversion_have_names_in_common(
    verify: Verify, tf: Any, tmp_path: Path
) -> None:
    class Net(tf.Module):  # type: ignore[misc]
        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[tf.TensorSpec([1, 8], tf.float32, name="x")]
        )
        def __call__(self, x: Any) -> Any:
            first = tf.nn.relu(x * 2.0 - 1.0, name="net/first/Relu")
            return tf.reshape(tf.nn.softmax(first, name="net/second/Softmax"), [2, 4])

    tf.saved_model.save(Net(), str(tmp_path / "net"))
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "net"))
    (tmp_path / "net.tflite").write_bytes(converter.convert())
    found = verify(tmp_path / "net", tmp_path / "net.tflite", layers=True)
    assert found.equal
    assert found.layers is not None
    names = [layer.name_a for layer in found.layers.layers]
    assert any(name.endswith("net/second/Softmax") for name in names), names
