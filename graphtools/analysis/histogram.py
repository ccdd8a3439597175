"""Histograms of values, for pictures of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

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
        counts: Number of values by part, from low to high; of a sample, where there are many.
        sampled: Whether not all values were counted.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    sampled: bool


def value_histogram(array: NDArray[Any]) -> Histogram | None:
    """The histogram of an array; None where there are no numbers, or none that are finite."""
    import numpy as np

    if array.dtype.kind not in "biuf":
        return None
    flat = array.reshape(-1)
    step = max(1, flat.size // _MOST_COUNTED)
    values = flat[::step].astype(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    with np.errstate(over="ignore"):
        if not np.isfinite(high - low):  # a range beyond float64 has no parts
            return None
    counts, _ = np.histogram(values, BINS, (low, high))
    return Histogram(low, high, tuple(int(c) for c in counts), step > 1)
