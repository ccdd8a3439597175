"""fold_batch_norms: graphs before and after, what must not match, and equal values."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

from graphtools import GraphtoolsError
from graphtools.formats.graphdef import parse_graph
from graphtools.graph import Graph
from graphtools.transforms.pipeline import transform
from tests.arrays import f32
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

SPEC = "fold_batch_norms"
PLAIN = f"""
    x = Placeholder dtype=float shape=[2,4,4,3]
    conv = Conv2D(x, w) {CONV}
    factor = Const value=float:[3,-2]
    product = Mul(conv, factor) T=float
    out = Relu(product) T=float
"""
X = random(2, 4, 4, 3)
W = random(3, 3, 3, 2, seed=1)


def plain(text: str = PLAIN, **more: Any) -> Graph:
    return with_constants(text, {"w": W, **more})


def reason(source: Graph, outputs: tuple[str, ...] = ("out",)) -> str:
    """Why nothing was done; empty if it is not worth a word."""
    done = transform(source, SPEC, ["x"], outputs)
    assert not done.report.steps[0].edits
    return skips(done).get("product", "")


def test_the_convolution_gets_the_name_of_the_product() -> None:
    text = f"""
        x = Placeholder dtype=float shape=[1,1,1,2]
        w = Const value=float:[[[[1,2],[3,4]]]]
        first = NoOp
        conv = Conv2D(x, w, ^first) {CONV}
        factor = Const value=float:[10,-1]
        product = Mul(conv, factor, ^first) T=float
        out = Relu(product) T=float _class={{"loc:@conv"}}
    """
    for source in (text, text.replace("conv, factor", "factor, conv")):
        assert same(
            apply(source, SPEC, ["x"], ["out"]).graph,
            f"""
            x = Placeholder dtype=float shape=[1,1,1,2]
            w = Const value=float:[[[[10,-2],[30,-4]]]]
            first = NoOp
            product = Conv2D(x, w, ^first) {CONV}
            out = Relu(product) T=float
            """,
        )


@pytest.mark.parametrize("shape", [(), (1,), (2,), (1, 2), (1, 1, 1, 2), (1, 1, 1, 1)])
def test_factors_that_are_broadcast_along_all_other_axes(shape: tuple[int, ...]) -> None:
    source = replaced(plain(), const("factor", random(*shape)))
    assert ops(checked(source, SPEC, {"x": X}).graph) == ["Conv2D", "Relu"]


def test_channels_first() -> None:
    text = PLAIN.replace("NHWC", "NCHW").replace("[2,4,4,3]", "[2,3,4,4]")
    source = replaced(plain(text), const("factor", random(2, 1, 1)))
    done = checked(source, SPEC, {"x": random(2, 3, 4, 4)})
    assert ops(done.graph) == ["Conv2D", "Relu"]


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("conv = Conv2D", "conv = DepthwiseConv2dNative", ["DepthwiseConv2dNative", "Relu"]),
        ("product = Mul(", "b = BiasAdd(conv, bias) T=float\n product = Mul(", None),
    ],
)
def test_depthwise_and_biased(old: str, new: str, left: list[str] | None) -> None:
    text = PLAIN.replace(old, new)
    if left is None:
        text = text.replace("Mul(conv", "Mul(b")
        done = checked(plain(text, bias=f32([5, 6])), SPEC, {"x": X})
        assert ops(done.graph) == ["Conv2D", "BiasAdd", "Relu"]
        assert done.graph["product"].op == "BiasAdd"
    else:
        source = replaced(plain(text), const("factor", random(6)))
        assert ops(checked(source, SPEC, {"x": X}).graph) == left


@pytest.mark.parametrize("transposed", ["true", "false"])
def test_a_matrix_product(transposed: str) -> None:
    text = PLAIN.replace(f"Conv2D(x, w) {CONV}", f"MatMul(x, w) T=float transpose_b={transposed}")
    source = replaced(plain(text), const("w", random(2, 2)))
    assert ops(checked(source, SPEC, {"x": random(3, 2)}).graph) == ["MatMul", "Relu"]


RESHAPED = """
    x = Placeholder dtype=float shape=[?,4,3]
    flat = Const value=int32:[-1,3]
    rows = Reshape(x, flat) T=float Tshape=int32
    product = MatMul(rows, w) T=float
    shape = Shape(x) T=float out_type=int32
    two = Const value=int32:[0,1]
    axis = Const value=int32:0
    free = GatherV2(shape, two, axis) Tparams=int32 Tindices=int32 Taxis=int32
    units = Const value=int32:[2]
    full = ConcatV2(free, units, axis) N=2 T=int32 Tidx=int32
    dense = Reshape(product, full) T=float Tshape=int32
    bias = Const value=float:[5,6]
    biased = BiasAdd(dense, bias) T=float
    gamma = Const value=float:[3,-2]
    scaled = Mul(biased, gamma) T=float
    out = Relu(scaled) T=float
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("Mul(biased, gamma)", "Mul(gamma, biased)"), ("int32:[2]", "int32:[1,2]")],
)
def test_a_scale_behind_a_dense_layer_of_an_open_batch(old: str, new: str) -> None:
    """As the layer scales of ConvNeXt: tf.tensordot computes the shape from that of its input."""
    source = with_constants(RESHAPED.replace(old, new), {"w": random(3, 2)})
    done = checked(source, SPEC, {"x": random(5, 4, 3)})
    assert "Mul" not in ops(done.graph)
    assert done.graph["scaled"].op == "Reshape"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("(free, units, axis)", "(units, free, axis)", "changes the axis of the channels"),
        ("int32:[2]", "int32:[-1]", "changes the axis of the channels"),
        ("full = ConcatV2", "full = Mystery", "no constant"),
    ],
)
def test_a_computed_shape_that_moves_channels_or_is_not_known(
    old: str, new: str, expected: str
) -> None:
    source = with_constants(RESHAPED.replace(old, new), {"w": random(3, 2)})
    done = transform(source, SPEC, ["x"], ["out"])
    assert not done.report.steps[0].edits
    assert expected in skips(done)["scaled"]


