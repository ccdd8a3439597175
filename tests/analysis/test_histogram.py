"""Histograms: what is counted, and what has none."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools.analysis.histogram import BINS, Histogram, value_histogram


def histogram(values: object) -> Histogram:
    found = value_histogram(np.asarray(values))
    assert found is not None
    return found


def test_each_value_is_counted() -> None:
    found = histogram(np.arange(48, dtype=np.float32).reshape(6, 8))
    assert (found.low, found.high, found.counts) == (0.0, 47.0, (2,) * BINS)
    assert not found.sampled
    assert histogram([True, False, True]).counts[::23] == (1, 2)
    assert sum(histogram(np.arange(-128, 128, dtype=np.int8)).counts) == 256


def test_what_is_not_finite_is_told() -> None:
    found = histogram([np.nan, np.inf, -np.inf, 1.0, 2.0])
    assert (found.low, found.high, sum(found.counts), found.not_finite) == (1.0, 2.0, 2, 3)


def test_the_range_is_that_of_all_values() -> None:
    values = np.zeros(1 << 20, np.float32)
    values[7], values[9] = -3, 5
    found = histogram(values)
    assert (found.low, found.high, found.sampled) == (-3.0, 5.0, True)
    assert sum(found.counts) < values.size


@pytest.mark.parametrize(
    "values",
    [
        np.full(5, np.nan),
        np.zeros((0, 3)),
        np.array(["a"]),
        np.ones(3, np.complex64),
        np.array([-1.7e308, 1.7e308]),
    ],
)
def test_what_has_no_histogram(values: np.ndarray) -> None:  # type: ignore[type-arg]
    assert value_histogram(values) is None


def test_one_value_that_stands_for_many_is_counted_for_them() -> None:
    found = histogram(np.broadcast_to(np.float32(2), (1 << 20, 1 << 20)))
    assert sum(found.counts) == 1 << 40
    assert (found.low, found.high, found.sampled) == (2, 2, False)
