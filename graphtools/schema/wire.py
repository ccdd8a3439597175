"""Protobuf's wire format: walking over encoded messages without decoding them.

Source of the rules: the encoding page of the Protocol Buffers documentation. A message is a
sequence of fields, each a varint key (field number << 3 | wire type) and a payload.

Buffers are anything that gives an int for an index and bytes for a slice: `bytes` or `mmap`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from graphtools.errors import Damaged

VARINT, FIXED64, LEN, FIXED32 = 0, 1, 2, 5
#: Most bytes of a message that protobuf reads, and so of a file that TensorFlow does.
PROTOBUF_LIMIT = (1 << 31) - 1

#: A payload below this many bytes is never worth skipping.
SMALL = 4096


class Buffer(Protocol):
    """Bytes in memory or in a mapped file."""

    def __len__(self) -> int: ...

    def __getitem__(self, key: slice, /) -> bytes: ...


class WireField(NamedTuple):
    """One field of an encoded message.

    Attributes:
        number: Field number.
        kind: Wire type.
        key: Position of the field's key.
        start: Position of the payload (for LEN without its length).
        end: Position behind the payload.
    """

    number: int
    kind: int
    key: int
    start: int
    end: int


def varint(buffer: Buffer, pos: int, end: int) -> tuple[int, int]:
    """Read a varint of at most ten bytes.

    Returns:
        The value as an unsigned 64-bit number, and the position behind it.

    Raises:
        Damaged: The varint does not end before `end`, or is longer than ten bytes.
    """
    result = shift = 0
    for byte in buffer[pos : min(pos + 10, end)]:
        pos += 1
        result |= (byte & 127) << shift
        if byte < 128:
            return result & 0xFFFFFFFFFFFFFFFF, pos
        shift += 7
    raise Damaged(f"a number at byte {pos} does not end: the file is truncated or altered there")


def fields(buffer: Buffer, start: int, end: int) -> Iterator[WireField]:
    """Walk over the fields of an encoded message.

    Raises:
        Damaged: A field does not fit into the message, or its key is none.
    """
    pos = start
    while pos < end:
        key_pos = pos
        key, pos = varint(buffer, pos, end)
        number, kind = key >> 3, key & 7
        if number == 0 or key > 0xFFFFFFFF:
            raise Damaged(f"byte {key_pos} starts no field: the file is altered there")
        if kind == LEN:
            size, first = varint(buffer, pos, end)
            pos = first + size
        elif kind == VARINT:
            first = pos
            _, pos = varint(buffer, pos, end)
        elif kind == FIXED64:
            first, pos = pos, pos + 8
        elif kind == FIXED32:
            first, pos = pos, pos + 4
        else:
            raise Damaged(f"byte {key_pos} has the unknown wire type {kind}")
        if pos > end:
            raise Damaged(
                f"the field at byte {key_pos} wants {pos - first:,} bytes, "
                f"{end - first:,} are left: the file is truncated or altered"
            )
        yield WireField(number, kind, key_pos, first, pos)


#: The varints of the numbers that take one byte, which most do.
_ONE_BYTE = [bytes([value]) for value in range(128)]


def encode_varint(value: int) -> bytes:
    """Encode an unsigned number as a varint of minimal length."""
    if value < 128:
        return _ONE_BYTE[value]
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_field(number: int, payload: bytes) -> bytes:
    """Encode a length-delimited field."""
    if number < 16 and len(payload) < 128:
        return bytes((number << 3 | LEN, len(payload))) + payload  # as nearly all
    return encode_varint(number << 3 | LEN) + encode_varint(len(payload)) + payload


# Field numbers of the messages that are walked by hand.
_NODE_ATTR = 5
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_ATTR_TENSOR = 8
#: Fields of TensorProto whose payload is valid whatever its bytes, if its length is a multiple of
#: the item: tensor_content, and the packed float_val, double_val, scomplex_val, dcomplex_val.
_OPAQUE_ITEM = {4: 1, 5: 4, 6: 8, 9: 4, 12: 8}


class Payload(NamedTuple):
    """Where the large field of a tensor lies in the buffer.

    Attributes:
        field: Field number in TensorProto.
        start: First byte.
        end: Position behind the last byte.
    """

    field: int
    start: int
    end: int


def abridge_node(buffer: Buffer, start: int, end: int) -> tuple[bytes, dict[str, Payload]]:
    """An encoded NodeDef without the large payloads of its tensors.

    What is left out needs no check: any bytes are valid there. A node with something else that is
    large, or written in an unusual way, is returned whole.

    Returns:
        The encoded node, and by attribute what was left out.

    Raises:
        Damaged: The node's structure is broken.
    """
    out: list[bytes] = []
    payloads: dict[str, Payload] = {}
    for field in fields(buffer, start, end):
        if field.end - field.key <= SMALL:
            if payloads and field.number == _NODE_ATTR and _key(buffer, field) in payloads:
                return buffer[start:end], {}  # replaces what was left out
            out.append(buffer[field.key : field.end])
            continue
        short = None
        if field.number == _NODE_ATTR and field.kind == LEN:
            short = _abridge_entry(buffer, field.start, field.end)
        if short is None or short[0] in payloads:
            return buffer[start:end], {}
        name, encoded, payload = short
        payloads[name] = payload
        out.append(encode_field(_NODE_ATTR, encoded))
    return b"".join(out), payloads


def _key(buffer: Buffer, entry: WireField) -> str:
    """Attribute name of an encoded map entry; the last one counts, as for any field."""
    keys = [f for f in fields(buffer, entry.start, entry.end) if f.number == _ENTRY_KEY]
    return buffer[keys[-1].start : keys[-1].end].decode("utf-8", "replace") if keys else ""


def _abridge_entry(buffer: Buffer, start: int, end: int) -> tuple[str, bytes, Payload] | None:
    """Attribute name, encoded map entry and payload of a large tensor attribute, if it is one."""
    entry = list(fields(buffer, start, end))
    if [(f.number, f.kind) for f in entry] != [(_ENTRY_KEY, LEN), (_ENTRY_VALUE, LEN)]:
        return None
    key, value = entry
    if key.end - key.start > SMALL:
        return None
    attr = list(fields(buffer, value.start, value.end))
    if [(f.number, f.kind) for f in attr] != [(_ATTR_TENSOR, LEN)]:
        return None
    out: list[bytes] = []
    payload = None
    seen = set()
    for field in fields(buffer, attr[0].start, attr[0].end):
        if field.number in _OPAQUE_ITEM:
            if field.number in seen:
                return None  # in several pieces
            seen.add(field.number)
        size = field.end - field.start
        if size <= SMALL:
            out.append(buffer[field.key : field.end])
        elif payload is None and field.kind == LEN and field.number in _OPAQUE_ITEM:
            if size % _OPAQUE_ITEM[field.number]:
                raise Damaged(f"the tensor at byte {field.start} does not end with a whole element")
            payload = Payload(field.number, field.start, field.end)
        else:
            return None
    if payload is None:
        return None
    tensor = encode_field(_ATTR_TENSOR, b"".join(out))
    name_bytes = buffer[key.start : key.end]
    try:
        name = name_bytes.decode()
    except UnicodeDecodeError:
        raise Damaged(f"the attribute name at byte {key.start} is not UTF-8") from None
    encoded = encode_field(_ENTRY_KEY, name_bytes) + encode_field(_ENTRY_VALUE, tensor)
    return name, encoded, payload
