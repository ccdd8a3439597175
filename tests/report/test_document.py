from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.report.document import shape, size
from graphtools.wording import printable


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_499, "99.5 kB"),
        (99_501, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_900_000, "1.9 MB"),
        (2_500_000_000, "2.5 GB"),
        (10**13, "10000 GB"),
    ],
)
def test_sizes_have_a_readable_unit(number: int, text: str) -> None:
    assert size(number) == text


def test_shapes_are_short() -> None:
    assert [shape(s) for s in (None, [], [None, 3])] == ["?", "[]", "[?,3]"]


@given(st.text())
def test_what_is_printed_can_do_nothing_to_a_terminal(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    if text.isprintable():
        assert shown == text
