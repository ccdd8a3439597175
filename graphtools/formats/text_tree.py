"""Protobuf's text format without a schema: a tree of named values with their places.

For configurations whose schema changes from version to version: what is not known is there as well,
and each value knows its line and column. Source: the text format language specification of
Protocol Buffers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Union

from graphtools.errors import Damaged
from graphtools.formats.source import Source, open_source

#: Nested deeper, a text is no configuration of anybody.
_MAX_DEPTH = 100
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n\f\v]+|\#[^\n]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>-?\s*(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?))
    |(?P<name>-?[A-Za-z_][\w]*|\[[\w./%-]+\])
    |(?P<mark>[{}<>:,;\[\]])""",
    re.X,
)
_CLOSING = {"{": "}", "<": ">"}


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
        """The last message at a path, None where there is none."""
        found = self.field(path)
        return found.value if found and isinstance(found.value, Tree) else None

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


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


class _Reader:
    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.tokens = list(self._tokenize())
        self.pos = 0

    def _tokenize(self) -> Iterator[_Token]:
        pos = 0
        while pos < len(self.text):
            found = _TOKEN.match(self.text, pos)
            if found is None:
                raise self.error(pos, f"{self.text[pos : pos + 10]!r} cannot stand here")
            if found.lastgroup != "blank":
                yield _Token(found.lastgroup or "", found[0], pos)
            pos = found.end()
        yield _Token("end", "", len(self.text))

    def place(self, start: int) -> tuple[int, int]:
        line = self.text.count("\n", 0, start)
        return line + 1, start - (self.text.rfind("\n", 0, start) + 1) + 1

    def error(self, start: int, what: str) -> Damaged:
        line, column = self.place(start)
        return Damaged(
            f"{self.path}, line {line}, column {column}: {what}",
            "a field is written as name: value, a message as name { ... }",
        )

    def next(self) -> _Token:
        token = self.tokens[self.pos]
        if token.kind != "end":
            self.pos += 1
        return token

    def accept(self, *marks: str) -> str:
        token = self.tokens[self.pos]
        if token.kind == "mark" and token.text in marks:
            self.pos += 1
            return token.text
        return ""

    def message(self, closing: str, opened: int, depth: int) -> Tree:
        if depth > _MAX_DEPTH:
            raise self.error(opened, "messages are nested too deeply")
        fields: list[Field] = []
        while True:
            token = self.next()
            if token.kind == "mark" and token.text == closing:
                return Tree(fields)
            if token.kind == "end":
                if not closing:
                    return Tree(fields)
                raise self.error(opened, f"this {{ is never closed with {closing}")
            if token.kind != "name":
                raise self.error(token.start, f"a field's name is expected, not {token.text!r}")
            self.field(token, fields, depth)
            self.accept(",", ";")

    def field(self, name: _Token, fields: list[Field], depth: int) -> None:
        line, column = self.place(name.start)
        colon = self.accept(":")
        start = self.tokens[self.pos].start
        opening = self.accept("{", "<")
        if opening:
            inner = self.message(_CLOSING[opening], start, depth + 1)
            fields.append(Field(name.text, inner, line, column))
        elif self.accept("["):
            while not self.accept("]"):
                start = self.tokens[self.pos].start
                opening = self.accept("{", "<")
                value: Scalar | Tree
                if opening:
                    value = self.message(_CLOSING[opening], start, depth + 1)
                else:
                    value = self.value()
                fields.append(Field(name.text, value, line, column))
                self.accept(",")
        elif not colon:
            raise self.error(start, f"a colon or {{ is expected behind {name.text!r}")
        else:
            fields.append(Field(name.text, self.value(), line, column))

    def value(self) -> Scalar:
        token = self.next()
        if token.kind == "string":
            parts = [token.text]
            while self.tokens[self.pos].kind == "string":
                parts.append(self.next().text)
            return "".join(_unescape(p[1:-1]) for p in parts)
        if token.kind == "number":
            return _number(token.text)
        if token.kind == "name" and token.text[0] != "[":
            return _word(token.text)
        raise self.error(token.start, f"a value is expected, not {token.text or 'the end'!r}")


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    from google.protobuf import text_encoding

    return bytes(text_encoding.CUnescape(text)).decode("utf-8", "replace")


def _number(text: str) -> int | float:
    bare = "".join(text.split())
    digits = bare.lstrip("-")
    if digits[:2] in ("0x", "0X"):
        return int(bare, 16)
    if digits.isdigit():
        octal = len(digits) > 1 and digits[0] == "0" and not set(digits) & {"8", "9"}
        return int(bare, 8) if octal else int(bare)
    return float(bare.rstrip("fF"))


def _word(text: str) -> Scalar:
    lowered = text.lstrip("-").lower()
    if lowered in ("inf", "infinity", "nan"):
        return float(text.lower())
    return {"true": True, "True": True, "false": False, "False": False}.get(text, Symbol(text))


def parse_tree(text: str, path: str) -> Tree:
    """Read a text.

    Args:
        text: The text.
        path: Its path, for messages.

    Raises:
        Damaged: It breaks the rules of the format; line and column are named.
    """
    reader = _Reader(text, path)
    return reader.message("", 0, 0)


def read_tree(source: Source | str) -> Tree:
    """Read a file; see `parse_tree`.

    Raises:
        Damaged: The file is no text, or breaks the rules of the format.
        FileProblem: It cannot be read.
    """
    opened = open_source(source) if isinstance(source, str) else source
    if not opened.is_text:
        raise Damaged(f"{opened.path} is no text file, so it is no configuration")
    return parse_tree(opened.text(), opened.path)
