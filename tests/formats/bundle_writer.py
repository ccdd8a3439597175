"""Writes V2 checkpoints: for tests, and as large as a benchmark wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphtools.formats.crc32c import extend, mask
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import content_bytes
from graphtools.schema import message_class
from tests.formats.table_writer import block, footer, handle, trailer

#: Entries of a block of the index.
_PER_BLOCK = 1000


def write_table(path: Path, entries: Iterable[tuple[bytes, bytes]]) -> None:
    """A table file of as many blocks as are needed; the keys are sorted."""
    index: list[tuple[bytes, bytes]] = []
    with path.open("wb") as file:
        for part in _batches(entries):
            stored = block(part)
            index.append((part[-1][0], handle(file.tell(), len(stored))))
            file.write(stored + trailer(stored))
        last = block(index)
        place = handle(file.tell(), len(last))
        file.write(last + trailer(last) + footer(place))


def _batches(entries: Iterable[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    batch: list[tuple[bytes, bytes]] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _PER_BLOCK:
            yield batch
            batch = []
    if batch:
        yield batch


def write_bundle(
    prefix: Path, tensors: Mapping[str, Any], kinds: Mapping[str, DType | str] | None = None
) -> Path:
    """Write a V2 checkpoint of one data file.

    Args:
        prefix: Its prefix.
        tensors: Arrays by name; strings are not written.
        kinds: Element types that are not the arrays' own, by name.

    Returns:
        The prefix.
    """
    entries = [(b"", _header())]
    offset = 0
    with Path(f"{prefix}.data-00000-of-00001").open("wb") as file:
        for name in sorted(tensors, key=str.encode):
            array = np.asarray(tensors[name])
            kind = dtype((kinds or {}).get(name) or array.dtype.name)
            raw = content_bytes(array, kind)
            file.write(raw)
            entry = message_class("BundleEntryProto")(
                dtype=kind.number, offset=offset, size=len(raw), crc32c=mask(extend(0, raw))
            )
            Shape(array.shape).to_proto(entry.shape)
            entries.append((name.encode(), entry.SerializeToString()))
            offset += len(raw)
    write_table(Path(f"{prefix}.index"), entries)
    return prefix


def write_index(prefix: Path, count: int) -> Path:
    """Write the index of a checkpoint of scalars, and as many bytes of data as it needs."""
    raw = b"\0\0\0\0"
    crc = mask(extend(0, raw))

    def entries() -> Iterator[tuple[bytes, bytes]]:
        yield b"", _header()
        for number in range(count):
            entry = message_class("BundleEntryProto")(
                dtype=1, offset=4 * number, size=4, crc32c=crc
            )
            entry.shape.SetInParent()
            name = f"net/block_{number // 1000:05d}/unit_{number:08d}/weights"
            yield name.encode(), entry.SerializeToString()

    write_table(Path(f"{prefix}.index"), entries())
    Path(f"{prefix}.data-00000-of-00001").write_bytes(raw * count)
    return prefix


def _header() -> bytes:
    header = message_class("BundleHeaderProto")(num_shards=1)
    header.version.producer = 1
    encoded: bytes = header.SerializeToString()
    return encoded
