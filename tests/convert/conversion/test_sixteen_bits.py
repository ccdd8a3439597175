"""Graphs for values of 16 bits: squares become products, sums become means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphtools.convert.conversion.sixteen_bits import for_sixteen_bits
from graphtools.graph.graph import Graph
from graphtools.ops.inference import infer_shapes
from tests.convert.small_graphs import Convert, real_numbers, samples
from tests.transforms.graphs import graph, same

LAYER_NORM = """
    x = Placeholder dtype=float shape=[4,16]
    last = Const value=int32:[1]
    mean = Mean(x, last) T=float Tidx=int32 keep_dims=true
    square = SquaredDifference(x, mean) T=float
    variance = Mean(square, last) T=float Tidx=int32 keep_dims=true
    epsilon = Const value=float:0.001
    moved = AddV2(variance, epsilon) T=float
    inverse = Rsqrt(moved) T=float
    centred = Sub(x, mean) T=float
    y = Mul(centred, inverse) T=float
"""
SQUARED = LAYER_NORM.replace("SquaredDifference(x, mean)", "Square(centred)")
RMS_NORM = """
    x = Placeholder dtype=float shape=[4,16]
    last = Const value=int32:[1]
    square = Square(x) T=float
    mean = Mean(square, last) T=float Tidx=int32 keep_dims=true
    epsilon = Const value=float:0.001
    moved = AddV2(mean, epsilon) T=float
    inverse = Rsqrt(moved) T=float
    y = Mul(x, inverse) T=float
"""


SUM = """
    x = Placeholder dtype=float shape=[4,16]
    last = Const value=int32:[1]
    t = Tanh(x) T=float
    y = Sum(t, last) T=float Tidx=int32 keep_dims=false
"""
NOTE = "{} squares and sums became products and means, which LiteRT computes with int16"


def made(source: Graph) -> tuple[Graph, tuple[str, ...]]:
    return for_sixteen_bits(source, infer_shapes(source))


def test_a_sum_becomes_a_mean() -> None:
    source = graph(
        """
        x = Placeholder dtype=float shape=[?,3,2]
        axes = Const value=int32:[-1,1]
        y = Sum(x, axes) T=float Tidx=int32 keep_dims=true
        """
    )
    assert same(
        made(source)[0],
        """
        x = Placeholder dtype=float shape=[?,3,2]
        axes = Const value=int32:[-1,1]
        y/mean = Mean(x, axes) T=float Tidx=int32 keep_dims=true
        y/count = Const value=float:6
        y = Mul(y/mean, y/count) T=float
        """,
    )


@pytest.mark.parametrize(
    ("shape", "axes"), [("[?,3]", "[0]"), ("unknown", "[1]"), ("[?,3]", "[0,1]")]
)
def test_a_sum_over_what_is_open_stays(shape: str, axes: str) -> None:
    source = graph(
        f"""
        x = Placeholder dtype=float shape={shape}
        axes = Const value=int32:{axes}
        y = Sum(x, axes) T=float Tidx=int32
        """
    )
    assert made(source) == (source, ())


def test_a_squared_difference_and_a_square() -> None:
    before = """
        x = Placeholder dtype=float shape=[2]
        c = Const value=float:1
        first = NoOp
        one = SquaredDifference(x, c, ^first) T=float
        gap = Sub(x, c) T=float
        same = Identity(gap) T=float
        two = Square(same, ^first) T=float
        y = AddV2(one, two) T=float
    """
    done, notes = made(graph(before))
    assert notes == (NOTE.format(2),)
    assert same(
        done,
        """
        x = Placeholder dtype=float shape=[2]
        c = Const value=float:1
        first = NoOp
        one/difference = Sub(x, c) T=float
        one = Mul(one/difference, one/difference, ^first) T=float
        gap = Sub(x, c) T=float
        same = Identity(gap) T=float
        two = Mul(same, same, ^first) T=float
        y = AddV2(one, two) T=float
        """,
    )


@pytest.mark.parametrize(
    "node", ["SquaredDifference(x, x) T=int32", "Square(x) T=int32", "Mul(x, x) T=float"]
)
def test_what_stays(node: str) -> None:
    source = graph(f"x = Placeholder dtype=float shape=[2]\n y = {node}")
    assert made(source) == (source, ())


def test_an_l2_norm_stays() -> None:
    source = graph(
        """
        x = Placeholder dtype=float shape=[2,3]
        last = Const value=int32:[1]
        square = Square(x) T=float
        sum = Sum(square, last) T=float Tidx=int32 keep_dims=true
        least = Const value=float:1e-12
        held = Maximum(sum, least) T=float
        inverse = Rsqrt(held) T=float
        y = Mul(x, inverse) T=float
        """
    )
    assert made(source) == (source, ())


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize("text", [LAYER_NORM, SQUARED, RMS_NORM, SUM])
def test_what_int16_computes(text: str, converted: Convert, tmp_path: Path) -> None:
    net: Any = graph(text)
    data = samples(tmp_path, net, real_numbers(8, 4, 16))
    found = converted(net, quantize="int16x8", calibration=data)
    assert found.sound, found.findings
    assert found.litert.status == "ran"
    assert found.errors[0].snr is not None
    assert found.errors[0].snr > 60
