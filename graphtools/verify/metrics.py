"""How far the outputs of a model lie from those of another that it was converted to, in numbers.

Conversion rounds: a float model in another order, a quantized one each tensor to 256 steps. What is
to be expected of that is one number a kind of conversion; see `TOLERANCES`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import InvalidValue, unknown_name
from graphtools.front_end import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Classes that top-5 agreement looks at.
_TOP = 5
#: A vector of fewer elements is not taken for the scores of classes.
_FEWEST_CLASSES = 3


@dataclasses.dataclass(frozen=True)
class Metrics:
    """How far values b lie from values a, the reference.

    Elements that are NaN or the same infinity in both are equal; those of which only one is finite
    are counted and left out of the other measures, which are None where there is nothing to tell.

    Attributes:
        elements: Number of elements.
        not_finite: Number of elements that are not finite in one alone, or not alike.
        max_abs: Largest |a - b|.
        mean_abs: Mean |a - b|.
        relative: Largest |a - b|, as part of the largest |a|; None where a is 0 throughout.
        cosine: a . b / (|a| |b|): 1 for the same direction; None where one of both is 0.
        snr: Signal-to-noise ratio in dB: 10 log10(sum of a^2 / sum of (a - b)^2); None where they
            are equal, or a is 0.
        within_step: Share of elements that differ by one quantization step at most; None where
            neither is quantized.
        top1: Share of rows whose largest element is the largest of the other, too; of several equal
            ones each counts for its part. None where there are no rows of scores.
        top5: Mean share of the five largest elements of a row that are among those of the other;
            None where there are no more than five.
    """

    elements: int
    not_finite: int
    max_abs: float | None
    mean_abs: float | None
    relative: float | None
    cosine: float | None
    snr: float | None
    within_step: float | None
    top1: float | None
    top5: float | None

    @property
    def is_equal(self) -> bool:
        """Whether all elements are equal."""
        return not self.not_finite and not self.max_abs


class Tolerance(NamedTuple):
    """How far outputs may lie apart.

    They agree if each element does: |a - b| <= atol + rtol * (largest |a|) + steps * (quantization
    step), or if the signal-to-noise ratio is high enough. The error of a sum is one of its largest
    terms, not of what is left of them: so elements are measured by the largest of the tensor. Steps
    do not count where the largest is below one: nothing is left of such a tensor.

    Attributes:
        kind: Kind of conversion.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        steps: Quantization steps of the output.
        snr: Signal-to-noise ratio in dB that is enough; None where each element has to agree.
    """

    kind: str
    rtol: float
    atol: float
    steps: float = 0.0
    snr: float | None = None

    def admits(self, metrics: Metrics, step: float) -> bool:
        """Whether values lie close enough.

        Args:
            metrics: How far they lie apart.
            step: The larger quantization step of both, 0 if neither is quantized.
        """
        if metrics.not_finite:
            return False
        if not metrics.max_abs:
            return True
        largest = metrics.max_abs / metrics.relative if metrics.relative else 0.0
        return self.admits_error(metrics.max_abs, largest, metrics.snr, step)

    def admits_error(
        self, max_abs: float, largest: float, snr: float | None, step: float = 0.0
    ) -> bool:
        """Whether an error is small enough.

        Args:
            max_abs: Largest absolute error.
            largest: Largest absolute value of the reference; 0 if it is not known.
            snr: Signal-to-noise ratio in dB, None where there is none.
            step: See `admits`.
        """
        steps = self.steps if not largest or largest >= step else 0.0
        if max_abs <= self.atol + self.rtol * largest + steps * step:
            return True
        return self.snr is not None and snr is not None and snr >= self.snr

    def __str__(self) -> str:
        text = f"{self.kind}: rtol {self.rtol:g} of the largest, atol {self.atol:g}"
        if self.steps:
            text += f", {self.steps:g} quantization step" + ("s" if self.steps != 1 else "")
        return text + (f", or SNR {self.snr:g} dB" if self.snr is not None else "")


#: By kind of conversion, what is tolerated, loosest last:
#:
#: - `float`: sums of float32 in another order: 1e-7 an operation, 1e-4 after long sums.
#: - `float16`: weights with 11 bits: each is off by 2.4e-4 of itself at most, 77 dB in the mean; a
#:   hundred layers add 20 dB of noise, and activations multiply it.
#: - `int16x8`: weights of 8 bits, activations of 16: the noise is that of the weights, about 40 dB
#:   each, that a few ten layers add up.
#: - `dynamic`: weights of 8 bits, activations of 8 bits by the range that they really have.
#: - `int8`, `uint8`: weights and activations of 8 bits: 6.02 * 8 + 1.76 dB for a full range, 10
#:   less for real distributions, and less by 10 log10(layers) for ten to hundred layers: 20 dB,
#:   noise of a tenth of the signal. One step of the output is never an error.
TOLERANCES = {
    tolerance.kind: tolerance
    for tolerance in (
        Tolerance("float", 1e-4, 1e-5),
        Tolerance("float16", 1e-3, 1e-4, snr=50.0),
        Tolerance("int16x8", 1e-2, 1e-4, 1.0, snr=25.0),
        Tolerance("dynamic", 1e-2, 1e-4, 1.0, snr=20.0),
        Tolerance("int8", 1e-2, 1e-4, 1.0, snr=20.0),
        Tolerance("uint8", 1e-2, 1e-4, 1.0, snr=20.0),
    )
}


def choose_tolerance(
    kinds: Sequence[str], given: str = "", rtol: float | None = None, atol: float | None = None
) -> Tolerance:
    """The tolerance for models of some kinds.

    Args:
        kinds: Kinds of the models that are compared; the loosest counts.
        given: The kind that was asked for.
        rtol: A relative tolerance that was asked for; each element has to keep it then.
        atol: An absolute tolerance that was asked for, likewise.

    Raises:
        UnknownName: There is no such kind.
        InvalidValue: A tolerance is negative or NaN.
    """
    names = list(TOLERANCES)
    if given and given not in TOLERANCES:
        raise unknown_name("tolerance", given, names, "the kinds of conversion")
    kind = given or max(kinds, key=names.index, default="float")
    found = TOLERANCES[kind]
    if rtol is None and atol is None:
        return found
    wanted = Tolerance(
        "given", found.rtol if rtol is None else rtol, found.atol if atol is None else atol
    )
    if not (wanted.rtol >= 0 and wanted.atol >= 0):
        raise InvalidValue(
            f"rtol={wanted.rtol:g}, atol={wanted.atol:g}: a tolerance is 0 or more",
            f"as {param(rtol=0.001)}",
        )
    return wanted


def measure(a: Array, b: Array, step: float = 0.0) -> Metrics:
    """How far values lie from others of the same shape.

    Args:
        a: The reference: numbers or booleans.
        b: Values that were computed in another way.
        step: The larger quantization step of both, 0 if neither is quantized.
    """
    import numpy as np

    wide = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    left, right = (np.asarray(x, wide).ravel() for x in (a, b))
    finite = np.isfinite(left) & np.isfinite(right)
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    not_finite = int(np.count_nonzero(~finite & ~same))
    left, right = left[finite], right[finite]
    top1, top5 = _agreement(a, b)
    if not left.size:
        return Metrics(a.size, not_finite, *(None,) * 6, top1, top5)
    differences = np.abs(left - right)
    scale = float(np.abs(left).max()) or 1.0  # squares of large numbers overflow
    signal = float(np.sum(np.abs(left / scale) ** 2))
    noise = float(np.sum((differences / scale) ** 2))
    largest = float(differences.max())
    return Metrics(
        elements=a.size,
        not_finite=not_finite,
        max_abs=largest,
        mean_abs=float(differences.mean()),
        relative=largest / scale if signal else None,
        cosine=_cosine(left, right),
        snr=10 * float(np.log10(signal / noise)) if signal and noise else None,
        # what lies a step apart may lie more than that apart, in float32
        within_step=float(np.mean(differences <= 1.001 * step)) if step else None,
        top1=top1,
        top5=top5,
    )


def _cosine(left: Array, right: Array) -> float | None:
    import numpy as np

    a, b = (v / (np.abs(v).max() or 1.0) for v in (left, right))
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.real(np.vdot(a, b)) / lengths) if lengths else None


def _agreement(a: Array, b: Array) -> tuple[float | None, float | None]:
    """Top-1 and top-5 agreement of rows of scores: [rows, classes], or [rows, 1, 1, classes]."""
    import numpy as np

    is_row = a.ndim >= 2 and all(d == 1 for d in a.shape[1:-1]) and a.dtype.kind in "fiu"
    if not is_row or a.shape[-1] < _FEWEST_CLASSES or not a.size:
        return None, None
    left, right = (np.asarray(x, np.float64).reshape(-1, x.shape[-1]) for x in (a, b))
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        return None, None
    first, several = (_shared_ranks(left, right, n) for n in (1, _TOP))
    return first, several if left.shape[1] > _TOP else None


def _shared_ranks(a: Array, b: Array, count: int) -> float:
    """Mean share of the largest elements of each row that are the largest of the other's, too.

    Where several equal elements stand for the last places, each has its part of them.
    """
    import numpy as np

    parts = []
    for array in (a, b):
        bound = np.sort(array, 1)[:, -min(count, array.shape[1])][:, None]
        above, tied = array > bound, array == bound
        places = count - above.sum(1, keepdims=True)
        parts.append(np.where(tied, places / tied.sum(1, keepdims=True), above))
    return float(np.minimum(*parts).sum(1).mean() / count)