def test_an_unfused_batch_norm_after_fold_constants() -> None:
    text = f"""
        x = Placeholder dtype=float shape=[2,4,4,3]
        conv = Conv2D(x, w) {CONV}
        {STATISTICS}
        epsilon = Const value=float:0.001
        shifted = AddV2(variance, epsilon) T=float
        root = Rsqrt(shifted) T=float
        factor = Mul(root, scale) T=float
        product = Mul(conv, factor) T=float
        moved = Mul(mean, factor) T=float
        rest = Sub(offset, moved) T=float
        out = AddV2(product, rest) T=float
    """
    done = checked(plain(text), f"fold_constants {SPEC}", {"x": X})
    assert ops(done.graph) == ["Conv2D", "AddV2"]
    unfolded = transform(plain(text), SPEC, ["x"], ["out"])
    assert "'factor' is computed from constants" in unfolded.report.steps[0].warning


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("out =", "more = Identity(conv) T=float\n out =", "'conv' is used by 'more', too"),
        ("[3,-2]", "[[3],[2]]", "not one value for each of 2 channels"),
        ("[3,-2]", "[3,2,1,4]", "not one value for each of 2 channels"),
        ("[3,-2]", "[[[[[3,-2]]]]]", "not one value for each of 2 channels"),
        ("float:[3,-2]", "int32:[3,-2]", "int32"),
        ("[3,-2]", "[3e30,1e38]", ""),
        ("conv, factor", "conv, conv", ""),
        ("conv, factor", "conv, x", ""),
        ("conv, factor", "x, factor", ""),
        ("conv, factor", "conv", ""),
    ],
)
def test_what_is_not_folded(old: str, new: str, expected: str) -> None:
    assert old in PLAIN
    source = plain(PLAIN.replace(old, new))
    if "e30" in new:
        source = replaced(source, const("w", W * np.float32(1e10)))
        expected = "would not be finite"
    assert expected in reason(source)


def test_the_width_is_not_taken_for_the_channels() -> None:
    text = PLAIN.replace("NHWC", "NCHW").replace("[2,4,4,3]", "[2,3,4,2]")
    assert "on axis 1 of 4" in reason(plain(text))


def test_an_output_is_not_changed() -> None:
    assert "is an input or output" in reason(plain(), ("out", "conv"))


@pytest.mark.parametrize("name", ["w", "factor"])
def test_weights_and_factors_that_are_outputs_stay_what_they_are(name: str) -> None:
    done = checked(plain(), SPEC, {"x": X}, ("out", name))
    assert "Mul" not in ops(done.graph)


def test_two_convolutions_share_weights_and_a_norm() -> None:
    """As two signatures that call one layer do, once their functions are in one graph."""
    text = f"""
        x = Placeholder dtype=float shape=[2,4,4,3]
        turned = Neg(x) T=float
        conv = Conv2D(x, w) {CONV}
        other = Conv2D(turned, w) {CONV}
        factor = Const value=float:[3,-2]
        product = Mul(conv, factor) T=float
        again = Mul(other, factor) T=float
        out = AddV2(product, again) T=float
    """
    done = checked(plain(text), SPEC, {"x": X})
    assert sorted(ops(done.graph)) == ["AddV2", "Conv2D", "Conv2D", "Neg"]


