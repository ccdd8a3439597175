"""FakeQuants taken out."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.fake_quants import FQ, WEIGHTS, X, fake_quant
from tests.transforms.graphs import apply, graph, same, skips
from tests.transforms.numerics import random, run, values
from tests.transforms.quantized_runs import tensorflow

BEFORE = f"""
{X}
{WEIGHTS}
{fake_quant("w/quant", "w", -1, 2)}
c = Conv2D(x, w/quant) T=float strides={{1, 1, 1, 1}} padding="SAME" data_format="NHWC"
{fake_quant("c/quant", "c", -4, 4)}
r = Relu(c/quant) T=float _class={{"loc:@c/quant"}}
out = FakeQuantWithMinMaxArgs(r, ^c/quant) {FQ} min=-6.0 max=6.0
"""
AFTER = f"""
{X}
{WEIGHTS}
c = Conv2D(x, w) T=float strides={{1, 1, 1, 1}} padding="SAME" data_format="NHWC"
r = Relu(c) T=float
out = Identity(r, ^c) T=float
"""


def test_a_plain_float_graph_is_left() -> None:
    done = apply(BEFORE, "drop_fake_quant", ["x"], ["out"])
    assert same(done.graph, AFTER)


@pytest.mark.tensorflow
def test_tensorflow_gives_what_the_float_graph_gives() -> None:
    done = apply(BEFORE, "drop_fake_quant", ["x"], ["out"])
    x = random(1, 4, 4, 2)
    (left,) = run(tensorflow(), done.graph, {"x:0": x}, ["out:0"])
    np.testing.assert_allclose(left, values(graph(AFTER), {"x": x}), atol=1e-6)


def test_ranges_that_others_read_stay() -> None:
    done = apply(
        f"""
        {X}
        {fake_quant("q", "x", -1, 1)}
        out = Mul(q, q/high) T=float
        """,
        "drop_fake_quant",
        ["x"],
        ["out"],
    )
    assert same(
        done.graph,
        f"""
        {X}
        q/high = Const value=float:1
        out = Mul(x, q/high) T=float
        """,
    )


@pytest.mark.parametrize(
    ("before", "stays", "reason"),
    [
        (f"{X}{fake_quant('q', 'x', -1, 1)}out = Relu(q) T=float", ["q"], "input or output"),
        ("q = FakeQuantWithMinMaxVars\nout = Relu(q) T=float", [], "no input"),
    ],
)
def test_what_is_fed_or_damaged_stays(before: str, stays: list[str], reason: str) -> None:
    done = apply(before, "drop_fake_quant", stays, ["out"])
    assert "q" in done.graph
    assert reason in skips(done)["q"]


def test_other_ops_stay() -> None:
    before = "x = Placeholder dtype=float\nout = QuantizeAndDequantizeV2(x, x, x) T=float"
    assert same(apply(before, "drop_fake_quant", ["x"], ["out"]).graph, before)


def test_what_the_range_has_waited_for_is_waited_for_by_the_readers() -> None:
    text = """
        x = Placeholder dtype=float
        low = Const value=float:-1
        high = Const value=float:1
        update = NoOp
        read = Identity(low, ^update) T=float
        q = FakeQuantWithMinMaxVars(x, read, high)
        out = Relu(q) T=float
    """
    done = apply(text, "drop_fake_quant", ["x"], ["out"])
    assert [n.name for n in done.graph] == ["x", "update", "out"]
    assert done.graph["out"].inputs == ("x", "^update")
