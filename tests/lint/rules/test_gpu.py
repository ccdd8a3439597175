"""GT700-GT709: what the GPU delegate leaves to the CPU."""

from __future__ import annotations

import pytest

from graphtools.compat import gpu_delegate
from graphtools.compat.step import GraphStep
from graphtools.ops.inference import infer_shapes
from tests.lint.graphs import Case
from tests.transforms.graphs import graph

X = "x = Placeholder dtype=float shape=[1,8,8,3]\n"
GOOD = X + "y = Relu(x) T=float\n"
CASES = [
    Case("GT701", X + "y = Round(x) T=float", GOOD, "y", says="no Round"),
    Case("GT702", "x = Placeholder dtype=float shape=[1,2,2,2,3]\ny = Mul(x, x) T=float",
         "x = Placeholder dtype=float shape=[2,2,2,3]\ny = Mul(x, x) T=float", "y",
         says="5 dimensions"),
    Case("GT702", X + "y = AddN(x, x, x) T=float N=3", X + "y = AddN(x, x) T=float N=2", "y",
         says="3 tensors"),
    Case("GT703", GOOD.replace("[1,8", "[?,8"), GOOD, "x", says="[?,8,8,3]"),
    Case("GT704", "x = Placeholder dtype=float shape=[1]\ny = FakeQuantWithMinMaxArgs(x)", GOOD,
         "y"),
]  # fmt: skip
PADS = "p = Const value=int32:[[0,0],[1,1],[1,1],[0,0]]\n"


@pytest.mark.parametrize(
    ("node", "part"),
    [
        ("y = Cast(x) SrcT=float DstT=int32", ""),
        ("y = Cast(x) SrcT=float DstT=int64", "casts float32 to int64"),
        ("i = Placeholder dtype=int32 shape=[4]\ny = Neg(i) T=int32", "gives int32"),
        (PADS + "y = Pad(x, p) T=float Tpaddings=int32", ""),
        (PADS + 'y = MirrorPad(x, p) T=float mode="SYMMETRIC"', "not REFLECT"),
        ("v = Placeholder dtype=float shape=[4]\np = Const value=int32:[[1,1]]\n"
         "y = Pad(v, p) T=float Tpaddings=int32", "pads 1 dimensions"),
        ("a = Placeholder dtype=int32 shape=[1]\ny = Mean(x, a) T=float Tidx=int32",
         "axes are not constant"),
        ("w = Const value=float:zeros[3,3,3,2]\ny = DepthwiseConv2dNative(x, w) T=float "
         'strides={1, 1, 1, 1} padding="SAME"', "multiplier of 2"),
        ("i = Placeholder dtype=int64 shape=[2]\na = Const value=int32:0\n"
         "y = GatherV2(x, i, a) Tparams=float Tindices=int64 Taxis=int32", "indices are int64"),
        ("b = Const value=int32:[0]\ny = StridedSlice(x, b, b, b) T=float Index=int32 "
         "shrink_axis_mask=1", "shrink_axis_mask is set"),
        ("s = Const value=int32:[8,-1]\ny = Reshape(x, s) T=float Tshape=int32",
         "batch changes from 1 to 8"),
        ("s = Const value=int32:[-1,16]\ny = Reshape(x, s) T=float Tshape=int32",
         "batch changes from 1 to"),
        ("s = Const value=int32:[1,-1]\ny = Reshape(x, s) T=float Tshape=int32", ""),
        ("c = Const value=float:zeros[5,8]\ni = Placeholder dtype=int32 shape=[2]\n"
         "a = Const value=int32:0\n"
         "y = GatherV2(c, i, a) Tparams=float Tindices=int32 Taxis=int32", ""),
    ],
)  # fmt: skip
def test_documented_limits(node: str, part: str) -> None:
    made = graph(X + node)
    got = gpu_delegate.limit(GraphStep(infer_shapes(made), made["y"]))
    assert part in got
    assert bool(got) == bool(part)


def test_what_vanishes_and_what_reshapes_is_supported() -> None:
    assert all(map(gpu_delegate.is_supported, ("Identity", "Squeeze", "ExpandDims", "BiasAdd")))
    assert not gpu_delegate.is_supported("TopKV2")
    assert not gpu_delegate.is_supported("NoSuchOp")
