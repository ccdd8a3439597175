from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from graphtools.analysis.statistics import Statistics, compute_statistics, preview

FLOATS = arrays.arrays(
    st.sampled_from([np.float16, np.float32, np.float64]),
    st.integers(0, 60),
    elements=st.floats(width=16),
)
INTEGERS = arrays.arrays(
    st.sampled_from([np.int8, np.uint8, np.int32, np.uint64, np.int64]), st.integers(0, 60)
)
BOOLS = arrays.arrays(np.bool_, st.integers(0, 20))


def close(left: float | None, right: float, scale: float) -> bool:
    return left is not None and math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9 * scale)


def agrees_with_numpy(found: Statistics | None, values: np.ndarray[Any, Any]) -> bool:
    assert found is not None
    assert found.count == values.size
    assert found.zeros == int((values == 0).sum())
    kept = values
    if values.dtype.kind == "f":
        assert found.nan == int(np.isnan(values).sum())
        assert found.inf == int(np.isinf(values).sum())
        kept = values[np.isfinite(values)]
    if not kept.size:
        return (found.min, found.max, found.mean, found.std) == (None,) * 4
    wide = kept.astype(np.float64)
    scale = float(np.abs(wide).max()) or 1.0
    return (
        (found.min, found.max) == (float(kept.min()), float(kept.max()))
        and close(found.mean, float(wide.mean()), scale)
        and close(found.std, float(wide.std()), scale)
    )


@given(st.one_of(FLOATS, INTEGERS, BOOLS))
def test_statistics_are_those_of_numpy(values: np.ndarray[Any, Any]) -> None:
    assert agrees_with_numpy(compute_statistics([values]), values)


@given(st.one_of(FLOATS, INTEGERS), st.lists(st.integers(0, 60), max_size=6))
def test_statistics_do_not_depend_on_the_pieces(
    values: np.ndarray[Any, Any], cuts: list[int]
) -> None:
    pieces = np.split(values, sorted(min(c, values.size) for c in cuts))
    assert agrees_with_numpy(compute_statistics(pieces), values)


def test_statistics_of_complex_numbers_are_those_of_their_magnitudes() -> None:
    found = compute_statistics([np.array([3 + 4j, 0, complex("nan"), complex("inf")])])
    assert found == Statistics(4, 0.0, 5.0, 2.5, 2.5, 1, 1, 1)


def test_a_large_offset_does_not_cancel() -> None:
    values = 1e9 + np.arange(1000, dtype=np.float64) % 2
    found = compute_statistics(np.split(values, 10))
    assert found is not None
    assert found.std == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("factor", [1e-200, 1e-300, 1e160, 1e300])
def test_very_small_and_very_large_values_keep_their_deviation(factor: float) -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0]) * factor
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compute_statistics([values[:1], values[1:]])
    assert found is not None
    assert found.mean == pytest.approx(2.5 * factor)
    assert found.std == pytest.approx(np.sqrt(1.25) * factor)


def test_what_lies_beyond_float64_is_none_and_no_warning() -> None:
    limit = np.finfo(np.float64).max
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compute_statistics([np.array([-limit]), np.array([limit])])
    assert found is not None
    assert (found.min, found.max) == (-limit, limit)
    assert found.std is None or math.isfinite(found.std)
    assert found.mean is None or math.isfinite(found.mean)


def test_nothing_at_all_has_no_extremes() -> None:
    assert compute_statistics([]) == Statistics(0, None, None, None, None, 0, 0, 0)


def test_strings_have_no_statistics() -> None:
    assert compute_statistics([np.array([b"a", b"b"], object)]) is None


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.float32(0.25), "0.25"),
        (np.array([1, 2]), "[1, 2]"),
        (np.array([True]), "[True]"),
        (np.array([0.1, 1e-9, 2e9, -0.0], "f4"), "[0.1, 1e-09, 2e+09, -0]"),
        (np.arange(1002), "[0, 1, 2, 3, 4, 5, 6, 7, ... (994 more)]"),
        (np.array([[1], [2]]), "[1, 2]"),
        (np.zeros(0), "[]"),
        (np.array([np.nan, np.inf], "f4"), "[nan, inf]"),
        (
            np.array([b"abc", "größe".encode(), b"\xff\x00"], object),
            "['abc', 'größe', b'\\xff\\x00']",
        ),
        (np.array([b"x" * 100], object), "['" + "x" * 36 + "...']"),
        (np.array([b"\x1b[31m"], object), "['\\x1b[31m']"),
    ],
)
def test_a_preview_shows_the_first_values(values: Any, text: str) -> None:
    assert preview(np.asarray(values)) == text
