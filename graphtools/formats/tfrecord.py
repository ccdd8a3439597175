"""TFRecord files: a row of records, each with its length and two checksums.

Source: TensorFlow's core/lib/io/record_writer and record_reader. A file may be compressed as a
whole, by GZIP or ZLIB.

    record = length (8 bytes), masked CRC-32C of the length (4 bytes), data, masked CRC-32C of the
             data (4 bytes)
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import Protocol

from graphtools.errors import ChecksumMismatch, Damaged
from graphtools.formats.crc32c import masked_crc32c
from graphtools.formats.source import map_file
from graphtools.schema.wire import Buffer

_HEADER, _FOOTER = 12, 4
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
#: No record is larger: it is a protobuf message, or an image. What claims more is no record.
_LIMIT = (1 << 31) - 1
#: zlib's mark that data is of GZIP or ZLIB, to be told by its beginning.
_EITHER = 32 + zlib.MAX_WBITS


def is_tfrecord(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins with a record, compressed or not; an empty one does not.

    Raises:
        FileProblem: It cannot be read.
    """
    try:
        return begins_with_record(map_file(os.fspath(path)))
    except zlib.error:
        return False


def begins_with_record(buffer: Buffer) -> bool:
    """Whether bytes begin with a record, compressed or not.

    Raises:
        zlib.error: They cannot be decompressed.
    """
    head = bytes(buffer[:_HEADER])
    if _is_header(head):
        return True
    return _is_compressed(head) and _is_header(_Inflated(buffer).take(_HEADER))


def first_record(buffer: Buffer) -> bytes:
    """The first record as far as it is there, with no checksum verified; empty where it is damaged.

    Args:
        buffer: What begins with a record.
    """
    stream: _Stream = _Plain(buffer) if _is_header(bytes(buffer[:_HEADER])) else _Inflated(buffer)
    try:
        length = int.from_bytes(stream.take(_HEADER)[:8], "little")
        return stream.take(min(length, _LIMIT))
    except zlib.error:
        return b""


def read_records(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The records of a file, one after the other; checksums are verified.

    Raises:
        NothingFound: There is no such file.
        FileProblem: It cannot be read.
        Damaged: It is no TFRecord file, or is truncated.
        ChecksumMismatch: The bytes of a record are altered.
    """
    name = os.fspath(path)
    buffer = map_file(name)
    head = bytes(buffer[:_HEADER])
    compressed = not _is_header(head) and _is_compressed(head)
    stream: _Stream = _Inflated(buffer) if compressed else _Plain(buffer)
    number = 0
    while True:
        try:
            record = _next_record(stream, f"{name}: record {number}", number)
        except zlib.error as error:
            raise Damaged(
                f"{name}: record {number} cannot be decompressed: the file is damaged ({error})",
                "copy the file again from where it was written",
            ) from None
        if record is None:
            return
        yield record
        number += 1


def _next_record(stream: _Stream, where: str, number: int) -> bytes | None:
    """The next record, None at the end.

    Raises:
        Damaged: It is truncated or altered.
        zlib.error: It cannot be decompressed.
    """
    header = stream.take(_HEADER)
    if not header:
        return None
    if len(header) < _HEADER:
        raise Damaged(f"{where} is truncated: the file ends within its length")
    if not _is_header(header):
        if number:
            message = f"{where}: the checksum of its length does not match: the file is damaged"
            raise ChecksumMismatch(message, "copy the file again from where it was written")
        raise Damaged(
            f"{where}: the checksum of its length does not match: this is no TFRecord file, or a "
            "damaged one",
            "write one with: tf.io.TFRecordWriter(file).write(example.SerializeToString())",
        )
    length = int.from_bytes(header[:8], "little")
    if length > _LIMIT:
        raise Damaged(f"{where} claims {length:,} bytes, more than a record can have")
    data = stream.take(length)
    footer = stream.take(_FOOTER)
    if len(data) < length or len(footer) < _FOOTER:
        raise Damaged(
            f"{where} is truncated: it has {len(data):,} of {length:,} bytes"
            if len(data) < length
            else f"{where} is truncated: the file ends within its checksum",
            "copy the file again from where it was written",
        )
    if masked_crc32c(data) != int.from_bytes(footer, "little"):
        raise ChecksumMismatch(
            f"{where}: the checksum of its data does not match: the file is damaged",
            "copy the file again from where it was written",
        )
    return data


def _is_header(head: bytes) -> bool:
    """Whether bytes are a length with its checksum."""
    stored = int.from_bytes(head[8:_HEADER], "little")
    return len(head) == _HEADER and masked_crc32c(head[:8]) == stored


def _is_compressed(head: bytes) -> bool:
    """Whether bytes begin as GZIP or ZLIB data does."""
    zlib_header = head[:1] == b"\x78" and int.from_bytes(head[:2], "big") % 31 == 0
    return head[:2] == _GZIP or zlib_header


class _Stream(Protocol):
    def take(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""


class _Plain:
    """The bytes of a file as they are."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._pos = 0

    def take(self, size: int) -> bytes:
        start = self._pos
        self._pos = min(start + size, len(self._buffer))
        return bytes(self._buffer[start : self._pos])


class _Inflated:
    """The decompressed bytes of a file, which may be several GZIP streams in a row."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._pos = 0
        self._engine = zlib.decompressobj(_EITHER)
        self._waiting = b""  # compressed, not decompressed yet

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            zlib.error: They cannot be decompressed, or the data ends within a stream.
        """
        found = bytearray()
        while len(found) < size:
            if self._engine.eof:
                self._waiting = self._engine.unused_data or self._more()
                if not self._waiting:
                    break
                self._engine = zlib.decompressobj(_EITHER)
            self._waiting = self._waiting or self._more()
            ended = not self._waiting
            piece = self._engine.decompress(self._waiting, min(size - len(found), _PIECE))
            if ended and not piece and not self._engine.eof:
                raise zlib.error("it is truncated")
            found += piece
            self._waiting = self._engine.unconsumed_tail
        return bytes(found)

    def _more(self) -> bytes:
        start = self._pos
        self._pos = min(start + _PIECE, len(self._buffer))
        return bytes(self._buffer[start : self._pos])
