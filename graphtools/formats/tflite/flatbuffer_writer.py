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
    writer = _Writer()
    writer.out[4:8] = identifier
    struct.pack_into("<I", writer.out, 0, writer.table(root))
    return bytes(writer.out)


class _Writer:
    """What is written so far, and where the vtables are: tables of one form share theirs."""

    def __init__(self) -> None:
        self.out = bytearray(8)
        self.vtables: dict[bytes, int] = {}

    def pad(self, size: int, ahead: int = 0) -> None:
        """Make the position `ahead` bytes from here a multiple of a size."""
        self.out.extend(bytes(-(len(self.out) + ahead) % size))

    def table(self, fields: Table) -> int:
        """Write a table and what it points to; return its position."""
        places: dict[int, int] = {}
        size = 4
        for slot, value in fields.items():
            width = struct.calcsize(value.code) if isinstance(value, Scalar) else 4
            size += -size % width
            places[slot] = size
            size += width
        slots = [places.get(slot, 0) for slot in range(max(fields, default=-1) + 1)]
        vtable = struct.pack(f"<{2 + len(slots)}H", 4 + 2 * len(slots), size, *slots)
        if vtable not in self.vtables:
            self.pad(2)
            self.vtables[vtable] = len(self.out)
            self.out += vtable
        self.pad(8)
        start = len(self.out)
        self.out += struct.pack("<i", start - self.vtables[vtable]).ljust(size, b"\0")
        for slot, value in fields.items():
            place = start + places[slot]
            if isinstance(value, Scalar):
                struct.pack_into("<" + value.code, self.out, place, value.value)
            else:
                position = value.position if isinstance(value, There) else self.behind(value)
                struct.pack_into("<I", self.out, place, position - place)
        return start

    def behind(self, value: Value) -> int:
        """Write what a table points to; return its position."""
        if isinstance(value, Mapping):
            return self.table(value)
        if isinstance(value, str):
            raw = value.encode("utf-8", "surrogateescape")
            return self.counted(len(raw), raw + b"\0", 4)
        if isinstance(value, bytes | memoryview):
            return self.counted(len(value), value, ALIGNMENT)
        if isinstance(value, Vector):
            count = len(value.items)
            packed = struct.pack(f"<{count}{value.code}", *value.items)
            return self.counted(count, packed, max(4, struct.calcsize(value.code)))
        assert not isinstance(value, Scalar | There)
        start = self.counted(len(value), bytes(4 * len(value)), 4)
        for index, item in enumerate(value):
            place = start + 4 + 4 * index
            struct.pack_into("<I", self.out, place, self.behind(item) - place)
        return start

    def counted(self, count: int, raw: bytes | memoryview, alignment: int) -> int:
        """Write a vector, whose items begin at a multiple of `alignment`; return its position."""
        self.pad(alignment, 4)
        start = len(self.out)
        self.out += struct.pack("<I", count)
        self.out += raw
        return start
