"""Protobuf's text format without a schema: a tree of named values with their places.

For configurations whose schema changes from version to version: what is not known is there as well,
and each value knows its line and column. Source: the text format language specification of
Protocol Buffers.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from typing import NamedTuple, Union

from graphtools.errors import Damaged

#: Nested deeper, a text is no configuration of anybody.
_MAX_DEPTH = 100
#: Digits beyond which a decimal number is read as a float, as no field holds it.
_MAX_DIGITS = 40
_TOKEN = re.compile(
    r"""(?:[ \t\r\n\f\v]+|\#[^\n]*)*
    (?:(?P<name>[A-Za-z_]\w*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?)
    |(?P<mark>[-{}<>:,;\[\]])
    |(?P<end>\Z)
    |(?P<bad>.))""",
    re.X | re.S,
)
#: The name of an extension, or of the type in an expanded Any, behind its bracket.
_EXTENSION = re.compile(r"[ \t]*([\w./%-]+)[ \t]*\]")
_ESCAPE = re.compile(
    r"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.S
)
_PLAIN_ESCAPES = {
    "a": b"\a", "b": b"\b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t", "v": b"\v",
    "\\": b"\\", "'": b"'", '"': b'"', "?": b"?",
}  # fmt: skip
_CLOSING = {"{": "}", "<": ">"}
_BOOLEANS = {"true": True, "True": True, "t": True, "false": False, "False": False, "f": False}


class Symbol(str):
    """A bare word: the name of an enum value."""

    __slots__ = ()


Scalar = Union[str, int, float, bool, Symbol]


class Field(NamedTuple):
    """A named value.

    Attributes:
        name: Name of the field.
        value: A number, string, bare word or message.
        line: Line of its name, counted from 1.
        column: Column of its name, counted from 1.
    """

    name: str
    value: Scalar | Tree
    line: int
    column: int


class Tree:
    """A message: its fields in the order of the text.

    Attributes:
        fields: The fields; a repeated one occurs several times.
    """

    __slots__ = ("fields",)

    def __init__(self, fields: list[Field]) -> None:
        """A message of fields."""
        self.fields = fields

    def all(self, path: str) -> list[Field]:
        """All fields at a path, as `model.ssd.num_classes`."""
        first, _, rest = path.partition(".")
        found = [f for f in self.fields if f.name == first]
        if not rest:
            return found
        return [g for f in found if isinstance(f.value, Tree) for g in f.value.all(rest)]

    def field(self, path: str) -> Field | None:
        """The last field at a path, None where there is none."""
        found = self.all(path)
        return found[-1] if found else None

    def tree(self, path: str) -> Tree | None:
        """The message at a path, None where there is none.

        A message that is given several times is the sum of its parts, as protobuf merges them.
        """
        found = [f.value for f in self.all(path) if isinstance(f.value, Tree)]
        if len(found) < 2:
            return found[0] if found else None
        return Tree([field for part in found for field in part.fields])

    def scalar(self, path: str) -> Scalar | None:
        """The last value at a path, None where there is none or it is a message."""
        found = self.field(path)
        return None if found is None or isinstance(found.value, Tree) else found.value

    def text(self, path: str, default: str = "") -> str:
        """The last string or bare word at a path."""
        found = self.scalar(path)
        return str(found) if isinstance(found, str) else default

    def number(self, path: str) -> float | int | None:
        """The last number at a path, None where there is none."""
        found = self.scalar(path)
        return found if isinstance(found, int | float) and not isinstance(found, bool) else None

    def flag(self, path: str, default: bool = False) -> bool:
        """The last boolean at a path."""
        found = self.scalar(path)
        return found if isinstance(found, bool) else bool(found) if found in (0, 1) else default

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Field]]:
        """All fields of the tree with their paths."""
        for field in self.fields:
            path = f"{prefix}{field.name}"
            yield path, field
            if isinstance(field.value, Tree):
                yield from field.value.walk(f"{path}.")


class _TreeToken(NamedTuple):
    kind: str
    text: str
    start: int


class _TreeReader:
    """Reads a text from its start to its end, one token ahead.

    Attributes:
        token: The token that is read next.
    """

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.line_ends = [m.start() for m in re.finditer("\n", text)]
        self.end = 0
        self.token = self._read()

    def _read(self) -> _TreeToken:
        found = _TOKEN.match(self.text, self.end)
        assert found is not None
        assert found.lastgroup
        kind = found.lastgroup
        token = _TreeToken(kind, found[kind], found.start(kind))
        if kind == "bad":
            if token.text in "\"'":
                raise self.error(token.start, "this string is not closed on its line")
            raise self.error(token.start, f"{token.text!r} cannot stand here")
        self.end = found.end()
        return token

    def place(self, start: int) -> tuple[int, int]:
        line = bisect.bisect_left(self.line_ends, start)
        return line + 1, start - (self.line_ends[line - 1] if line else -1)

    def error(self, start: int, what: str) -> Damaged:
        line, column = self.place(start)
        return Damaged(
            f"{self.path}, line {line}, column {column}: {what}",
            "a field is written as name: value, a message as name { ... }",
        )

    def next(self) -> _TreeToken:
        token = self.token
        if token.kind != "end":
            self.token = self._read()
        return token

    def accept(self, *marks: str) -> str:
        token = self.token
        if token.kind == "mark" and token.text in marks:
            self.token = self._read()
            return token.text
        return ""

    def message(self, opening: str, opened: int, depth: int) -> Tree:
        if depth > _MAX_DEPTH:
            raise self.error(opened, "messages are nested too deeply")
        closing = _CLOSING.get(opening, "")
        fields: list[Field] = []
        while True:
            token = self.token
            if token.kind == "end" or (token.kind == "mark" and token.text in "}>"):
                if token.text != closing:
                    raise self.unbalanced(token, opening, opened)
                self.next()
                return Tree(fields)
            if token.kind == "mark" and token.text == "[":
                name = self.extension(token)
            elif token.kind == "name" or (token.kind == "number" and token.text.isdigit()):
                name = self.next().text
            else:
                raise self.error(token.start, f"a field's name is expected, not {token.text!r}")
            self.field(name, token.start, fields, depth)
            self.accept(",", ";")

    def unbalanced(self, token: _TreeToken, opening: str, opened: int) -> Damaged:
        if not opening:
            return self.error(token.start, f"this {token.text} closes nothing")
        if token.kind == "end":
            return self.error(opened, f"this {opening} is never closed with {_CLOSING[opening]}")
        line, _ = self.place(opened)
        return self.error(token.start, f"this {token.text} closes the {opening} of line {line}")

    def extension(self, bracket: _TreeToken) -> str:
        found = _EXTENSION.match(self.text, bracket.start + 1)
        if found is None:
            raise self.error(bracket.start, "the name of an extension is expected behind this [")
        self.end = found.end()
        self.token = self._read()
        return f"[{found[1]}]"

    def field(self, name: str, start: int, fields: list[Field], depth: int) -> None:
        line, column = self.place(start)
        colon = self.accept(":")
        bracket = self.token.start
        if self.accept("["):
            while not self.accept("]"):
                fields.append(Field(name, self.value(depth), line, column))
                if not self.accept(",") and (self.token.kind, self.token.text) != ("mark", "]"):
                    if self.token.kind == "end":
                        raise self.error(bracket, "this [ is never closed with ]")
                    raise self.error(self.token.start, "a comma or ] is expected")
        elif colon or self.token.text in _CLOSING:
            fields.append(Field(name, self.value(depth), line, column))
        else:
            raise self.error(self.token.start, f"a colon or {{ is expected behind {name!r}")

    def value(self, depth: int) -> Scalar | Tree:
        token = self.next()
        if token.kind == "string":
            parts = [self.unescape(token)]
            while self.token.kind == "string":
                parts.append(self.unescape(self.next()))
            return "".join(parts)
        if token.kind == "mark" and token.text in _CLOSING:
            return self.message(token.text, token.start, depth + 1)
        minus = token.kind == "mark" and token.text == "-"
        if minus:
            token = self.next()
        if token.kind == "number":
            return -_number(token.text) if minus else _number(token.text)
        if token.kind == "name":
            if token.text.lower() in ("inf", "infinity", "nan"):
                return float(("-" if minus else "") + token.text)
            if not minus:
                return _BOOLEANS.get(token.text, Symbol(token.text))
        raise self.error(token.start, f"a value is expected, not {token.text or 'the end'!r}")

    def unescape(self, token: _TreeToken) -> str:
        text = token.text[1:-1]
        if "\\" not in text:
            return text
        parts = []
        done = 0
        for found in _ESCAPE.finditer(text):
            parts.append(text[done : found.start()].encode())
            parts.append(self.escape(found, token.start + 1 + found.start()))
            done = found.end()
        parts.append(text[done:].encode())
        return b"".join(parts).decode("utf-8", "replace")

    def escape(self, found: re.Match[str], start: int) -> bytes:
        octal, byte, short, long, plain = found.groups()
        if plain is not None:
            if plain not in _PLAIN_ESCAPES:
                raise self.error(
                    start, f"\\{plain} is no escape; a backslash is written \\\\, a path with /"
                )
            return _PLAIN_ESCAPES[plain]
        if octal or byte:
            return bytes([int(octal or byte, 8 if octal else 16) & 0xFF])
        code = int(short or long, 16)
        if code > 0x10FFFF:
            raise self.error(start, f"there is no character {code:X}")
        return chr(code).encode("utf-8", "replace")


def _number(text: str) -> int | float:
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    if text.isdigit() and len(text) <= _MAX_DIGITS:
        octal = text[0] == "0" and not set(text) & {"8", "9"}
        return int(text, 8) if octal else int(text)
    return float(text.rstrip("fF"))


def parse_tree(text: str, path: str) -> Tree:
    """Read a text.

    Raises:
        Damaged: It breaks the rules of the format; line and column are named.
    """
    reader = _TreeReader(text, path)
    return reader.message("", 0, 0)
