"""What moves values: known answers, edges, and agreement with TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphtools.ops.evaluation import NotConstant
from tests.arrays import c64, f32, i32, i64, u8
from tests.ops.families.single_ops import arrays, check_against, here, pairs, shapes, single, value
from tests.support import same_values

F, Z, L = np.float32, np.int32, np.int64
SIX = np.arange(6, dtype=Z).reshape(2, 3)
WORDS = np.array([b"a", b"b\0", b""], object)

ANSWERS: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("Reshape", (SIX, i32([3, -1])), {}, i32([[0, 1], [2, 3], [4, 5]])),
    ("Reshape", (np.zeros(0, F), i32([3, -1])), {}, np.zeros((3, 0), F)),
    ("ExpandDims", (SIX, Z(-1)), {}, SIX[..., None]),
    ("Squeeze", (SIX[None, ..., None],), {"squeeze_dims": [-1]}, SIX[None]),
    ("Squeeze", (SIX[None, ..., None],), {}, SIX),
    ("Transpose", (SIX, i32([1, 0])), {}, SIX.T),
    ("ConjugateTranspose", (c64([1 + 1j]), i32([0])), {}, c64([1 - 1j])),
    ("Concat", (Z(0), [SIX, SIX[:1]]), {}, np.concatenate([SIX, SIX[:1]])),
    ("ConcatV2", ([WORDS, WORDS[:1]], Z(-1)), {}, np.concatenate([WORDS, WORDS[:1]])),
    ("Pack", ([Z(1), Z(2)],), {}, i32([1, 2])),
    ("Slice", (SIX, i32([0, 1]), i32([-1, 2])), {}, SIX[:, 1:]),
    ("StridedSlice", (SIX, i32([-1]), i32([0]), i32([1])), {"shrink_axis_mask": 1}, SIX[-1]),
    (
        "StridedSlice",
        (SIX, i32([0]), i32([0]), i32([-1])),
        {"begin_mask": 1, "end_mask": 1},
        SIX[::-1],
    ),
    (
        "StridedSlice",
        (SIX, i32([0, 0, 1]), i32([0, 0, 2]), i32([1, 1, 1])),
        {"ellipsis_mask": 2, "new_axis_mask": 1},
        SIX[None, ..., 1:2],
    ),
    ("Gather", (SIX, i32([1, 1])), {}, SIX[[1, 1]]),
    ("GatherV2", (SIX, i32([[2], [0]]), Z(1)), {"batch_dims": 1}, i32([[2], [3]])),
    ("GatherNd", (SIX, i32([[0, 1], [1, 2]])), {}, i32([1, 5])),
    ("Tile", (SIX, i32([1, 0])), {}, np.zeros((2, 0), Z)),
    ("Pad", (i32([1]), i32([[1, 2]])), {}, i32([0, 1, 0, 0])),
    ("PadV2", (i32([1]), i32([[1, 0]]), Z(9)), {}, i32([9, 1])),
    ("MirrorPad", (i32([1, 2, 3]), i32([[2, 1]])), {"mode": b"REFLECT"}, i32([3, 2, 1, 2, 3, 2])),
    ("MirrorPad", (i32([1, 2]), i32([[2, 2]])), {"mode": b"SYMMETRIC"}, i32([2, 1, 1, 2, 2, 1])),
    ("ReverseV2", (SIX, i32([-1])), {}, SIX[:, ::-1]),
    ("Reverse", (SIX, np.array([True, False])), {}, SIX[::-1]),
    ("ReverseSequence", (SIX, i64([2, 1])), {"seq_dim": 1}, i32([[1, 0, 2], [3, 4, 5]])),
    ("Roll", (i32([1, 2, 3]), Z(1), Z(0)), {}, i32([3, 1, 2])),
    ("Fill", (i32([2]), F(-0.0)), {}, f32([-0.0, -0.0])),
    ("Fill", (i32([]), np.array(b"x", object)), {}, np.array(b"x", object)),
    ("ZerosLike", (WORDS,), {}, np.array([b""] * 3, object)),
    ("OnesLike", (np.array([False]),), {}, np.array([True])),
    ("BroadcastTo", (i32([[1], [2]]), i32([2, 2])), {}, i32([[1, 1], [2, 2]])),
    ("BroadcastArgs", (i32([2, 1]), i32([3])), {}, i32([2, 3])),
    ("Range", (Z(5), Z(0), Z(-2)), {}, i32([5, 3, 1])),
    ("Range", (F(0), F(1), F(0.25)), {}, f32([0, 0.25, 0.5, 0.75])),
    ("LinSpace", (F(0), F(1), Z(5)), {}, f32([0, 0.25, 0.5, 0.75, 1])),
    ("LinSpace", (F(3), F(9), Z(1)), {}, f32([3])),
    ("OneHot", (i32([1, -1]), Z(2), F(1), F(0)), {}, f32([[0, 1], [0, 0]])),
    ("Where", (np.array([[True, False], [False, True]]),), {}, i64([[0, 0], [1, 1]])),
    ("Select", (np.array([True, False]), SIX[:, :2], -SIX[:, :2]), {}, i32([[0, 1], [-3, -4]])),
    ("SelectV2", (np.array([True, False, True]), SIX, Z(9)), {}, i32([[0, 9, 2], [3, 9, 5]])),
    ("Diag", (i32([1, 2]),), {}, i32([[1, 0], [0, 2]])),
    ("MatrixBandPart", (np.ones((2, 2), Z), L(0), L(-1)), {}, i32([[1, 1], [0, 1]])),
    ("Unique", (i32([3, 1, 3]),), {}, i32([3, 1])),
    ("Unique", (WORDS,), {}, WORDS),
    ("InvertPermutation", (i32([2, 0, 1]),), {}, i32([1, 2, 0])),
    ("ScatterNd", (i32([[1], [1]]), f32([1, 2]), i32([3])), {}, f32([0, 3, 0])),
    ("TensorScatterUpdate", (i32([1, 2]), i32([[0]]), i32([9])), {}, i32([9, 2])),
    ("DynamicStitch", ([i32([0, 1]), i32([1])], [f32([1, 2]), f32([5])]), {}, f32([1, 5])),
    ("TopKV2", (i32([3, 7, 7]), Z(2)), {}, i32([7, 7])),
    ("Bucketize", (i32([0, 5, 9]),), {"boundaries": [1.0, 5.0]}, i32([0, 2, 2])),
    ("UpperBound", (i32([[1, 2, 2]]), i32([[2]])), {}, i32([[3]])),
    ("ListDiff", (i32([1, 2, 3]), i32([2])), {}, i32([1, 3])),
    ("Bitcast", (f32([1]),), {"type": "int32"}, i32([0x3F800000])),
    ("Bitcast", (i32([1]),), {"type": "uint8"}, u8([[1, 0, 0, 0]])),
    (
        "StringJoin",
        ([WORDS, np.array(b"z", object)],),
        {},
        np.array([b"az", b"b\0z", b"z"], object),
    ),
    ("EnsureShape", (SIX,), {"shape": None}, SIX),
]


@pytest.mark.parametrize(("op", "inputs", "attrs", "expected"), ANSWERS)
def test_known_answers(
    op: str, inputs: tuple[Any, ...], attrs: dict[str, Any], expected: Any
) -> None:
    found = value(op, *inputs, **{k: v for k, v in attrs.items() if v is not None})
    assert found.dtype == expected.dtype
    assert same_values(found, expected)


def test_the_other_outputs() -> None:
    assert [a.tolist() for a in here(single("Unique", i32([3, 1, 3])))] == [[3, 1], [0, 1, 0]]
    assert here(single("TopKV2", i32([3, 7, 7]), Z(2)))[1].tolist() == [1, 2]
    split = here(single("Split", Z(1), SIX, num_split=3))
    assert [a.tolist() for a in split] == [[[0], [3]], [[1], [4]], [[2], [5]]]
    parts = here(single("SplitV", SIX, i32([1, -1]), Z(-1), num_split=2))
    assert [a.shape for a in parts] == [(2, 1), (2, 2)]
    rows = here(single("Unpack", SIX, num=2))
    assert [a.tolist() for a in rows] == SIX.tolist()
    offsets = here(single("ConcatOffset", Z(0), [i32([2, 3]), i32([4, 3])]))
    assert [a.tolist() for a in offsets] == [[0, 0], [2, 0]]


def test_types_that_numpy_lacks_are_moved() -> None:
    for kind in ("bfloat16", "float8_e5m2", "int4", "qint8", "quint16"):
        array = np.array([1, 0, 1], Z)
        found = value("ReverseV2", array, i32([0]), kinds=[kind])
        assert found.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "reason"),
    [
        ("Reshape", (SIX, i32([-1, -1])), {}, "not known"),
        ("Reshape", (SIX, i32([-2, 3])), {}, "cannot be"),
        ("Reshape", (SIX, Z(6)), {}, "must be -1"),
        ("Transpose", (SIX, i32([0, 0])), {}, "no order"),
        ("Gather", (SIX, i32([2])), {}, "not below 2"),
        ("Gather", (SIX, i32([-1])), {}, "not below 2"),
        (
            "StridedSlice",
            (SIX, i32([2]), i32([3]), i32([1])),
            {"shrink_axis_mask": 1},
            "index 2 is outside",
        ),
        ("StridedSlice", (SIX, i32([0]), i32([3]), i32([0])), {}, "steps of 0"),
        ("Fill", (i32([1 << 30, 1 << 30]), F(0)), {}, "too many"),
        ("Range", (L(0), L(1 << 60), L(1)), {}, "too many"),
        ("Range", (Z(0), Z(5), Z(0)), {}, "steps of 0"),
        ("Range", (F(0), F(np.inf), F(1)), {}, "finite"),
        ("Tile", (SIX, i32([1 << 30, 1 << 30])), {}, "too many"),
        ("OneHot", (i32([1]), Z(2**31 - 1), F(1), F(0)), {}, "too many"),
        ("OneHot", (i32([]), Z(2**31 - 1), F(1), F(0)), {}, "too many"),
        ("Unique", (f32([np.nan]),), {}, "NaN"),
        ("TensorScatterUpdate", (i32([1]), i32([[0], [0]]), i32([8, 9])), {}, "meet"),
        ("DynamicStitch", ([i32([2])], [f32([1])]), {}, "not at all"),
        ("SpaceToDepth", (np.zeros((1, 3, 3, 1), F),), {"block_size": 2}, "cannot be divided"),
        ("SpaceToDepth", (np.zeros((1, 2, 2, 1), F),), {"block_size": 1}, "the size 1"),
        ("OneHot", (i32([0]), Z(3), F(1), F(0)), {"axis": -2}, "-1 or more"),
    ],
)
def test_refusals_say_why(
    op: str, inputs: tuple[Any, ...], attrs: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotConstant, match=reason):
        value(op, *inputs, **attrs)


# Against TensorFlow

KINDS = st.sampled_from(["float32", "int32", "bool", "int64", "complex64", "uint8"])


# long: a case for each op, read one at a time
def draw_graph(op: str, draw: Any) -> Any:  # noqa: C901
    """A node of an op with inputs that mostly are valid."""
    kind = draw(KINDS)
    x = draw(arrays(kind))
    rank = x.ndim
    axis = Z(draw(st.integers(-rank, rank - 1))) if rank else Z(0)
    small = st.integers(-2, 4)

    def ints(count: int, values: Any = small) -> Any:
        return Z(draw(st.lists(values, min_size=count, max_size=count)))

    if op in ("ExpandDims", "Squeeze", "Unpack", "ZerosLike", "OnesLike", "Diag", "Where"):
        attrs: dict[str, Any] = {}
        if op == "Unpack":
            attrs = {"axis": int(axis), "num": x.shape[axis] if rank else 1}
            assume(attrs["num"])
        if op == "Where" and kind == "complex64":
            x = x.real
        extra = [Z(draw(st.integers(-rank - 1, rank)))] if op == "ExpandDims" else []
        return single(op, x, *extra, **attrs)
    if op == "Transpose":
        return single(op, x, Z(draw(st.permutations(range(rank)))))
    if op == "Reshape":
        return single(op, x, draw(st.sampled_from([i32([-1]), i32([2, -1]), Z(x.shape[::-1])])))
    if op in ("ConcatV2", "Pack"):
        parts = [draw(arrays(kind, x.shape)) for _ in range(draw(st.integers(2, 3)))]
        if op == "Pack":
            return single(op, parts, axis=int(axis))
        return single(op, parts, axis)
    if op == "Slice":
        return single(op, x, ints(rank, st.integers(0, 2)), ints(rank, st.integers(-1, 2)))
    if op == "StridedSlice":
        count = draw(st.integers(0, rank + 1))
        masks = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"]
        attrs = {m: draw(st.integers(0, (1 << count) - 1)) for m in masks}
        if draw(st.booleans()):
            attrs["ellipsis_mask"] = attrs["new_axis_mask"] = 0
        steps = ints(count, st.sampled_from([1, 1, 2, -1, -2]))
        bounds = [ints(count, st.integers(-5, 5)) for _ in "be"]
        return single(op, x, *bounds, steps, **attrs)
    if op in ("GatherV2", "Gather"):
        indices = draw(arrays("int32", draw(shapes(ranks=(0, 2))), plain=True)) % 3
        return single(op, x, indices.astype(Z), *([axis] if op == "GatherV2" else []))
    if op == "GatherNd":
        depth = draw(st.integers(0, rank))
        lead = draw(shapes(ranks=(0, 2)))
        return single(op, x, draw(arrays("int32", (*lead, depth), plain=True)) % 2)
    if op == "Tile":
        return single(op, x, ints(rank, st.integers(0, 3)))
    if op in ("Pad", "MirrorPad"):
        frame = ints(2 * rank, st.integers(0, 2)).reshape(rank, 2)
        mode = {"mode": draw(st.sampled_from([b"REFLECT", b"SYMMETRIC"]))}
        return single(op, x, frame, **(mode if op == "MirrorPad" else {}))
    if op == "ReverseV2":
        axes = i32(draw(st.lists(st.integers(-rank, rank - 1), max_size=rank)) if rank else [])
        return single(op, x, axes)
    if op == "Roll":
        return single(op, x, ints(1), axis.reshape(1))
    if op == "BroadcastTo":
        return single(op, x, i32([2, *x.shape]))
    if op in ("BroadcastArgs", "BroadcastGradientArgs"):
        left, right = draw(pairs("bool"))
        return single(op, Z(left.shape), Z(right.shape))
    if op == "OneHot":
        indices = draw(arrays("int32", draw(shapes(ranks=(0, 2))), plain=True))
        place = draw(st.integers(-1, indices.ndim))
        depth = Z(draw(st.integers(0, 4)))
        return single(op, indices, depth, F(2), F(-0.0), axis=place)
    if op == "SelectV2":
        condition, y = draw(pairs("bool"))
        then, other = draw(arrays(kind, y.shape)), draw(arrays(kind, ()))
        return single(op, condition, then, other)
    if op == "Range":
        number = draw(st.sampled_from([Z, L, F, np.float64]))
        low, high = (draw(st.integers(-20, 20)) for _ in "lh")
        step = draw(st.sampled_from([1, 3, -1, -2]))
        divisor = 7 if number in (F, np.float64) else 1
        return single(op, *(number(v / divisor) for v in (low, high, step)))
    if op == "LinSpace":
        ends = [F(draw(st.floats(-9, 9, width=32))) for _ in "lh"]
        return single(op, *ends, Z(draw(st.integers(1, 9))))
    if op in ("MatrixDiag", "MatrixDiagPart", "MatrixBandPart"):
        x = draw(arrays(kind, draw(shapes(ranks=(2, 3), least=1))))
        bands = [L(draw(st.integers(-1, 1))) for _ in "lu"] if op == "MatrixBandPart" else []
        return single(op, x, *bands)
    if op == "MatrixDiagV3":
        low = draw(st.integers(-2, 2))
        high = draw(st.integers(low, 2))
        lines = () if low == high else (high - low + 1,)
        x = draw(arrays("float32", (*lines, draw(st.integers(1, 3))), plain=True))
        align = draw(st.sampled_from(ALIGN))
        return single(op, x, i32([low, high]), Z(-1), Z(-1), F(7), align=align)
    if op == "MatrixDiagPartV3":
        low = draw(st.integers(-2, 2))
        x = draw(arrays("float32", (2, draw(st.integers(1, 4)), draw(st.integers(1, 4)))))
        high = draw(st.integers(low, 2))
        return single(op, x, i32([low, high]), F(7), align=draw(st.sampled_from(ALIGN)))
    if op in ("Unique", "UniqueWithCounts", "TopKV2", "NthElement", "ListDiff", "Bucketize"):
        x = draw(arrays("int32", (draw(st.integers(0, 6)),), plain=True)) % 4
        if op == "TopKV2":
            return single(op, x, Z(draw(st.integers(0, 6))))
        if op == "NthElement":
            return single(op, x, Z(draw(st.integers(0, 6))), reverse=draw(st.booleans()))
        if op == "Bucketize":
            return single(op, x, boundaries=[0.5, 1.0, 2.0])
        return single(op, x, *([i32([1, 2])] if op == "ListDiff" else []))
    if op in ("LowerBound", "UpperBound"):
        rows = np.sort(draw(arrays("int32", (2, 4), plain=True)))
        return single(op, rows, draw(arrays("int32", (2, 3), plain=True)))
    if op == "ScatterNd":
        places = draw(arrays("int32", (3, 1), plain=True)) % 4
        return single(op, places, draw(arrays("float32", (3, 2), plain=True)), i32([4, 2]))
    if op == "DynamicStitch":
        first = Z(draw(st.permutations(range(4))))
        more = draw(arrays("int32", (2, 2), plain=True)) % 4
        data = [draw(arrays("float32", (*i.shape, 2))) for i in (first, more)]
        return single(op, [first, more], data)
    if op == "SpaceToBatchND":
        x = draw(arrays(kind, (2, 4, 3, 2)))
        return single(op, x, i32([2, 3]), i32([[draw(st.integers(0, 2)), 0], [0, 0]]))
    if op == "BatchToSpaceND":
        x = draw(arrays(kind, (6, 2, 1, 2)))
        return single(op, x, i32([2, 3]), i32([[draw(st.integers(0, 2)), 0], [0, 1]]))
    if op in ("SpaceToDepth", "DepthToSpace"):
        return single(op, draw(arrays("float32", (2, 4, 2, 8))), block_size=2)
    if op == "Bitcast":
        source, target = (draw(st.sampled_from(BYTES)) for _ in "st")
        x = draw(arrays(source, draw(st.sampled_from([(), (2,), (3, 4), (2, 8)]))))
        return single(op, x, type=target)
    assert op == "ReverseSequence"
    x = draw(arrays(kind, (3, 2, 4)))
    return single(op, x, ints(2, st.integers(0, 4)), seq_dim=2, batch_dim=1)


ALIGN = [b"LEFT_RIGHT", b"RIGHT_LEFT", b"LEFT_LEFT", b"RIGHT_RIGHT"]
BYTES = ["int8", "uint16", "int32", "float32", "float64", "int64", "complex64"]
OPS = [
    *("ExpandDims", "Squeeze", "Unpack", "ZerosLike", "OnesLike", "Diag", "Where", "Transpose"),
    *("Reshape", "ConcatV2", "Pack", "Slice", "StridedSlice", "GatherV2", "Gather", "GatherNd"),
    *("Tile", "Pad", "MirrorPad", "ReverseV2", "Roll", "BroadcastTo", "BroadcastArgs", "OneHot"),
    *("BroadcastGradientArgs", "SelectV2", "Range", "LinSpace", "MatrixDiag", "MatrixDiagPart"),
    *("MatrixBandPart", "MatrixDiagV3", "MatrixDiagPartV3", "Unique", "UniqueWithCounts"),
    *("TopKV2", "NthElement", "ListDiff", "Bucketize", "LowerBound", "UpperBound", "ScatterNd"),
    *("DynamicStitch", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepth", "DepthToSpace"),
    *("Bitcast", "ReverseSequence"),
]


@pytest.mark.tensorflow
@settings(max_examples=20)
@pytest.mark.parametrize("op", OPS)
@given(data=st.data())
def test_as_in_tensorflow(tf: Any, op: str, data: st.DataObject) -> None:
    check_against(tf, draw_graph(op, data.draw), 2 if op == "LinSpace" else 0)


@pytest.mark.tensorflow
@settings(max_examples=250)
@given(data=st.data())
def test_slices_as_in_tensorflow(tf: Any, data: st.DataObject) -> None:
    check_against(tf, draw_graph("StridedSlice", data.draw), 0)
