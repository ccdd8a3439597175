"""FlatBuffers: reading the tables of a file that is not trusted.

Source of the rules: the internals page of the FlatBuffers documentation. All numbers are
little-endian. A buffer begins with the offset of its root table. A table begins with a signed
distance, back from the table to its vtable; the vtable holds its own size, the table's size, and
for each field, by its slot, the distance from the table's start, 0 for a field that is left at its
default. Strings, vectors and tables stand elsewhere: the field is the distance to them, always
forwards. A vector is a count and its items.

Every position is checked before it is read. Offsets may point many times to one place, so that a
small file could unfold to an endless one; what is read is therefore counted against an allowance.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from graphtools.errors import Damaged
from graphtools.schema.wire import Buffer

_REMEDY = "the file is truncated or altered: download it, or convert the model, again"
#: What reading a table is charged, in bytes; with `_MOST` this admits as many tables as the
#: verifier of the FlatBuffers library does by default, a million.
_TABLE_CHARGE = 64
#: The most bytes of tables, vectors and strings that are read of one file. Located extents, as
#: weights are, do not count.
_MOST = 1 << 26
#: How often the bytes of an honest file may be read: its tables are charged more than they take,
#: and some writers share strings and vectors.
_SHARING = 16


class Number(NamedTuple):
    """A type of numbers.

    Attributes:
        code: Its letter in the module `struct`.
        size: Bytes.
    """

    code: str
    size: int


INT8, UINT8, BOOL = Number("b", 1), Number("B", 1), Number("?", 1)
INT32, UINT32, FLOAT32 = Number("i", 4), Number("I", 4), Number("f", 4)
INT64, UINT64 = Number("q", 8), Number("Q", 8)
#: The types of numbers by their names in schemas.
NUMBERS = {
    "bool": BOOL,
    "int8": INT8,
    "uint8": UINT8,
    "int16": Number("h", 2),
    "uint16": Number("H", 2),
    "int32": INT32,
    "uint32": UINT32,
    "int64": INT64,
    "uint64": UINT64,
    "float32": FLOAT32,
    "float64": Number("d", 8),
}


class Extent(NamedTuple):
    """Bytes of the file that are located, not read.

    Attributes:
        start: Position of the first byte.
        size: Number of bytes.
    """

    start: int
    size: int


class FlatBuffer:
    """The bytes of a FlatBuffer, and how much of them has been read.

    Attributes:
        buffer: The bytes.
        path: The path, for messages.
    """

    def __init__(self, buffer: Buffer, path: str) -> None:
        """Name some bytes."""
        self.buffer = buffer
        self.path = path
        self._size = len(buffer)
        self._left = min(_SHARING * self._size + _TABLE_CHARGE, _MOST)
        self._slots: dict[int, tuple[int, ...]] = {}

    def root(self) -> FlatTable:
        """The root table.

        Raises:
            Damaged: There is none.
        """
        return FlatTable(self, self.unpack("I", 0, 4)[0])

    def damaged(self, what: str) -> Damaged:
        """The error that says what is wrong with this file."""
        return Damaged(f"{self.path}: {what}", _REMEDY)

    def check(self, start: int, size: int, what: str) -> None:
        """Make sure that bytes lie in the file.

        Raises:
            Damaged: They do not.
        """
        if start < 0 or start + size > self._size:
            raise self.damaged(
                f"{what} wants the bytes {start:,} to {start + size:,}, the file has {self._size:,}"
            )

    def charge(self, size: int) -> None:
        """Count bytes that are going to be read.

        Raises:
            Damaged: No sound file has so many.
        """
        self._left -= size
        if self._left < 0:
            raise self.damaged("its tables hold more than a file of its size can")

    def read(self, start: int, size: int, what: str) -> bytes:
        """Some bytes.

        Raises:
            Damaged: They do not lie in the file, or are too many.
        """
        self.check(start, size, what)
        self.charge(size)
        return self.buffer[start : start + size]

    def unpack(self, code: str, start: int, size: int) -> tuple[Any, ...]:
        """Numbers, by the letters of the module `struct`.

        Raises:
            Damaged: They do not lie in the file.
        """
        if start < 0 or start + size > self._size:
            self.check(start, size, "an offset")
        return struct.unpack("<" + code, self.buffer[start : start + size])

    def slots(self, table: int) -> tuple[int, ...]:
        """For each field of a table its distance from the table's start; 0 where it is absent.

        Raises:
            Damaged: The table has no sound vtable.
        """
        self.charge(_TABLE_CHARGE)
        vtable = table - self.unpack("i", table, 4)[0]
        known = self._slots.get(vtable)
        if known is not None:
            return known
        (size,) = self.unpack("H", vtable, 2)
        if size < 4 or size % 2:
            raise self.damaged(f"byte {table:,} starts no table: its vtable has {size:,} bytes")
        raw = self.read(vtable, size, f"the vtable of the table at byte {table:,}")
        # the first two numbers are the sizes of the vtable and of the table
        known = self._slots[vtable] = struct.unpack(f"<{size // 2}H", raw)[2:]
        return known


class FlatTable:
    """A table of a FlatBuffer. Fields are read when they are asked for, by their slot.

    The slot of a field is its place in the schema, counted from 0; a union takes two.

    Attributes:
        position: Where it starts in the file.
    """

    __slots__ = ("_file", "_slots", "position")

    def __init__(self, file: FlatBuffer, position: int) -> None:
        """Find the fields of a table.

        Raises:
            Damaged: There is no table at this position.
        """
        self._file = file
        self.position = position
        self._slots = file.slots(position)

    @property
    def last_slot(self) -> int:
        """The last slot that there is a place for."""
        return len(self._slots) - 1

    def _find(self, slot: int) -> int:
        """Position of a field, 0 where it is absent."""
        distance = self._slots[slot] if slot < len(self._slots) else 0
        return self.position + distance if distance else 0

    def target(self, slot: int) -> int:
        """Position of what a field points to, 0 where the field is absent."""
        where = self._find(slot)
        if not where:
            return 0
        target: int = where + self._file.unpack("I", where, 4)[0]
        return target

    def _vector(self, slot: int, item: int) -> Extent | None:
        """The items of a vector, which lie in the file."""
        where = self.target(slot)
        if not where:
            return None
        (count,) = self._file.unpack("I", where, 4)
        self._file.check(where + 4, count * item, f"the list at byte {where:,}")
        return Extent(where + 4, count * item)

    def has(self, slot: int) -> bool:
        """Whether a field is there, and not left at its default."""
        return bool(self._find(slot))

    def integer(self, slot: int, kind: Number, default: int = 0) -> int:
        """The value of a field that is an integer.

        Raises:
            Damaged: The field leaves the file.
        """
        where = self._find(slot)
        return int(self._file.unpack(kind.code, where, kind.size)[0]) if where else default

    def number(self, slot: int, kind: Number, default: float = 0) -> float:
        """The value of a field that is a number of any kind.

        Raises:
            Damaged: The field leaves the file.
        """
        where = self._find(slot)
        if where:
            found: float = self._file.unpack(kind.code, where, kind.size)[0]
            return found
        return default if kind.code in "fd" else (bool if kind is BOOL else int)(default)

    def flag(self, slot: int) -> bool:
        """The value of a field that is a bool with the default false.

        Raises:
            Damaged: The field leaves the file.
        """
        return bool(self.integer(slot, BOOL))

    def integers(self, slot: int, kind: Number) -> tuple[int, ...]:
        """The items of a vector of integers; none where the field is absent.

        Raises:
            Damaged: The vector leaves the file, or is longer than any sound file's.
        """
        return self._numbers(slot, kind)

    def numbers(self, slot: int, kind: Number) -> tuple[Any, ...]:
        """The items of a vector of numbers of any kind; none where the field is absent.

        Raises:
            Damaged: The vector leaves the file, or is longer than any sound file's.
        """
        return self._numbers(slot, kind)

    def floats(self, slot: int) -> tuple[float, ...]:
        """The items of a vector of float32; none where the field is absent.

        Raises:
            Damaged: The vector leaves the file, or is longer than any sound file's.
        """
        return self._numbers(slot, FLOAT32)

    def _numbers(self, slot: int, kind: Number) -> tuple[Any, ...]:
        found = self._vector(slot, kind.size)
        if found is None:
            return ()
        raw = self._file.read(*found, "a list")
        return struct.unpack(f"<{found.size // kind.size}{kind.code}", raw)

    def extent(self, slot: int) -> Extent | None:
        """Where the items of a vector of bytes are; None where the field is absent.

        Raises:
            Damaged: The vector leaves the file.
        """
        return self._vector(slot, 1)

    def string(self, slot: int, errors: str = "backslashreplace") -> str:
        """The value of a field that is a string; empty where it is absent.

        Args:
            slot: The field.
            errors: What becomes of bytes that are not UTF-8, as `bytes.decode` has it: programs
                that read FlatBuffers do not check.

        Raises:
            Damaged: The string leaves the file, or is longer than any sound file's.
        """
        found = self._vector(slot, 1)
        if found is None:
            return ""
        return self._file.read(*found, "a string").decode("utf-8", errors)

    def strings(self, slot: int, errors: str = "backslashreplace") -> Iterator[str]:
        """The items of a vector of strings; none where the field is absent.

        Args:
            slot: The field.
            errors: As for `string`.

        Raises:
            Damaged: The vector, or one of its strings, leaves the file.
        """
        found = self._vector(slot, UINT32.size)
        for place in range(found.start, sum(found), UINT32.size) if found else ():
            start = place + self._file.unpack("I", place, 4)[0]
            (size,) = self._file.unpack("I", start, 4)
            yield self._file.read(start + 4, size, "a string").decode("utf-8", errors)

    def table(self, slot: int) -> FlatTable | None:
        """The table that a field points to; None where the field is absent.

        Raises:
            Damaged: There is no table.
        """
        where = self.target(slot)
        return FlatTable(self._file, where) if where else None

    def tables(self, slot: int) -> Iterator[FlatTable]:
        """The tables of a vector, one by one; none where the field is absent.

        Raises:
            Damaged: The vector leaves the file, or one of its items is no table.
        """
        found = self._vector(slot, UINT32.size)
        if found is None:
            return
        raw = self._file.read(*found, "a list of tables")
        for index, (offset,) in enumerate(struct.iter_unpack("<I", raw)):
            yield FlatTable(self._file, found.start + 4 * index + offset)
