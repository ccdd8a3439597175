"""How far the values of two tensors lie apart, computed piece by piece.

Pieces whose bytes agree are not looked at any further. The others are compared in blocks that stay
in the processor's cache, in float64, which holds the difference of two float32 exactly enough.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from graphtools.errors import Damaged

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

#: Elements of a block: the float64 arrays of this size stay in a cache of 2 MB.
_BLOCK = 1 << 15
#: Elements that are scanned for differences at a time: each step costs some time of its own.
_SCAN = 1 << 18


@dataclasses.dataclass(frozen=True)
class ValueDiff:
    """How far the values of two tensors lie apart.

    NaN is equal to NaN, and an infinity to itself. The three measures are over finite differences;
    None where there are none, as between strings, or between a number and NaN.

    Attributes:
        elements: Number of elements.
        differing: Number of elements that differ by more than the tolerance.
        max_abs: Largest absolute difference |a - b|.
        max_relative: Largest |a - b| / max(|a|, |b|): from 0 to 2, the same in both directions.
        mean_abs: Mean of |a - b| over all elements, equal ones among them.
        not_finite: Number of elements that differ, one of the two being NaN or infinite.
    """

    elements: int
    differing: int
    max_abs: float | None
    max_relative: float | None
    mean_abs: float | None
    not_finite: int

    @property
    def equal(self) -> bool:
        """Whether no element differs by more than the tolerance."""
        return not self.differing


@functools.cache
def _worker() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1, "compare")


class _Tally:
    """What is summed up while pieces go by."""

    def __init__(self, rtol: float, atol: float) -> None:
        self.rtol, self.atol = rtol, atol
        self.elements = self.differing = self.not_finite = self.finite = 0
        self.max_abs = self.max_relative = self.total = 0.0
        self._memory: NDArray[Any] | None = None
        self._mask: NDArray[Any] | None = None
        self._second: _Tally | None = None

    def result(self) -> ValueDiff:
        if self._second is not None:
            self._merge(self._second)
        # without a finite difference there are either none at all, or no numbers to tell
        known = self.finite or not self.differing
        mean = self.total / self.elements if self.elements else 0.0
        return ValueDiff(
            self.elements,
            self.differing,
            self.max_abs if known else None,
            self.max_relative if known else None,
            mean if known else None,
            self.not_finite,
        )

    def _merge(self, other: _Tally) -> None:
        self.differing += other.differing
        self.not_finite += other.not_finite
        self.finite += other.finite
        self.total += other.total
        self.max_abs = max(self.max_abs, other.max_abs)
        self.max_relative = max(self.max_relative, other.max_relative)

    def add(self, a: NDArray[Any], b: NDArray[Any]) -> None:
        """Compare two flat arrays of one size and type."""
        self.elements += a.size
        if a.dtype.kind == "O":
            self.differing += sum(x != y for x, y in zip(a.tolist(), b.tolist(), strict=True))
            return
        # where the beginning differs, the rest mostly does: no need to read it all to know
        if same_bytes(a[:_BLOCK], b[:_BLOCK]) and same_bytes(a[_BLOCK:], b[_BLOCK:]):
            return
        if a.size < 4 * _BLOCK:
            self.add_blocks(a, b)
            return
        # numpy lets other threads run while it computes: half of the blocks go to a second one
        if self._second is None:
            self._second = _Tally(self.rtol, self.atol)
        half = a.size // _BLOCK // 2 * _BLOCK
        other = _worker().submit(self._second.add_blocks, a[half:], b[half:])
        self.add_blocks(a[:half], b[:half])
        other.result()

    def add_blocks(self, a: NDArray[Any], b: NDArray[Any]) -> None:
        import numpy as np

        for start in range(0, a.size, _SCAN):
            x, y = a[start : start + _SCAN], b[start : start + _SCAN]
            # true where both are NaN, which is seen to below
            differs = np.not_equal(x, y, out=self._marks()[: x.size])
            count = int(np.count_nonzero(differs))
            if not count:
                continue
            if count * 4 < x.size * 3:  # else it is cheaper to look at the equal ones, too
                places = np.flatnonzero(differs)
                x, y = x[places], y[places]
            for first in range(0, x.size, _BLOCK):
                self._add_block(x[first : first + _BLOCK], y[first : first + _BLOCK])

    def _add_block(self, a: NDArray[Any], b: NDArray[Any]) -> None:
        import numpy as np

        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            if a.dtype.kind in "iub":
                apart, size = _integers_apart(a, b)
            elif a.dtype.kind == "c":
                apart = np.abs(a.astype(np.complex128) - b.astype(np.complex128))
                size = np.maximum(np.abs(a), np.abs(b)).astype(np.float64)
            else:
                apart, size = self._floats_apart(a, b)
            top = float(apart.max())
            exact = int(np.count_nonzero(apart))
            if not top < np.inf:  # true for NaN, too
                keep = np.isfinite(apart)
                lost = (a != b) & ~keep
                if a.dtype.kind in "fc":
                    lost &= (a == a) | (b == b)
                number = int(np.count_nonzero(lost))
                self.not_finite += number
                self.differing += number
                apart, size = apart[keep], size[keep]
                if not apart.size or not apart.any():
                    return
                top = float(apart.max())
                exact = int(np.count_nonzero(apart))
            self.finite += 1
            self.max_abs = max(self.max_abs, top)
            self.total += float(apart.sum())
            if self.rtol or self.atol:
                limit = self.rtol * size + self.atol
                self.differing += int(np.count_nonzero(apart > limit))
            else:
                self.differing += exact
            np.divide(apart, size, out=size)
            relative = float(np.fmax.reduce(size))  # 0 / 0 is NaN and left out
            self.max_relative = max(self.max_relative, relative)

    def _floats_apart(self, a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """|a - b| and max(|a|, |b|) of floats, in memory that the next block uses again."""
        import numpy as np

        x, y, apart = (scratch[: a.size] for scratch in self._scratch())
        x[:], y[:] = a, b
        np.subtract(x, y, out=apart)
        np.abs(apart, out=apart)
        np.abs(x, out=x)
        np.abs(y, out=y)
        return apart, np.maximum(x, y, out=x)

    def _scratch(self) -> NDArray[Any]:
        """Memory for a block: to ask the system for it time and again costs more than the work."""
        if self._memory is None:
            import numpy as np

            self._memory = np.empty((3, _BLOCK))
        return self._memory

    def _marks(self) -> NDArray[Any]:
        """Memory for the places that differ in what is scanned at a time."""
        if self._mask is None:
            import numpy as np

            self._mask = np.empty(_SCAN, np.bool_)
        return self._mask


def _integers_apart(a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """|a - b| and max(|a|, |b|) of integers or booleans; differences above int64 are exact, too."""
    import numpy as np

    low, high = np.minimum(a, b), np.maximum(a, b)
    if a.dtype.kind == "u":
        low, high = low.astype(np.uint64), high.astype(np.uint64)
    else:  # in two's complement the difference of int64 is right as an uint64
        low, high = low.astype(np.int64), high.astype(np.int64)
        low, high = low.view(np.uint64), high.view(np.uint64)
    apart = (high - low).astype(np.float64)
    size = np.maximum(np.abs(a.astype(np.float64)), np.abs(b.astype(np.float64)))
    return apart, size


def same_bytes(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two flat arrays of one size and type have the same bytes."""
    import numpy as np

    if not (a.flags.c_contiguous and b.flags.c_contiguous) or a.dtype.kind == "O":
        return bool(np.array_equal(a, b))
    x, y = a.view(np.uint8), b.view(np.uint8)
    whole = len(x) & ~7
    if not np.array_equal(x[whole:], y[whole:]):
        return False
    return bool(np.array_equal(x[:whole].view(np.uint64), y[:whole].view(np.uint64)))


def compare_values(
    a: Iterable[NDArray[Any]],
    b: Iterable[NDArray[Any]],
    *,
    rtol: float = 0.0,
    atol: float = 0.0,
) -> ValueDiff:
    """Compare two tensors of one type and number of elements, given in flat pieces.

    Elements count as equal if |a - b| <= atol + rtol * max(|a|, |b|).

    Raises:
        Damaged: One ends before the other.
        GraphtoolsError: What the pieces raise, at their ends for a wrong checksum.
    """
    tally = _Tally(rtol, atol)
    for x, y in _aligned(iter(a), iter(b)):
        tally.add(x, y)
    return tally.result()


def _aligned(
    a: Iterator[NDArray[Any]], b: Iterator[NDArray[Any]]
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Pairs of pieces of one size; both sides are read to their ends."""
    x = y = None
    while True:
        if x is None or not x.size:
            x = next(a, None)
        if y is None or not y.size:
            y = next(b, None)
        if x is None or y is None:
            if (x is not None and x.size) or (y is not None and y.size):
                raise Damaged("the values of a tensor end before those of the other")
            if x is None and y is None:
                return
            continue
        size = min(x.size, y.size)
        yield x[:size], y[:size]
        x, y = x[size:], y[size:]
