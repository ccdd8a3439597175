"""What a report consists of. Renderers turn these blocks into text and other formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Union


class Heading(NamedTuple):
    """A heading above what follows."""

    text: str


class Text(NamedTuple):
    """A paragraph.

    Attributes:
        text: The text.
        wrapped: Whether it is broken into lines where it is long.
    """

    text: str
    wrapped: bool = False


class Facts(NamedTuple):
    """Named values, one a line."""

    items: Sequence[tuple[str, str]]


class Table(NamedTuple):
    """A table.

    Attributes:
        columns: Headers.
        rows: Cells as text, one sequence a row.
        right: Numbers of the columns that are aligned to the right.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[int] = ()


class Items(NamedTuple):
    """Remarks, one a line."""

    lines: Sequence[str]


class Commands(NamedTuple):
    """Command lines, ready to paste.

    Attributes:
        lines: The lines.
        language: `sh`, or that of lines of a program, which are never broken.
    """

    lines: Sequence[str]
    language: str = "sh"


Block = Union[Heading, Text, Facts, Table, Items, Commands]
Document = list[Block]


def by_heading(document: Document) -> list[tuple[str, Document]]:
    """The parts of a document with their headings; what stands before the first has none."""
    parts: list[tuple[str, Document]] = [("", [])]
    for block in document:
        if isinstance(block, Heading):
            parts.append((block.text, []))
        else:
            parts[-1][1].append(block)
    return [(title, blocks) for title, blocks in parts if title or blocks]


def size(number: int) -> str:
    """A number of bytes in a readable unit: `512 B`, `1.9 MB` (of 1000 * 1000 bytes)."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def shape(dims: Sequence[int | None] | None) -> str:
    """A shape as `[?,300,300,3]`; `?` alone for an unknown rank."""
    if dims is None:
        return "?"
    return "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"
