"""FakeQuants inside of what becomes one operator."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.fake_quants import CONV, WEIGHTS, X, fake_quant
from tests.transforms.graphs import apply, graph, same, skips
from tests.transforms.numerics import random, run, values
from tests.transforms.quantized_runs import tensorflow

STEP = "reorder_across_fake_quant"
END = fake_quant("out", "last", 0, 6)
BEFORE = f"""
{X}
{WEIGHTS}
c = Conv2D(x, w) {CONV}
{fake_quant("inner", "c", -3, 3)}
b = BiasAdd(inner, bias) T=float data_format="NHWC"
{fake_quant("between", "b", -3, 3)}
last = Relu6(between) T=float
{END}
"""
AFTER = f"""
{X}
{WEIGHTS}
c = Conv2D(x, w) {CONV}
b = BiasAdd(c, bias) T=float data_format="NHWC"
last = Relu6(b) T=float
{END}
"""


def test_only_the_last_range_is_left() -> None:
    assert same(apply(BEFORE, STEP, ["x"], ["out"]).graph, AFTER)


@pytest.mark.tensorflow
def test_tensorflow_gives_what_is_meant() -> None:
    done = apply(BEFORE, STEP, ["x"], ["out"])
    x = random(1, 4, 4, 2)
    (left,) = run(tensorflow(), done.graph, {"x:0": x}, ["out:0"])
    # one step of the last range, where sums differ in their last bit
    np.testing.assert_allclose(left, values(graph(AFTER), {"x": x}), atol=6 / 255 * 1.01)


@pytest.mark.parametrize(
    "inside",
    [
        "last = BiasAdd(inner, bias) T=float",
        "last = AddV2(bias, inner) T=float",
        "m = Mul(inner, bias) T=float\ns = Sub(m, bias) T=float\nlast = Relu(s) T=float",
        "last = FusedBatchNormV3(inner, bias, bias, bias, bias) T=float U=float",
    ],
)
def test_what_a_convolution_takes_in(inside: str) -> None:
    before = (
        f"{X}\n{WEIGHTS}\nc = Conv2D(x, w) {CONV}{fake_quant('inner', 'c', -3, 3)}{inside}{END}"
    )
    assert "inner" not in apply(before, STEP, ["x"], ["out"]).graph


def test_a_sum_takes_in_its_activation() -> None:
    before = f"{X}\ns = AddV2(x, x) T=float{fake_quant('q', 's', -3, 3)}last = Relu(q) T=float{END}"
    assert "q" not in apply(before, STEP, ["x"], ["out"]).graph


@pytest.mark.parametrize(
    ("before", "outputs", "reason"),
    [
        (BEFORE.replace(END, "out = Identity(last) T=float"), ["out"], "'last', a range"),
        (BEFORE, ["out", "c"], "'c' is an input or output"),
        (BEFORE, ["out", "inner"], "'inner' is an input or output"),
    ],
)
def test_it_stays_with_the_reason(before: str, outputs: list[str], reason: str) -> None:
    found = skips(apply(before, STEP, ["x"], outputs))
    assert any(reason in text for text in found.values()), found


@pytest.mark.parametrize(
    "inside",
    [
        "last = Sigmoid(inner) T=float",
        "last = AddV2(inner, x) T=float",
        "last = RealDiv(bias, inner) T=float",
        "last = MaxPool(inner) T=float ksize={1, 2, 2, 1} strides={1, 2, 2, 1}",
        "last = Relu(inner) T=float\nother = Neg(inner) T=float",
        "last = Relu(inner) T=float\nother = Neg(c) T=float",
    ],
)
def test_what_is_an_operator_of_its_own_keeps_its_range(inside: str) -> None:
    before = (
        f"{X}\n{WEIGHTS}\nc = Conv2D(x, w) {CONV}{fake_quant('inner', 'c', -3, 3)}{inside}{END}"
    )
    assert "inner" in apply(before, STEP, ["x"], ["out"]).graph
