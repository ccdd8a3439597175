"""fuse_convolutions and its three parts: before and after, what must not match, equal values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.graph import Graph
from graphtools.transforms.pipeline import transform
from tests.arrays import i32
from tests.transforms.graphs import apply, const, graph, skips, text_of
from tests.transforms.numerics import (
    CONV,
    checked,
    close,
    ops,
    random,
    replaced,
    run,
    with_constants,
)

VALID = CONV.replace("SAME", "VALID")
RESIZED = f"""
    x = Placeholder dtype=float shape=[1,6,7,2]
    size = Const value=int32:[9,5]
    resized = ResizeBilinear(x, size) T=float align_corners=true half_pixel_centers=false
    amounts = Const value=int32:[[0,0],[1,2],[3,0],[0,0]]
    padded = MirrorPad(resized, amounts) T=float Tpaddings=int32 mode="REFLECT"
    conv = Conv2D(padded, w) {VALID}
    out = Relu(conv) T=float
"""


def lacking(text: str, *names: str) -> str:
    """Lines of text without those of some nodes."""
    return "\n".join(x for x in text.splitlines() if x.split(" =")[0].strip() not in names)


JUST_RESIZED = lacking(RESIZED, "amounts", "padded").replace("(padded", "(resized")
MIRRORED = lacking(RESIZED, "size", "resized").replace("(resized", "(x")
ZEROS = MIRRORED.replace("MirrorPad", "Pad").replace(' mode="REFLECT"', "")
W = random(3, 3, 2, 4)
X = random(1, 6, 7, 2, seed=5)


def plain(text: str) -> Graph:
    return with_constants(text, {"w": W})


def reason(source: Graph, spec: str = "fuse_convolutions") -> str:
    """Why nothing was done."""
    done = transform(source, spec, ["x"], ["out"])
    assert not done.report.steps[0].edits
    return skips(done)["conv"]


def test_resizing_and_reflecting_become_one_op() -> None:
    done = apply(plain(RESIZED), "fuse_resize_pad_and_conv", ["x"], ["out"])
    expected = """
        x = Placeholder dtype=float shape=[1,6,7,2]
        size = Const value=int32:[9,5]
        amounts = Const value=int32:[[0,0],[1,2],[3,0],[0,0]]
        conv = FusedResizeAndPadConv2D(x, size, amounts, w) T=float mode="REFLECT" padding="VALID" \
