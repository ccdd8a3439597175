"""to_nhwc: graphs before and after, what must not match, and equal values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.graph import Graph
from graphtools.transforms.pipeline import transform
from tests.transforms.graphs import apply, same, skips
from tests.transforms.numerics import checked, random, run, with_constants

W = random(3, 3, 3, 2)
NETWORK = """
    x = Placeholder dtype=float shape=[1,3,8,8]
    scale = Const value=float:[2,-1]
    offset = Const value=float:[0.5,3]
    bias = Const value=float:[0.5,-3]
    conv = Conv2D(x, w) T=float strides={1, 1, 2, 2} padding="SAME" data_format="NCHW"
    sum = BiasAdd(conv, bias) T=float data_format="NCHW"
    relu = Relu(sum) T=float
    norm = FusedBatchNorm(relu, scale, offset, bias, scale) T=float is_training=false data_format="NCHW" epsilon=4.0
    pool = MaxPool(norm) T=float ksize={1, 1, 2, 2} strides={1, 1, 2, 2} padding="VALID" data_format="NCHW"
    out = Tanh(pool) T=float
"""  # noqa: E501


def network() -> Graph:
    return with_constants(NETWORK, {"w": W})


def test_a_node_between_two_transposes() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[1,3,8,8]
        out = MaxPool(x) T=float ksize={1, 1, 2, 2} strides={1, 1, 2, 2} padding="VALID" data_format="NCHW"
        """,  # noqa: E501
        "to_nhwc",
        ["x"],
        ["out"],
    )
    assert same(
        done.graph,
        """
        x = Placeholder dtype=float shape=[1,3,8,8]
        out/to_nhwc/perm = Const value=int32:[0,2,3,1]
        out/to_nhwc = Transpose(x, out/to_nhwc/perm) T=float Tperm=int32
        out/nhwc = MaxPool(out/to_nhwc) T=float data_format="NHWC" ksize={1, 2, 2, 1} padding="VALID" strides={1, 2, 2, 1}
        out/to_nchw/perm = Const value=int32:[0,3,1,2]
        out = Transpose(out/nhwc, out/to_nchw/perm) T=float Tperm=int32
        """,  # noqa: E501
    )


def test_a_network_has_a_transpose_at_each_end() -> None:
    done = transform(network(), "to_nhwc", ["x"], ["out"]).graph
    assert [n.op for n in done if n.op not in ("Const", "Placeholder")] == [
        "Transpose", "Conv2D", "BiasAdd", "Relu", "FusedBatchNorm", "MaxPool", "Tanh", "Transpose",
    ]  # fmt: skip


def test_our_kernels_give_the_same() -> None:
    text = NETWORK[: NETWORK.index("    norm =")] + "out = Identity(relu) T=float"
    checked(with_constants(text, {"w": W}), "to_nhwc", {"x": random(1, 3, 8, 8, seed=4)})


def test_statistics_of_a_batch_norm_are_read_from_it() -> None:
    text = NETWORK.replace("out = Tanh(pool)", "mean = Relu(norm:1) T=float\n    out = Tanh(pool)")
    done = apply(with_constants(text, {"w": W}), "to_nhwc", ["x"], ["out", "mean"]).graph
    assert done["mean"].inputs == ("norm/nhwc:1",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('out = BiasAdd(y, b) T=float data_format="NCHW"', "rank 4"),
        (
            "out = Conv2DBackpropInput(s, w, x) T=float strides={1, 1, 1, 1} "
            'padding="SAME" data_format="NCHW"',
            "the size of its result",
        ),
    ],
)
def test_what_is_left_alone(line: str, reason: str) -> None:
    text = f"""
        x = Placeholder dtype=float shape=[1,2,8,8]
        y = Placeholder dtype=float shape=unknown
        s = Placeholder dtype=int32 shape=[4]
        b = Const value=float:[1,2]
        {line}
    """
    done = apply(with_constants(text, {"w": W}), "to_nhwc", ["x", "y", "s"], ["out"])
    assert reason in skips(done)["out"]
    assert not done.report.steps[0].edits


def test_nhwc_stays() -> None:
    text = NETWORK.replace("NCHW", "NHWC")
    done = apply(with_constants(text, {"w": W}), "to_nhwc", ["x"], ["out"])
    assert not done.report.steps[0].edits


@pytest.mark.tensorflow
def test_tensorflow_gives_what_a_network_in_nhwc_gives(tf: Any) -> None:
    image = random(1, 3, 8, 8, seed=4)
    done = transform(network(), "to_nhwc", ["x"], ["out"]).graph
    (got,) = run(tf, done, {"x:0": image}, ["out:0"])
    plain = NETWORK.replace("NCHW", "NHWC").replace("[1,3,8,8]", "[1,8,8,3]")
    plain = plain.replace("{1, 1, 2, 2}", "{1, 2, 2, 1}")
    feeds = {"x:0": np.transpose(image, (0, 2, 3, 1))}
    (expected,) = run(tf, with_constants(plain, {"w": W}), feeds, ["out:0"])
    assert np.allclose(np.transpose(got, (0, 2, 3, 1)), expected, atol=1e-5)


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "line",
    [
        'out = AvgPool(x) T=float ksize={1, 1, 3, 2} strides={1, 1, 1, 2} padding="SAME"',
        'out = DepthwiseConv2dNative(x, w) T=float strides={1, 1, 1, 1} padding="EXPLICIT" '
        "explicit_paddings={0, 0, 0, 0, 1, 0, 2, 1}",
        'out = Conv2D(x, w) T=float strides={1, 1, 1, 1} padding="VALID" dilations={1, 1, 2, 2}',
        "out = SpaceToDepth(x) T=float block_size=2",
    ],
)
def test_attributes_move_along(line: str, tf: Any) -> None:
    text = f'x = Placeholder dtype=float shape=[1,3,8,8]\n{line} data_format="NCHW"'
    image = random(1, 3, 8, 8, seed=4)
    done = transform(with_constants(text, {"w": W}), "to_nhwc", ["x"], ["out"]).graph
    (got,) = run(tf, done, {"x:0": image}, ["out:0"])
    wide = tf.transpose(image, (0, 2, 3, 1))
    expected = {
        "AvgPool": lambda: tf.nn.avg_pool2d(wide, (3, 2), (1, 2), "SAME"),
        "DepthwiseConv2dNative": lambda: tf.nn.depthwise_conv2d(
            wide, W, (1, 1, 1, 1), [[0, 0], [1, 0], [2, 1], [0, 0]]
        ),
        "Conv2D": lambda: tf.nn.conv2d(wide, W, 1, "VALID", dilations=2),
        "SpaceToDepth": lambda: tf.nn.space_to_depth(wide, 2),
    }[line.split(" ")[2].partition("(")[0]]()
    assert np.allclose(np.transpose(got, (0, 2, 3, 1)), expected, atol=1e-5)
