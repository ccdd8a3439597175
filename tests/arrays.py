"""Arrays of one dtype, as the tests write them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def f16(values: ArrayLike) -> NDArray[np.float16]:
    return np.array(values, np.float16)


def f32(values: ArrayLike) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def f64(values: ArrayLike) -> NDArray[np.float64]:
    return np.array(values, np.float64)


def i8(values: ArrayLike) -> NDArray[np.int8]:
    return np.array(values, np.int8)


def i32(values: ArrayLike) -> NDArray[np.int32]:
    return np.array(values, np.int32)


def i64(values: ArrayLike) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def u8(values: ArrayLike) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)


def c64(values: ArrayLike) -> NDArray[np.complex64]:
    return np.array(values, np.complex64)


def save(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Write an .npz file of arrays by names that need not be identifiers."""
    keywords: dict[str, Any] = dict(arrays)
    np.savez(path, **keywords)
