"""One range for all that is joined."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools import Graph
from graphtools.idioms.fake_quant import range_of
from tests.transforms.fake_quants import FQ, X, fake_quant
from tests.transforms.graphs import apply, graph, same, skips
from tests.transforms.numerics import random, run, values
from tests.transforms.quantized_runs import tensorflow

STEP = "change_concat_input_ranges"
AXIS = "axis = Const value=int32:3"
TWO = f"""
{X}
{AXIS}
{fake_quant("a", "x", 0, 5)}
{fake_quant("b", "x", -2, 2)}
"""


def range_at(graph: Graph, name: str) -> tuple[float, float]:
    return tuple(range_of(graph, graph[name]))  # type: ignore[return-value]


def test_inputs_and_result_get_the_range_that_holds_all() -> None:
    done = apply(
        f"""
        {TWO}
        cat = ConcatV2(a, b, axis) T=float N=2 Tidx=int32
        {fake_quant("out", "cat", -1, 8)}
        """,
        STEP,
        ["x"],
        ["out"],
    )
    ends = "\n".join(
        f"{name}/min = Const value=float:-2\n{name}/max = Const value=float:8\n"
        f"{name} = FakeQuantWithMinMaxVars({source}, {name}/min, {name}/max) {FQ}\n{join}"
        for name, source, join in (
            ("a", "x", ""),
            ("b", "x", "cat = ConcatV2(a, b, axis) T=float N=2 Tidx=int32"),
            ("out", "cat", ""),
        )
    )
    assert same(done.graph, f"{X}\n{AXIS}\n{ends}")


def test_ranges_come_through_what_moves_values_and_through_concatenations() -> None:
    done = apply(
        f"""
        {TWO}
        shape = Const value=int32:[1,16,2]
        rank = Const value=int32:2
        a2 = Reshape(a, shape) T=float Tshape=int32
        b2 = Reshape(b, shape) T=float Tshape=int32
        first = ConcatV2(a2, b2, rank) T=float N=2 Tidx=int32
        {fake_quant("c", "x", -7, 1)}
        c2 = Reshape(c, shape) T=float Tshape=int32
        out = ConcatV2(first, c2, rank) T=float N=2 Tidx=int32
        """,
        STEP,
        ["x"],
        ["out"],
    ).graph
    assert {range_at(done, name) for name in "abc"} == {(-7, 5)}


def test_an_input_without_a_range_gets_one() -> None:
    done = apply(f"{TWO}n = Neg(x) T=float\nout = ConcatV2(a, n, axis) T=float N=2", STEP).graph
    made = done["out"].inputs[1]
    assert done[made].inputs[0] == "n"
    assert range_at(done, made) == range_at(done, "a") == (0, 5)


def test_constants_and_attributes_that_others_share_are_kept() -> None:
    done = apply(
        f"""
        {X}
        {AXIS}
        low = Const value=float:-1
        high = Const value=float:1
        a = FakeQuantWithMinMaxVars(x, low, high) {FQ}
        b = FakeQuantWithMinMaxArgs(x) {FQ} min=-3.0 max=0.5
        alone = FakeQuantWithMinMaxVars(x, low, high) {FQ}
        out = Concat(axis, a, b) T=float N=2
        """,
        STEP,
        ["x"],
        ["out", "alone"],
    ).graph
    assert range_at(done, "a") == range_at(done, "b") == (-3, 1)
    assert range_at(done, "alone") == (-1, 1)


@pytest.mark.tensorflow
def test_tensorflow_rounds_to_the_wider_range() -> None:
    before = f"{TWO}out = ConcatV2(a, b, axis) T=float N=2 Tidx=int32"
    done = apply(before, STEP, ["x"], ["out"])
    x = random(1, 4, 4, 2)
    (left,) = run(tensorflow(), done.graph, {"x:0": x}, ["out:0"])
    np.testing.assert_allclose(left, values(done.graph, {"x": x}), atol=1e-6)
    np.testing.assert_allclose(
        left[..., 2:], values(graph(before), {"x": x})[..., 2:], atol=7 / 255
    )


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (f"{X}\n{AXIS}\nout = ConcatV2(x, x, axis) T=float N=2", ""),
        (f"{TWO}out = Pack(a, b) T=float N=2", ""),
        (
            f"{TWO}out = ConcatV2(a, b, axis) T=float N=2".replace(
                "a/high = Const value=float:5", "a/high = Placeholder dtype=float"
            ),
            "no constant",
        ),
        (
            f"{TWO}out = ConcatV2(a, b, axis) T=float N=2".replace(
                "value=float:5", "value=float:-5"
            ),
            "its range is from 0 to -5",
        ),
    ],
)
def test_what_stays_as_it_is(before: str, reason: str) -> None:
    done = apply(before, STEP, ["x"], ["out"])
    assert same(done.graph, before)
    assert reason in skips(done).get("out", "")


def test_equal_ranges_stay() -> None:
    before = f"{X}\n{AXIS}{fake_quant('a', 'x', -1, 1)}out = ConcatV2(a, a, axis) T=float N=2"
    assert same(apply(before, STEP, ["x"], ["out"]).graph, before)
