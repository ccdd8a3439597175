"""Values of flags, as shells leave them."""

from __future__ import annotations

import pytest

from graphtools.errors import InvalidValue
from graphtools.legacy.values import GivenFlags


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        ("'a','b'", ["a", "b"]),
        ("\"'a' , b\"", ["a", "b"]),
        (" ,, ", []),
        ("", []),
    ],
)
def test_quotes_and_blanks_are_no_part_of_a_list(text: str, parts: list[str]) -> None:
    given = GivenFlags({"key": text, "other": None})
    assert given.parts("key") == parts
    assert "key" in given
    assert "other" not in given


def test_names_are_written_in_one_way() -> None:
    assert GivenFlags({"key": "a:0,b:1"}).names("key") == ("a", "b:1")
    assert GivenFlags({}).names("key") is None


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("1,2,3", ["1,2,3"]),
        ("[1,2]:(3)", ["1,2", "3"]),
        ("-1,None,?,4", ["?,?,?,4"]),
    ],
)
def test_shapes_are_separated_by_colons(text: str, shapes: list[str]) -> None:
    assert GivenFlags({"key": text}).shapes("key", open_batch=False) == shapes


def test_the_first_dimension_may_be_left_open() -> None:
    assert GivenFlags({"key": "1,2:3"}).shapes("key", open_batch=True) == ["?,2", "?"]


def test_what_is_no_value_is_refused() -> None:
    given = GivenFlags({"key": "x"})
    with pytest.raises(InvalidValue, match="no numbers"):
        given.numbers("key")
    with pytest.raises(InvalidValue, match="is none"):
        given.one_of("key", ("A", "B"))
    with pytest.raises(InvalidValue, match="no type"):
        given.type("key")
