"""Table files: sound ones, and each way in which one can lie with its checksums in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import ChecksumMismatch, Damaged
from graphtools.formats.crc32c import extend, mask, masked_crc32c
from graphtools.formats.source import Source, open_source
from graphtools.formats.sstable import MAGIC, SSTable, is_table
from tests.formats.table_writer import block, footer, handle, snappy, table, trailer
from tests.support import FIXTURES, damaged

ENTRIES = [(b"", b"header"), (b"a", b"1"), (b"ab", b"2" * 200), (b"b", b"")]


def opened(raw: bytes) -> SSTable:
    return SSTable(Source("file", raw))


def test_all_entries_and_single_ones() -> None:
    found = opened(table(ENTRIES))
    assert list(found) == ENTRIES
    assert {key: found.get(key) for key, _ in ENTRIES} == dict(ENTRIES)
    assert found.get(b"aa") is None
    assert found.get(b"zz") is None


def test_a_compressed_table() -> None:
    raw = table(ENTRIES, data=snappy(block(ENTRIES)), compression=1)
    assert list(opened(raw)) == ENTRIES


def test_a_table_without_entries() -> None:
    assert list(opened(table([]))) == []
    assert opened(table([])).get(b"a") is None


@pytest.mark.parametrize(
    "name",
    ["checkpoints/v1/model.ckpt", "checkpoints/v1_compressed/model.ckpt", "ssd/model.ckpt.index"],
)
def test_keys_of_real_tables_are_sorted_and_found(name: str) -> None:
    found = SSTable(open_source(FIXTURES / name))
    items = dict(found)
    assert list(items) == sorted(items)
    assert all(found.get(key) == value for key, value in items.items())


GOOD = table(ENTRIES)
STORED = block(ENTRIES)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "0 bytes, too short"),
        (GOOD[:47], "47 bytes, too short"),
        (GOOD[:-1], "does not end as a table file does"),
        (GOOD[:-8] + b"12345678", "does not end as a table file does"),
        (b"\xff" * 40 + MAGIC, "position cannot be read"),
        (bytes(5) + footer(handle(0, 1 << 40)), "bytes 0 to 1,099,511,627,776, the file has 53"),
        (footer(handle(1 << 62, 5)), "truncated or damaged"),
        (table(ENTRIES, data_handle=handle(5, 1 << 30)), "a block is to lie"),
        (table(ENTRIES, data_handle=b"\xff"), "position cannot be read"),
        (table(ENTRIES, index=b"abc"), "a block is too short"),
        (table(ENTRIES, index=b"\xff\xff\xff\xff"), "restart positions do not fit"),
        (table(ENTRIES, data=b"\xff\xff\xff\x7f"), "restart positions do not fit"),
        (table(ENTRIES, data=b""), "a block is too short"),
        (table(ENTRIES, data=block(ENTRIES, shared=9)), "an entry does not fit"),
        (table(ENTRIES, data=b"\x00\x01\xff\x7fkv" + b"\0" * 4 + b"\1\0\0\0"), "does not fit"),
        (table(ENTRIES, data=b"\x00\x80" + b"\0" * 4 + b"\1\0\0\0"), "entry cannot be read"),
        (table(ENTRIES, compression=2), "unknown compression 2"),
        (table(ENTRIES, data=b"\xff\xff\xff\x7f\0", compression=1), "block 0: .* cannot be true"),
    ],
    ids=range(18),
)
def test_what_breaks_the_format_is_damage(raw: bytes, message: str) -> None:
    with pytest.raises(Damaged, match=message) as caught:
        list(opened(raw))
    assert not isinstance(caught.value, ChecksumMismatch)


@pytest.mark.parametrize("position", [0, 10, len(STORED) - 1, len(STORED), len(STORED) + 2])
def test_each_byte_of_a_block_is_covered_by_its_checksum(position: int) -> None:
    raw = bytearray(GOOD)
    raw[position] ^= 4
    with pytest.raises(ChecksumMismatch, match="checksum of the block 0"):
        list(opened(bytes(raw)))


def test_the_index_is_covered_too() -> None:
    raw = bytearray(GOOD)
    raw[len(STORED) + 5] ^= 4
    with pytest.raises(ChecksumMismatch, match="checksum of the index block"):
        opened(bytes(raw))


def test_only_tables_are_taken_for_tables() -> None:
    assert is_table(Source("file", GOOD))
    assert not is_table(Source("file", GOOD[:-1]))
    assert not is_table(Source("file", MAGIC))


@given(damaged(GOOD))
def test_damage_never_goes_unseen_in_the_blocks(raw: bytes) -> None:
    try:
        found = list(opened(raw))
    except Damaged:
        return
    assert found == ENTRIES


# CRC-32C: the values of RFC 3720, B.4


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (b"\x00" * 32, 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_crc_of_known_data(data: bytes, crc: int) -> None:
    assert extend(0, data) == crc
    assert extend(0, memoryview(data)) == crc


def test_masked_crc() -> None:
    # LevelDB's mask: rotated by 15 bits, then a constant is added
    assert mask(0) == 0xA282EAD8
    assert mask(0xE3069283) == (0x2507C60D + 0xA282EAD8) & 0xFFFFFFFF
    assert trailer(b"") == b"\0" + masked_crc32c(b"\0").to_bytes(4, "little")


@given(st.binary(max_size=50), st.integers(0, 50))
def test_crc_of_pieces_is_that_of_the_whole(data: bytes, at: int) -> None:
    assert extend(extend(0, data[:at]), memoryview(data)[at:]) == extend(0, data)
    assert masked_crc32c(data[:at], data[at:]) == masked_crc32c(data)


def test_crc_of_more_than_is_copied_at_once() -> None:
    data = bytes(3 << 20)
    assert extend(0, memoryview(data)) == extend(0, data)
