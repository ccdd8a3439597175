"""Several samples for models that take one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidValue
from graphtools.verify.model_sides import End, EndValue
from graphtools.verify.samples import (
    has_samples,
    joined,
    loosened,
    number_of_samples,
    sample_feeds,
)


def end(*dims: int | None, name: str = "x") -> End:
    return End(name, "", "float32", dims)


@pytest.mark.parametrize(
    ("ends", "shape", "count"),
    [
        ([end(1, 4)], (5, 4), 5),
        ([end(None, 4), end(1, 4)], (5, 4), 5),  # one of the models
        ([end(1, None)], (5, 4), 5),
        ([end(1, 4)], (1, 4), 1),
        ([end(None, 4)], (5, 4), 1),  # takes them all at once
        ([end(2, 4)], (6, 4), 1),
        ([end(1, 4)], (5, 3), 1),  # does not fit: that is said elsewhere
        ([end(1)], (5, 1), 1),
        ([end()], (), 1),
        ([End("x", "", "float32", None)], (5, 4), 1),
    ],
)
def test_samples_are_counted_where_a_model_takes_one(
    ends: list[End], shape: tuple[int, ...], count: int
) -> None:
    assert number_of_samples([(ends, np.zeros(shape))]) == count


def test_different_numbers_of_samples_are_said() -> None:
    given: Any = [([end(1, 4)], np.zeros((5, 4))), ([end(1, 4, name="y")], np.zeros((3, 4)))]
    with pytest.raises(InvalidValue, match="'x' has 5, 'y' has 3"):
        number_of_samples(given)


def test_what_is_the_same_for_each_sample_is_fed_each_time() -> None:
    assert has_samples([end(1, 4), end(None, 4)], np.zeros((2, 4)), 2)
    assert not has_samples([end(2, 4)], np.zeros((2, 4)), 2)
    assert not has_samples([end(1, 4)], np.zeros((1, 4)), 2)
    assert not has_samples([end()], np.zeros(()), 2)
    feeds = {"x": np.arange(4).reshape(2, 2), "rate": np.float32(0.5)}
    found = list(sample_feeds(feeds, frozenset({"x"}), 2))
    assert [f["x"].tolist() for f in found] == [[[0, 1]], [[2, 3]]]
    assert [float(f["rate"]) for f in found] == [0.5, 0.5]
    assert loosened(end(1, 4)).dims == (None, 4)


def test_outputs_are_joined_along_the_first_dimension() -> None:
    runs = [
        {"y": EndValue(np.full((1, 2), n), "int64"), "n": EndValue(np.array(n), "int64")}
        for n in (3, 4)
    ]
    found = joined(runs)
    assert found["y"].real.tolist() == [[3, 3], [4, 4]]
    assert found["n"].real.tolist() == [3, 4]
    other = [{"y": EndValue(np.zeros((1, n)), "float64")} for n in (2, 3)]
    with pytest.raises(InvalidValue, match="another shape for each sample"):
        joined(other)
