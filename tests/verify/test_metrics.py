from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from graphtools.errors import InvalidValue, UnknownName
from graphtools.verify.metrics import TOLERANCES, Tolerance, choose_tolerance, measure

FLOATS = hnp.arrays(
    np.float32,
    hnp.array_shapes(max_dims=3, max_side=5),
    elements=st.floats(-1e6, 1e6, width=32),
)


@given(FLOATS)
def test_a_value_is_equal_to_itself(array: np.ndarray) -> None:
    found = measure(array, array, 0.5)
    assert found.is_equal
    assert (found.max_abs, found.snr, found.within_step) == (0, None, 1)
    assert found.cosine is None or math.isclose(found.cosine, 1, rel_tol=1e-9)
    assert all(t.admits(found, 0) for t in TOLERANCES.values())


@given(FLOATS, FLOATS)
def test_measures_keep_to_their_bounds(a: np.ndarray, b: np.ndarray) -> None:
    if a.shape != b.shape:
        b = np.resize(b, a.shape)
    found = measure(a, b)
    assert found.cosine is None or -1.000001 <= found.cosine <= 1.000001
    for share in (found.top1, found.top5):
        assert share is None or 0 <= share <= 1
    assert found.max_abs is not None
    assert found.mean_abs is not None
    assert 0 <= found.mean_abs <= found.max_abs * 1.000001
    assert (found.top1, found.top5) == (measure(b, a).top1, measure(b, a).top5)


def test_the_measures_are_those_of_the_formulas() -> None:
    a, b = np.array([3.0, 4.0]), np.array([3.0, 3.0])
    found = measure(a, b, 0.5)
    assert found.max_abs == 1
    assert found.mean_abs == 0.5
    assert found.relative == 0.25
    assert found.cosine == pytest.approx(21 / (5 * math.sqrt(18)))
    assert found.snr == pytest.approx(10 * math.log10(25 / 1))
    assert found.within_step == 0.5


def test_what_is_not_finite_counts_and_spoils_nothing() -> None:
    a = np.array([np.nan, np.inf, 1.0, np.inf, np.nan])
    b = np.array([np.nan, np.inf, 2.0, -np.inf, 3.0])
    found = measure(a, b)
    assert found.not_finite == 2
    assert found.max_abs == 1
    assert not any(t.admits(found, 0) for t in TOLERANCES.values())
    assert measure(a[:2], b[:2]).is_equal
    assert measure(a[:2], b[:2]).max_abs is None


def test_large_numbers_do_not_overflow() -> None:
    found = measure(np.array([1e200, 1e200]), np.array([1e200, 1.1e200]))
    assert found.snr == pytest.approx(10 * math.log10(2 / 0.01), rel=1e-3)
    assert found.cosine == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("a", "b", "top1", "top5"),
    [
        ([[1, 2, 3]], [[0, 0, 9]], 1.0, None),
        ([[1, 2, 3], [3, 2, 1]], [[0, 9, 0], [9, 0, 0]], 0.5, None),
        ([[1, 2, 3]], [[7, 7, 7]], 1 / 3, None),  # all equal: each a third
        ([[1, 2, 3, 4, 5, 6]], [[9, 2, 3, 4, 5, 6]], 0.0, 0.8),
        ([[[[1, 2, 3]]]], [[[[1, 2, 3]]]], 1.0, None),
        ([[1, 2]], [[1, 2]], None, None),  # too few to be classes
        ([1, 2, 3], [1, 2, 3], None, None),
        ([[[1, 2, 3], [1, 2, 3]]], [[[1, 2, 3], [1, 2, 3]]], None, None),
    ],
)
def test_agreement_of_the_largest(
    a: list[object], b: list[object], top1: float | None, top5: float | None
) -> None:
    found = measure(np.array(a, np.float32), np.array(b, np.float32))
    assert found.top1 == pytest.approx(top1)
    assert found.top5 == pytest.approx(top5)


def test_an_element_is_measured_by_the_largest_of_the_tensor() -> None:
    tolerance = Tolerance("x", 0.01, 0.0)
    assert tolerance.admits(measure(np.array([100.0, 0.0]), np.array([100.0, 0.9])), 0)
    assert not tolerance.admits(measure(np.array([100.0, 0.0]), np.array([100.0, 1.1])), 0)


def test_steps_count_where_something_is_left_of_the_tensor() -> None:
    tolerance = Tolerance("x", 0.0, 0.0, 1.0)
    a, b = np.array([0.3, 0.4]), np.array([0.2, 0.3])
    assert tolerance.admits(measure(a, b, 0.11), 0.11)
    assert not tolerance.admits(measure(a, b, 0.09), 0.09)
    assert not tolerance.admits(measure(a, np.zeros(2), 0.5), 0.5)
    assert tolerance.admits(measure(np.zeros(2), np.array([0.0, 0.1]), 0.1), 0.1)


def test_little_noise_is_enough_for_quantized_models_and_not_for_floats() -> None:
    numbers = np.random.default_rng(0)
    a = numbers.standard_normal(1000)
    b = a + 0.05 * numbers.standard_normal(1000)  # 26 dB
    found = measure(a, b)
    admitted = [kind for kind, t in TOLERANCES.items() if t.admits(found, 0)]
    assert admitted == ["int16x8", "dynamic", "int8", "uint8"]


def test_the_loosest_kind_counts_and_what_is_given_before_it() -> None:
    assert choose_tolerance(["float", "uint8"]).kind == "uint8"
    assert choose_tolerance([]).kind == "float"
    assert choose_tolerance(["uint8"], "float").kind == "float"
    given_ones = choose_tolerance(["uint8"], rtol=0.5)
    assert (given_ones.kind, given_ones.rtol, given_ones.snr) == ("given", 0.5, None)
    assert "rtol 0.5 of the largest" in str(given_ones)
    with pytest.raises(UnknownName, match="no tolerance 'nonsense'"):
        choose_tolerance([], "nonsense")
    for wrong in (-1.0, math.nan):
        with pytest.raises(InvalidValue, match="a tolerance is 0 or more"):
            choose_tolerance([], atol=wrong)
