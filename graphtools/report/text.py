"""Documents as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

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
from graphtools.wording import printable

#: Tables with more rows are written as tab-separated lines: laying them out takes too long.
MAX_LAID_OUT = 2000
#: Columns of a paragraph; a word that is longer, such as a name, stays whole.
_WIDTH = 110


def render_text(document: Document, *, colour: bool = False) -> str:
    """Render a document.

    Args:
        document: The blocks.
        colour: Whether headings may be emphasised with terminal codes.
    """
    parts = []
    for number, block in enumerate(document):
        if number and not isinstance(document[number - 1], Heading):
            parts.append("")
        parts.append(_block(block, colour))
    return "\n".join(parts) + "\n"


def _block(block: Block, colour: bool) -> str:
    if isinstance(block, Heading):
        return f"\x1b[1m{printable(block.text)}\x1b[0m" if colour else printable(block.text)
    if isinstance(block, Text):
        text = printable(block.text)
        if block.wrapped:
            import textwrap

            text = textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
        return text
    if isinstance(block, Facts):
        width = max((len(key) for key, _ in block.items), default=0)
        return "\n".join(f"  {key:<{width}}  {printable(value)}" for key, value in block.items)
    if isinstance(block, Items):
        return "\n".join(f"  - {printable(line)}" for line in block.lines)
    if isinstance(block, Commands):
        return "\n".join(f"  {printable(line)}" for line in block.lines)
    return _table(block)


def _table(table: Table) -> str:
    rows = [[printable(cell) for cell in row] for row in table.rows]
    if len(rows) > MAX_LAID_OUT:
        return "\n".join("\t".join(row) for row in rows)
    if all(cell.isascii() for row in rows for cell in row):
        return _laid_out(table.columns, rows, table.right)
    return _laid_out_wide(table.columns, rows, table.right)


def _laid_out(columns: Sequence[str], rows: list[list[str]], right: Sequence[int]) -> str:
    """A table of ASCII, laid out as tabulate does.

    Importing tabulate takes as long as reading a graph of some thousand nodes, so that only what
    needs its knowledge of wide characters goes there.
    """
    widths = [
        max([len(title) + 2, *(len(row[i]) for row in rows)]) for i, title in enumerate(columns)
    ]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if i in right and rows else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"  {'  '.join(padded)}".rstrip()

    return "\n".join([line(columns), line(["-" * w for w in widths]), *map(line, rows)])


def _laid_out_wide(columns: Sequence[str], rows: list[list[str]], right: Sequence[int]) -> str:
    """A table with characters that may be wider than others, laid out by tabulate."""
    import tabulate

    alignment = ["right" if i in right else "left" for i in range(len(columns))]
    laid_out = tabulate.tabulate(
        rows,
        list(columns),
        "simple",
        disable_numparse=True,
        colalign=alignment,
        preserve_whitespace=True,
    )
    return "\n".join(f"  {line}".rstrip() for line in laid_out.split("\n"))
