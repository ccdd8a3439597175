"""FlatBuffers: writing one from values that stand for tables by slot.

Everything a table points to stands behind it, as the format demands.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias


class Scalar(NamedTuple):
    """A number in a table; `code` is its letter in the module `struct`."""

    code: str
    value: float


class Vector(NamedTuple):
    """A vector of numbers."""

    code: str
    items: Sequence[float]


class There(NamedTuple):
    """What stands already behind the FlatBuffer; `position` counts from the start of this."""

    position: int


Table: TypeAlias = Mapping[int, "Value"]
Value: TypeAlias = (
    Scalar | Vector | There | str | bytes | memoryview | Table | Sequence["Table | str"]
)
#: What the places of vectors of bytes are multiples of; `force_align` in TensorFlow's schema.
ALIGNMENT = 16


def write(root: Table, identifier: bytes = b"TFL3") -> bytes:
    """The FlatBuffer with this root table.

    Example:
        >>> write({0: Scalar("I", 3), 3: "made by hand"})
    """
    out = bytearray(8)
    out[4:8] = identifier
    struct.pack_into("<I", out, 0, _table(out, root))
    return bytes(out)


def _pad(out: bytearray, size: int, ahead: int = 0) -> None:
    """Make the position `ahead` bytes from here a multiple of a size."""
    out.extend(bytes(-(len(out) + ahead) % size))


def _table(out: bytearray, fields: Table) -> int:
    places: dict[int, int] = {}
    size = 4
    for slot, value in fields.items():
        width = struct.calcsize(value.code) if isinstance(value, Scalar) else 4
        size += -size % width
        places[slot] = size
        size += width
    vtable = [places.get(slot, 0) for slot in range(max(fields, default=-1) + 1)]
    _pad(out, 8, 4 + 2 * len(vtable))
    start = len(out) + 4 + 2 * len(vtable)
    out += struct.pack(f"<{2 + len(vtable)}H", 4 + 2 * len(vtable), size, *vtable)
    out += struct.pack("<i", 4 + 2 * len(vtable)).ljust(size, b"\0")
    for slot, value in fields.items():
        place = start + places[slot]
        if isinstance(value, Scalar):
            struct.pack_into("<" + value.code, out, place, value.value)
        else:
            position = value.position if isinstance(value, There) else _behind(out, value)
            struct.pack_into("<I", out, place, position - place)
    return start


def _behind(out: bytearray, value: Value) -> int:
    """Write what a table points to; return its position."""
    if isinstance(value, Mapping):
        return _table(out, value)
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        return _counted(out, len(raw), raw + b"\0", 4)
    if isinstance(value, bytes | memoryview):
        return _counted(out, len(value), value, ALIGNMENT)
    if isinstance(value, Vector):
        count = len(value.items)
        packed = struct.pack(f"<{count}{value.code}", *value.items)
        return _counted(out, count, packed, max(4, struct.calcsize(value.code)))
    assert not isinstance(value, Scalar | There)
    start = _counted(out, len(value), bytes(4 * len(value)), 4)
    for index, item in enumerate(value):
        place = start + 4 + 4 * index
        struct.pack_into("<I", out, place, _behind(out, item) - place)
    return start


def _counted(out: bytearray, count: int, raw: bytes | memoryview, alignment: int) -> int:
    """Write a vector, whose items begin at a multiple of `alignment`; return its position."""
    _pad(out, alignment, 4)
    start = len(out)
    out += struct.pack("<I", count)
    out += raw
    return start
