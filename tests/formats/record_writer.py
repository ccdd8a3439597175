"""Writes TFRecords and tf.Examples, as TensorFlow does."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

from graphtools.formats.crc32c import masked_crc32c
from graphtools.schema.wire import encode_field, encode_varint

Value = bytes | Sequence[bytes] | Sequence[float] | Sequence[int]


def framed(record: bytes) -> bytes:
    """A record with its length and checksums."""
    length = struct.pack("<Q", len(record))
    checks = [struct.pack("<I", masked_crc32c(data)) for data in (length, record)]
    return length + checks[0] + record + checks[1]


def example(features: Mapping[str, Value], *, packed: bool = True) -> bytes:
    """An encoded tf.Example; floats and integers by the type of the first value."""
    entries = b""
    for name, value in features.items():
        feature = _feature([value] if isinstance(value, bytes) else value, packed)
        entry = encode_field(1, name.encode()) + encode_field(2, feature)
        entries += encode_field(1, entry)
    return encode_field(1, entries)


def _feature(values: Sequence[bytes] | Sequence[float] | Sequence[int], packed: bool) -> bytes:
    first = values[0] if len(values) else 0.0
    if isinstance(first, bytes):
        return encode_field(1, b"".join(encode_field(1, v) for v in values))  # type: ignore[arg-type]
    if isinstance(first, int):
        numbers = [encode_varint(int(v) & 0xFFFFFFFFFFFFFFFF) for v in values]
        if packed:
            return encode_field(3, encode_field(1, b"".join(numbers)))
        return encode_field(3, b"".join(encode_varint(1 << 3) + n for n in numbers))
    if packed:
        return encode_field(2, encode_field(1, np.asarray(values, "<f4").tobytes()))
    singles = (encode_varint(1 << 3 | 5) + struct.pack("<f", v) for v in values)
    return encode_field(2, b"".join(singles))
