"""Histograms of values, for pictures of them."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from graphtools.graph.tensor import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 24
#: Of larger arrays, elements at even distances are counted.
_MOST_COUNTED = 1 << 18


@dataclasses.dataclass(frozen=True)
class Histogram:
    """How many values lie in each of `BINS` equal parts of their range.

    Attributes:
        low: Least finite value.
        high: Largest finite value.
        counts: Number of finite values by part, from low to high; of a sample, where there are
            many.
        sampled: Whether not all values were counted.
        not_finite: Number of values that are NaN or infinite.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    sampled: bool
    not_finite: int = 0


def value_histogram(array: NDArray[Any]) -> Histogram | None:
    """The histogram of an array; None where there are no numbers, or none that are finite."""
    import numpy as np

    if array.dtype.kind not in "biuf":
        return None
    values = once(array).reshape(-1)
    times = array.size // max(values.size, 1)
    not_finite = 0
    if array.dtype.kind == "f":
        finite = np.isfinite(values)
        not_finite = int(values.size - np.count_nonzero(finite))
        values = values[finite] if not_finite else values
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):  # a range beyond float64 has no parts
        return None
    step = max(1, values.size // _MOST_COUNTED)
    counts, _ = np.histogram(values[::step].astype(np.float64), BINS, (low, high))
    number = tuple(int(c) * times for c in counts)
    return Histogram(low, high, number, step > 1, not_finite * times)
