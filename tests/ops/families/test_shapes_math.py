from __future__ import annotations

from typing import Any

import pytest

from graphtools.graph.dtypes import dtype
from tests.ops.families.shape_cases import finding, scalar, shapes_of, value


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "expected"),
    [
        ("Relu", [(2, None)], {}, [(2, None)]),
        ("AddV2", [(2, 1, 4), (3, None)], {}, [(2, 3, 4)]),
        ("Mul", [None, (3,)], {}, [None]),
        ("Equal", [(2,), (3,)], {"incompatible_shape_error": False}, [()]),
        ("Equal", [(None,), (3,)], {"incompatible_shape_error": False}, [None]),
        ("SelectV2", [(2, 1), (3,), ()], {}, [(2, 3)]),
        ("Select", [(None,), (4, 3), (None, 3)], {}, [(4, 3)]),
        ("AddN", [(2, None), (None, 3)], {"N": 2}, [(2, 3)]),
        ("Sum", [(2, 3, 4), value(0, -1)], {}, [(3,)]),
        ("Sum", [(2, 3, 4), scalar(1)], {"keep_dims": True}, [(2, 1, 4)]),
        ("Mean", [(2, 3), (1,)], {"keep_dims": True}, [(None, None)]),
        ("ArgMax", [(2, 3, 4), scalar(1)], {}, [(2, 4)]),
        ("SegmentSum", [(5, 3), (5,)], {}, [(None, 3)]),
        ("UnsortedSegmentSum", [(5, 6, 3), (5, 6), scalar(4)], {}, [(4, 3)]),
        ("Bincount", [(9,), scalar(4), (0,)], {}, [(4,)]),
        ("TopKV2", [(2, 9), scalar(4)], {}, [(2, 4), (2, 4)]),
        ("MatMul", [(2, 3), (4, 3)], {"transpose_b": True}, [(2, 4)]),
        ("BatchMatMulV2", [(7, 1, 2, 3), (5, 3, 4)], {}, [(7, 5, 2, 4)]),
        ("BatchMatMul", [(7, None, 2, 3), (7, 5, 4, 3)], {"adj_y": True}, [(7, 5, 2, 4)]),
        (
            "Einsum",
            [(7, 2, 3), (1, 3, 4)],
            {"N": 2, "equation": b"...ij,...jk->k...i"},
            [(4, 7, 2)],
        ),
        ("Cholesky", [(7, None, 3)], {}, [(7, 3, 3)]),
        ("Svd", [(7, 5, 3)], {}, [(7, 3), (7, 5, 3), (7, 3, 3)]),
        ("Qr", [(5, 3)], {"full_matrices": True}, [(5, 5), (5, 3)]),
        ("MatrixSolve", [(None, 3), (3, 2)], {}, [(3, 2)]),
        ("MatrixSolveLs", [(5, 3), (5, 2), ()], {}, [(3, 2)]),
        ("MatrixDiagV3", [(2, 3), scalar(1), scalar(-1), scalar(-1), ()], {}, [(2, 4, 4)]),
        ("MatrixDiagPartV3", [(2, 5, 4), value(-1, 1), ()], {}, [(2, 3, 4)]),
        ("RFFT2D", [(7, 8, 9), value(4, 6)], {}, [(7, 4, 4)]),
        ("IRFFT", [(7, 8), value(6)], {}, [(7, 6)]),
        ("RandomUniform", [value(2, 3)], {"T": dtype("int32")}, [(2, 3)]),
        ("Multinomial", [(5, 6), scalar(3)], {}, [(5, 3)]),
        ("StatelessRandomUniform", [value(2, 3), (2,)], {}, [(2, 3)]),
        ("AudioSpectrogram", [(100, 2)], {"window_size": 20, "stride": 10}, [(2, 9, 17)]),
    ],
)
def test_shapes(op: str, inputs: list[Any], attrs: dict[str, Any], expected: list[Any]) -> None:
    assert shapes_of(op, inputs, attrs) == expected


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "says"),
    [
        ("AddV2", [(2, 3), (4,)], {}, "[2,3] and [4] cannot be broadcast"),
        ("Sum", [(2, 3), value(2)], {}, "has no axis 2"),
        ("MatMul", [(2, 3), (4, 5)], {}, "[2,3] and [4,5] cannot be multiplied"),
        ("Einsum", [(2, 3)], {"N": 1, "equation": b"ij->k"}, "letters that it does not take"),
        ("Cholesky", [(2, 3)], {}, "must be square"),
        ("TopKV2", [(2, 3), scalar(4)], {}, "do not have 4 best ones"),
        ("AddN", [(2,), (3,)], {"N": 2}, "must be equal"),
        ("RandomUniform", [value(-2)], {"T": dtype("int32")}, "cannot be [-2]"),
    ],
)
def test_contradictions(op: str, inputs: list[Any], attrs: dict[str, Any], says: str) -> None:
    assert says in finding(op, inputs, attrs)
