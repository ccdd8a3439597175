"""The reader of FlatBuffers: every kind of field, and every lie about a position."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import Damaged
from graphtools.formats.tflite.flatbuffer import (
    BOOL,
    INT8,
    INT32,
    INT64,
    UINT8,
    UINT32,
    UINT64,
    Extent,
    FlatBuffer,
    FlatTable,
)
from graphtools.formats.tflite.flatbuffer_writer import Scalar, Vector, write
from graphtools.formats.tflite.flatbuffer_writer import Table as TableFields

EVERYTHING: TableFields = {
    0: Scalar("b", -3),
    1: Scalar("Q", 1 << 40),
    2: "naïve",
    4: Vector("i", [1, -2, 3]),
    5: Vector("f", [0.5, -1.0]),
    6: b"weights",
    7: {0: "inner"},
    8: [{0: Scalar("I", 7)}, {}, {1: Scalar("?", True)}],
    9: Vector("q", [-(1 << 60)]),
    10: [],
}


def root_of(raw: bytes) -> FlatTable:
    return FlatBuffer(raw, "file").root()


def read_everything(raw: bytes) -> list[object]:
    """Every field of a buffer with the slots of `EVERYTHING`."""
    root = root_of(raw)
    inner = root.table(7)
    return [
        root.integer(0, INT8),
        root.integer(1, UINT64),
        root.string(2),
        root.integers(4, INT32),
        root.floats(5),
        root.extent(6),
        inner.string(0) if inner else None,
        [(t.integer(0, UINT32), t.flag(1)) for t in root.tables(8)],
        root.integers(9, INT64),
        list(root.tables(10)),
    ]


def test_every_kind_of_field() -> None:
    raw = write(EVERYTHING)
    values = read_everything(raw)
    assert values[:5] == [-3, 1 << 40, "naïve", (1, -2, 3), (0.5, -1.0)]
    assert values[6:] == ["inner", [(7, False), (0, False), (0, True)], (-(1 << 60),), []]
    assert values[5] == Extent(raw.index(b"weights"), 7)


def test_absent_fields_have_defaults() -> None:
    for slot in (0, 3, 30_000):
        root = root_of(write({}))
        assert root.integer(slot, INT32, -5) == -5
        assert (root.flag(slot), root.has(slot), root.string(slot)) == (False, False, "")
        assert (root.integers(slot, UINT8), root.floats(slot)) == ((), ())
        assert (root.extent(slot), root.table(slot), list(root.tables(slot))) == (None, None, [])


def test_a_string_that_is_not_utf8_is_shown() -> None:
    assert root_of(write({0: b"caf\xe9"})).string(0) == "caf\\xe9"


@pytest.mark.parametrize("size", range(8))
def test_too_short_for_a_root(size: int) -> None:
    with pytest.raises(Damaged, match="file"):
        root_of(write({})[:size])


def altered(raw: bytes, position: int, code: str, value: int) -> bytes:
    out = bytearray(raw)
    struct.pack_into("<" + code, out, position, value)
    return bytes(out)


def test_root_outside() -> None:
    with pytest.raises(Damaged, match="file: an offset wants the bytes 4,294,967,295"):
        root_of(altered(write({}), 0, "I", 0xFFFFFFFF))


@pytest.mark.parametrize("distance", [-(1 << 31), (1 << 31) - 1, -4])
def test_vtable_outside(distance: int) -> None:
    raw = write({})
    with pytest.raises(Damaged):
        root_of(altered(raw, root_of(raw).position, "i", distance))


@pytest.mark.parametrize(
    ("size", "message"),
    [(0, "vtable has 0 bytes"), (5, "vtable has 5 bytes"), (65534, "wants the bytes")],
)
def test_vtable_of_a_wrong_size(size: int, message: str) -> None:
    raw = write({0: Scalar("i", 1)})
    vtable = root_of(raw).position - struct.unpack_from("<i", raw, root_of(raw).position)[0]
    with pytest.raises(Damaged, match=message):
        root_of(altered(raw, vtable, "H", size))


def test_field_outside() -> None:
    raw = write({0: Scalar("i", 1)})
    vtable = root_of(raw).position - struct.unpack_from("<i", raw, root_of(raw).position)[0]
    root = root_of(altered(raw, vtable + 4, "H", 60000))
    with pytest.raises(Damaged):
        root.integer(0, BOOL)


@pytest.mark.parametrize("count", [9, 1 << 20, 0xFFFFFFFF])
def test_vectors_that_lie_about_their_length(count: int) -> None:
    raw = write({0: Vector("i", [1, 2])})
    where = raw.index(struct.pack("<3i", 2, 1, 2))
    root = root_of(altered(raw, where, "I", count))
    for read in (root.string, root.floats, root.extent, lambda slot: list(root.tables(slot))):
        with pytest.raises(Damaged, match="the list at byte"):
            read(0)


def test_offsets_that_share_do_not_unfold_without_end() -> None:
    # a thousand entries that are one table, whose list is read a thousand times
    size = 1000
    raw = bytearray(write({0: [{}] * size, 1: {0: Vector("i", [0] * size)}}))
    file = FlatBuffer(bytes(raw), "bomb")
    shared = file.root().table(1)
    assert shared
    first = next(file.root().tables(0)).position
    start = raw.index(struct.pack("<I", size))
    assert first > start
    for index in range(size):
        place = start + 4 + 4 * index
        struct.pack_into("<I", raw, place, shared.position - place)
    with pytest.raises(Damaged, match="bomb: its tables hold more than a file of its size can"):
        [t.integers(0, INT32) for t in FlatBuffer(bytes(raw), "bomb").root().tables(0)]


@given(cut=st.integers(0, len(write(EVERYTHING)) - 1))
def test_truncated(cut: int) -> None:
    try:
        read_everything(write(EVERYTHING)[:cut])
    except Damaged as error:
        assert "\n" not in error.message
        assert error.remedy


@given(
    places=st.lists(
        st.tuples(st.integers(0, len(write(EVERYTHING)) - 1), st.integers(0, 255)), max_size=6
    )
)
def test_altered(places: list[tuple[int, int]]) -> None:
    raw = bytearray(write(EVERYTHING))
    for place, value in places:
        raw[place] = value
    try:
        read_everything(bytes(raw))
    except Damaged as error:
        assert error.message.startswith("file: ")
