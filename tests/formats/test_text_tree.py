"""Protobuf's text format without a schema: every way to write it, and errors with their places."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import Damaged, GraphtoolsError
from graphtools.formats.source import open_source
from graphtools.formats.text_tree import Symbol, Tree, parse_tree
from graphtools.schema import message_class


def values(text: str) -> list[object]:
    return [field.value for field in parse_tree(text, "x.config").fields]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1", [1]),
        ("a:-2 b: - 3", [-2, -3]),
        ("a: 0x1F b: -0X1f", [31, -31]),
        ("a: 017 b: 08", [15, 8]),
        ("a: 1.5 b: .5 c: 2. d: 1e-3 e: 10f f: 1.5F", [1.5, 0.5, 2.0, 1e-3, 10.0, 1.5]),
        ("a: inf b: -inf c: Infinity", [math.inf, -math.inf, math.inf]),
        ("a: true b: False c: t", [True, False, True]),
        ("a: RELU_6", [Symbol("RELU_6")]),
        ("a: 'x' b: \"y\"", ["x", "y"]),
        ("a: 'it\"s' \"'\"\n # between\n 'b'", ["it\"s'b"]),
        (r"a: '\101\x42\u00e9\U0001F600\n\t\\\'\"\?'", ["ABé😀\n\t\\'\"?"]),
        (r"a: '\303\251'", ["é"]),
        ("a: '#no comment' # one", ["#no comment"]),
        ("a: [1, 2, 3]", [1, 2, 3]),
        ("a: [FOO] b: [1]", [Symbol("FOO"), 1]),
        ("a: []", []),
        ("a: ['x' 'y', 'z',]", ["xy", "z"]),
        ("a: 1, b: 2; c: 3", [1, 2, 3]),
        ("5: 1", [1]),
        ("", []),
        ("# only a comment", []),
        ("a: 1" + "0" * 50, [1e50]),
    ],
)
def test_scalars(text: str, expected: list[object]) -> None:
    found = values(text)
    assert found == expected
    assert [type(v) for v in found] == [type(v) for v in expected]


def test_nan_is_no_number() -> None:
    for value in values("a: nan b: -nan"):
        assert isinstance(value, float)
        assert math.isnan(value)


@pytest.mark.parametrize(
    "text", ["a { b: 1 }", "a: { b: 1 }", "a < b: 1 >", "a: < b: 1 >", "a: [{ b: 1 }]", "a{b:1};"]
)
def test_messages(text: str) -> None:
    assert parse_tree(text, "x").number("a.b") == 1


def test_extensions_keep_their_names() -> None:
    tree = parse_tree("[my.ext]: 5 [type.googleapis.com/a.B] { c: 1 } [ spaced.ext ] { }", "x")
    assert [f.name for f in tree.fields] == [
        "[my.ext]",
        "[type.googleapis.com/a.B]",
        "[spaced.ext]",
    ]


def test_lookups() -> None:
    text = "a { b: 1 } a { b: 2 c: 'x' d: true e: FOO } f: 1"
    tree = parse_tree(text, "x")
    assert [f.value for f in tree.all("a.b")] == [1, 2]
    assert tree.number("a.b") == 2
    assert tree.text("a.c") == "x"
    assert tree.text("a.e") == "FOO"
    assert tree.text("a.b", "none") == "none"
    assert tree.flag("a.d")
    assert tree.flag("f")
    assert not tree.flag("a.zz")
    assert tree.scalar("a") is None
    assert tree.field("a.zz") is None
    assert tree.tree("a.c") is None
    merged = tree.tree("a")
    assert merged is not None
    assert len(merged.fields) == 5
    assert [path for path, _ in tree.walk()] == ["a", "a.b", "a", "a.b", "a.c", "a.d", "a.e", "f"]


def test_each_field_knows_its_place() -> None:
    tree = parse_tree("a: 1\n\n  b {\r\n\tc: 'x'\n }", "x")
    assert [(f.name, f.line, f.column) for _, f in tree.walk()] == [
        ("a", 1, 1),
        ("b", 3, 3),
        ("c", 4, 2),
    ]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a", "line 1, column 2", "a colon or { is expected behind 'a'"),
        ("a:", "line 1, column 3", "a value is expected, not 'the end'"),
        ("a: 1\nb c", "line 2, column 3", "a colon or { is expected behind 'b'"),
        ("a {\n b: 1\n", "line 1, column 3", "this { is never closed with }"),
        ("a <", "line 1, column 3", "this < is never closed with >"),
        ("a { b: 1 >", "line 1, column 10", "this > closes the { of line 1"),
        ("a: 1 }", "line 1, column 6", "this } closes nothing"),
        ("a: 'x\n'", "line 1, column 4", "this string is not closed on its line"),
        ("a: [1 2]", "line 1, column 7", "a comma or ] is expected"),
        ("a: [1", "line 1, column 4", "this [ is never closed with ]"),
        ("a: 1 ? 2", "line 1, column 6", "'?' cannot stand here"),
        (r"a: 'C:\data'", "line 1, column 7", "\\d is no escape"),
        (r"a: '\U00110000'", "line 1, column 5", "there is no character 110000"),
        ("a: -x", "line 1, column 5", "a value is expected, not 'x'"),
        ("[a", "line 1, column 1", "the name of an extension is expected"),
        ("'a': 1", "line 1, column 1", "a field's name is expected"),
        ("{}", "line 1, column 1", "a field's name is expected"),
        ("a {" * 200, "column 303", "nested too deeply"),
    ],
)
def test_an_error_names_its_place(text: str, place: str, what: str) -> None:
    with pytest.raises(Damaged) as caught:
        parse_tree(text, "x.config")
    assert caught.value.message.startswith("x.config, line ")
    assert place in caught.value.message
    assert what in caught.value.message


def test_a_byte_order_mark_is_no_field(tmp_path: Path) -> None:
    file = tmp_path / "x.config"
    file.write_bytes(b"\xef\xbb\xbfa: 1")
    assert parse_tree(open_source(str(file)).text(), "").number("a") == 1


@pytest.mark.parametrize(
    ("part", "megabytes"),
    [
        ("a { b: 1.5 c: 'text' } # x\n", 5),
        ("a: 1\n", 1),
        ("# x\n", 5),
        ("a: '\\n\\n\\n\\n'\n", 1),
    ],
)
@pytest.mark.slow
def test_a_large_text_takes_linear_time(part: str, megabytes: int) -> None:
    text = part * (megabytes * 1_000_000 // len(part))
    start = time.perf_counter()
    parse_tree(text, "x")
    assert time.perf_counter() - start < 20


def test_one_string_of_five_megabytes() -> None:
    start = time.perf_counter()
    assert len(str(values("a: '" + "\\n" * 1_000_000 + "'")[0])) == 1_000_000
    assert len(str(values("a: " + "'x' " * 500_000)[0])) == 500_000
    assert time.perf_counter() - start < 20


def tree_of(message: object) -> list[tuple[str, object]]:
    """What protobuf made of a text, as the fields of a tree."""
    listed = []
    for about, value in message.ListFields():  # type: ignore[attr-defined]
        is_list = not isinstance(value, str | int | float | bool | bytes) and hasattr(
            value, "__len__"
        )
        for item in value if is_list else [value]:
            inner = tree_of(item) if hasattr(item, "ListFields") else item
            listed.append((about.name, inner))
    return listed


def same(tree: Tree) -> list[tuple[str, object]]:
    return [(f.name, same(f.value) if isinstance(f.value, Tree) else f.value) for f in tree.fields]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=4), st.booleans())
def test_protobufs_own_output_is_read_the_same(pairs: list[tuple[str, str]], as_utf8: bool) -> None:
    graph = message_class("GraphDef")()
    for name, op in pairs:
        graph.node.add(name=name, op=op, input=[op, name])
    text = text_format.MessageToString(graph, as_utf8=as_utf8)
    assert same(parse_tree(text, "x")) == tree_of(graph)


@given(st.text(alphabet="a1:{}<>[],;'\"\\-#. \n\u00e9x0F", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_tree(text, "x")
    except GraphtoolsError as error:
        assert "line" in error.message
