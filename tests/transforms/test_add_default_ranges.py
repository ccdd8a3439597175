"""Ranges for all that has none."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools.errors import InvalidValue
from graphtools.idioms.fake_quant import range_of
from tests.transforms.fake_quants import CONV, FQ, WEIGHTS, X, fake_quant
from tests.transforms.graphs import apply, same, skips
from tests.transforms.numerics import random, run, values
from tests.transforms.quantized_runs import tensorflow

STEP = "add_default_ranges(min=0, max=6)"
BEFORE = f"""
{X}
{WEIGHTS}
c = Conv2D(x, w) {CONV}
b = BiasAdd(c, bias) T=float
r = Relu6(b) T=float
p = MaxPool(r) T=float ksize={{1, 2, 2, 1}} strides={{1, 2, 2, 1}} padding="SAME"
n = Neg(p) T=float
s = Sigmoid(n) T=float
out = Mul(s, n) T=float
"""
AFTER = f"""
{X}
{WEIGHTS}
w/range/min = Const value=float:-1
w/range/max = Const value=float:2
w/range = FakeQuantWithMinMaxVars(w, w/range/min, w/range/max) {FQ}
c = Conv2D(x, w/range) {CONV}
b = BiasAdd(c, bias) T=float
r = Relu6(b) T=float
r/default_range/min = Const value=float:0
r/default_range/max = Const value=float:6
r/default_range = FakeQuantWithMinMaxVars(r, r/default_range/min, r/default_range/max) {FQ}
p = MaxPool(r/default_range) T=float ksize={{1, 2, 2, 1}} strides={{1, 2, 2, 1}} padding="SAME"
n = Neg(p) T=float
n/default_range/min = Const value=float:0
n/default_range/max = Const value=float:6
n/default_range = FakeQuantWithMinMaxVars(n, n/default_range/min, n/default_range/max) {FQ}
s = Sigmoid(n/default_range) T=float
out/before_default_range = Mul(s, n/default_range) T=float
out/min = Const value=float:0
out/max = Const value=float:6
out = FakeQuantWithMinMaxVars(out/before_default_range, out/min, out/max) {FQ}
"""


def test_each_operator_gets_one_range() -> None:
    assert same(apply(BEFORE, STEP, ["x"], ["out"]).graph, AFTER)


def test_it_does_nothing_twice() -> None:
    once = apply(BEFORE, STEP, ["x"], ["out"]).graph
    assert same(apply(once, STEP, ["x"], ["out"]).graph, AFTER)


@pytest.mark.tensorflow
def test_tensorflow_rounds_to_the_ranges() -> None:
    done = apply(BEFORE, STEP, ["x"], ["out"])
    x = random(1, 4, 4, 2)
    (left,) = run(tensorflow(), done.graph, {"x:0": x}, ["out:0"])
    np.testing.assert_allclose(left, values(done.graph, {"x": x}), atol=6 / 255 * 1.01)
    wide = apply(BEFORE, "add_default_ranges(min=-9, max=9)", ["x"], ["out"]).graph
    found = run(tensorflow(), wide, {"x:0": x}, ["out:0"])[0]
    np.testing.assert_allclose(found, values(wide, {"x": x}), atol=0.3)


def test_what_has_a_range_keeps_it() -> None:
    before = f"""
    {X}
    n = Neg(x) T=float
    {fake_quant("q", "n", -1, 1)}
    axes = Const value=int32:[1,2]
    out = Mean(q, axes) T=float Tidx=int32 keep_dims=false
    """
    done = apply(before, STEP, ["x"], ["out"]).graph
    assert "n/default_range" not in done
    assert tuple(range_of(done, done["out"])) == (-1, 1)


def test_weights_are_left_alone_when_asked() -> None:
    done = apply(BEFORE, "add_default_ranges(min=0, max=6, weights=false)", ["x"], ["out"]).graph
    assert done["c"].inputs == ("x", "w")
    assert "r/default_range" in done


@pytest.mark.parametrize(
    "before",
    [
        "x = Placeholder dtype=int32\nout = Neg(x) T=int32",
        "x = Placeholder dtype=float\nout = Unheard(x)",
        "x = Placeholder dtype=float\nout = Reshape(x, x) T=float",
        "a = Const value=float:[1,2]\nout = Neg(a) T=float",
        "x = Placeholder dtype=float\none = Const value=float:1\nout = RealDiv(x, one) T=float",
    ],
)
def test_what_needs_no_range_gets_none(before: str) -> None:
    assert same(apply(before, STEP, ["x"] if "x =" in before else [], ["out"]).graph, before)


def test_an_output_that_is_not_the_first_of_its_node_is_told() -> None:
    before = (
        f"{X}\nb = Const value=float:[1,2]\nout = FusedBatchNormV3(x, b, b, b, b) T=float U=float"
    )
    done = apply(before, STEP, ["x"], ["out:1"])
    assert "not its first" in skips(done)["out"]


def test_weights_that_are_not_finite_are_told() -> None:
    before = BEFORE.replace("[[[[1,-1],[0.5,2]]]]", "[[[[1,-1],[0.5,NaN]]]]")
    assert "not finite" in skips(apply(before, STEP, ["x"], ["out"]))["c"]


@pytest.mark.parametrize("ends", ["min=6, max=0", "min=1, max=6", "min=0, max=0", "min=0, max=inf"])
def test_what_is_no_range_is_refused(ends: str) -> None:
    with pytest.raises(InvalidValue):
        apply(BEFORE, f"add_default_ranges({ends})", ["x"], ["out"])
