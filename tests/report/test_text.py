from __future__ import annotations

import string

import tabulate
from hypothesis import given
from hypothesis import strategies as st

from graphtools.report.document import Commands, Document, Facts, Heading, Items, Table, Text
from graphtools.report.text import MAX_LAID_OUT, render_text

CELLS = st.text(string.ascii_letters + string.digits + string.punctuation + " ", max_size=12)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 4))
    columns = draw(st.lists(CELLS, min_size=width, max_size=width))
    row = st.lists(CELLS, min_size=width, max_size=width)
    right = draw(st.sets(st.integers(0, width - 1)))
    return Table(columns, draw(st.lists(row, min_size=1, max_size=5)), sorted(right))


@given(tables())
def test_tables_of_ascii_are_laid_out_as_tabulate_does(table: Table) -> None:
    expected = tabulate.tabulate(
        table.rows,
        list(table.columns),
        "simple",
        disable_numparse=True,
        colalign=["right" if i in table.right else "left" for i in range(len(table.columns))],
        preserve_whitespace=True,
    )
    lines = [f"  {line}".rstrip() for line in expected.split("\n")]
    assert render_text([table]) == "\n".join(lines) + "\n"


def test_wide_characters_are_laid_out_too() -> None:
    text = render_text([Table(("name", "op"), [("größe", "a"), ("b", "c")])])
    assert text.splitlines() == ["  name    op", "  ------  ----", "  größe   a", "  b       c"]


def test_a_table_without_rows_has_its_headers() -> None:
    assert render_text([Table(("name", "op"), [])]).splitlines() == [
        "  name    op",
        "  ------  ----",
    ]


def test_very_long_tables_are_tab_separated() -> None:
    rows = [(str(i), "x") for i in range(MAX_LAID_OUT + 1)]
    lines = render_text([Table(("a", "b"), rows)]).splitlines()
    assert lines[0] == "0\tx"
    assert len(lines) == len(rows)


def test_blocks_are_parted_by_empty_lines_but_behind_headings() -> None:
    text = render_text(
        [Heading("H"), Facts([("a", "1"), ("long", "2")]), Text("t"), Commands(["graphtools x"])]
    )
    assert text == "H\n  a     1\n  long  2\n\nt\n\n  graphtools x\n"


def test_remarks_stand_one_a_line() -> None:
    assert render_text([Items(["one", "two\x1b"])]) == "  - one\n  - two\\x1b\n"


def test_headings_are_emphasised_in_colour_only() -> None:
    assert render_text([Heading("H")], colour=True) == "\x1b[1mH\x1b[0m\n"
    assert "\x1b" not in render_text([Heading("H")])


def test_control_characters_are_shown_and_not_sent() -> None:
    bad = "a\x1b[31m\x9b\n\u202e"
    document: Document = [Heading(bad), Text(bad), Facts([("k", bad)]), Commands([bad]),
                Table(("c",), [(bad,)])]  # fmt: skip
    lines = render_text(document).splitlines()
    assert all(line.isprintable() for line in lines)
    assert sum("a\\x1b[31m\\x9b\\n\\u202e" in line for line in lines) == 5


def test_lines_of_a_program_are_not_broken() -> None:
    line = "call(" + ", ".join(["argument"] * 20) + ")"
    assert render_text([Commands([line], "python")], width=40) == f"  {line}\n"
