"""Sums, products of matrices, windows and images: known answers, and agreement with TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.ops.evaluation import NotConstant
from tests.arrays import f16, f32, i32, u8
from tests.ops.families.single_ops import arrays, check_against, shapes, single, value
from tests.support import same_values

F, Z, B = np.float32, np.int32, np.uint8
SIX = np.arange(6, dtype=Z).reshape(2, 3)
INF = np.inf
LOW = np.iinfo(np.int32).min
IMAGE = np.arange(4, dtype=F).reshape(1, 2, 2, 1)

ANSWERS: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("Sum", (SIX, i32([-1])), {}, i32([3, 12])),
    ("Sum", (SIX, i32([0, 1])), {"keep_dims": True}, i32([[15]])),
    ("Sum", (SIX, i32([])), {}, SIX),
    ("Sum", (u8([200, 100]), Z(0)), {}, B(44)),
    ("Sum", (f32([1e8, 1, -1e8]), Z(0)), {}, F(1)),
    ("Mean", (i32([-3, -4]), Z(0)), {}, Z(-3)),
    ("Mean", (np.zeros(0, F), Z(0)), {}, F(np.nan)),
    ("Prod", (np.zeros((0, 2), F), Z(0)), {}, f32([1, 1])),
    ("Max", (np.zeros((0,), F), Z(0)), {}, F(-INF)),
    ("Max", (np.zeros((0,), Z), Z(0)), {}, Z(LOW)),
    ("Min", (SIX, i32([1])), {}, i32([0, 3])),
    ("All", (np.zeros((0,), bool), Z(0)), {}, np.array(True)),
    ("Any", (np.array([[True, False]]), Z(0)), {}, np.array([True, False])),
    ("ArgMax", (i32([1, 7, 7]), Z(-1)), {}, np.int64(1)),
    ("ArgMin", (i32([[3, 1]]), Z(1)), {"output_type": "int32"}, i32([1])),
    ("SegmentSum", (f32([1, 2, 3]), i32([0, 0, 2])), {}, f32([3, 0, 3])),
    ("UnsortedSegmentMax", (f32([1, 2, 3]), i32([1, -1, 1]), Z(2)), {}, f32([np.finfo(F).min, 3])),
    ("MatMul", (SIX, SIX), {"transpose_b": True}, SIX @ SIX.T),
    ("MatMul", (np.zeros((2, 0), F), np.zeros((0, 3), F)), {}, np.zeros((2, 3), F)),
    ("BatchMatMulV2", (np.ones((2, 1, 2), F), np.ones((2, 1), F)), {}, np.full((2, 1, 1), 2, F)),
    ("Einsum", ([SIX, SIX],), {"equation": b"ij,kj->ik"}, SIX @ SIX.T),
    ("ResizeNearestNeighbor", (IMAGE, i32([1, 4])), {}, f32([0, 0, 1, 1]).reshape(1, 1, 4, 1)),
    (
        "ResizeBilinear",
        (IMAGE, i32([3, 2])),
        {"align_corners": True},
        f32([0, 1, 1, 2, 2, 3]).reshape(1, 3, 2, 1),
    ),
    (
        "Conv2D",
        (IMAGE, np.ones((2, 2, 1, 1), F)),
        {"strides": [1, 1, 1, 1], "padding": b"SAME"},
        f32([6, 4, 5, 3]).reshape(1, 2, 2, 1),
    ),
    (
        "AvgPool",
        (IMAGE,),
        {"ksize": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "padding": b"SAME"},
        f32([1.5, 2, 2.5, 3]).reshape(1, 2, 2, 1),
    ),
    ("L2Loss", (f32([3, 4]),), {}, F(12.5)),
]


@pytest.mark.parametrize(("op", "inputs", "attrs", "expected"), ANSWERS)
def test_known_answers(
    op: str, inputs: tuple[Any, ...], attrs: dict[str, Any], expected: Any
) -> None:
    found = value(op, *inputs, **attrs)
    assert found.dtype == expected.dtype
    assert same_values(found, expected)


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "reason"),
    [
        ("Sum", (SIX, i32([0, 0])), {}, "distinct"),
        ("Sum", (SIX, i32([2])), {}, "no axis 2"),
        ("Sum", (f16([1]), Z(0)), {}, "rounded on the way"),
        ("Max", (f32([np.nan]), Z(0)), {}, "NaN"),
        ("ArgMax", (np.zeros((0,), F), Z(0)), {}, "no value"),
        ("MatMul", (np.ones((1 << 12, 1), F), np.ones((1, 1 << 12), F)), {}, "too many"),
        ("SegmentSum", (f32([1, 2]), i32([1, 0])), {}, "do not rise"),
        ("ResizeBilinear", (IMAGE, i32([0, 1])), {}, "pixels"),
        ("ResizeBilinear", (IMAGE, i32([1 << 20, 1 << 20])), {}, "too many"),
    ],
)
def test_refusals_say_why(
    op: str, inputs: tuple[Any, ...], attrs: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotConstant, match=reason):
        value(op, *inputs, **attrs)


# Against TensorFlow

SUMS = ["Sum", "Prod", "Mean", "Max", "Min"]


@pytest.mark.tensorflow
@settings(max_examples=150)
@given(data=st.data())
def test_reductions(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from([*SUMS, "ArgMax", "ArgMin", "EuclideanNorm", "All", "Any"]))
    kind = data.draw(st.sampled_from(["float32", "float64", "int32", "int64", "uint8"]))
    kind = "bool" if op in ("All", "Any") else "float32" if op == "EuclideanNorm" else kind
    array = data.draw(arrays(kind, data.draw(shapes(ranks=(1, 3))), plain=kind[0] == "f"))
    axis = st.integers(-array.ndim, array.ndim - 1)
    if op in ("ArgMax", "ArgMin"):
        graph = single(op, array, Z(data.draw(axis)))
    else:
        axes = data.draw(st.lists(axis, max_size=2))
        graph = single(op, array, i32(axes), keep_dims=data.draw(st.booleans()))
    large = op == "Mean" and kind[0] != "f"
    check_against(tf, graph, 4, absolute=1e-5, must=not large)


@pytest.mark.tensorflow
@settings(max_examples=80)
@given(data=st.data())
def test_segments(tf: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["float32", "int32"]))
    combine = data.draw(st.sampled_from(["Sum", "Prod", "Max", "Min", "Mean"]))
    array = data.draw(arrays(kind, (data.draw(st.integers(0, 5)), 2), plain=True))
    if data.draw(st.booleans()) and combine != "Mean":
        ids = i32(data.draw(st.lists(st.integers(-1, 3), min_size=len(array), max_size=len(array))))
        graph = single(f"UnsortedSegment{combine}", array, ids, Z(4))
    else:
        ids = i32(data.draw(st.lists(st.integers(0, 4), min_size=len(array), max_size=len(array))))
        graph = single(f"Segment{combine}", array, np.sort(ids))
    check_against(tf, graph, 4, absolute=1e-5, must=combine != "Mean")


@pytest.mark.tensorflow
@settings(max_examples=80)
@given(data=st.data())
def test_products_of_matrices(tf: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["float32", "float64", "int32", "complex64"]))
    rows, inner, columns = (data.draw(st.integers(0, 4)) for _ in "abc")
    options: dict[str, Any] = {"plain": kind != "int32"}
    if data.draw(st.booleans()):
        a = data.draw(arrays(kind, (rows, inner), **options))
        b = data.draw(arrays(kind, (columns, inner), **options))
        graph = single("MatMul", a, b, transpose_b=True)
    elif data.draw(st.booleans()):
        a = data.draw(arrays(kind, (2, 1, inner, rows), **options))
        b = data.draw(arrays(kind, (3, inner, columns), **options))
        graph = single("BatchMatMulV2", a, b, adj_x=True)
    else:
        a = data.draw(arrays("float32", (2, rows, inner), plain=True))
        b = data.draw(arrays("float32", (inner, columns), plain=True))
        graph = single("Einsum", [a, b], equation=b"...ab,bc->...ac")
    check_against(tf, graph, 4, absolute=1e-4)


@pytest.mark.tensorflow
@settings(max_examples=80)
@given(data=st.data())
def test_images_in_other_sizes(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(["ResizeBilinear", "ResizeNearestNeighbor"]))
    height, width = (data.draw(st.integers(1, 5)) for _ in "hw")
    image = data.draw(arrays("float32", (1, height, width, 2), plain=True))
    size = i32([data.draw(st.integers(1, 9)) for _ in "hw"])
    mode = data.draw(st.sampled_from(["", "align_corners", "half_pixel_centers"]))
    # TensorFlow may multiply and add in one step, which rounds once
    flags: dict[str, Any] = {mode: True} if mode else {}
    check_against(tf, single(op, image, size, **flags), absolute=4e-6)


@pytest.mark.tensorflow
@settings(max_examples=60)
@given(data=st.data())
def test_windows(tf: Any, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(["Conv2D", "DepthwiseConv2dNative", "MaxPool", "AvgPool"]))
    image = data.draw(arrays("float32", (2, 4, 3, 2), plain=True))
    step, height, width = (data.draw(st.integers(1, 2)) for _ in "shw")
    attrs: dict[str, Any] = {
        "padding": data.draw(st.sampled_from([b"SAME", b"VALID"])),
        "strides": [1, step, step, 1],
    }
    inputs = [image]
    if op.endswith("Pool"):
        attrs["ksize"] = [1, height, width, 1]
    else:
        inputs.append(data.draw(arrays("float32", (height, width, 2, 2), plain=True)))
    check_against(tf, single(op, *inputs, **attrs), 4, absolute=1e-4)


@pytest.mark.tensorflow
@settings(max_examples=30)
@given(data=st.data())
def test_batch_normalization(tf: Any, data: st.DataObject) -> None:
    image = data.draw(arrays("float32", (1, 2, 2, 3), plain=True))
    scale, offset, mean = (data.draw(arrays("float32", (3,), plain=True)) for _ in "som")
    variance = np.abs(data.draw(arrays("float32", (3,), plain=True)))
    if data.draw(st.booleans()):
        graph = single("FusedBatchNormV3", image, scale, offset, mean, variance, is_training=False)
        check_against(tf, graph, 4, absolute=1e-2, outputs=3)
    else:
        op = "BatchNormWithGlobalNormalization"
        graph = single(op, image, mean, variance, offset, scale, variance_epsilon=0.001,
                       scale_after_normalization=data.draw(st.booleans()))  # fmt: skip
        graph.set_versions(graph.versions._replace(producer=8))
        check_against(tf, graph, 4, absolute=1e-2)
