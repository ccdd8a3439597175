"""Documents as HTML fragments: every text escaped, no script, no style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

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

#: Tables with more rows say how many more there are.
MOST_ROWS = 500
#: Texts that are not broken into lines.
_SHORT = 20
Cell = Callable[[str], str]


def text_html(text: str) -> str:
    """A text as HTML; control characters are shown as what they are."""
    return escape(printable(text))


def render_html(document: Document, *, level: int = 3, first_cell: Cell = text_html) -> str:
    """Render a document.

    Args:
        document: The blocks.
        level: Level of its headings, 1 to 6.
        first_cell: Makes HTML of the first cell of each row of a table.
    """
    return "\n".join(_block(block, level, first_cell) for block in document)


def _block(block: Block, level: int, first_cell: Cell) -> str:
    if isinstance(block, Heading):
        return f"<h{level}>{text_html(block.text)}</h{level}>"
    if isinstance(block, Text):
        return f"<p>{text_html(block.text)}</p>"
    if isinstance(block, Facts):
        rows = (
            f"<dt>{text_html(key)}</dt><dd>{text_html(value)}</dd>" for key, value in block.items
        )
        return f"<dl>{''.join(rows)}</dl>"
    if isinstance(block, Items):
        return f"<ul>{''.join(f'<li>{text_html(line)}</li>' for line in block.lines)}</ul>"
    if isinstance(block, Commands):
        lines = "\n".join(text_html(line) for line in block.lines)
        return f"<pre>{lines}</pre>"
    return _table(block, first_cell)


def _table(table: Table, first_cell: Cell) -> str:
    def cell(tag: str, text: str, column: int, *, leads: bool = False) -> str:
        kind = "number" if column in table.right else ""
        if tag == "td" and not kind and len(text) <= _SHORT:
            kind = "short"
        marked = f' class="{kind}"' if kind else ""
        return f"<{tag}{marked}>{first_cell(text) if leads else text_html(text)}</{tag}>"

    def row(cells: Sequence[str]) -> str:
        return (
            "<tr>" + "".join(cell("td", c, i, leads=not i) for i, c in enumerate(cells)) + "</tr>"
        )

    head = "".join(cell("th", title, i) for i, title in enumerate(table.columns))
    body = "".join(row(cells) for cells in table.rows[:MOST_ROWS])
    more = len(table.rows) - MOST_ROWS
    rest = f"<p>and {more:,} more rows</p>" if more > 0 else ""
    return (
        f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"</div>{rest}"
    )
