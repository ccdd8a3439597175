from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.analysis.value_diff import compare_values
from graphtools.errors import Damaged


def test_measures_are_those_of_the_definition() -> None:
    found = compare_values([np.array([1.0, 2.0, -4.0])], [np.array([1.0, 2.5, 4.0])])
    assert (found.elements, found.differing, found.not_finite) == (3, 2, 0)
    assert (found.max_abs, found.max_relative) == (8.0, 2.0)
    assert found.mean_abs == pytest.approx(8.5 / 3)
    assert not found.equal


def test_nan_is_equal_to_nan_and_infinity_to_itself() -> None:
    values = [np.nan, np.inf, -np.inf, 0.0]
    assert compare_values([np.array(values)], [np.array(values)]).equal
    found = compare_values(
        [np.array([np.nan, np.inf, 1.0, np.inf])], [np.array([np.nan, -np.inf, np.nan, np.inf])]
    )
    assert (found.differing, found.not_finite, found.max_abs) == (2, 2, None)


def test_bits_that_mean_the_same_are_equal() -> None:
    assert compare_values([np.array([0.0])], [np.array([-0.0])]).equal


def test_tolerances_are_of_the_larger_magnitude() -> None:
    a, b = np.array([100.0, 1.0]), np.array([101.0, 1.0])
    assert compare_values([a], [b], rtol=0.01).equal
    assert not compare_values([a], [b], rtol=0.009).equal
    assert compare_values([a], [b], atol=1).max_abs == 1.0


@pytest.mark.parametrize("kind", ["int64", "uint64", "int8", "uint8"])
def test_integers_of_the_whole_range_are_told_apart(kind: str) -> None:
    limits = np.iinfo(kind)
    found = compare_values([np.array([limits.min], kind)], [np.array([limits.max], kind)])
    assert found.max_abs == pytest.approx(float(limits.max) - float(limits.min))
    near = compare_values([np.array([limits.max], kind)], [np.array([limits.max - 1], kind)])
    assert near.max_abs == 1.0


def test_other_types() -> None:
    assert compare_values([np.array([True, False])], [np.array([True, True])]).max_abs == 1.0
    found = compare_values([np.array([3 + 4j])], [np.array([0j])])
    assert found.max_abs == 5.0
    words = compare_values([np.array([b"a", b"b"], object)], [np.array([b"a", b"c"], object)])
    assert (words.differing, words.max_abs) == (1, None)


def test_one_side_that_ends_early_is_said() -> None:
    with pytest.raises(Damaged):
        compare_values([np.zeros(3)], [np.zeros(4)])


@given(
    st.lists(st.floats(-1e3, 1e3, width=32), max_size=40),
    st.lists(st.integers(1, 7), min_size=1, max_size=5),
    st.data(),
)
def test_how_values_are_cut_makes_no_difference(
    values: list[float], sizes: list[int], data: st.DataObject
) -> None:
    a = np.array(values, np.float32)
    b = a.copy()
    for place in data.draw(st.lists(st.integers(0, max(0, len(a) - 1)), max_size=5)):
        if len(b):
            b[place] += 1
    cut = np.cumsum(sizes)
    whole = compare_values([a], [b])
    pieces = compare_values(np.split(a, cut), [b[:5], b[5:]])
    assert whole.differing == pieces.differing == int((a != b).sum())
    assert whole.max_abs == pieces.max_abs


def test_every_block_is_compared_as_numpy_does() -> None:
    random = np.random.default_rng(1)
    a = random.standard_normal(100_000, np.float32)
    b = a * np.float32(1.01)
    found = compare_values([a], [b])
    apart = np.abs(a.astype("f8") - b.astype("f8"))
    assert found.max_abs == apart.max()
    assert found.mean_abs == pytest.approx(apart.mean())
    assert found.differing == np.count_nonzero(a != b)
