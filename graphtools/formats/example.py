"""tf.Example: named features of a sample, each a list of bytes, floats or integers.

Source: TensorFlow's example.proto and feature.proto. Only the features that are asked for are
decoded, so that an image beside a label is not copied for nothing.

    Example   { 1: Features { 1: map entry { 1: name, 2: Feature } } }
    Feature   { 1: BytesList, 2: FloatList, 3: Int64List }, whose values are field 1
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import Damaged, InvalidValue
from graphtools.schema.wire import (
    FIXED32,
    LEN,
    VARINT,
    Buffer,
    WireField,
    encode_field,
    encode_varint,
    fields,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = {1: "bytes", 2: "float", 3: "int64"}
#: The longest varint of a 64-bit number.
_LONGEST = 10


class Feature(NamedTuple):
    """A feature of a sample.

    Attributes:
        kind: `bytes`, `float` or `int64`; empty for a feature without values.
        strings: The values of a feature of bytes.
        numbers: The values of one of floats (float32) or integers (int64), shape [n].
    """

    kind: str
    strings: tuple[bytes, ...]
    numbers: NDArray[Any]


def parse_example(raw: Buffer, names: Iterable[str] | None = None) -> dict[str, Feature]:
    """The features of an encoded tf.Example.

    Args:
        raw: The bytes.
        names: The features that are wanted; all if None.

    Raises:
        Damaged: The bytes are no tf.Example.
    """
    wanted = None if names is None else set(names)
    found: dict[str, Feature] = {}
    for name, feature in _entries(raw):
        if wanted is None or name in wanted:
            found[name] = _feature(raw, feature)
    return found


def feature_names(raw: Buffer) -> tuple[str, ...]:
    """Names of the features of an encoded tf.Example, in their order.

    Raises:
        Damaged: The bytes are no tf.Example.
    """
    return tuple(dict.fromkeys(name for name, _ in _entries(raw)))


def _entries(raw: Buffer) -> Iterable[tuple[str, list[WireField]]]:
    """Names of the features, and where their values lie; of a name twice the last one counts."""
    for top in fields(raw, 0, len(raw)):
        if top.number != 1:
            continue
        for entry in _messages(raw, [top], 1):
            name = b""
            values: list[WireField] = []
            for field in fields(raw, entry.start, entry.end):
                if field.number == 1 and field.kind == LEN:
                    name = raw[field.start : field.end]
                elif field.number == 2 and field.kind == LEN:
                    values.append(field)
            try:
                yield name.decode(), values
            except UnicodeDecodeError:
                raise Damaged("the name of a feature is not UTF-8: this is no tf.Example") from None


def _messages(raw: Buffer, parents: Iterable[WireField], number: int) -> Iterable[WireField]:
    """The messages in a field of some messages."""
    for parent in parents:
        if parent.kind != LEN:
            raise Damaged(f"byte {parent.key} holds a number where a message is due")
        for field in fields(raw, parent.start, parent.end):
            if field.number == number and field.kind == LEN:
                yield field


def _feature(raw: Buffer, values: list[WireField]) -> Feature:
    """The values of a feature; the last kind counts, and its lists are joined."""
    import numpy as np

    kind = 0
    lists: list[WireField] = []
    for value in values:
        for field in fields(raw, value.start, value.end):
            if field.number not in _KINDS or field.kind != LEN:
                continue
            if field.number != kind:
                kind, lists = field.number, []
            lists.append(field)
    items = [f for part in lists for f in fields(raw, part.start, part.end) if f.number == 1]
    none = np.zeros(0, np.float32)
    if kind == 1:
        strings = tuple(bytes(raw[f.start : f.end]) for f in items if f.kind == LEN)
        return Feature("bytes", strings, none)
    if kind == 2:
        pieces = [_floats(raw, f) for f in items if f.kind in (LEN, FIXED32)]
        return Feature("float", (), np.concatenate([none, *pieces]))
    if kind == 3:
        pieces = [_integers(raw, f) for f in items if f.kind in (LEN, VARINT)]
        return Feature("int64", (), np.concatenate([np.zeros(0, np.int64), *pieces]))
    return Feature("", (), none)


def _floats(raw: Buffer, field: WireField) -> NDArray[Any]:
    import numpy as np

    if (field.end - field.start) % 4:
        raise Damaged(f"the floats at byte {field.start} do not end with a whole number")
    return np.frombuffer(raw[field.start : field.end], "<f4").astype(np.float32)


def _integers(raw: Buffer, field: WireField) -> NDArray[Any]:
    """A row of varints, decoded at once: a pixel a varint would take long one by one."""
    import numpy as np

    data = np.frombuffer(raw[field.start : field.end], np.uint8)
    if not data.size:
        return np.zeros(0, np.int64)
    ends = np.flatnonzero(data < 128)
    if not ends.size or ends[-1] != data.size - 1:
        raise Damaged(f"the integers at byte {field.start} do not end with a whole number")
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() >= _LONGEST:
        raise Damaged(f"an integer behind byte {field.start} is longer than ten bytes")
    shifts = 7 * (np.arange(data.size) - np.repeat(starts, ends - starts + 1))
    parts = (data & 127).astype(np.uint64) << shifts.astype(np.uint64)
    return np.bitwise_or.reduceat(parts, starts).view(np.int64)


def encode_example(features: Mapping[str, Sequence[object]]) -> bytes:
    """A tf.Example of lists of floats, of integers, or of texts and bytes.

    Raises:
        InvalidValue: A feature is no such list.
    """
    entries = b""
    for name, values in features.items():
        raw = encode_field(1, str(name).encode()) + encode_field(2, _encode_feature(name, values))
        entries += encode_field(1, raw)
    return encode_field(1, entries)


def _encode_feature(name: str, values: Sequence[object]) -> bytes:
    if isinstance(values, list):
        if all(isinstance(v, str | bytes) for v in values):
            texts = (v.encode() if isinstance(v, str) else bytes(v) for v in values)
            return encode_field(1, b"".join(encode_field(1, text) for text in texts))
        if all(isinstance(v, int) for v in values):
            numbers = (encode_varint(int(v) & (1 << 64) - 1) for v in values)
            return encode_field(3, encode_field(1, b"".join(numbers)))
        if all(isinstance(v, int | float) for v in values):
            return encode_field(2, encode_field(1, struct.pack(f"<{len(values)}f", *values)))
    raise InvalidValue(
        f"the feature {name!r} is no list of numbers or texts", "write it as [1.5, 2.0]"
    )
