"""Table files: sorted keys and values in checksummed blocks.

The index of a V2 checkpoint and all of a V1 checkpoint are such tables. Source: TensorFlow's
core/lib/io (table, block, format) and LevelDB's description of the format.

    file    = data blocks, metaindex block, index block, footer
    footer  = handles of metaindex and index block, padded to 40 bytes, 8 bytes magic number
    handle  = offset and size as varints
    block   = entries, restart positions (4 bytes each), their number (4 bytes)
    trailer = behind each block: 1 byte compression (0 none, 1 snappy), 4 bytes masked CRC-32C
    entry   = three varints (bytes shared with the last key, bytes not shared, bytes of the value),
              the rest of the key, the value
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.errors import ChecksumMismatch, Damaged
from graphtools.formats.crc32c import masked_crc32c
from graphtools.formats.snappy import decompress
from graphtools.formats.source import Source
from graphtools.schema.wire import varint

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
_FOOTER = 48
_TRAILER = 5
_NONE, _SNAPPY = 0, 1


def is_table(source: Source) -> bool:
    """Whether a file ends as a table does."""
    return len(source) >= _FOOTER and source.buffer[len(source) - 8 : len(source)] == MAGIC


class SSTable:
    """A table file.

    Attributes:
        path: The path, for messages.
    """

    def __init__(self, source: Source) -> None:
        """Read the footer and the index.

        Raises:
            Damaged: The file is no sound table.
        """
        self.path = source.path
        self._buffer = source.buffer
        size = len(source)
        if size < _FOOTER:
            raise Damaged(f"{self.path} has {size} bytes, too short for a table file: truncated")
        if not is_table(source):
            raise Damaged(
                f"{self.path} does not end as a table file does: it is truncated, or no checkpoint",
                "copy it again from where it was written",
            )
        footer = self._buffer[size - _FOOTER : size]
        _, pos = self._handle(footer, 0)
        self._index_handle, _ = self._handle(footer, pos)
        #: By data block: the last key that may stand in it, and its handle.
        self._index = [
            (key, self._handle(value, 0)[0])
            for key, value in self._entries(self._block(self._index_handle, "index block"))
        ]

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys and values, in the order of the keys; each block's checksum is verified."""
        for number, (_, handle) in enumerate(self._index):
            yield from self._entries(self._block(handle, f"block {number}"))

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, None where there is none; reads one block."""
        low, high = 0, len(self._index)
        while low < high:
            middle = (low + high) // 2
            if self._index[middle][0] < key:
                low = middle + 1
            else:
                high = middle
        if low == len(self._index):
            return None
        for found, value in self._entries(self._block(self._index[low][1], f"block {low}")):
            if found == key:
                return value
        return None

    def _handle(self, raw: bytes, pos: int) -> tuple[tuple[int, int], int]:
        try:
            offset, pos = varint(raw, pos, len(raw))
            size, pos = varint(raw, pos, len(raw))
        except Damaged:
            raise Damaged(f"{self.path}: a block's position cannot be read: damaged") from None
        if offset + size + _TRAILER > len(self._buffer) - _FOOTER:
            raise Damaged(
                f"{self.path}: a block is to lie at bytes {offset:,} to {offset + size:,}, "
                f"the file has {len(self._buffer):,}: truncated or damaged"
            )
        return (offset, size), pos

    def _block(self, handle: tuple[int, int], what: str) -> bytes:
        offset, size = handle
        raw = self._buffer[offset : offset + size + _TRAILER]
        stored = int.from_bytes(raw[size + 1 :], "little")
        view = memoryview(raw)
        if masked_crc32c(view[: size + 1]) != stored:
            raise ChecksumMismatch(
                f"{self.path}: the checksum of the {what} does not match: the file is damaged",
                "copy it again from where it was written, or take another checkpoint",
            )
        if raw[size] == _NONE:
            return raw[:size]
        if raw[size] != _SNAPPY:
            raise Damaged(f"{self.path}: the {what} has the unknown compression {raw[size]}")
        try:
            return decompress(raw[:size])
        except Damaged as error:
            raise Damaged(f"{self.path}: {what}: {error.message}") from None

    def _entries(self, block: bytes) -> Iterator[tuple[bytes, bytes]]:
        if len(block) < 4:
            raise Damaged(f"{self.path}: a block is too short: damaged")
        restarts = int.from_bytes(block[-4:], "little")
        end = len(block) - 4 * (restarts + 1)
        if end < 0:
            raise Damaged(f"{self.path}: a block's restart positions do not fit: damaged")
        pos = 0
        key = b""
        while pos < end:
            try:
                shared, pos = varint(block, pos, end)
                rest, pos = varint(block, pos, end)
                size, pos = varint(block, pos, end)
            except Damaged:
                raise Damaged(f"{self.path}: an entry cannot be read: damaged") from None
            if shared > len(key) or pos + rest + size > end:
                raise Damaged(f"{self.path}: an entry does not fit into its block: damaged")
            key = key[:shared] + block[pos : pos + rest]
            pos += rest
            yield key, block[pos : pos + size]
            pos += size
