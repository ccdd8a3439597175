"""fold_old_batch_norms: graphs before and after, what must not match, and equal values."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

from graphtools import GraphtoolsError, load
from graphtools.formats.graphdef import parse_graph
from graphtools.graph import Graph
from graphtools.rewrite.constants import Constant
from graphtools.transforms.pipeline import transform
from tests.arrays import f32
from tests.support import FIXTURES, values_of
from tests.transforms.graphs import apply, const, same, skips
from tests.transforms.numerics import (
    CONV,
    STATISTICS,
    checked,
    close,
    ops,
    random,
    replaced,
    run,
    with_constants,
    without,
)

SPEC = "fold_old_batch_norms"
FUSED = "T=float epsilon=0.001 is_training=false"
DEPLOY = (
    "strip_unused_nodes remove_nodes(op=Identity, op=CheckNumerics) "
    "fold_constants(ignore_errors=true) fold_batch_norms fold_old_batch_norms"
)
PLAIN = f"""
    x = Placeholder dtype=float shape=[2,4,4,3]
    conv = Conv2D(x, w) {CONV}
    {STATISTICS}
    bn = FusedBatchNormV3(conv, scale, offset, mean, variance) {FUSED} U=float
    out = Relu(bn) T=float
"""
X = random(2, 4, 4, 3)
W = random(3, 3, 3, 2, seed=1)


def plain(text: str = PLAIN, **weights: Any) -> Graph:
    return with_constants(text, {"w": W, **weights})


def reason(source: Graph, node: str = "bn", outputs: tuple[str, ...] = ("out",)) -> str:
    """Why nothing was done."""
    done = transform(source, SPEC, ["x"], outputs)
    assert not done.report.steps[0].edits
    return skips(done)[node]


def test_a_batch_norm_becomes_a_bias_with_its_name() -> None:
    done = apply(
        f"""
        x = Placeholder dtype=float shape=[1,1,1,2]
        w = Const value=float:[[[[1,2],[3,4]]]]
        conv = Conv2D(x, w) {CONV}
        scale = Const value=float:[2,1]
        offset = Const value=float:[5,6]
        mean = Const value=float:[1,2]
        variance = Const value=float:[3,0]
        bn = FusedBatchNorm(conv, scale, offset, mean, variance) {FUSED.replace("0.001", "1.0")}
        out = Relu(bn) T=float
        """,
        SPEC,
        ["x"],
        ["out"],
    )
    assert same(
        done.graph,
        f"""
        x = Placeholder dtype=float shape=[1,1,1,2]
        w = Const value=float:[[[[1,2],[3,4]]]]
        conv = Conv2D(x, w) {CONV}
        conv_bn_offset = Const value=float:[4,4]
        bn = BiasAdd(conv, conv_bn_offset) T=float data_format="NHWC"
        out = Relu(bn) T=float
        """,
    )


@pytest.mark.parametrize("op", ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"])
def test_all_versions_fold_alike(op: str) -> None:
    done = checked(plain(PLAIN.replace("FusedBatchNormV3", op)), SPEC, {"x": X})
    assert ops(done.graph) == ["Conv2D", "BiasAdd", "Relu"]


@pytest.mark.parametrize("scales", ["true", "false"])
def test_global_normalization(scales: str) -> None:
    text = PLAIN.replace(
        f"FusedBatchNormV3(conv, scale, offset, mean, variance) {FUSED} U=float",
        "BatchNormWithGlobalNormalization(conv, mean, variance, offset, scale) T=float "
        f"variance_epsilon=0.001 scale_after_normalization={scales}",
    )
    assert ops(checked(plain(text), SPEC, {"x": X}).graph) == ["Conv2D", "BiasAdd", "Relu"]


def test_depthwise_weights_are_scaled_by_input_and_multiplier() -> None:
    text = PLAIN.replace("conv = Conv2D", "conv = DepthwiseConv2dNative")
    for name in ("scale", "offset", "mean", "variance"):
        text = "\n".join(line for line in text.splitlines() if not line.strip().startswith(name))
    statistics = {n: random(6, seed=i) + 2 for i, n in enumerate(["scale", "offset", "mean"])}
    statistics["variance"] = random(6, seed=9) + 2
    done = checked(with_constants(text, {"w": W, **statistics}), SPEC, {"x": X})
    assert ops(done.graph) == ["DepthwiseConv2dNative", "BiasAdd", "Relu"]


@pytest.mark.parametrize("inner", ["BiasAdd(conv, b)", "AddV2(b, conv)"])
def test_a_bias_is_folded_too(inner: str) -> None:
    text = PLAIN.replace("(conv, scale", "(biased, scale").replace(
        "bn =", f"biased = {inner} T=float\n bn ="
    )
    done = checked(plain(text, b=f32([7, -3])), SPEC, {"x": X})
    assert ops(done.graph) == ["Conv2D", "BiasAdd", "Relu"]
    assert "b" not in done.graph


def test_channels_first() -> None:
    text = PLAIN.replace(FUSED, f'{FUSED} data_format="NCHW"').replace("NHWC", "NCHW")
    x = random(2, 3, 4, 4)
    done = checked(plain(text.replace("[2,4,4,3]", "[2,3,4,4]")), SPEC, {"x": x})
    assert done.graph["bn"].op == "BiasAdd"
    assert done.graph["bn"].attr("data_format") == b"NCHW"


@pytest.mark.parametrize(
    "concat",
    ["ConcatV2(a, b, c, last) T=float Tidx=int32 N=3", "Concat(last, a, b, c) T=float N=3"],
)
def test_a_concatenation_of_any_number_of_convolutions(concat: str) -> None:
    text = f"""
        x = Placeholder dtype=float shape=[2,4,4,3]
        a = Conv2D(x, wa) {CONV}
        b_conv = DepthwiseConv2dNative(x, wb) {CONV}
        bias = Const value=float:[1,2,3]
        b = BiasAdd(b_conv, bias) T=float
        c = Conv2D(x, wc) {CONV}
        last = Const value=int32:-1
        joined = {concat}
        bn = FusedBatchNorm(joined, scale, offset, mean, variance) {FUSED}
        out = Relu(bn) T=float
    """
    constants = {"wa": random(1, 1, 3, 2), "wb": random(3, 3, 3, 1), "wc": random(2, 2, 3, 1)}
    constants |= {n: random(6, seed=i) + 2 for i, n in enumerate(["scale", "offset", "mean"])}
    constants["variance"] = random(6, seed=9) + 2
    done = checked(with_constants(text, constants), SPEC, {"x": X})
    assert done.graph["bn"].op.startswith("Concat")
    assert {"joined_bn_in0", "joined_bn_in1", "joined_bn_in2"} <= set(done.graph["bn"].inputs)
    assert "FusedBatchNorm" not in ops(done.graph)


def test_through_batch_to_space() -> None:
    text = f"""
        x = Placeholder dtype=float shape=[2,4,4,3]
        block = Const value=int32:[2,2]
        pads = Const value=int32:[[2,2],[2,2]]
        crops = Const value=int32:[[0,0],[1,1]]
        space = SpaceToBatchND(x, block, pads) T=float Tblock_shape=int32 Tpaddings=int32
        conv = Conv2D(space, w) T=float strides={{1, 1, 1, 1}} padding="VALID"
        batch = BatchToSpaceND(conv, block, crops) T=float Tblock_shape=int32 Tcrops=int32
        {STATISTICS}
        bn = FusedBatchNormV2(batch, scale, offset, mean, variance) {FUSED} U=float
        out = Relu(bn) T=float
    """
    done = checked(plain(text), SPEC, {"x": X})
    assert ops(done.graph) == ["SpaceToBatchND", "Conv2D", "BiasAdd", "BatchToSpaceND", "Relu"]
    assert done.graph["bn"].inputs == ("conv/biasadd", "block", "crops")


def test_a_matrix_product_that_is_reshaped() -> None:
    text = f"""
        x = Placeholder dtype=float shape=[2,3]
        y = MatMul(x, w) T=float transpose_b=true
        shape = Const value=int32:[-1,1,1,2]
        four = Reshape(y, shape) T=float Tshape=int32
        {STATISTICS}
        bn = FusedBatchNorm(four, scale, offset, mean, variance) {FUSED}
        out = Relu(bn) T=float
    """
    done = checked(with_constants(text, {"w": random(2, 3)}), SPEC, {"x": random(2, 3)})
    assert ops(done.graph) == ["MatMul", "BiasAdd", "Reshape", "Relu"]


def test_constants_and_weights_behind_identity() -> None:
    text = PLAIN.replace("(x, w)", "(x, w/read)").replace("scale, offset", "scale/read, offset")
    text += "w/read = Identity(w) T=float\n scale/read = Identity(scale) T=float"
    done = checked(plain(text), SPEC, {"x": X})
    assert done.graph["bn"].op == "BiasAdd"
    assert done.graph["conv"].inputs == ("x", "w/read")
    assert "scale" not in done.graph


def test_two_batch_norms_in_a_row_whatever_their_order() -> None:
    text = PLAIN.replace(
        "x = P",
        f"out2 = FusedBatchNorm(bn, scale, offset, mean, variance) {FUSED}\n x = P",
    ).replace("Relu(bn)", "Relu(out2)")
    done = checked(plain(text), SPEC, {"x": X})
    assert sorted(ops(done.graph)) == ["BiasAdd", "Conv2D", "Relu"]
    assert not skips(done)


def test_shared_weights_are_copied() -> None:
    text = PLAIN + f"\n other = Conv2D(x, w) {CONV}\n sum = AddV2(out, other) T=float"
    done = checked(plain(text), SPEC, {"x": X}, ["sum"])
    assert done.graph["conv"].inputs == ("x", "conv_bn_weights")
    assert done.graph["other"].inputs == ("x", "w")
    assert "weights of its own" in done.report.steps[0].notes[0]


def test_names_that_are_taken_are_avoided() -> None:
    text = PLAIN + "\n conv_bn_offset = Identity(out) T=float"
    done = checked(plain(text), SPEC, {"x": X}, ["out", "conv_bn_offset"])
    assert done.graph["bn"].inputs == ("conv", "conv_bn_offset_1")


def test_control_inputs_are_kept_and_colocations_dropped() -> None:
    text = PLAIN.replace("(conv, scale", "(biased, scale").replace(
        "offset, mean, variance)", "offset, mean, variance, ^last)"
    )
    text = text.replace("bn =", "biased = BiasAdd(conv, b, ^first) T=float\n bn =", 1)
    text += """
        first = NoOp
        last = NoOp
        other = Identity(out, ^conv) T=float _class={"loc:@biased", "loc:@conv"}
        more = Identity(out) T=float _class={"loc:@biased"}
    """
    done = transform(plain(text, b=f32([7, -3])), SPEC, ["x"], ["other", "more"])
    assert set(done.graph["bn"].control_inputs) == {"first", "last"}
    assert done.graph["other"].attr("_class") == [b"loc:@conv"]
    assert done.graph["other"].control_inputs == ("conv",)
    assert done.graph["more"].attr("_class") is None


def test_the_offset_stands_in_the_loop_of_the_constants() -> None:
    text = PLAIN.replace("mean = Const", "mean = Const(^body)") + "\n body = NoOp"
    done = transform(plain(text), SPEC, ["x"], ["out"])
    assert done.graph["conv_bn_offset"].inputs == ("^body",)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("is_training=false", "is_training=true", "is_training"),
        (" is_training=false", "", "is_training"),
        ("out = Relu(bn)", "m = Identity(bn:1) T=float\n out = Relu(bn)", "'bn:1' is used by 'm'"),
        ("out = Relu(bn)", "m = Identity(conv) T=float\n out = Relu(bn)", "is used by 'm', too"),
        ("mean = Const value=float:[1,-2]", "mean = Placeholder dtype=float", "no constant"),
        ("mean = Const value=float:[1,-2]", "mean = Const value=float:zeros[0]", "its scale"),
        ("mean = Const value=float:[1,-2]", "mean = Const value=float:[1]", "its scale"),
        ("variance = Const value=float:[3,0.25]", "variance = Const value=int32:[3,2]", "int32"),
        ("variance = Const value=float:[3,0.25]", "variance = Const value=float:[3,-1]", "finite"),
        ("variance = Const value=float:[3,0.25]", "variance = Const", "no constant"),
        ('data_format="NHWC"', 'data_format="NCHW"', "channels are not those"),
        ('data_format="NHWC"', 'data_format="NCHW_VECT_C"', "data_format"),
        ("conv = Conv2D(x, w)", "conv = MaxPool(x)", "no convolution"),
        ("conv = Conv2D(x, w)", "conv = Conv2D(x)", "no input for its weights"),
        ("conv = Conv2D(x, w)", "conv = Conv2D(x, x)", "no constant"),
        ("epsilon=0.001", "epsilon=-1.0", "epsilon"),
        ("(conv, scale, offset, mean, variance)", "(conv, scale)", "too few inputs"),
        ("(conv, scale", "(conv:1, scale", "no convolution"),
    ],
)
def test_what_is_not_folded(old: str, new: str, expected: str) -> None:
    assert old in PLAIN
    assert expected in reason(plain(PLAIN.replace(old, new)))


def test_outputs_and_inputs_of_the_graph_are_not_changed() -> None:
    assert "is an input or output" in reason(plain(), outputs=("out", "conv"))
    assert "'bn:1' is an output" in reason(plain(), outputs=("out", "bn:1"))
    done = transform(plain(), SPEC, ["x"], ["out", "w"])
    assert done.graph["conv"].inputs == ("x", "conv_bn_weights")


def test_fake_quantization_stands_in_the_way() -> None:
    quantized = "q = FakeQuantWithMinMaxVars({}, scale, offset) num_bits=8\n bn ="
    text = PLAIN.replace("(conv, scale", "(q, scale").replace("bn =", quantized.format("conv"))
    assert "FakeQuant" in reason(plain(text))
    text = PLAIN.replace("(x, w)", "(x, q)").replace("bn =", quantized.format("w"))
    assert "FakeQuant" in reason(plain(text))


@pytest.mark.parametrize("shape", [(), (3,), (3, 3, 3), (3, 3, 3, 0), (3, 3, 3, 5), (1,) * 9])
def test_weights_of_a_wrong_shape(shape: tuple[int, ...]) -> None:
    source = replaced(plain(), const("w", np.zeros(shape, np.float32)))
    assert reason(source)


@pytest.mark.parametrize("node", ["conv", "bn", "w", "scale"])
def test_missing_attributes_do_no_harm(node: str) -> None:
    source = plain()
    for attribute in list(source[node].attrs):
        with contextlib.suppress(GraphtoolsError):
            transform(without(source, node, attribute), SPEC, ["x"], ["out"])


def test_a_cycle_and_a_long_chain_end() -> None:
    text = PLAIN.replace("(conv, scale", "(a, scale")
    loop = "\n a = BiasAdd(b, scale) T=float\n b = BiasAdd(a, scale) T=float"
    assert reason(plain(text + loop))
    chain = "".join(f"\n a{i} = BiasAdd(a{i + 1}, scale) T=float" for i in range(3000))
    chain += "\n a3000 = BiasAdd(conv, scale) T=float\n a = BiasAdd(a0, scale) T=float"
    assert "nodes stand between" in reason(plain(text + chain))


def test_an_op_that_nobody_knows_is_no_hindrance() -> None:
    done = transform(plain(PLAIN.replace("Relu", "Strange_Op")), SPEC, ["x"], ["out"])
    assert done.graph["bn"].op == "BiasAdd"


def test_what_should_have_been_folded_before_is_named() -> None:
    text = PLAIN.replace("(conv, scale", "(conv, sum") + "\n sum = AddV2(scale, mean) T=float"
    step = transform(plain(text), SPEC, ["x"], ["out"]).report.steps[0]
    assert "'sum' is computed from constants" in step.warning
    assert not transform(plain(), SPEC, ["x"], ["out"]).report.steps[0].warning


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("classifier/frozen.pb", ["MobilenetV1/Logits/SpatialSqueeze"]),
        ("classifier/frozen_fused_batch_norm_v1.pb", ["MobilenetV1/Logits/SpatialSqueeze"]),
        ("classifier/frozen_unfused_batch_norm.pb", ["MobilenetV1/Logits/SpatialSqueeze"]),
        ("ssd/tflite_graph.pb", ["TFLite_Detection_PostProcess"]),
        ("ssd/frozen_inference_graph.pb", ["detection_boxes", "detection_scores"]),
    ],
)
def test_no_batch_norm_is_left_in_the_fixtures(name: str, outputs: list[str]) -> None:
    source = load(str(FIXTURES / name))
    inputs = [n.name for n in source if n.op == "Placeholder"]
    done = transform(source, DEPLOY, inputs, outputs)
    assert not [op for op in ops(done.graph) if "BatchNorm" in op or op == "Rsqrt"]


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("name", "io"),
    [
        ("classifier/frozen.pb", "classifier/io.npz"),
        ("classifier/frozen_fused_batch_norm_v1.pb", "classifier/io.npz"),
        ("classifier/frozen_unfused_batch_norm.pb", "classifier/io.npz"),
        ("ssd/frozen_inference_graph.pb", "ssd/io.npz"),
        ("quant/frozen.pb", "quant/io.npz"),
    ],
)
def test_the_fixtures_compute_the_same_in_tensorflow(tf: Any, name: str, io: str) -> None:
    source = load(str(FIXTURES / name))
    recorded = values_of(io)
    placeholders = [n.name for n in source if n.op == "Placeholder"]
    feeds = {}
    outputs = []
    for key, array in recorded.items():
        kind, _, tensor = key.partition("/")
        if kind == "in":
            feeds[tensor] = array
        else:
            outputs.append(tensor)
    done = transform(source, DEPLOY, placeholders, outputs)
    before, after = run(tf, source, feeds, outputs), run(tf, done.graph, feeds, outputs)
    for left, right in zip(before, after, strict=True):
        assert close(left, right)


@pytest.mark.tensorflow
@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_inception_like_graph_in_tensorflow(tf: Any, version: int) -> None:
    op = getattr(tf.raw_ops, f"FusedBatchNorm{['', 'V2', 'V3'][version - 1]}")

    def norm(x: Any) -> Any:
        size = x.shape[-1]
        vectors = [random(size, seed=size + i) + 2 for i in range(4)]
        names = ("scale", "offset", "mean", "variance")
        return op(x=x, **dict(zip(names, vectors, strict=True)), is_training=False)[0]

    with tf.Graph().as_default() as made:
        x = tf.compat.v1.placeholder(tf.float32, (2, 8, 8, 3), "x")
        one = tf.nn.conv2d(x, random(1, 1, 3, 4), 1, "SAME")
        three = tf.nn.relu(norm(tf.nn.conv2d(x, random(1, 1, 3, 2), 1, "SAME")))
        three = tf.nn.bias_add(tf.nn.conv2d(three, random(3, 3, 2, 3), 1, "SAME"), random(3))
        deep = tf.nn.depthwise_conv2d(x, random(3, 3, 3, 2), [1, 1, 1, 1], "SAME")
        joined = tf.nn.relu(norm(tf.concat([one, three, deep], 3)))
        up = tf.nn.conv2d_transpose(joined, random(3, 3, 5, 13), (2, 16, 16, 5), 2, "SAME")
        flat = tf.reduce_mean(tf.nn.relu(norm(up)), (1, 2))
        dense = tf.reshape(tf.matmul(flat, random(5, 6)), (-1, 1, 1, 6))
        tf.identity(norm(dense), "out")
    encoded = made.as_graph_def().SerializeToString()
    source = parse_graph(encoded, 0, len(encoded))
    done = transform(source, f"fold_constants {SPEC}", ["x"], ["out"])
    assert not [op for op in ops(done.graph) if "BatchNorm" in op]
    feeds = {"x:0": random(2, 8, 8, 3)}
    assert close(run(tf, source, feeds, ["out:0"])[0], run(tf, done.graph, feeds, ["out:0"])[0])


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"w": np.full_like(W, np.nan)},
        {"w": np.where(W.max() == W, np.float32(np.inf), W)},
        {"w": np.full_like(W, 3e38)},
        {"w": W.astype("float64")},
        {"variance": f32([-1, 1])},
        {"variance": f32([np.nan, 1])},
        {"scale": f32([1e38, 1])},
        {"mean": f32([np.inf, 0])},
    ],
)
def test_a_trial_does_the_same_and_computes_values_when_asked(odd: dict[str, Any]) -> None:
    source = plain()
    for name, value in odd.items():
        source = replaced(source, const(name, value))
    real, trial = (
        transform(source, SPEC, ["x"], ["out"], is_trial=is_trial) for is_trial in (False, True)
    )
    assert skips(real) == skips(trial)
    assert real.report.steps[0].edits == trial.report.steps[0].edits
    assert b"".join(real.graph.pieces()) == b"".join(trial.graph.pieces())


def test_a_trial_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Constant, "floats", None)
    done = transform(plain(), SPEC, ["x"], ["out"], is_trial=True)
    assert done.graph["bn"].op == "BiasAdd"
    assert done.graph["conv_bn_offset"].tensor is not None
