"""bfloat16 and the float8 types, held as float32, which has all their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def encode(array: NDArray[Any], name: str) -> NDArray[Any]:
    """Codes of the nearest values of a type (ties to even); of float8 the largest for larger ones.

    Args:
        array: The values.
        name: `bfloat16`, or `float8_e5m2` and the like.
    """
    import ml_dtypes
    import numpy as np

    narrow = np.dtype(getattr(ml_dtypes, name))
    array = np.asarray(array, np.float32)
    if name != "bfloat16":
        largest = float(ml_dtypes.finfo(narrow).max)  # type: ignore[no-untyped-call]
        limited = np.clip(array, -largest, largest)
        array = np.where(np.isinf(array), array, limited) if name == "float8_e5m2" else limited
    with np.errstate(over="ignore", invalid="ignore"):  # of bfloat16 infinity is the nearest
        return array.astype(narrow).view(f"u{narrow.itemsize}")


def decode(codes: NDArray[Any], name: str) -> NDArray[np.float32]:
    """The values of codes, which are unsigned integers of the type's size."""
    import ml_dtypes
    import numpy as np

    values: NDArray[np.float32] = codes.view(getattr(ml_dtypes, name)).astype(np.float32)
    return values
