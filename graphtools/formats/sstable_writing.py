"""Writes table files, the same bytes as TensorFlow's `TableBuilder`; see `sstable` for the format.

Source: TensorFlow's core/lib/io (table_builder, block_builder) and LevelDB's comparator, by which
the keys of the index are the shortest that separate two blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphtools.formats.crc32c import masked_crc32c
from graphtools.formats.sstable import MAGIC
from graphtools.schema.wire import encode_varint

#: Bytes at which a block of a V2 checkpoint's index is complete.
_BLOCK_SIZE = 1 << 18
#: Behind so many entries, a key is written whole.
_RESTART_INTERVAL = 16
_HANDLES = 40


class _Block:
    """A block that is being filled."""

    def __init__(self, interval: int) -> None:
        self._interval = interval
        self._data = bytearray()
        self._restarts = [0]
        self._since = 0
        self.last = b""

    @property
    def size(self) -> int:
        return len(self._data) + 4 * len(self._restarts) + 4

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self._since == self._interval:
            self._restarts.append(len(self._data))
            self._since = 0
        else:
            shared = _shared(self.last, key)
        sizes = (shared, len(key) - shared, len(value))
        self._data += b"".join(map(encode_varint, sizes)) + key[shared:] + value
        self._since += 1
        self.last = key

    def finished(self) -> bytes:
        """The block with its trailer."""
        numbers = (*self._restarts, len(self._restarts))
        stored = bytes(self._data) + b"".join(n.to_bytes(4, "little") for n in numbers) + b"\0"
        return stored + masked_crc32c(stored).to_bytes(4, "little")


def table_pieces(entries: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """A table file, in pieces.

    Args:
        entries: Keys and values; the keys ascend.
    """
    position = 0
    block = _Block(_RESTART_INTERVAL)
    index = _Block(1)
    waiting: tuple[bytes, bytes] | None = None  # a block whose key in the index is not known yet
    for key, value in entries:
        if waiting:
            index.add(_separator(waiting[0], key), waiting[1])
            waiting = None
        block.add(key, value)
        if block.size >= _BLOCK_SIZE:
            stored = block.finished()
            waiting = block.last, _handle(position, stored)
            position += len(stored)
            yield stored
            block = _Block(_RESTART_INTERVAL)
    if not waiting:
        stored = block.finished()
        waiting = block.last, _handle(position, stored)
        position += len(stored)
        yield stored
    index.add(_successor(waiting[0]), waiting[1])
    meta, last = _Block(1).finished(), index.finished()
    yield meta + last
    handles = _handle(position, meta) + _handle(position + len(meta), last)
    yield handles.ljust(_HANDLES, b"\0") + MAGIC


def _handle(position: int, stored: bytes) -> bytes:
    """Where a block lies: its trailer does not count."""
    return encode_varint(position) + encode_varint(len(stored) - 5)


def _shared(first: bytes, second: bytes) -> int:
    """How many bytes two keys have in common at their beginning."""
    both = zip(first, second, strict=False)
    return next((n for n, (a, b) in enumerate(both) if a != b), min(len(first), len(second)))


def _separator(last: bytes, following: bytes) -> bytes:
    """The shortest key from one up to, and without, the next."""
    shared = _shared(last, following)
    if shared < len(last) and last[shared] + 1 < following[shared]:
        return last[:shared] + bytes([last[shared] + 1])
    return last


def _successor(last: bytes) -> bytes:
    """The shortest key that is not before one."""
    for place, byte in enumerate(last):
        if byte != 0xFF:
            return last[:place] + bytes([byte + 1])
    return last
