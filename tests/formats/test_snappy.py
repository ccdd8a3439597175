"""Snappy blocks: hand-written ones, round trips through a compressor of the tests, damage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import Damaged
from graphtools.formats.snappy import decompress
from graphtools.schema.wire import encode_varint
from tests.formats.table_writer import snappy
from tests.support import damaged

REPETITIVE = st.lists(st.sampled_from([b"a", b"ab", b"layer/weights", b"\0\0\0\0\0", b"z" * 70]))


@given(st.binary(max_size=300) | REPETITIVE.map(b"".join))
def test_what_is_compressed_is_decompressed(data: bytes) -> None:
    assert decompress(snappy(data)) == data


@pytest.mark.parametrize(
    ("block", "data"),
    [
        (b"\x00", b""),
        (b"\x03\x08abc", b"abc"),
        (b"\x06\x08abc\x02\x00", None),
        (b"\x08\x0cabcd\x01\x04", b"abcdabcd"),
        (b"\x09\x00a\x1d\x01", None),
        (b"\x0c\x00a\x1d\x01", b"a" * 12),
        (b"\x08\x08abc\x12\x03\x00", b"abcabcab"),
        (b"\x08\x08abc\x13\x03\x00\x00\x00", b"abcabcab"),
        (encode_varint(61) + b"\xf0\x3c" + b"x" * 61, b"x" * 61),
        (encode_varint(300) + b"\xf4\x2b\x01" + b"x" * 300, b"x" * 300),
        (encode_varint(300) + b"\xfc\x2b\x01\x00\x00" + b"x" * 300, b"x" * 300),
    ],
    ids=range(11),
)
def test_elements_of_every_kind(block: bytes, data: bytes | None) -> None:
    if data is None:
        with pytest.raises(Damaged):
            decompress(block)
    else:
        assert decompress(block) == data


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (b"", "does not end"),
        (b"\xff\xff\xff\xff\x7f\x00a", "claims 34,359,738,367 bytes"),
        (b"\x04\x08abc", "has 3 bytes and says 4"),
        (b"\x02\x08abc", "longer than it says"),
        (b"\x05\x10abc", "within a literal"),
        (b"\x7f\xfc\xff\xff", "within a literal"),
        (b"\x08\x08abc\x12\x03", "within a copy"),
        (b"\x08\x08abc\x01", "within a copy"),
        (b"\x08\x08abc\x12\x00\x00", "before its start"),
        (b"\x08\x08abc\x12\x04\x00", "before its start"),
    ],
    ids=range(10),
)
def test_blocks_that_lie_are_damage(block: bytes, message: str) -> None:
    with pytest.raises(Damaged, match=message):
        decompress(block)


SAMPLE = snappy(b"layer1/weights layer1/biases layer2/weights layer2/biases" * 3)


@given(damaged(SAMPLE))
def test_damage_is_seen_or_gives_other_bytes(block: bytes) -> None:
    try:
        data = decompress(block)
    except Damaged:
        return
    assert len(data) <= 64 * len(block)
