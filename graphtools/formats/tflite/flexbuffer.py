"""FlexBuffers: the values of custom operators' options; what is read of a file is not trusted.

Source of the layout: the internals page of FlexBuffers. A value has a type and a width in bytes; it
stands in its place if it is a number, else there is the distance back to it. The last byte is the
width of the root, the one before it its type, and before that stands the root. A vector has its
length before its items and, unless they are of one type, their types behind them; a map is a vector
of values with the distance to the vector of its keys, and that one's width, before the length.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from graphtools.errors import Damaged, InvalidValue

_NULL, _INT, _UINT, _FLOAT, _KEY, _STRING = range(6)
_INDIRECT = {6: _INT, 7: _UINT, 8: _FLOAT}
_MAP, _VECTOR, _BLOB, _BOOL, _BOOLS = 9, 10, 25, 26, 36
#: Type of the items by the type of a vector whose items are all of one.
_TYPED = {11: _INT, 12: _UINT, 13: _FLOAT, 14: _KEY, 15: _STRING, _BOOLS: _BOOL}
#: Type and number of the items of vectors that do not say how many they have.
_FIXED = {16 + i: ((_INT, _UINT, _FLOAT)[i % 3], 2 + i // 3) for i in range(9)}
_CODES = {_INT: "bhiq", _UINT: "BHIQ", _FLOAT: " efd"}
#: Values that are read of one buffer; those of operators have a score.
_MOST = 100_000
_DEPTH = 32


def decode_flexbuffer(raw: bytes) -> Any:
    """The value in a FlexBuffer: a dict, list, number, bool, string, `bytes`, or None.

    Raises:
        Damaged: The bytes are no FlexBuffer.
    """
    if len(raw) < 3:
        raise Damaged(f"{len(raw)} bytes are no FlexBuffer")
    width = raw[-1]
    if width not in (1, 2, 4, 8) or width > len(raw) - 2:
        raise Damaged(f"the bytes are no FlexBuffer: its root has a width of {width} bytes")
    return _FlexReader(raw).value(len(raw) - 2 - width, width, raw[-2], 0)


class _FlexReader:
    """Reads values of a buffer, with what has been read of the most there may be."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.left = _MOST

    def number(self, kind: int, at: int, width: int) -> Any:
        if at < 0 or at + width > len(self.raw):
            raise Damaged(f"a FlexBuffer of {len(self.raw):,} bytes points to byte {at:,}")
        code = _CODES[kind][(1, 2, 4, 8).index(width)]
        if code == " ":
            raise Damaged("a FlexBuffer has a fraction in a single byte")
        return struct.unpack_from("<" + code, self.raw, at)[0]

    def target(self, at: int, width: int) -> int:
        return at - int(self.number(_UINT, at, width))

    def value(self, at: int, parent: int, packed: int, depth: int) -> Any:
        """The value at a place.

        Args:
            at: Where it stands.
            parent: Bytes that it, or the distance to it, takes there.
            packed: Its type, and the width of what the distance leads to.
            depth: Number of values around it.
        """
        self.left -= 1
        if self.left < 0 or depth > _DEPTH:
            raise Damaged("a FlexBuffer holds more than the options of any operator")
        kind, width = packed >> 2, 1 << (packed & 3)
        if kind == _NULL:
            return None
        if kind == _BOOL:
            return bool(self.number(_UINT, at, parent))
        if kind in _CODES:
            return self.number(kind, at, parent)
        target = self.target(at, parent)
        if kind in _INDIRECT:
            return self.number(_INDIRECT[kind], target, width)
        if kind == _KEY:
            return self.text(target, self.raw.find(b"\0", max(target, 0)))
        if kind in (_STRING, _BLOB):
            end = target + int(self.number(_UINT, target - width, width))
            return self.text(target, end) if kind == _STRING else bytes(self.raw[target:end])
        if kind == _MAP:
            keys_at = target - 3 * width
            key_width = int(self.number(_UINT, keys_at + width, width))
            if key_width not in (1, 2, 4, 8):
                raise Damaged(f"a FlexBuffer has keys with a width of {key_width} bytes")
            keys = self.items(self.target(keys_at, width), key_width, _KEY, depth)
            return dict(zip(keys, self.items(target, width, None, depth), strict=False))
        if kind == _VECTOR or kind in _TYPED:
            return self.items(target, width, _TYPED.get(kind), depth)
        if kind in _FIXED:
            item, count = _FIXED[kind]
            return [self.number(item, target + i * width, width) for i in range(count)]
        raise Damaged(f"a FlexBuffer has a value of type {kind}, which there is not")

    def items(self, at: int, width: int, kind: int | None, depth: int) -> list[Any]:
        """The items of a vector; the types stand behind them if they are not all of one."""
        count = int(self.number(_UINT, at - width, width))
        if count * width > len(self.raw) - at:
            raise Damaged(f"a FlexBuffer of {len(self.raw):,} bytes has a vector of {count:,}")
        types = at + count * width
        return [
            self.value(
                at + i * width,
                width,
                int(self.number(_UINT, types + i, 1)) if kind is None else kind << 2,
                depth + 1,
            )
            for i in range(count)
        ]

    def text(self, start: int, end: int) -> str:
        if not 0 <= start <= end <= len(self.raw):
            raise Damaged(f"a FlexBuffer of {len(self.raw):,} bytes points to byte {start:,}")
        return self.raw[start:end].decode("utf-8", "backslashreplace")


def encode_flexbuffer(values: Mapping[str, Any]) -> bytes:
    """A FlexBuffer of a map of numbers, booleans and texts, as custom operators have their options.

    All values take four bytes, or eight where one needs them; floats stay what they are as float32.

    Raises:
        InvalidValue: A value is anything else.
    """
    wide = any(type(v) is int and not -(1 << 31) <= v < 1 << 31 for v in values.values())
    width = 8 if wide else 4
    out = bytearray()
    places = {}
    for key in values:
        places[key] = len(out)
        out += key.encode() + b"\0"
    texts = {}
    for key, value in values.items():
        if isinstance(value, str):
            raw = value.encode()
            out += bytes(-len(out) % width) + len(raw).to_bytes(width, "little")
            texts[key] = len(out)
            out += raw + b"\0"
    out += bytes(-len(out) % width)

    def number(value: int) -> None:
        out.extend(value.to_bytes(width, "little", signed=value < 0))

    keys = sorted(values)
    number(len(keys))
    keys_at = len(out)
    for key in keys:
        number(len(out) - places[key])
    number(len(out) - keys_at)
    number(width)
    number(len(keys))
    values_at = len(out)
    types = bytearray()
    for key in keys:
        value, kind = values[key], 0
        if isinstance(value, bool):
            kind = _BOOL
            number(int(value))
        elif isinstance(value, int):
            kind = _INT
            number(value)
        elif isinstance(value, float):
            kind = _FLOAT
            out += struct.pack("<d" if wide else "<f", value)
        elif isinstance(value, str):
            kind = _STRING
            number(len(out) - texts[key])
        else:
            raise InvalidValue(f"{key!r} is {value!r}, which cannot be an operator's option")
        types.append(kind << 2 | width.bit_length() - 1)
    out += types
    root = len(out) - values_at
    out += bytes([root]) if root < 256 else root.to_bytes(2, "little")
    return bytes(out) + bytes([_MAP << 2 | width.bit_length() - 1, 1 if root < 256 else 2])
