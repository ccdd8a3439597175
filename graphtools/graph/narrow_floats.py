"""bfloat16 and the float8 types, held as float32, which has all their values.

Source of the float8 layouts: the ml_dtypes package. `fn`: finite, no infinities; `uz`: unsigned
zero, the code of minus zero is the only NaN.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Exponent bits, mantissa bits, exponent bias, special values.
_LAYOUT: Final = {
    "float8_e5m2": (5, 2, 15, "ieee"),
    "float8_e4m3fn": (4, 3, 7, "fn"),
    "float8_e4m3fnuz": (4, 3, 8, "uz"),
    "float8_e4m3b11fnuz": (4, 3, 11, "uz"),
    "float8_e5m2fnuz": (5, 2, 16, "uz"),
}


@functools.cache
def float8_table(name: str) -> NDArray[np.float32]:
    """The value of each of the 256 codes of a float8 type, float32 of shape [256]."""
    import numpy as np

    exponent_bits, mantissa_bits, bias, special = _LAYOUT[name]
    codes = np.arange(256)
    sign = np.where(codes & 128, -1.0, 1.0)
    exponent = (codes & 127) >> mantissa_bits
    fraction = (codes & ((1 << mantissa_bits) - 1)) / (1 << mantissa_bits)
    values = np.where(
        exponent == 0,
        fraction * 2.0 ** (1 - bias),
        (1 + fraction) * 2.0 ** (exponent - float(bias)),
    )
    values = sign * values
    if special == "ieee":
        top = exponent == (1 << exponent_bits) - 1
        values = np.where(top, np.where(fraction == 0, sign * np.inf, np.nan), values)
    elif special == "fn":
        values = np.where((codes & 127) == 127, np.nan, values)
    else:
        values = np.where(codes == 128, np.nan, values)
    return values.astype(np.float32)


def encode_float8(array: NDArray[np.float32], name: str) -> NDArray[np.uint8]:
    """Codes of the nearest values (ties to the even code); the largest for what is larger."""
    import numpy as np

    table = float8_table(name)
    positive = table[:128][np.isfinite(table[:128])].astype(np.float64)
    magnitude = np.abs(array).astype(np.float64)
    upper = np.clip(np.searchsorted(positive, magnitude), 1, len(positive) - 1)
    low, high = magnitude - positive[upper - 1], positive[upper] - magnitude
    codes = np.where((high < low) | ((high == low) & (upper % 2 == 0)), upper, upper - 1)
    nan_code = int(np.flatnonzero(np.isnan(table))[0])
    unsigned_zero = nan_code == 128
    negative = np.signbit(array) & ~((codes == 0) & unsigned_zero)
    codes = np.where(negative, codes | 128, codes)
    if np.isinf(table).any():
        codes = np.where(np.isinf(array), np.where(array > 0, 0x7C, 0xFC), codes)
    return np.where(np.isnan(array), nan_code, codes).astype(np.uint8)


def decode_bfloat16(codes: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The values of bfloat16 codes: a bfloat16 is the upper half of a float32."""
    import numpy as np

    return (codes.astype(np.uint32) << 16).view(np.float32)


def encode_bfloat16(array: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Codes of the nearest bfloat16 values (ties to even)."""
    import numpy as np

    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(array), 0x7FC0, rounded).astype(np.uint16)
