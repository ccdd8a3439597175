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
        min: Least finite value, None if there is none. The next three likewise; mean and deviation
            are None, too, where they lie beyond the range of float64.
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

    Example:
        >>> import numpy as np
        >>> found = graphtools.compute_statistics([np.arange(4.0), np.arange(6.0)])
        >>> found.count, found.min, found.max, found.mean
        (10, 0.0, 5.0, 2.1)
    """
    import numpy as np

    count = zeros = nan = inf = finite = 0
    low, high = math.inf, -math.inf
    mean = root = 0.0  # root: of the sum of the squares of the deviations
    for piece in pieces:
        if piece.dtype.kind not in "biufc":
            return None
        count += piece.size
        values = np.abs(piece).astype(np.float64) if piece.dtype.kind == "c" else piece
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
        piece_mean, piece_root = _moments(wide)
        shift = piece_mean - mean
        merged = finite + values.size
        mean += shift * (values.size / merged)
        root = math.hypot(root, piece_root, shift * math.sqrt(finite / merged * values.size))
        finite = merged
    if not finite:
        return Statistics(count, None, None, None, None, zeros, nan, inf)
    std = root / math.sqrt(finite)
    return Statistics(
        count,
        low,
        high,
        mean if math.isfinite(mean) else None,
        std if math.isfinite(std) else None,
        zeros,
        nan,
        inf,
    )


def _moments(values: NDArray[Any]) -> tuple[float, float]:
    """Mean, and root of the sum of the squares of the deviations from it, of some float64."""
    import numpy as np

    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        mean = float(values.mean())
        deviations = values - mean
        squares = float(np.square(deviations).sum())
        if math.isfinite(squares) and squares > 1e-280:
            return mean, math.sqrt(squares)
        # too large or too small to be squared as they are
        scale = float(np.abs(values).max())
        if not scale:
            return 0.0, 0.0
        scaled = values / scale
        mean = float(scaled.mean())
        root = math.sqrt(float(np.square(scaled - mean).sum()))
        return mean * scale, root * scale


def _quoted(value: bytes) -> str:
    """A string as Python writes it, whether it is UTF-8 or not."""
    try:
        return repr(value.decode())
    except UnicodeDecodeError:
        return repr(value)


def preview(array: NDArray[Any], limit: int = 8) -> str:
    """The first values of an array as a short text."""
    import numpy as np

    flat = array.reshape(-1)
    shown = []
    for value in flat[:limit].tolist():
        if isinstance(value, bytes):
            text = _quoted(value)
            shown.append(text if len(text) <= 40 else text[:37] + "...'")
        elif isinstance(value, float):
            shown.append(
                np.format_float_positional(value, 6, trim="-", fractional=False)
                if 1e-5 <= abs(value) < 1e7 or value == 0
                else f"{value:.6g}"
            )
        else:
            shown.append(str(value))
    more = f", ... ({flat.size - limit:,} more)" if flat.size > limit else ""
    return "[" + ", ".join(shown) + more + "]" if array.ndim else ", ".join(shown)
