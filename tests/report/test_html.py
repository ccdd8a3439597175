"""Documents as HTML and Markdown: everything escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.report.document import Commands, Document, Facts, Heading, Items, Table, Text
from graphtools.report.html import MOST_ROWS, render_html
from graphtools.report.markdown import render_markdown

TAGS = set("h3 p dl dt dd ul li pre div table thead tbody tr th td".split())


class Tags(HTMLParser):
    """Collects tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def document(text: str) -> Document:
    return [
        Heading(text),
        Text(text),
        Facts([(text, text)]),
        Table((text, "n"), [(text, "1")], (1,)),
        Items([text]),
        Commands([text]),
    ]


@given(st.text(min_size=1))
def test_no_text_becomes_markup(text: str) -> None:
    parser = Tags()
    parser.feed(render_html(document(text)))
    parser.close()
    assert set(parser.tags) == TAGS


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", 'a" onclick="x', "a&amp;b", "\x1b[2J"]
)
def test_a_text_is_shown_as_it_is(text: str) -> None:
    parser = Tags()
    parser.feed(str(render_html([Text(text)])))
    assert parser.text.strip() == text.replace("\x1b", "\\x1b")


def test_long_tables_say_how_many_rows_are_left_out() -> None:
    rows = [(str(n),) for n in range(MOST_ROWS + 1234)]
    assert "and 1,234 more rows" in render_html([Table(("n",), rows)])
    assert "more rows" in render_markdown([Table(("n",), rows)])


def test_markdown() -> None:
    assert render_markdown(document("a|b <i> *c*"), level=2) == (
        "## a\\|b \\<i\\> \\*c\\*\n\n"
        "a\\|b \\<i\\> \\*c\\*\n\n"
        "|  |  |\n| --- | --- |\n| a\\|b \\<i\\> \\*c\\* | a\\|b \\<i\\> \\*c\\* |\n\n"
        "| a\\|b \\<i\\> \\*c\\* | n |\n| --- | --: |\n| a\\|b \\<i\\> \\*c\\* | 1 |\n\n"
        "- a\\|b \\<i\\> \\*c\\*\n\n"
        "```sh\na|b <i> *c*\n```\n"
    )


@given(st.text("|`*<>\n\\ab", min_size=1))
def test_a_table_of_markdown_keeps_its_cells(text: str) -> None:
    rendered = render_markdown([Table(("x", "y"), [(text, "end")])])
    row = rendered.splitlines()[2]
    assert row.endswith("| end |")
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3


def test_commands_with_backticks_stay_in_their_fence() -> None:
    assert render_markdown([Commands(["a ``` b"])]).startswith("````sh\n")