def test_fake_quantization_stands_in_the_way() -> None:
    text = PLAIN.replace("(x, w)", "(x, q)").replace(
        "factor =", "q = FakeQuantWithMinMaxArgs(w) num_bits=8\n factor ="
    )
    assert "FakeQuant" in reason(plain(text))


@pytest.mark.parametrize("node", ["conv", "product", "w", "factor"])
def test_missing_attributes_do_no_harm(node: str) -> None:
    source = plain()
    for attribute in list(source[node].attrs):
        with contextlib.suppress(GraphtoolsError):
            transform(without(source, node, attribute), SPEC, ["x"], ["out"])


@pytest.mark.tensorflow
def test_the_same_in_tensorflow(tf: Any) -> None:
    with tf.Graph().as_default() as made:
        x = tf.compat.v1.placeholder(tf.float32, (2, 8, 8, 3), "x")
        y = tf.nn.conv2d(x, random(3, 3, 3, 4), 1, "SAME") * random(4)
        y = tf.nn.depthwise_conv2d(y, random(3, 3, 4, 2), [1, 1, 1, 1], "SAME") * random(1, 1, 1, 8)
        y = tf.nn.conv2d_transpose(y, random(3, 3, 5, 8), (2, 16, 16, 5), 2, "SAME")
        y = random(5) * tf.nn.bias_add(y, random(5))
        y = tf.matmul(tf.reduce_mean(y, (1, 2)), random(6, 5), transpose_b=True) * random(6)
        tf.identity(y, "out")
    encoded = made.as_graph_def().SerializeToString()
    source = parse_graph(encoded, 0, len(encoded))
    done = transform(source, SPEC, ["x"], ["out"])
    assert "Mul" not in ops(done.graph)
    feeds = {"x:0": random(2, 8, 8, 3)}
    assert close(run(tf, source, feeds, ["out:0"])[0], run(tf, done.graph, feeds, ["out:0"])[0])


@pytest.mark.parametrize("waited_for", ["w", "factor", "conv"])
def test_who_only_waits_shares_nothing(waited_for: str) -> None:
    text = f"{PLAIN}\n held = NoOp(^{waited_for})\n end = Identity(out, ^held) T=float"
    done = checked(plain(text), SPEC, {"x": X}, ["end"])
    assert "Mul" not in ops(done.graph)
    waits = {"conv": ("^x",)}.get(waited_for, (f"^{waited_for}",))
    assert done.graph["held"].inputs == waits


def test_a_batch_norm_that_is_not_fused_becomes_a_sum() -> None:
    text = f"""
        x = Placeholder dtype=float shape=[2,4,4,3]
        conv = Conv2D(x, w) {CONV}
        {STATISTICS}
        epsilon = Const value=float:0.001
        more = Add(variance, epsilon) T=float
        inverse = Rsqrt(more) T=float
        factor = Mul(inverse, scale) T=float
        product = Mul(conv, factor) T=float
        shift = Mul(mean, factor) T=float
        rest = Sub(offset, shift) T=float
        out = Add(product, rest) T=float
    """
    done = checked(plain(text), f"fold_constants {SPEC}", {"x": X})
    assert ops(done.graph) == ["Conv2D", "Add"]


@pytest.mark.tensorflow
@pytest.mark.parametrize("norm", ["bn", "product"])
@pytest.mark.parametrize("transposed", [False, True])
def test_in_three_dimensions(norm: str, transposed: bool, tf: Any) -> None:
    attrs = 'T=float strides={1, 1, 1, 1, 1} padding="SAME" data_format="NDHWC"'
    conv = f"Conv3DBackpropInputV2(size, w, x) Tshape=int32 {attrs}"
    last = {
        "bn": "FusedBatchNormV3(conv, scale, offset, mean, variance) T=float U=float "
        'epsilon=0.001 is_training=false data_format="NDHWC"',
        "product": "Mul(scale, conv) T=float",
    }
    text = f"""
        x = Placeholder dtype=float shape=[2,3,3,3,3]
        size = Const value=int32:[2,3,3,3,2]
        conv = {conv if transposed else f"Conv3D(x, w) {attrs}"}
        {STATISTICS}
        out = {last[norm]}
    """
    source = with_constants(text, {"w": random(2, 2, 2, *((2, 3) if transposed else (3, 2)))})
    done = transform(source, f"{SPEC} fold_old_batch_norms", ["x"], ["out"]).graph
    assert len(ops(done)) == (1 if norm == "product" else 2)
    feeds = {"x:0": random(2, 3, 3, 3, 3, seed=5)}
    before, after = (run(tf, g, feeds, ["out:0"])[0] for g in (source, done))
    assert close(before, after)
