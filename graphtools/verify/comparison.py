"""How far two values of a tensor lie apart: that of the original, and that after a rewrite."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from graphtools.analysis.value_diff import compare_values
from graphtools.errors import InvalidValue
from graphtools.front_end import param

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Tolerances that rounding in another order keeps to, and a wrong rewrite mostly does not.
RTOL, ATOL = 1e-4, 1e-5


@dataclasses.dataclass(frozen=True)
class TensorComparison:
    """Two values of a tensor.

    NaN is equal to NaN at the same place, and an infinity to itself.

    Attributes:
        name: Name of the tensor.
        equal: Whether they agree within the tolerance.
        bit_equal: Whether all their bits agree.
        dtype_before: Element type of the original.
        dtype_after: Element type after the rewrite.
        shape_before: Shape of the original.
        shape_after: Shape after the rewrite.
        elements: Number of elements of the original.
        differing: Number of elements that differ by more than the tolerance.
        max_abs: Largest absolute difference of finite elements; None where there is none to tell.
        max_relative: Largest difference of finite elements, relative to the larger of the two.
        not_finite: Number of elements that differ, one of the two being NaN or infinite.
        nan_before: Number of NaN in the original.
        nan_after: Number of NaN after the rewrite.
    """

    name: str
    equal: bool
    bit_equal: bool
    dtype_before: str
    dtype_after: str
    shape_before: tuple[int, ...]
    shape_after: tuple[int, ...]
    elements: int
    differing: int
    max_abs: float | None
    max_relative: float | None
    not_finite: int
    nan_before: int
    nan_after: int

    @property
    def difference(self) -> str:
        """What differs, in a few words; empty if nothing."""
        if self.dtype_before != self.dtype_after:
            return f"dtype {self.dtype_after} instead of {self.dtype_before}"
        if self.shape_before != self.shape_after:
            after, before = (",".join(map(str, s)) for s in (self.shape_after, self.shape_before))
            return f"shape [{after}] instead of [{before}]"
        if self.equal:
            return ""
        text = f"{self.differing:,} of {self.elements:,} elements differ"
        if self.nan_after > self.nan_before:
            text += f", {self.nan_after - self.nan_before:,} more are NaN"
        elif self.not_finite:
            text += f", {self.not_finite:,} as one is NaN or infinite"
        return text


def check_tolerances(rtol: float, atol: float) -> None:
    """Check tolerances.

    Raises:
        InvalidValue: One is negative or NaN.
    """
    if not (rtol >= 0 and atol >= 0):
        raise InvalidValue(
            f"rtol={rtol:g}, atol={atol:g}: a tolerance is 0 or more", f"as {param(rtol=0.001)}"
        )


def compare_tensors(
    name: str,
    before: NDArray[Any],
    after: NDArray[Any],
    rtol: float = RTOL,
    atol: float = ATOL,
    dtypes: tuple[str, str] = ("", ""),
) -> TensorComparison:
    """Compare two values of a tensor.

    Elements agree if |before - after| <= atol + rtol * max(|before|, |after|).

    Args:
        name: Name of the tensor.
        before: Value of the original.
        after: Value after a rewrite.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        dtypes: Names of their element types, where numpy's are not those of TensorFlow.

    Raises:
        InvalidValue: A tolerance is negative or NaN.
    """
    check_tolerances(rtol, atol)
    kinds = (dtypes[0] or before.dtype.name, dtypes[1] or after.dtype.name)
    alike = kinds[0] == kinds[1] and before.shape == after.shape
    diff = (
        compare_values([before.ravel()], [after.ravel()], rtol=rtol, atol=atol) if alike else None
    )
    return TensorComparison(
        name=name,
        equal=diff is not None and diff.equal,
        bit_equal=alike and _same_bits(before, after),
        dtype_before=kinds[0],
        dtype_after=kinds[1],
        shape_before=before.shape,
        shape_after=after.shape,
        elements=before.size,
        differing=before.size if diff is None else diff.differing,
        max_abs=diff.max_abs if diff else None,
        max_relative=diff.max_relative if diff else None,
        not_finite=diff.not_finite if diff else 0,
        nan_before=_nans(before),
        nan_after=_nans(after),
    )


def _same_bits(before: NDArray[Any], after: NDArray[Any]) -> bool:
    if before.dtype.kind == "O":
        return bool(before.tolist() == after.tolist())
    return before.tobytes() == after.tobytes()


def _nans(array: NDArray[Any]) -> int:
    import numpy as np

    return int(np.count_nonzero(np.isnan(array))) if array.dtype.kind in "fc" else 0
