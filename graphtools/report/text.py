"""Documents as text for a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

from graphtools.report.document import (
    Block,
    Commands,
    Document,
    Facts,
    Heading,
    Items,
    Table,
    Text,
)
from graphtools.report.terminal import BOLD, PLAIN, coloured
from graphtools.wording import printable

#: Tables with more rows are written as tab-separated lines: laying them out takes too long.
MAX_LAID_OUT = 2000
#: Columns of a paragraph; a word that is longer, such as a name, stays whole.
_WIDTH = 110
#: What a column of a table keeps, and how many lines a cell may take, where lines are too wide.
_NARROWEST, _LONGEST_WORD, _MOST_LINES = 8, 24, 3
_CUT = "..."
#: Behind these what has no blanks is broken, the best first.
_BREAKS = ("/", ",;:=", "_-")


def render_text(document: Document, *, colour: bool = False, width: int | None = None) -> str:
    """Render a document.

    Args:
        document: The blocks.
        colour: Whether headings and severities may be emphasised with terminal codes.
        width: Columns that lines may take; what is wider is broken, and cells of tables are
            shortened. None for lines as wide as they are.
    """
    parts = []
    for number, block in enumerate(document):
        if number and not isinstance(document[number - 1], Heading):
            parts.append("")
        parts.append(_block(block, colour, width))
    return "\n".join(parts) + "\n"


def _block(block: Block, colour: bool, width: int | None) -> str:
    if isinstance(block, Heading):
        text = "\n".join(_broken(printable(block.text), width))
        return f"{BOLD}{text}{PLAIN}" if colour else text
    if isinstance(block, Text):
        if block.wrapped:
            return _filled(printable(block.text), min(width or _WIDTH, _WIDTH))
        text = printable(block.text)
        bare = text.lstrip(" ")
        return _hanging(" " * (len(text) - len(bare)), bare, width)
    if isinstance(block, Facts):
        return _facts(block, colour, width)
    if isinstance(block, Items):
        return "\n".join(_hanging("  - ", printable(line), width) for line in block.lines)
    if isinstance(block, Commands) and block.language != "sh":
        return "\n".join(f"  {printable(line)}" for line in block.lines)
    if isinstance(block, Commands):
        return "\n".join(_command(printable(line), width) for line in block.lines)
    return _table(block, colour, width)


def _facts(facts: Facts, colour: bool, width: int | None) -> str:
    keys = max((len(key) for key, _ in facts.items), default=0)
    lines = []
    for key, value in facts.items:
        line = _hanging(f"  {key:<{keys}}  ", printable(value), width)
        name = key.strip()
        lines.append(line.replace(name, coloured(name, name), 1) if colour and name else line)
    return "\n".join(lines)


def _hanging(start: str, text: str, width: int | None) -> str:
    """A text behind a start, under which its further lines do not go."""
    lines = _broken(text, width and width - len(start))
    return start + f"\n{'':<{len(start)}}".join(lines)


def _command(line: str, width: int | None) -> str:
    """A command line to paste: broken as a shell takes it, a remark above it."""
    if width is None or len(line) + 2 <= width:
        return f"  {line}"
    typed, _, remark = line.partition("  # ")
    if remark:
        return "\n".join((_hanging("  # ", remark, width), _command(typed, width)))
    if not line.startswith("graphtools "):
        indent = len(line) - len(line.lstrip())
        return _hanging(" " * (2 + indent), line.lstrip(), width)
    lines = [""]
    for word in re.findall(r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+", line):
        if lines[-1] and len(lines[-1]) + len(word) + 5 > width:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else f"  {word}"
    return " \\\n".join(lines)


def _filled(text: str, width: int) -> str:
    import textwrap

    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def _broken(text: str, width: int | None) -> list[str]:
    """A text in lines of a width, broken at blanks, or within what has none."""
    if width is None or (len(text) <= width and columns_of(text) <= width):
        return [text]
    width = max(1, width)
    lines, rest = [], text
    while columns_of(rest) > width:
        most = _fitting(rest, width)
        at = rest.rfind(" ", 0, most + 1)
        if at <= 0:
            ends = (max(rest.rfind(sign, 0, most) for sign in signs) + 1 for signs in _BREAKS)
            at = next((end for end in ends if end > most // 2), most)
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*lines, rest] if rest or not lines else lines


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _fitting(text: str, width: int) -> int:
    """How many letters of a text, one at least, fit into a width."""
    if text.isascii():
        return width
    taken = 0
    for at, sign in enumerate(text):
        taken += _columns(sign)
        if taken > width:
            return max(1, at)
    return len(text)


def _table(table: Table, colour: bool, width: int | None) -> str:
    rows = [[printable(cell) for cell in row] for row in table.rows]
    if len(rows) > MAX_LAID_OUT:
        return "\n".join("\t".join(row) for row in rows)
    titles = list(table.columns)
    widths = _widths(titles, rows, 2)
    if width is not None and sum(widths) + 2 * len(widths) > width:
        for most in range(len(titles), 1, -1):
            part = [row[:most] for row in rows]
            widths = _narrowed(titles[:most], part, table.right, width, is_last=most <= 2)
            if sum(widths) + 2 * len(widths) <= width:
                break
        if most < len(titles):
            return "\n\n".join(_table(t, colour, width) for t in _parted(table, most))

    def line(cells: Sequence[str], is_row: bool = False) -> str:
        padded = [
            _padded(cell, width, i in table.right and bool(rows), colour and is_row)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"  {'  '.join(padded)}".rstrip()

    lines = [line(titles), line(["-" * w for w in widths])]
    for row in rows:
        cells = [
            _cell(cell, w, _MOST_LINES if i else len(cell) or 1)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines += [line(parts, is_row=True) for parts in zip_longest(*cells, fillvalue="")]
    return "\n".join(lines)


def _parted(table: Table, most: int) -> tuple[Table, Table]:
    """A table whose columns do not fit as two, the first column in both."""
    rest = [0, *range(most, len(table.columns))]
    right = [rest.index(i) for i in table.right if i in rest]
    return (
        Table(table.columns[:most], [row[:most] for row in table.rows], table.right),
        Table([table.columns[i] for i in rest], [[r[i] for i in rest] for r in table.rows], right),
    )


def _widths(titles: Sequence[str], rows: Sequence[Sequence[str]], beside: int) -> list[int]:
    """How wide columns are, titles with some blanks beside them."""
    return [
        max([columns_of(title) + beside, *(columns_of(row[i]) for row in rows)])
        for i, title in enumerate(titles)
    ]


def _padded(cell: str, width: int, is_right: bool, colour: bool) -> str:
    blanks = " " * (width - columns_of(cell))
    shown = coloured(cell, cell) if colour else cell
    return blanks + shown if is_right else shown + blanks


def _cell(cell: str, width: int, most: int) -> list[str]:
    """The lines of a cell; what does not fit into the most that it may take is left out."""
    lines = _broken(cell, width)
    if len(lines) > most:
        last = lines[most - 1]
        lines = [*lines[: most - 1], last[: _fitting(last, width - len(_CUT))] + _CUT]
    return lines


def _narrowed(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int],
    width: int,
    is_last: bool,
) -> list[int]:
    """The widths of columns in a table of a width.

    The widest give way; the first, which names what a row is about, keeps a third if it can, and
    words stay whole if they can. Numbers never give way.
    """
    natural = _widths(titles, rows, 0)
    words = [
        max(
            map(len, re.findall(rf"[^\s{''.join(_BREAKS)}]+", " ".join(row[i] for row in rows))),
            default=0,
        )
        for i in range(len(titles))
    ]
    found = natural
    for share, word in ((3, _LONGEST_WORD), (4, _LONGEST_WORD), *[(8, _NARROWEST)] * is_last):
        least = [
            w if i in right else min(w, max(len(title), min(word, words[i] + 1)))
            for i, (title, w) in enumerate(zip(titles, natural, strict=True))
        ]
        least[0] = max(least[0], min(natural[0], width // share))
        found = _yielding(natural, least, width)
        if sum(found) + 2 * len(found) <= width:
            break
    return found


def _yielding(natural: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """Widths that fit where all columns have the least; of the widest, the last gives way."""
    found = [max(low, min(w, width)) for low, w in zip(least, natural, strict=True)]
    while sum(found) + 2 * len(found) > width:
        yielding = [(w, i) for i, w in enumerate(found) if w > least[i]]
        if not yielding:
            break
        found[max(yielding)[1]] -= 1
    return found
