from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidValue
from graphtools.verify.comparison import TensorComparison, compare_tensors
from tests.arrays import f32

NAN, INF = np.nan, np.inf


def compare(before: Any, after: Any, rtol: float = 0.0, atol: float = 0.0) -> TensorComparison:
    return compare_tensors("x", f32(before), f32(after), rtol, atol)


def test_equal_arrays_are_equal_bit_by_bit() -> None:
    found = compare([1, -2, NAN, INF], [1, -2, NAN, INF])
    assert found.equal
    assert found.bit_equal
    assert (found.max_abs, found.differing, found.nan_before, found.difference) == (0, 0, 1, "")


def test_errors_are_measured() -> None:
    found = compare([1, 100], [1.5, 101])
    assert not found.equal
    assert found.max_abs == 1
    assert found.max_relative == pytest.approx(1 / 3)
    assert found.difference == "2 of 2 elements differ"


@pytest.mark.parametrize(
    ("rtol", "atol", "equal"),
    [(0, 0.9, False), (0, 1, True), (0.009, 0, False), (0.01, 0, True), (0.005, 0.5, True)],
)
def test_the_tolerance_is_relative_and_absolute(rtol: float, atol: float, equal: bool) -> None:
    found = compare([100], [101], rtol, atol)
    assert (found.equal, found.bit_equal) == (equal, False)


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ([1, 2], [1, NAN], "1 of 2 elements differ, 1 more are NaN"),
        ([NAN, 2], [1, 2], "1 of 2 elements differ, 1 as one is NaN or infinite"),
        ([NAN, 2], [2, NAN], "2 of 2 elements differ, 2 as one is NaN or infinite"),
        ([1, INF], [1, -INF], "1 of 2 elements differ, 1 as one is NaN or infinite"),
        ([1, 2], [1, INF], "1 of 2 elements differ, 1 as one is NaN or infinite"),
    ],
)
def test_nan_and_infinity_differ_from_all_else(before: Any, after: Any, difference: str) -> None:
    found = compare(before, after, 1, 1)
    assert not found.equal
    assert found.difference == difference


def test_zeros_of_both_signs_are_equal_but_not_bit_by_bit() -> None:
    found = compare([0.0], [-0.0])
    assert found.equal
    assert not found.bit_equal


def test_another_shape_or_dtype_differs_whatever_the_tolerance() -> None:
    found = compare_tensors("x", np.zeros((2, 1)), np.zeros(2), INF, INF)
    assert not found.equal
    assert found.difference == "shape [2] instead of [2,1]"
    found = compare_tensors("x", np.zeros(2, "f4"), np.zeros(2, "f8"), INF, INF)
    assert found.difference == "dtype float64 instead of float32"
    found = compare_tensors("x", np.zeros(2), np.zeros(2), dtypes=("float32", "bfloat16"))
    assert found.difference == "dtype bfloat16 instead of float32"


def test_strings_integers_and_booleans_are_compared() -> None:
    words, longer = (np.array([b"a", w], np.object_) for w in (b"b", b"b\0"))
    assert compare_tensors("x", words, words).bit_equal
    assert compare_tensors("x", words, longer).differing == 1
    assert compare_tensors("x", np.array([1, 2]), np.array([1, 4]), 0, 0).max_abs == 2
    assert compare_tensors("x", np.array([True]), np.array([False]), 0, 0).max_abs == 1


def test_empty_and_scalar_tensors_are_compared() -> None:
    assert compare(np.zeros((0, 3)), np.zeros((0, 3))).bit_equal
    assert compare(1, 2).max_abs == 1


@pytest.mark.parametrize("tolerance", [(-1, 0), (0, -1), (NAN, 0)])
def test_a_tolerance_is_not_negative(tolerance: tuple[float, float]) -> None:
    with pytest.raises(InvalidValue, match="a tolerance is 0 or more"):
        compare([1], [1], *tolerance)
