"""Statistics of the values of a tensor, computed piece by piece."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Statistics:
    """Statistics of numbers; complex ones by their magnitude.

    Attributes:
        count: Number of elements.
        min: Least finite value, None if there is none. The next three likewise.
        max: Largest finite value.
        mean: Mean of the finite values.
        std: Standard deviation of the finite values (of the population: divided by their number).
        zeros: Number of zeros.
        nan: Number of NaNs.
        inf: Number of infinities of both signs.
    """

    count: int
    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    zeros: int
    nan: int
    inf: int


def compute_statistics(pieces: Iterable[NDArray[Any]]) -> Statistics | None:
    """Statistics of a tensor given in flat pieces; None where the elements are no numbers.

    Mean and deviation are merged from piece to piece (Chan, Golub and LeVeque 1979), so that large
    offsets do not cancel.
    """
    import numpy as np

    count = zeros = nan = inf = finite = 0
    low, high = math.inf, -math.inf
    mean = spread = 0.0
    for piece in pieces:
        if piece.dtype.kind not in "biufc":
            return None
        count += piece.size
        if piece.dtype.kind == "c":
            values = np.abs(piece).astype(np.float64)
        else:
            values = piece
        zeros += piece.size - int(np.count_nonzero(piece))
        if values.dtype.kind == "f":
            good = np.isfinite(values)
            if not good.all():
                nan += int(np.isnan(values).sum())
                inf += int(np.isinf(values).sum())
                values = values[good]
        if not values.size:
            continue
        low = min(low, float(values.min()))
        high = max(high, float(values.max()))
        wide = values.astype(np.float64, copy=False)
        piece_mean = float(wide.mean())
        piece_spread = float(np.square(wide - piece_mean).sum())
        shift = piece_mean - mean
        merged = finite + values.size
        mean += shift * values.size / merged
        spread += piece_spread + shift * shift * finite * values.size / merged
        finite = merged
    if not finite:
        return Statistics(count, None, None, None, None, zeros, nan, inf)
    std = math.sqrt(spread / finite)
    return Statistics(count, low, high, mean, std, zeros, nan, inf)


def preview(array: NDArray[Any], limit: int = 8) -> str:
    """The first values of an array as a short text."""
    import numpy as np

    flat = array.reshape(-1)
    shown = []
    for value in flat[:limit].tolist():
        if isinstance(value, bytes):
            text = repr(value.decode("utf-8", "backslashreplace"))
            shown.append(text if len(text) <= 40 else text[:37] + "...'")
        elif isinstance(value, float):
            shown.append(np.format_float_positional(value, 6, trim="-", fractional=False)
                         if 1e-5 <= abs(value) < 1e7 or value == 0 else f"{value:.6g}")
        else:
            shown.append(str(value))
    more = f", ... ({flat.size - limit:,} more)" if flat.size > limit else ""
    return "[" + ", ".join(shown) + more + "]" if array.ndim else ", ".join(shown)
