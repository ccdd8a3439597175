"""Documents as Markdown, for comments on pull requests."""

from __future__ import annotations

import re
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

#: Tables with more rows say how many more there are: a comment has a limit of 65,536 characters.
MOST_ROWS = 100
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def render_markdown(document: Document, *, level: int = 3) -> str:
    """Render a document."""
    return "\n\n".join(_block(block, level) for block in document) + "\n"


def markdown_text(text: str) -> str:
    """A text as Markdown shows it as it is."""
    return _SPECIAL.sub(r"\\\1", printable(text))


def _block(block: Block, level: int) -> str:
    if isinstance(block, Heading):
        return f"{'#' * level} {markdown_text(block.text)}"
    if isinstance(block, Text):
        return markdown_text(block.text)
    if isinstance(block, Facts):
        return _table(("", ""), [(f"{key}", value) for key, value in block.items], ())
    if isinstance(block, Items):
        return "\n".join(f"- {markdown_text(line)}" for line in block.lines)
    if isinstance(block, Commands):
        runs = [len(run) for line in block.lines for run in re.findall("`+", line)]
        fence = "`" * max([3, *(run + 1 for run in runs)])
        return "\n".join([f"{fence}{block.language}", *map(printable, block.lines), fence])
    return _of_table(block)


def _of_table(table: Table) -> str:
    rows = table.rows[:MOST_ROWS]
    more = len(table.rows) - len(rows)
    text = _table(table.columns, rows, table.right)
    return f"{text}\n\nand {more:,} more rows" if more else text


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    rule = ["--:" if number in right else "---" for number in range(len(columns))]
    head = [line([markdown_text(c) for c in columns]), line(rule)]
    return "\n".join([*head, *(line([markdown_text(c) for c in row]) for row in rows)])
