"""FakeQuants as arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.fake_quants import X
from tests.transforms.graphs import apply, graph, same, skips
from tests.transforms.numerics import random, run, values
from tests.transforms.quantized_runs import tensorflow

STEP = "expand_fake_quant"


def network(low: float, high: float, attrs: str = "num_bits=8 narrow_range=false") -> str:
    return f"""
    {X}
    low = Const value=float:{low}
    high = Const value=float:{high}
    out = FakeQuantWithMinMaxVars(x, low, high) {attrs}
    """


def test_it_clips_divides_and_rounds() -> None:
    done = apply(network(-1, 2, "num_bits=2 narrow_range=false"), STEP, ["x"], ["out"])
    assert same(
        done.graph,
        f"""
        {X}
        out/low = Const value=float:-1
        out/high = Const value=float:2
        out/zero = Const value=float:1
        out/half = Const value=float:0.5
        out/step = Const value=float:1
        out/maximum_low = Maximum(x, out/low) T=float
        out/minimum_high = Minimum(out/maximum_low, out/high) T=float
        out/sub_low = Sub(out/minimum_high, out/low) T=float
        out/realdiv_step = RealDiv(out/sub_low, out/step) T=float
        out/sub_zero = Sub(out/realdiv_step, out/zero) T=float
        out/addv2_half = AddV2(out/sub_zero, out/half) T=float
        out/floor_all = Floor(out/addv2_half) T=float
        out = Mul(out/floor_all, out/step) T=float
        """,
    )


RANGES = [(-1, 2), (0, 6), (-0.5, 3.7), (-3.1, 0), (0.25, 5), (-6, -1)]


@pytest.mark.parametrize("ends", [r for r in RANGES if r[0] <= 0 <= r[1]])
@pytest.mark.parametrize("attrs", ["num_bits=8 narrow_range=false", "num_bits=4 narrow_range=true"])
def test_the_values_are_the_same(ends: tuple[float, float], attrs: str) -> None:
    source = graph(network(*ends, attrs))
    x = random(1, 4, 4, 2) * 8
    done = apply(source, STEP, ["x"], ["out"]).graph
    np.testing.assert_allclose(values(done, {"x": x}), values(source, {"x": x}), atol=1e-5)


@pytest.mark.tensorflow
@pytest.mark.parametrize("ends", RANGES)
@pytest.mark.parametrize("op", ["FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxArgs"])
def test_tensorflow_gives_the_same_to_the_last_bit(ends: tuple[float, float], op: str) -> None:
    if op.endswith("Args"):
        low, high = ends
        attrs = f"num_bits=8 narrow_range=false min={low:.1f} max={high:.1f}"
        if not low <= 0 <= high:
            pytest.skip("the op refuses it")
        source = graph(f"{X}\nout = {op}(x) {attrs}")
    else:
        source = graph(network(*ends))
    done = apply(source, STEP, ["x"], ["out"]).graph
    x = random(1, 4, 4, 2) * 8
    # in the middle between two values, and all over the range
    halves = np.linspace(*ends, 511, dtype=np.float32)[: x.size].reshape(x.shape)
    for values_of_x in (x, halves):
        feeds = {"x:0": values_of_x}
        left, right = (run(tensorflow(), g, feeds, ["out:0"])[0] for g in (source, done))
        np.testing.assert_array_equal(left, right)


def test_ranges_in_attributes_are_read_too() -> None:
    before = f"{X}\nout = FakeQuantWithMinMaxArgs(x) num_bits=8 narrow_range=false min=-1.0 max=1.0"
    done = apply(before, STEP, ["x"], ["out"]).graph
    x = random(1, 4, 4, 2)
    np.testing.assert_allclose(values(done, {"x": x}), values(graph(before), {"x": x}), atol=1e-6)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (network(-1, 2).replace("low = Const value=float:-1", "low = Placeholder"), "no constant"),
        (network(3, 2), "from 3 to 2"),
        (network(-1, 2, "num_bits=99 narrow_range=false"), "num_bits"),
        (
            f"{X}\ne = Const value=float:[1,2]\n"
            "out = FakeQuantWithMinMaxVarsPerChannel(x, e, e) num_bits=8",
            "for each channel",
        ),
        ("out = FakeQuantWithMinMaxVars", "three inputs"),
    ],
)
def test_it_stays_with_the_reason(before: str, reason: str) -> None:
    done = apply(before, STEP, [], ["out"])
    assert same(done.graph, before)
    assert reason in skips(done)["out"]


def test_one_that_is_fed_stays() -> None:
    before = f"{network(-1, 2)}\ny = Neg(out) T=float"
    assert same(apply(before, STEP, ["out"], ["y"]).graph, before)
