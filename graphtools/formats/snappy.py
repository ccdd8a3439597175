"""Decompression of Snappy blocks, as table files hold them.

Source: the format description of Google's snappy. A block is its uncompressed length as a varint,
then elements: literals, and copies of what was decompressed before.
"""

from __future__ import annotations

from graphtools.errors import Damaged
from graphtools.schema.wire import varint

#: No table block is larger; a length above it lies.
_LIMIT = 1 << 31
#: No element expands more than this: a copy element of two bytes yields at most 64.
_MAX_EXPANSION = 64


def decompress(data: bytes) -> bytes:
    """Decompress a block.

    Raises:
        Damaged: The block breaks the format, or does not have the length it states.
    """
    length, pos = varint(data, 0, len(data))
    if length > _LIMIT or length > _MAX_EXPANSION * len(data):
        raise Damaged(f"a compressed block claims {length:,} bytes, which cannot be true")
    out = bytearray()
    end = len(data)
    while pos < end:
        tag = data[pos]
        pos += 1
        kind = tag & 3
        if kind == 0:
            size = (tag >> 2) + 1
            if size > 60:
                extra = size - 60
                size = int.from_bytes(data[pos : pos + extra], "little") + 1
                pos += extra
            if pos + size > end:
                raise Damaged("a compressed block ends within a literal")
            out += data[pos : pos + size]
            pos += size
        else:
            if kind == 1:
                size = (tag >> 2 & 7) + 4
                width = 1
                high = tag >> 5 << 8
            else:
                size = (tag >> 2) + 1
                width = 2 if kind == 2 else 4
                high = 0
            if pos + width > end:
                raise Damaged("a compressed block ends within a copy")
            offset = int.from_bytes(data[pos : pos + width], "little") | high
            pos += width
            _copy(out, offset, size)
        if len(out) > length:
            raise Damaged("a compressed block is longer than it says")
    if len(out) != length:
        raise Damaged(f"a compressed block has {len(out):,} bytes and says {length:,}")
    return bytes(out)


def _copy(out: bytearray, offset: int, size: int) -> None:
    """Append `size` bytes from `offset` bytes before the end; they may overlap the end."""
    start = len(out) - offset
    if offset == 0 or start < 0:
        raise Damaged("a compressed block copies from before its start")
    if offset >= size:
        out += out[start : start + size]
    else:
        pattern = bytes(out[start:])
        out += (pattern * (size // offset + 1))[:size]
