"""flatten_atrous_conv: graphs before and after, what must not match, and equal values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.graph import Graph
from graphtools.transforms.pipeline import transform
from tests.arrays import i32
from tests.transforms.graphs import const, skips, text_of
from tests.transforms.numerics import checked, close, ops, random, replaced, run, with_constants

SPEC = "flatten_atrous_conv"
CONV = 'T=float data_format="NHWC" padding="VALID" strides={1, 1, 1, 1}'
PLAIN = f"""
    x = Placeholder dtype=float shape=[1,6,7,2]
    block = Const value=int32:[2,3]
    pads = Const value=int32:[[2,2],[3,5]]
    crops = Const value=int32:[[0,0],[0,2]]
    space = SpaceToBatchND(x, block, pads) T=float Tblock_shape=int32 Tpaddings=int32
    conv = Conv2D(space, w) {CONV}
    out = BatchToSpaceND(conv, block, crops) T=float Tblock_shape=int32 Tcrops=int32
"""
W = random(3, 3, 2, 4)
X = random(1, 6, 7, 2, seed=5)


def plain(text: str = PLAIN, **more: Any) -> Graph:
    return with_constants(text, {"w": W, **more})


def reason(source: Graph, spec: str = SPEC) -> str:
    """Why nothing was done."""
    done = transform(source, spec, ["x"], ["out"])
    assert not done.report.steps[0].edits
    return skips(done)["out"]


@pytest.mark.parametrize("op", ["Conv2D", "DepthwiseConv2dNative"])
def test_the_weights_get_zeros_between(op: str) -> None:
    done = checked(plain(PLAIN.replace("Conv2D", op)), SPEC, {"x": X})
    spread = np.zeros((5, 7, 2, 4), np.float32)
    spread[::2, ::3] = W
    expected = with_constants(
        f"""
        x = Placeholder dtype=float shape=[1,6,7,2]
        out = {op}(x, w) {CONV.replace("VALID", "SAME")}
        """,
        {"w": spread},
    )
    assert text_of(done.graph) == text_of(expected)
    assert np.array_equal(done.graph["w"].tensor.array(), spread)  # type: ignore[union-attr]


def test_dilations_on_demand() -> None:
    done = checked(plain(), f"{SPEC}(use_dilations=true)", {"x": X}).graph
    assert done["out"].attr("dilations") == [1, 2, 3, 1]
    assert np.array_equal(done["w"].tensor.array(), W)  # type: ignore[union-attr]
    depthwise = plain(PLAIN.replace("Conv2D", "DepthwiseConv2dNative"))
    done = checked(depthwise, f"{SPEC}(use_dilations=true)", {"x": X}).graph
    assert done["out"].attr("dilations") is None


@pytest.mark.parametrize("own", ["VALID", "SAME"])
@pytest.mark.parametrize(
    ("pads", "crops"),
    [
        ([2, 2, 3, 5], [0, 0, 0, 2]),
        ([0, 0, 0, 2], [0, 0, 0, 2]),
        ([2, 0, 1, 4], [0, 0, 1, 0]),
        ([1, 3, 4, 1], [1, 1, 2, 0]),
    ],
)
def test_paddings_and_crops(own: str, pads: list[int], crops: list[int]) -> None:
    source = plain(PLAIN.replace("VALID", own))
    source = replaced(source, const("pads", i32(pads).reshape(2, 2)))
    source = replaced(source, const("crops", i32(crops).reshape(2, 2)))
    done = checked(source, SPEC, {"x": X})
    assert ops(done.graph) == ["Conv2D"]


def test_explicit_padding_can_be_switched_off() -> None:
    source = replaced(plain(), const("pads", i32([[4, 2], [3, 5]])))
    assert transform(source, SPEC, ["x"], ["out"]).graph["out"].attr("padding") == b"EXPLICIT"
    assert "EXPLICIT" in reason(source, f"{SPEC}(explicit_paddings=false)")


def test_a_bias_may_stand_between() -> None:
    text = PLAIN.replace("ToSpaceND(conv", "ToSpaceND(b") + "\n b = BiasAdd(conv, bias) T=float"
    done = checked(plain(text, bias=random(4)), SPEC, {"x": X})
    assert sorted(ops(done.graph)) == ["BiasAdd", "Conv2D"]
    assert done.graph["out"].inputs == ("conv", "bias")


def test_shared_weights_are_copied_and_controls_kept() -> None:
    text = PLAIN.replace("(space, w)", "(space, w, ^first)") + "\n first = NoOp"
    text += f"\n other = Conv2D(x, w) {CONV}"
    done = checked(plain(text), SPEC, {"x": X}, ["out", "other"])
    assert done.graph["out"].inputs == ("x", "conv_flat_weights", "^first")
    assert done.graph["other"].inputs == ("x", "w")


def test_channels_first() -> None:
    text = PLAIN.replace("NHWC", "NCHW").replace("[1,6,7,2]", "[1,2,6,7]")
    source = plain(text)
    source = replaced(source, const("block", i32([1, 2, 3])))
    source = replaced(source, const("pads", i32([[0, 0], [2, 2], [3, 5]])))
    source = replaced(source, const("crops", i32([[0, 0], [0, 0], [0, 2]])))
    done = checked(source, SPEC, {"x": random(1, 2, 6, 7)})
    assert ops(done.graph) == ["Conv2D"]
    assert "moves channels" in reason(plain(text))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("strides={1, 1, 1, 1}", "strides={1, 2, 2, 1}", "strides or dilations"),
        ("strides={1, 1, 1, 1}", "strides={}", "strides or dilations"),
        ("strides", "dilations={1, 2, 2, 1} strides", "strides or dilations"),
        ("[[0,0],[0,2]]", "[[3,0],[0,2]]", "crops more"),
        ("[[0,0],[0,2]]", "[0,0]", "crops"),
        ("int32:[2,3]", "int32:[0,3]", "block_shape"),
        ("int32:[2,3]", "float:[2,3]", "integers"),
        ("(conv, block,", "(conv, other,", "different blocks"),
        ("(x, block, pads)", "(x, block, x)", "no constant"),
        ("(space, w)", "(space, x)", "no constant"),
        ("VALID", "EXPLICIT", "padding"),
        ("NHWC", "NHCW", "data_format"),
        ("out = ", "more = Identity(space) T=float\n out = ", "used by 'more'"),
    ],
)
def test_what_is_left_as_it_is(old: str, new: str, expected: str) -> None:
    assert old in PLAIN
    source = plain(PLAIN.replace(old, new), other=i32([3, 2]))
    assert expected in reason(source)


@pytest.mark.parametrize("shape", [(), (3, 3, 2), (3, 3, 2, 0), (1,) * 6])
def test_weights_of_a_wrong_shape(shape: tuple[int, ...]) -> None:
    assert "weights" in reason(replaced(plain(), const("w", np.zeros(shape, np.float32))))


def test_weights_that_would_be_too_large() -> None:
    source = replaced(plain(), const("block", i32([2**30, 2**30])))
    source = replaced(source, const("crops", i32([[0, 0], [0, 0]])))
    assert "too large" in reason(source)


@pytest.mark.tensorflow
@pytest.mark.parametrize("op", ["Conv2D", "DepthwiseConv2dNative"])
@pytest.mark.parametrize("spec", [SPEC, f"{SPEC}(use_dilations=true)"])
@pytest.mark.parametrize("pads", [[2, 2, 3, 5], [0, 0, 0, 2], [4, 0, 2, 6]])
def test_the_same_in_tensorflow(tf: Any, op: str, spec: str, pads: list[int]) -> None:
    source = plain(PLAIN.replace("Conv2D", op))
    source = replaced(source, const("pads", i32(pads).reshape(2, 2)))
    done = transform(source, spec, ["x"], ["out"])
    assert ops(done.graph) == [op]
    before = run(tf, source, {"x:0": X}, ["out:0"])[0]
    assert close(before, run(tf, done.graph, {"x:0": X}, ["out:0"])[0])
