from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import ChecksumMismatch, Damaged, FileProblem, NothingFound
from graphtools.formats.crc32c import masked_crc32c
from graphtools.formats.tfrecord import is_tfrecord, read_records
from tests.formats.record_writer import framed
from tests.support import damaged, flip

RECORDS = [b"", b"first", bytes(range(256)) * 300, b"last"]
RAW = b"".join(map(framed, RECORDS))
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda raw: raw,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "gzip-in-parts": lambda raw: gzip.compress(raw[:99]) + gzip.compress(raw[99:]),
}


def written(folder: Path, raw: bytes) -> Path:
    path = folder / "x.tfrecord"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_records_are_read_whatever_the_compression(tmp_path: Path, compress: Any) -> None:
    path = written(tmp_path, compress(RAW))
    assert is_tfrecord(path)
    assert list(read_records(path)) == RECORDS


@given(records=st.lists(st.binary(max_size=200)), way=st.sampled_from(sorted(COMPRESSIONS)))
def test_any_records_come_back(tmp_path: Path, records: list[bytes], way: str) -> None:
    path = written(tmp_path, COMPRESSIONS[way](b"".join(map(framed, records))))
    assert list(read_records(path)) == records


def test_a_compressed_record_larger_than_a_piece_comes_back(tmp_path: Path) -> None:
    record = bytes(3_000_000)
    path = written(tmp_path, zlib.compress(framed(record) + framed(b"end")))
    assert list(read_records(path)) == [record, b"end"]


@pytest.mark.tensorflow
@pytest.mark.parametrize("way", ["", "GZIP", "ZLIB"])
def test_what_tensorflow_writes_is_read(tmp_path: Path, tf: Any, way: str) -> None:
    path = tmp_path / "x"
    with tf.io.TFRecordWriter(str(path), way) as writer:
        for record in RECORDS:
            writer.write(record)
    assert is_tfrecord(path)
    assert list(read_records(path)) == RECORDS


@pytest.mark.tensorflow
def test_what_the_tests_write_tensorflow_reads(tmp_path: Path, tf: Any) -> None:
    path = written(tmp_path, RAW)
    assert [r.numpy() for r in tf.data.TFRecordDataset(str(path))] == RECORDS


def test_an_altered_record_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, RAW)
    flip(path, len(framed(b"")) + 13)
    records = read_records(path)
    assert next(records) == b""
    with pytest.raises(ChecksumMismatch, match=r"record 1: the checksum of its data"):
        next(records)
    path = written(tmp_path, RAW)
    flip(path, len(framed(b"")) + 1)
    with pytest.raises(ChecksumMismatch, match=r"record 1: the checksum of its length"):
        list(read_records(path))


@pytest.mark.parametrize(
    ("cut", "message"),
    [(2, "within its checksum"), (6, r"has 2 of 4 bytes"), (17, "within its length")],
)
def test_a_truncated_record_is_named(tmp_path: Path, cut: int, message: str) -> None:
    path = written(tmp_path, RAW[:-cut])
    with pytest.raises(Damaged, match=rf"record 3 is truncated.*{message}"):
        list(read_records(path))


@pytest.mark.parametrize("way", ["gzip", "zlib"])
def test_a_truncated_compressed_file_is_refused(tmp_path: Path, way: str) -> None:
    raw = COMPRESSIONS[way](RAW)
    path = written(tmp_path, raw[: len(raw) // 2])
    with pytest.raises(Damaged, match="cannot be decompressed"):
        list(read_records(path))


def test_a_length_that_no_record_has_is_refused(tmp_path: Path) -> None:
    length = struct.pack("<Q", 1 << 60)
    path = written(tmp_path, length + struct.pack("<I", masked_crc32c(length)) + b"x")
    with pytest.raises(Damaged, match="claims 1,152,921,504,606,846,976 bytes"):
        list(read_records(path))


def test_another_file_is_no_tfrecord(tmp_path: Path) -> None:
    for raw in (b"", b"x", b"hello, hello, hello", gzip.compress(b"hello, hello, hello")):
        assert not is_tfrecord(written(tmp_path, raw))
    with pytest.raises(Damaged, match="no TFRecord file"):
        list(read_records(written(tmp_path, b"hello, hello, hello")))
    assert list(read_records(written(tmp_path, b""))) == []


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingFound, match="absent"):
        list(read_records(tmp_path / "absent"))
    with pytest.raises(FileProblem, match="folder"):
        list(read_records(tmp_path))


@given(data=st.data(), way=st.sampled_from(sorted(COMPRESSIONS)))
def test_damage_is_noticed_or_harmless(tmp_path: Path, data: st.DataObject, way: str) -> None:
    path = written(tmp_path, data.draw(damaged(COMPRESSIONS[way](RAW))))
    found: list[bytes] = []
    with suppress(FileProblem):
        found.extend(read_records(path))  # keeps what came before the damage
    assert found == RECORDS[: len(found)]  # nothing altered gets through
    assert is_tfrecord(path) in (True, False)
