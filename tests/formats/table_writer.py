"""Writes table files and snappy blocks, sound ones and ones that lie."""

from __future__ import annotations

from collections.abc import Iterable

from graphtools.formats.crc32c import masked_crc32c
from graphtools.formats.sstable import MAGIC
from graphtools.schema.wire import encode_varint


def block(entries: Iterable[tuple[bytes, bytes]], shared: int = 0) -> bytes:
    """An encoded block; `shared` is the count of shared bytes that its first entry claims."""
    out = bytearray()
    for key, value in entries:
        out += encode_varint(shared) + encode_varint(len(key)) + encode_varint(len(value))
        out += key + value
        shared = 0
    return bytes(out) + b"\0\0\0\0" + b"\1\0\0\0"


def trailer(stored: bytes, compression: int = 0) -> bytes:
    """What stands behind a block."""
    kind = bytes([compression])
    return kind + masked_crc32c(stored + kind).to_bytes(4, "little")


def handle(offset: int, size: int) -> bytes:
    return encode_varint(offset) + encode_varint(size)


def footer(index: bytes, meta: bytes = b"\0\0", magic: bytes = MAGIC) -> bytes:
    return (meta + index).ljust(40, b"\0") + magic


def table(
    entries: Iterable[tuple[bytes, bytes]],
    *,
    data: bytes | None = None,
    compression: int = 0,
    data_handle: bytes | None = None,
    index: bytes | None = None,
) -> bytes:
    """A table file of one block.

    Args:
        entries: Keys and values, sorted.
        data: The stored bytes of the data block, in place of that of the entries.
        compression: The compression that is claimed.
        data_handle: What the index says of the data block's place.
        index: The stored bytes of the index block.
    """
    entries = list(entries)
    stored = block(entries) if data is None else data
    out = stored + trailer(stored, compression)
    if index is None:
        last = entries[-1][0] if entries else b""
        index = block([(last, data_handle or handle(0, len(stored)))])
    position = len(out)
    out += index + trailer(index)
    return out + footer(handle(position, len(index)))


def snappy(data: bytes) -> bytes:
    """Compress with copies of all three kinds, overlapping ones among them."""
    out = bytearray(encode_varint(len(data)))
    position = start = 0
    while position < len(data):
        found, size = _longest(data, position)
        if size < 4:
            position += 1
            continue
        out += _literal(data[start:position])
        offset = position - found
        if size <= 11 and offset < 1 << 11:
            out += bytes([1 | (size - 4) << 2 | offset >> 8 << 5, offset & 255])
        elif offset % 3:
            out += bytes([2 | (size - 1) << 2]) + offset.to_bytes(2, "little")
        else:
            out += bytes([3 | (size - 1) << 2]) + offset.to_bytes(4, "little")
        position += size
        start = position
    return bytes(out + _literal(data[start:]))


def _longest(data: bytes, position: int) -> tuple[int, int]:
    """Where the longest copy (of up to 64 bytes) of what follows begins, and its length."""
    best = (0, 0)
    for begin in range(max(0, position - 300), position):
        size = 0
        while size < min(64, len(data) - position) and data[begin + size] == data[position + size]:
            size += 1
        best = max(best, (begin, size), key=lambda found: found[1])
    return best


def _literal(data: bytes) -> bytes:
    if not data:
        return b""
    size = len(data) - 1
    if size < 60:
        return bytes([size << 2]) + data
    width = (size.bit_length() + 7) // 8
    return bytes([(59 + width) << 2]) + size.to_bytes(width, "little") + data
