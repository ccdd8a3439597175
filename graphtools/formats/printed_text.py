"""A quick way through protobuf's text format as protobuf prints it: one field a line.

`google.protobuf.text_format` reads all of the format and takes half a millisecond a kilobyte. What
it has printed itself, which is what lies in `.pbtxt` files, needs far less: here each line becomes
its wire encoding. Anything else (comments, several fields a line, lists in brackets, numbers in
hexadecimal) is left to `text_format`, as is everything that is wrong, so that there is one place
that says what.
"""

from __future__ import annotations

import functools
import re
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from graphtools.schema import message_class
from graphtools.schema.wire import FIXED32, FIXED64, LEN, VARINT, encode_varint

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)")
_64_BITS = (1 << 64) - 1


class _NotPrinted(Exception):
    """The text is not in the form in which protobuf prints."""


class _Field(NamedTuple):
    """How a field of a message is encoded.

    Attributes:
        once: What may occur only once: the field's name, or that of its oneof; empty if repeated.
        key: The encoded field number and wire type.
        encode: Encodes the text of a value; None for a message.
        inner: The fields of the message; None for a value.
    """

    once: str
    key: bytes
    encode: Callable[[str], bytes] | None
    inner: Any


def encode_printed(text: str, message_name: str) -> bytes | None:
    """The wire encoding of a message in printed text format.

    Args:
        text: The text.
        message_name: Name of the message in the schema.

    Returns:
        The encoded message, or None where the text is not as protobuf prints, or not sound.
    """
    try:
        return _encode(text, _KnownFields(message_class(message_name).DESCRIPTOR))
    except (_NotPrinted, KeyError, ValueError, OverflowError, struct.error, IndexError):
        return None  # text_format reads it, or says what is wrong with it


def _encode(text: str, fields: _KnownFields) -> bytes:
    out: list[bytes] = []
    seen: set[str] = set()
    stack: list[tuple[list[bytes], set[str], _KnownFields, bytes]] = []
    for line in text.split("\n"):
        line = line.strip()
        if line == "}":
            payload = b"".join(out)
            out, seen, fields, key = stack.pop()
            out.append(key + encode_varint(len(payload)) + payload)
            continue
        if not line:
            continue
        name, _, value = line.partition(" ")
        field = fields[name.rstrip(":")]
        if field.once:
            if field.once in seen:
                raise _NotPrinted
            seen.add(field.once)
        if field.encode is not None:
            out.append(field.key + field.encode(value))
        elif value == "{":
            stack.append((out, seen, fields, field.key))
            out, seen, fields = [], set(), field.inner
        else:
            raise _NotPrinted
    if stack:
        raise _NotPrinted
    return b"".join(out)


class _KnownFields(dict[str, _Field]):
    """The fields of a message by name, made when they first occur."""

    def __init__(self, descriptor: Any) -> None:
        super().__init__()
        self._descriptor = descriptor

    def __missing__(self, name: str) -> _Field:
        found = self._descriptor.fields_by_name[name]
        # protobuf before 6 has labels instead
        repeated = found.is_repeated if hasattr(found, "is_repeated") else found.label == 3
        oneof = found.containing_oneof
        once = "" if repeated else oneof.name if oneof else name
        wire_type, encode = _encoder(found)
        inner = _fields_of(found.message_type) if encode is None else None
        key = encode_varint(found.number << 3 | wire_type)
        field = self[name] = _Field(once, key, encode, inner)
        return field


@functools.cache
def _fields_of(descriptor: Any) -> _KnownFields:
    return _KnownFields(descriptor)


def _encoder(field: Any) -> tuple[int, Callable[[str], bytes] | None]:
    """Wire type of a field, and what encodes the text of its value."""
    kind = field.type
    if kind == field.TYPE_MESSAGE:
        return LEN, None
    if kind == field.TYPE_BYTES:
        return LEN, _string
    if kind == field.TYPE_STRING:
        return LEN, _text
    if kind == field.TYPE_BOOL:
        return VARINT, {"true": b"\x01", "false": b"\x00"}.__getitem__
    if kind == field.TYPE_ENUM:
        numbers = {n: v.number for n, v in field.enum_type.values_by_name.items()}
        return VARINT, lambda text: _varint(numbers[text])
    if kind == field.TYPE_FLOAT:
        return FIXED32, lambda text: struct.pack("<f", float(text))
    if kind == field.TYPE_DOUBLE:
        return FIXED64, lambda text: struct.pack("<d", float(text))
    if kind in (field.TYPE_INT32, field.TYPE_INT64, field.TYPE_UINT32, field.TYPE_UINT64):
        unsigned = kind in (field.TYPE_UINT32, field.TYPE_UINT64)
        bits = 32 if kind in (field.TYPE_INT32, field.TYPE_UINT32) else 64
        low, high = (0, 1 << bits) if unsigned else (-1 << bits - 1, 1 << bits - 1)
        return VARINT, functools.partial(_integer, low=low, high=high)
    raise _NotPrinted


def _integer(text: str, low: int, high: int) -> bytes:
    if not _INTEGER.fullmatch(text):
        raise _NotPrinted
    value = int(text)
    if not low <= value < high:
        raise _NotPrinted
    return _varint(value)


def _varint(value: int) -> bytes:
    return encode_varint(value & _64_BITS)


def _string(text: str) -> bytes:
    raw = _unescaped(text)
    return encode_varint(len(raw)) + raw


def _text(text: str) -> bytes:
    raw = _unescaped(text)
    if "\\" in text:
        raw.decode()  # else it is no text, which the general reader says with its place
    return encode_varint(len(raw)) + raw


def _unescaped(text: str) -> bytes:
    found = _STRING.fullmatch(text)
    if found is None:
        raise _NotPrinted
    if "\\" not in found[1]:
        return found[1].encode()
    from google.protobuf import text_encoding

    return bytes(text_encoding.CUnescape(found[1]))
