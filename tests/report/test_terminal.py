"""How wide lines are, and when they are coloured."""

from __future__ import annotations

import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.report.document import Document, Facts, Heading, Items, Table, Text
from graphtools.report.terminal import columns, is_coloured, wide
from graphtools.report.text import columns_of, render_text

CELLS = st.text(string.ascii_letters + "/_: 漢é", max_size=120)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "is_terminal", "expected"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
    ],
)
def test_who_has_colour(
    variables: dict[str, str], is_terminal: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_coloured(Terminal() if is_terminal else io.StringIO()) is expected


def test_what_is_no_terminal_is_not_cut_unless_columns_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert columns() is None
    monkeypatch.setenv("COLUMNS", "80")
    assert columns() == 80
    with wide():
        assert columns() is None
    for odd in ("0", "x", ""):
        monkeypatch.setenv("COLUMNS", odd)
        assert columns() is None


@st.composite
def tables(draw: st.DrawFn) -> Table:
    number = draw(st.integers(1, 7))
    titles = draw(
        st.lists(st.sampled_from(["name", "op", "inputs"]), min_size=number, max_size=number)
    )
    row = st.lists(CELLS, min_size=number, max_size=number)
    return Table(titles, draw(st.lists(row, min_size=1, max_size=4)))


@given(tables(), CELLS, st.integers(40, 200))
def test_no_line_is_wider_than_the_terminal(table: Table, text: str, width: int) -> None:
    document: Document = [Heading(text), table, Text(text), Facts([("key", text)]), Items([text])]
    for line in render_text(document, width=width).splitlines():
        assert columns_of(line) <= width, line


@given(tables())
def test_what_a_row_is_about_is_never_cut(table: Table) -> None:
    shown = "".join(render_text([table], width=80).split())
    for row in table.rows:
        assert all(part in shown for part in row[0].split("/")[0].split()[:1] if len(part) < 9)


def test_names_are_broken_behind_their_scopes_and_other_cells_end_in_dots() -> None:
    table = Table(("node", "reason"), [("a_long_scope/" * 4 + "end", "because " * 40)])
    lines = render_text([table], width=60).splitlines()
    assert [line[:30].strip() for line in lines[2:]] == [
        "a_long_scope/a_long_scope/",
        "a_long_scope/a_long_scope/",
        "end",
    ]
    assert lines[-1].endswith("...")


def test_columns_that_do_not_fit_follow_in_a_second_table() -> None:
    table = Table(("name", "a", "b", "c"), [("x", "1" * 15, "2" * 15, "3" * 15)], (1, 2, 3))
    lines = render_text([table], width=50).splitlines()
    assert lines[2].split() == ["x", "1" * 15, "2" * 15]
    assert lines[-1].split() == ["x", "3" * 15]


def test_command_lines_are_broken_as_a_shell_takes_it() -> None:
    from graphtools.report.document import Commands

    line = "graphtools transform graph.pb -o out.pb --transforms 'fold_constants  merge' --x  # why"
    text = render_text([Commands([line])], width=50)
    assert text.splitlines()[0] == "  # why"
    pasted = text.partition("\n")[2].replace("\\\n", "")
    assert pasted.split() == line.partition("  #")[0].split()
    assert "'fold_constants  merge'" in pasted


def test_severities_have_their_colours() -> None:
    table = Table(("code", "severity"), [("GT1", "error")])
    text = render_text([Facts([("warning", "a"), ("error ", "b")]), table], colour=True)
    assert text.count("\x1b[31merror\x1b[0m") == 2
    assert "\x1b[33mwarning\x1b[0m" in text
