"""Writes V2 checkpoints: for tests, and as large as a benchmark wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphtools.formats import tensor_bundle_writing
from graphtools.formats.crc32c import extend, mask
from graphtools.formats.sstable_writing import table_pieces
from graphtools.formats.tensor_bundle_writing import NewTensor
from graphtools.graph.dtypes import DType
from graphtools.schema import message_class


def write_bundle(
    prefix: Path, tensors: Mapping[str, Any], kinds: Mapping[str, DType | str] | None = None
) -> Path:
    """Write a V2 checkpoint of one data file.

    Args:
        prefix: Its prefix.
        tensors: Arrays by name.
        kinds: Element types that are not the arrays' own, by name.

    Returns:
        The prefix.
    """
    kinds = kinds or {}
    arrays = {name: np.asarray(values) for name, values in tensors.items()}
    bundle = [NewTensor.of_array(name, array, kinds.get(name)) for name, array in arrays.items()]
    tensor_bundle_writing.write_bundle(prefix, bundle)
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

    Path(f"{prefix}.index").write_bytes(b"".join(table_pieces(entries())))
    Path(f"{prefix}.data-00000-of-00001").write_bytes(raw * count)
    return prefix


def _header() -> bytes:
    header = message_class("BundleHeaderProto")(num_shards=1)
    header.version.producer = 1
    encoded: bytes = header.SerializeToString()
    return encoded