resize_align_corners=true strides={1, 1, 1, 1}
        out = Relu(conv) T=float
    """
    assert text_of(done.graph) == text_of(plain(expected))


def test_resizing_gets_paddings_that_do_nothing() -> None:
    source = plain(JUST_RESIZED)
    done = transform(source, "fuse_resize_and_conv", ["x"], ["out"]).graph
    assert done["conv"].inputs == ("x", "size", "conv_dummy_paddings", "w")
    assert not np.any(done["conv_dummy_paddings"].tensor.array())  # type: ignore[union-attr]
    assert done["conv"].attr("mode") == b"REFLECT"
    assert "resized" not in done


def test_reflecting_alone() -> None:
    done = transform(plain(MIRRORED), "fuse_pad_and_conv", ["x"], ["out"]).graph
    assert done["conv"].op == "FusedPadConv2D"
    assert done["conv"].inputs == ("x", "amounts", "w")
    assert sorted(done["conv"].attrs) == ["T", "mode", "padding", "strides"]


def test_all_at_once_takes_the_most_it_can() -> None:
    for text, op in ((RESIZED, "FusedResizeAndPadConv2D"), (MIRRORED, "FusedPadConv2D")):
        done = transform(plain(text), "fuse_convolutions", ["x"], ["out"]).graph
        assert ops(done) == [op, "Relu"]


def test_control_inputs_are_kept() -> None:
    text = RESIZED.replace("(resized, amounts)", "(resized, amounts, ^first)")
    text = text.replace("(padded, w)", "(padded, w, ^last)") + "\n first = NoOp\n last = NoOp"
    done = transform(plain(text), "fuse_convolutions", ["x"], ["out"]).graph
    assert set(done["conv"].control_inputs) == {"first", "last"}


@pytest.mark.parametrize("op", ["Conv2D", "DepthwiseConv2dNative"])
@pytest.mark.parametrize(
    ("amounts", "attrs", "padding"),
    [
        ([1, 1, 1, 1], VALID, b"SAME"),
        ([1, 2, 3, 0], VALID, b"EXPLICIT"),
        ([0, 0, 0, 0], VALID, b"VALID"),
        ([1, 1, 1, 1], CONV, b"EXPLICIT"),
        ([0, 1, 0, 1], VALID.replace("1, 1, 1, 1", "1, 2, 2, 1"), b"EXPLICIT"),
        ([0, 1, 1, 1], VALID.replace("1, 1, 1, 1", "1, 2, 2, 1"), b"SAME"),
        ([0, 2, 1, 1], VALID.replace("1, 1, 1, 1", "1, 2, 2, 1"), b"SAME"),
        ([0, 3, 1, 1], VALID.replace("1, 1, 1, 1", "1, 2, 2, 1"), b"EXPLICIT"),
        ([2, 2, 2, 2], VALID + " dilations={1, 2, 2, 1}", b"SAME"),
    ],
)
def test_zeros_go_into_the_convolution(
    op: str, amounts: list[int], attrs: str, padding: bytes
) -> None:
    source = plain(ZEROS.replace(VALID, attrs).replace("Conv2D", op))
    source = replaced(source, const("amounts", i32([0, 0, *amounts, 0, 0]).reshape(4, 2)))
    done = checked(source, "fuse_pad_and_conv", {"x": X})
    assert ops(done.graph) == [op, "Relu"]
    assert done.graph["conv"].attr("padding") == padding


def test_explicit_padding_can_be_switched_off() -> None:
    spec = "fuse_pad_and_conv(explicit_paddings=false)"
    assert "EXPLICIT" in reason(plain(ZEROS), spec)
    same_padding = replaced(plain(ZEROS), const("amounts", i32([[0, 0], [1, 1], [1, 1], [0, 0]])))
    assert ops(checked(same_padding, spec, {"x": X}).graph) == ["Conv2D", "Relu"]


def test_zeros_channels_first_and_with_a_value() -> None:
    text = ZEROS.replace("NHWC", "NCHW").replace("[1,6,7,2]", "[1,2,6,7]")
    text = text.replace("Pad(x, amounts)", "PadV2(x, amounts, value)")
    source = with_constants(plain(text), {"value": np.float32(0)})
    amounts = const("amounts", i32([[0, 0], [0, 0], [1, 2], [3, 0]]))
    source = replaced(source, amounts)
    done = checked(source, "fuse_pad_and_conv", {"x": random(1, 2, 6, 7)})
    assert done.graph["conv"].attr("explicit_paddings") == [0, 0, 0, 0, 1, 2, 3, 0]
    ones = replaced(source, const("value", np.float32(1)))
    assert "does not pad with zeros" in reason(ones)


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (JUST_RESIZED, "half_pixel_centers=false", "half_pixel_centers=true", "half_pixel_centers"),
        (RESIZED, "[1,6,7,2]", "[?,6,7,2]", "one image"),
        (MIRRORED, "[1,6,7,2]", "[2,6,7,2]", "one image"),
        (MIRRORED, "NHWC", "NCHW", "NHWC"),
        (MIRRORED, '"VALID"', '"EXPLICIT"', "EXPLICIT"),
        (MIRRORED, "T=float strides", "T=bfloat16 strides", "bfloat16"),
        (MIRRORED, "strides={1, 1, 1, 1}", "strides={1, 1}", "strides"),
        (MIRRORED, "[0,0],[1,2]", "[1,0],[1,2]", "batch or channels"),
        (MIRRORED, "int32:[[0,0],[1,2],[3,0],[0,0]]", "int32:[1,2]", "the paddings"),
        (MIRRORED, "int32:[[0", "int64:[[0", "int64"),
        (MIRRORED, "(x, amounts)", "(x, x)", "no constant"),
        (MIRRORED, "REFLECT", "OTHER", "mode"),
        (MIRRORED, "out =", "more = Identity(padded) T=float\n out =", "used by 'more'"),
        (MIRRORED, "[1,6,7,2]", "[1,6,7,4]", "in groups"),
        (MIRRORED, "}", "} dilations={1, 2, 2, 1}", "dilated"),
        (ZEROS, "[3,0],[0,0]]", "[3,0],[0,1]]", "batch or channels"),
        (ZEROS, "[3,0],[0,0]]", "[-3,0],[0,0]]", "the paddings"),
        (ZEROS, "NHWC", "NHWC_VECT_W", "data_format"),
    ],
)
def test_what_is_not_fused(text: str, old: str, new: str, expected: str) -> None:
    assert old in text
    assert expected in reason(plain(text.replace(old, new)))


def test_any_batch_is_fused_on_demand() -> None:
    source = plain(MIRRORED.replace("[1,6,7,2]", "[?,6,7,2]"))
    done = transform(source, "fuse_convolutions(any_batch=true)", ["x"], ["out"]).graph
    assert done["conv"].op == "FusedPadConv2D"


def test_a_kernel_smaller_than_the_stride_stays() -> None:
    text = MIRRORED.replace(VALID, CONV.replace("1, 1, 1, 1", "1, 3, 3, 1"))
    source = replaced(plain(text), const("w", random(1, 1, 2, 4)))
    assert "smaller than its stride" in reason(source)


def test_a_resized_image_in_a_loop_keeps_its_constant_there() -> None:
    text = JUST_RESIZED.replace("ResizeBilinear(x", "ResizeBilinear(entered")
    text += '\n entered = Enter(x) T=float frame_name="f" is_constant=false parallel_iterations=1'
    source = plain(text)
    done = transform(source, "fuse_resize_and_conv(any_batch=true)", ["x"], ["out"]).graph
    assert done["conv_dummy_paddings"].inputs == ("^entered",)


@pytest.mark.tensorflow
@pytest.mark.parametrize("mode", ["REFLECT", "SYMMETRIC"])
@pytest.mark.parametrize("attrs", [VALID, CONV, CONV.replace("1, 1, 1, 1", "1, 2, 2, 1")])
@pytest.mark.parametrize("text", [RESIZED, JUST_RESIZED, MIRRORED, ZEROS])
def test_the_same_in_tensorflow(tf: Any, text: str, attrs: str, mode: str) -> None:
    source = plain(text.replace("REFLECT", mode).replace(VALID, attrs))
    done = transform(source, "fuse_convolutions", ["x"], ["out"])
    if text is not ZEROS:
        assert [op for op in ops(done.graph) if op.startswith("Fused")]
    before = run(tf, source, {"x:0": X}, ["out:0"])[0]
    assert close(before, run(tf, done.graph, {"x:0": X}, ["out:0"])[0])


def test_an_empty_graph_is_left_alone() -> None:
    assert not transform(graph(""), "fuse_convolutions").report.steps[0].edits
