"""A convolution between SpaceToBatchND and BatchToSpaceND, which the converter makes one.

What converts, and what does not, was measured with TensorFlow 2.21.
"""

from __future__ import annotations

import numpy as np
import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.graph import Graph
from tests.compat.test_prediction import Builder

PADDED, NONE, LAST = [[2, 2], [2, 2]], [[0, 0], [0, 0]], [[1, 1], [1, 1]]


def dilated(bias: bool, pads: list[list[int]], crops: list[list[int]], batch: int | None) -> Graph:
    """A convolution of rate 2 with a Relu behind it."""
    b = Builder()
    x = b.feed("x", [batch, 8, 8, 3])
    rates = b.constant("rates", [2, 2])
    start = b.op(
        "s2b", "SpaceToBatchND", x, rates, b.constant("pads", pads),
        T="float32", Tblock_shape="int32", Tpaddings="int32",
    )  # fmt: skip
    weights = b.constant("w", np.ones((3, 3, 3, 6)), "float32")
    last = b.op(
        "conv", "Conv2D", start, weights, T="float32", strides=[1, 1, 1, 1], padding=b"VALID"
    )
    if bias:
        last = b.op("bias", "BiasAdd", last, b.constant("b", np.ones(6), "float32"), T="float32")
    last = b.op(
        "b2s", "BatchToSpaceND", last, rates, b.constant("crops", crops),
        T="float32", Tblock_shape="int32", Tcrops="int32",
    )  # fmt: skip
    b.op("out", "Relu", last, T="float32")
    return Graph(b.nodes)


@pytest.mark.parametrize(
    ("bias", "pads", "crops", "batch", "converts"),
    [
        (False, PADDED, NONE, 1, True),
        (False, NONE, NONE, 1, True),
        (False, LAST, LAST, 1, True),
        (False, LAST, NONE, 1, False),
        (False, PADDED, LAST, 1, False),
        (False, PADDED, LAST, None, True),
        (True, PADDED, NONE, 1, False),
        (True, NONE, NONE, 1, False),
        (True, PADDED, NONE, None, True),
    ],
)
def test_shapes_that_the_converter_loses(
    bias: bool,
    pads: list[list[int]],
    crops: list[list[int]],
    batch: int | None,
    converts: bool,
) -> None:
    verdict = predict_conversion(dilated(bias, pads, crops, batch), ["x"], ["out"])
    assert verdict.builtins == verdict.select == converts
    assert [b.node for b in verdict.blockers] == ([] if converts else ["b2s"])
