"""Integers of which some are unknown.

A result outside the range of its dtype, which would wrap around, is taken as unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.ops.call import Call

Number = int | None


#: Bits of the integer types, and whether they have a sign.
_RANGES = {
    "int8": (-(1 << 7), (1 << 7) - 1),
    "int16": (-(1 << 15), (1 << 15) - 1),
    "int32": (-(1 << 31), (1 << 31) - 1),
    "int64": (-(1 << 63), (1 << 63) - 1),
    "uint8": (0, (1 << 8) - 1),
    "uint16": (0, (1 << 16) - 1),
    "uint32": (0, (1 << 32) - 1),
    "uint64": (0, (1 << 64) - 1),
    "bool": (0, 1),
}


def in_range(call: Call, values: Sequence[Number]) -> tuple[Number, ...]:
    """Values as integers, None for those that the dtype of the output does not hold."""
    kind = (call.output_dtypes() or [None])[0]
    low, high = _RANGES.get(kind.base.name if kind else "", (1, 0))
    return tuple([int(v) if v is not None and low <= v <= high else None for v in values])
