"""Layers get trained ranges under contrib.quantize's names, or it is said why they do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools import Graph, load, open_model
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.metagraph import MetaGraph
from graphtools.formats.tensor_bundle_writing import NewTensor, write_bundle
from graphtools.transforms._quantized_graph import QuantizationOptions, QuantizedGraph
from graphtools.transforms._quantizing import quantize_for_inference, quantize_for_training
from graphtools.transforms.quantize_eval import quantize_eval, with_trained_ranges
from graphtools.transforms.quantize_training import quantize_training
from tests.transforms.graphs import graph
from tests.transforms.quantized_nets import CONV, INPUT, batch_norm, conv, variable


def _quantized(text: str, **options: Any) -> QuantizedGraph:
    return quantize_for_training(graph(INPUT + text), QuantizationOptions(**options))


def _ranges(done: QuantizedGraph) -> dict[str, str]:
    """By scope of a range, what it is of."""
    found = {}
    for node in done.graph:
        if node.op.startswith("FakeQuant"):
            found[node.name.rpartition("/")[0]] = node.inputs[0]
    return found


BIAS = variable("c/b", "[8]") + "c/BiasAdd = BiasAdd(c/Conv2D, c/b/read) T=float\n"
LAYER = conv("c", "x", "[3,3,3,8]") + "\n" + BIAS


def test_weights_and_activation_have_ranges() -> None:
    done = _quantized(LAYER + "c/Relu = Relu(c/BiasAdd) T=float\ny = Neg(c/Relu) T=float")
    assert _ranges(done) == {"c/weights_quant": "c/w/read", "c/act_quant": "c/Relu"}
    assert done.graph["c/Conv2D"].inputs[1] == "c/weights_quant/FakeQuantWithMinMaxVars"
    assert done.graph["y"].inputs == ("c/act_quant/FakeQuantWithMinMaxVars",)
    assert [v.name for v in done.variables if "biased" not in v.name and "step" not in v.name] == [
        f"c/{what}_quant/{end}" for what in ("weights", "act") for end in ("min", "max")
    ]
    assert done.report.layers[0].left == ""


def test_two_layers_of_a_scope_are_numbered_in_order() -> None:
    second = "c/Conv2D_1 = Conv2D(c/Relu, c/v/read) " + CONV
    text = LAYER + "c/Relu = Relu(c/BiasAdd) T=float\n" + variable("c/v", "[1,1,8,8]")
    done = _quantized(text + second + "\nc/Relu_1 = Relu(c/Conv2D_1) T=float")
    assert _ranges(done)["c/weights_quant_1"] == "c/v/read"
    assert _ranges(done)["c/act_quant_1"] == "c/Relu_1"


def test_regularizers_read_float_weights_and_shared_weights_are_quantized_once() -> None:
    text = (
        LAYER
        + "l2 = L2Loss(c/w/read) T=float\nagain/Conv2D = Conv2D(x, c/w/read) "
        + CONV
        + "\ny = Relu(again/Conv2D) T=float\n"
    )
    done = _quantized(text)
    assert done.graph["l2"].inputs == ("c/w/read",)
    assert done.graph["again/Conv2D"].inputs[1] == done.graph["c/Conv2D"].inputs[1]
    assert [layer.weights for layer in done.report.layers] == ["again/weights_quant"] * 2


def test_batch_norm_is_folded_and_all_attributes_stay() -> None:
    text = conv("c", "x", "[3,3,3,8]", "dilations={1,2,2,1}") + batch_norm("c", "c/Conv2D", 8)
    done = _quantized(text + "c/Relu6 = Relu6(c/bn) T=float\ny = Neg(c/Relu6) T=float")
    clone = done.graph["c/Conv2D_Fold"]
    assert clone.attr("dilations") == [1, 2, 2, 1]
    assert _ranges(done)["c/weights_quant"] == "c/mul_fold"
    assert done.graph["c/Relu6"].inputs == ("c/add_fold",)
    # what moves the averages waits for what is read of them
    read = "c/BatchNorm_Fold/batch_norm_correction/Rsqrt"
    assert f"^{read}" in done.graph["c/update_1"].inputs
    assert done.report.layers[0].folded == "c/bn"


def test_a_layer_that_others_read_before_its_batch_norm() -> None:
    """With a bias it is a layer by itself; without, as contrib.quantize had it, and told."""
    behind = "y = Relu(c/bn) T=float\nz = Neg(c/{}) T=float"
    done = _quantized(LAYER + batch_norm("c", "c/BiasAdd", 8) + behind.format("BiasAdd"))
    assert _ranges(done) == {"c/weights_quant": "c/w/read", "c/act_quant": "c/BiasAdd"}
    plain = conv("c", "x", "[3,3,3,8]") + batch_norm("c", "c/Conv2D", 8)
    told = _quantized(plain + behind.format("Conv2D")).report.layers[0]
    assert told.folded == "c/bn"
    assert "'z' reads it before its batch norm" in told.left


def test_an_identity_behind_a_sum_has_a_range_of_its_own() -> None:
    """As a residual block of MobileNet v2 ends."""
    text = LAYER + "c/Relu6 = Relu6(c/BiasAdd) T=float\n" + variable("b/p/w", "[1,1,8,8]")
    text += f"""
        b/p/Conv2D = Conv2D(c/Relu6, b/p/w/read) {CONV}
        {variable("b/p/b", "[8]")}
        b/p/BiasAdd = BiasAdd(b/p/Conv2D, b/p/b/read) T=float
        b/add = Add(b/p/BiasAdd, c/Relu6) T=float
        b/output = Identity(b/add) T=float
    """
    found = _ranges(_quantized(text))
    assert found["b/post_activation_bypass_quant"] == "b/add"
    assert found["b/act_quant"] == "b/output"
    assert found["b/p/conv_quant"] == "b/p/BiasAdd"


def test_what_waits_for_updates_in_place_is_looked_through() -> None:
    text = conv("c", "x", "[3,3,3,8]") + batch_norm("c", "c/Conv2D", 8)
    text += """
        c/Identity = Identity(c/bn, ^c/update, ^c/update_1) T=float
        y = Relu6(c/Identity) T=float
    """
    done = _quantized(text)
    assert _ranges(done)["c/act_quant"] == "y"
    assert done.graph["c/add_fold"].control_inputs == ("c/update", "c/update_1")


def test_a_norm_that_is_not_over_the_batch_stays_and_its_layer_is_quantized() -> None:
    text = (
        LAYER
        + variable("g", "[8]")
        + """
        axes = Const value=int32:[1,2]
        mean = Mean(c/BiasAdd, axes) T=float Tidx=int32 keep_dims=true
        apart = SquaredDifference(c/BiasAdd, mean) T=float
        variance = Mean(apart, axes) T=float Tidx=int32 keep_dims=true
        small = Const value=float:0.001
        sum = AddV2(variance, small) T=float
        root = Rsqrt(sum) T=float
        factor = Mul(root, g/read) T=float
        product = Mul(c/BiasAdd, factor) T=float
        shift = Mul(mean, factor) T=float
        minus = Neg(shift) T=float
        y = AddV2(product, minus) T=float
    """
    )
    done = _quantized(text)
    assert _ranges(done)["c/act_quant"] == "c/BiasAdd"
    assert done.report.layers[0].folded == ""


def test_bias_before_a_batch_norm_is_folded_too() -> None:
    text = LAYER + batch_norm("c", "c/BiasAdd", 8) + "y = Relu(c/bn) T=float"
    done = _quantized(text)
    assert done.report.biased == ("c/Conv2D",)
    assert _ranges(done) == {"c/weights_quant": "c/mul_fold", "c/act_quant": "y"}


def test_delay_and_freezing_count_the_same_runs() -> None:
    text = conv("c", "x", "[3,3,3,8]") + batch_norm("c", "c/Conv2D", 8) + "y = Relu(c/bn) T=float"
    done = _quantized(text, quant_delay=3, freeze_bn_delay=5)
    chosen = done.graph["c/weights_quant/delayed_quant/Merge"]
    assert chosen.op == "SelectV2"
    assert chosen.inputs[1:] == ("c/weights_quant/FakeQuantWithMinMaxVars", "c/mul_fold")
    scope = "c/BatchNorm_Fold/batch_norm_correction"
    assert done.graph["c/update"].inputs[1] == f"{scope}/freeze_moving_mean"
    steps = [n.name for n in done.graph if n.op == "AssignAdd" and "local_step" not in n.inputs[0]]
    assert steps == ["fake_quantization_step/AssignAdd"]


def test_a_second_rewrite_adds_nothing() -> None:
    text = conv("c", "x", "[3,3,3,8]") + batch_norm("c", "c/Conv2D", 8) + "y = Relu(c/bn) T=float"
    for options in ({}, {"quant_delay": 3}, {"per_channel": True}):
        once = _quantized(text, **options)
        twice = quantize_for_training(once.graph, QuantizationOptions(**options))
        assert [n.name for n in twice.graph] == [n.name for n in once.graph]


def test_what_contrib_quantize_left_is_quantized() -> None:
    text = (
        conv("bare", "x", "[3,3,3,8]")
        + f"""
        pool = MaxPool(bare/Conv2D) T=float ksize={{1,1,1,1}} strides={{1,1,1,1}} padding="SAME"
        size = Const value=int32:[2,4,4,3]
        {variable("up/w", "[3,3,3,8]")}
        up/T = Conv2DBackpropInput(size, up/w/read, pool) {CONV}
        up/Leaky = LeakyRelu(up/T) T=float alpha=0.2
        {variable("last/w", "[3,3,3,8]")}
        last/Conv2D = Conv2D(up/Leaky, last/w/read) {CONV}
        y = Relu(last/Conv2D) T=float
    """
    )
    found = _ranges(_quantized(text))
    assert found["bare/act_quant"] == "bare/Conv2D"
    assert found["up/weights_quant"] == "up/w/read"
    assert found["up/act_quant"] == "up/T"
    assert found["up/Leaky/activation_LeakyRelu_quant"] == "up/Leaky"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "k = Const value=float:zeros[3,3,3,8]\nf/Conv2D = Conv2D(x, k) " + CONV,
            "its weights 'k' are a constant",
        ),
        ("f/Conv2D = Conv2D(x, x) " + CONV, "it has no weights"),
        (
            variable("v", "[3,3,3,3,3]")
            + 'f/Conv3D = Conv3D(x, v/read) T=float strides={1,1,1,1,1} padding="SAME"',
            "no FakeQuant is known for Conv3D",
        ),
    ],
)
def test_what_stays_float_is_told(text: str, says: str) -> None:
    done = _quantized(LAYER + "y = Relu(c/BiasAdd) T=float\n" + text)
    assert [says in layer.left for layer in done.report.left] == [True]


def test_excluded_layers_and_those_of_another_scope_stay_float() -> None:
    text = LAYER + "c/y = Relu(c/BiasAdd) T=float\n" + conv("head", "c/y", "[1,1,8,2]")
    text += "\nz = Relu(head/Conv2D) T=float"
    for options in ({"exclude": ("head/*",)}, {"scope": "c"}):
        done = _quantized(text, **options)
        assert [layer.name for layer in done.report.left] == ["head/Conv2D"]
        assert "head/weights_quant" not in _ranges(done)


def test_graphs_that_cannot_be_rewritten_are_refused() -> None:
    with pytest.raises(InvalidGraph, match="no convolution or matrix product"):
        _quantized("y = Neg(x) T=float")
    step = variable("w", "[3]") + "step = ApplyGradientDescent(w, w/read, w/read) T=float\n"
    with pytest.raises(InvalidGraph, match="holds an optimizer"):
        _quantized(step)
    with pytest.raises(InvalidValue):
        _quantized(LAYER, weight_bits=1)


def _eval_net() -> Graph:
    return graph(INPUT + LAYER + "logits = Identity(c/BiasAdd) T=float")


def _write(path: Path, arrays: dict[str, Any]) -> Path:
    write_bundle(path, [NewTensor.of_array(n, np.asarray(a, "float32")) for n, a in arrays.items()])
    return path


WEIGHTS = {"c/w": np.linspace(-1, 1, 216).reshape(3, 3, 3, 8), "c/b": np.zeros(8)}
RANGES = {
    "c/weights_quant/min": -1, "c/weights_quant/max": 1, "c/act_quant/min": -4,
    "c/act_quant/max": 4,
}  # fmt: skip


def test_eval_graph_is_frozen_with_its_ranges(tmp_path: Path) -> None:
    stored = find_checkpoint(_write(tmp_path / "t", WEIGHTS | RANGES))
    report = quantize_eval(_eval_net(), "", tmp_path / "out.pb", ["logits"], checkpoint=stored)
    assert report.outputs == ("c/act_quant/FakeQuantWithMinMaxVars",)
    written = load(tmp_path / "out.pb")
    assert not [n for n in written if n.op == "VariableV2"]
    assert not report.quantization.notes


def test_ranges_that_are_missing_or_strange_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="no range of 'c/w/read'") as told:
        with_trained_ranges(
            _eval_net(), ["logits"], checkpoint=find_checkpoint(_write(tmp_path / "f", WEIGHTS))
        )
    assert "float training" in told.value.remedy
    odd = WEIGHTS | RANGES | {"c/weights_quant/max": 9}
    done = with_trained_ranges(
        _eval_net(), ["logits"], checkpoint=find_checkpoint(_write(tmp_path / "o", odd))
    )
    assert "c/weights_quant" in done.report.notes[0]


def test_ranges_that_outliers_take_are_told(tmp_path: Path) -> None:
    weights = np.random.default_rng(1).normal(size=[3, 3, 3, 8]) * 0.05
    weights[0, 0, 0, 0] = 2
    odd = {"c/w": weights, "c/weights_quant/max": 2.0, "c/weights_quant/min": -0.2}
    stored = find_checkpoint(_write(tmp_path / "t", WEIGHTS | RANGES | odd))
    for checkpoint, expected in ((stored, ["c/weights_quant"]), (None, [])):
        report = quantize_eval(
            _eval_net(), "", tmp_path / "out.pb", ["logits"], checkpoint=checkpoint
        )
        assert [use.scope for use in report.ranges if use.is_spent_on_outliers] == expected


def test_ranges_are_for_as_many_channels_as_were_trained(tmp_path: Path) -> None:
    ends = {f"c/weights_quant/{end}": [value] * 8 for end, value in (("min", -1), ("max", 1))}
    stored = find_checkpoint(_write(tmp_path / "t", WEIGHTS | RANGES | ends))
    done = with_trained_ranges(_eval_net(), ["logits"], checkpoint=stored)
    assert [n.op for n in done.graph if "weights_quant/Fake" in n.name] == [
        "FakeQuantWithMinMaxVarsPerChannel"
    ]


def test_names_come_from_the_graph_that_was_trained() -> None:
    trained = quantize_for_training(_eval_net()).graph
    trained.rename_all(
        {n.name: n.name.replace("act_quant", "act_quant_3") for n in trained if "act" in n.name}
    )
    done = with_trained_ranges(_eval_net(), ["logits"], like=trained)
    assert "c/act_quant_3" in _ranges(done)


def test_a_graph_for_training_is_no_graph_for_inference() -> None:
    text = conv("c", "x", "[3,3,3,8]") + batch_norm("c", "c/Conv2D", 8) + "y = Relu(c/bn) T=float"
    with pytest.raises(InvalidGraph, match="follows its batch"):
        with_trained_ranges(graph(INPUT + text), ["y"])
    frozen = quantize_for_inference(
        graph(
            INPUT
            + text.replace("is_training=true", "is_training=false").replace(
                "c/none, c/none", "c/moving_mean/read, c/moving_variance/read"
            )
        )
    )
    assert frozen.report.trained_norms == ()


@pytest.mark.tensorflow
def test_printed_lines_train_in_tensorflow(tf: Any, tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as built, v1.Session() as session:
        images = v1.placeholder(tf.float32, [None, 8, 8, 3], "input")
        labels = v1.placeholder(tf.int32, [None], "labels")
        x = images
        for name, width in (("a", 8), ("b", 4)):
            with v1.variable_scope(name):
                weights = v1.get_variable("w", [3, 3, x.shape[-1], width])
                x = tf.nn.conv2d(x, weights, 2, "SAME")
                scale, shift = v1.get_variable("g", [width]), v1.get_variable("s", [width])
                x, mean, variance = v1.nn.fused_batch_norm(x, scale, shift)
                average = v1.get_variable("moving_mean", [width], trainable=False)
                spread = v1.get_variable("moving_variance", [width], trainable=False)
                for old, new in ((average, mean), (spread, variance)):
                    update = v1.assign(old, 0.9 * old + 0.1 * new)
                    v1.add_to_collection(v1.GraphKeys.UPDATE_OPS, update)
                x = tf.nn.relu6(x)
        logits = tf.reduce_mean(x, [1, 2], name="logits")
        loss = v1.losses.sparse_softmax_cross_entropy(labels, logits)
        v1.train.AdamOptimizer(0.01).minimize(loss)
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(tmp_path / "float"))
        v1.get_variable("seen", [], collections=[v1.GraphKeys.LOCAL_VARIABLES])  # not saved
        v1.train.export_meta_graph(str(tmp_path / "float.meta"))
    meta = open_model(tmp_path / "float.meta")
    assert isinstance(meta, MetaGraph)
    stored = find_checkpoint(tmp_path / "float")
    report = quantize_training(meta, tmp_path / "qat.meta", None, stored)
    assert report.losses == (loss.name,)
    assert "training part was taken off" in report.notes[0]
    assert not [layer.left for layer in report.quantization.layers if layer.left]
    # in a process of its own: it turns eager execution off
    subprocess.run([sys.executable, "-c", "\n".join(report.python)], check=True)
    trained = find_checkpoint(tmp_path / "qat-trained")
    assert trained["a/act_quant/a/act_quant/max/local_step"].array() == 1
    assert "a/act_quant/max" in trained
    assert built is not None
