"""Shapes and names as they stand in files and as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import InvalidValue
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.schema import message_class

SHAPES = st.builds(Shape, st.none() | st.lists(st.none() | st.integers(0, 1 << 62), max_size=6))


@given(SHAPES)
def test_shape_text_and_proto_round_trips(shape: Shape) -> None:
    message = message_class("TensorShapeProto")()
    shape.to_proto(message)
    assert Shape.from_proto(message) == shape
    assert Shape.parse(str(shape)) == shape
    assert hash(Shape.parse(str(shape))) == hash(shape)


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("1,300,300,3", (1, 300, 300, 3)),
        (" 1, 2 ", (1, 2)),
        ("[?,224,224,3]", (None, 224, 224, 3)),
        ("-1,3", (None, 3)),
        ("(None, 3)", (None, 3)),
        ("(3,)", (3,)),
        ("", ()),
        ("[]", ()),
        ("0", (0,)),
        ("unknown", None),
        ("<unknown>", None),
        ("None", None),
    ],
)
def test_shapes_as_typed(text: str, dims: tuple[int | None, ...] | None) -> None:
    assert Shape.parse(text).dims == dims


@pytest.mark.parametrize("text", ["1x2", "1 2", "a", "1.5", "1,-2", "²", "1;2"])
def test_what_is_no_shape_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="is no shape"):
        Shape.parse(text)


@pytest.mark.parametrize(
    ("dims", "rank", "elements", "text"),
    [
        (None, None, None, "unknown"),
        ((), 0, 1, "[]"),
        ((2, 3), 2, 6, "[2,3]"),
        ((2, None), 2, None, "[2,?]"),
        ((2, -1), 2, None, "[2,?]"),
        ((0, 5), 2, 0, "[0,5]"),
        ((1 << 40, 1 << 40), 2, 1 << 80, "[1099511627776,1099511627776]"),
    ],
)
def test_rank_and_elements(
    dims: tuple[int | None, ...] | None, rank: int | None, elements: int | None, text: str
) -> None:
    shape = Shape(dims)
    assert (shape.rank, shape.elements, str(shape)) == (rank, elements, text)


def test_shape_as_json() -> None:
    assert Shape((None, 3)).to_json() == [None, 3]
    assert Shape(None).to_json() is None


# Ref

NAMES = st.from_regex(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]{0,10}", fullmatch=True)
OUTPUTS = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
REFS = st.one_of(
    st.builds(Ref, NAMES, st.integers(0, 1000), st.just("")),
    st.builds(Ref, NAMES, st.just(-1), st.just("")),
    st.builds(Ref, NAMES, st.integers(0, 9), OUTPUTS),
)


@given(REFS)
def test_references_print_and_parse(ref: Ref) -> None:
    assert Ref.parse(str(ref)) == ref
    assert producer(str(ref)) == ref.node


@given(
    REFS,
    st.sampled_from(
        ["{}", " {} ", "'{}'", '"{}"', "`{}`", "\u2018{}\u2019", "\u201c{}\u201d ", "' {}'\n"]
    ),
)
def test_what_people_type_is_read_and_printed_canonically(ref: Ref, quoted: str) -> None:
    assert str(Ref.from_user(quoted.format(ref))) == str(ref)


@pytest.mark.parametrize(
    ("text", "ref", "canonical", "tensor"),
    [
        ("a", Ref("a"), "a", "a:0"),
        ("a:0", Ref("a"), "a", "a:0"),
        ("a/b:1", Ref("a/b", 1), "a/b:1", "a/b:1"),
        ("a:01", Ref("a", 1), "a:1", "a:1"),
        ("^a", Ref("a", -1), "^a", ""),
        ("a:out:2", Ref("a", 2, "out"), "a:out:2", "a:out:2"),
        ("a:out", Ref("a", 0, "out"), "a:out:0", "a:out:0"),
    ],
)
def test_forms_of_references(text: str, ref: Ref, canonical: str, tensor: str) -> None:
    assert Ref.parse(text) == ref
    assert str(ref) == canonical
    if tensor:
        assert ref.tensor == tensor


@pytest.mark.parametrize("text", ["", "  ", "''", "^", ":0", "a:", "a:b:c", "a:-1:x", "::"])
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        Ref.from_user(text)
