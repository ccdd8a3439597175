from __future__ import annotations

import pytest

from graphtools.errors import InvalidValue
from graphtools.verify.model_sides import End
from graphtools.verify.paired_ends import pair_ends, require_pairs


def end(name: str, dims: tuple[int | None, ...] | None = (1,), key: str = "") -> End:
    return End(name, key, "float32", dims)


def names(a: list[End], b: list[End]) -> list[tuple[str, str]]:
    return [(x.name, y.name) for x, y in pair_ends(a, b, "output").pairs]


def test_the_name_counts_first() -> None:
    assert names([end("a"), end("b")], [end("b"), end("a")]) == [("a", "a"), ("b", "b")]
    assert names([end("a")], [end("x;a;y")]) == [("a", "x;a;y")]


def test_the_key_of_a_signature_counts_next() -> None:
    left = [end("Call:1", key="scores"), end("Call", key="boxes")]
    right = [end("out", key="boxes"), end("out:1", key="scores")]
    assert names(left, right) == [("Call:1", "out:1"), ("Call", "out")]
    assert names([end("boxes")], [end("x", key="boxes")]) == [("boxes", "x")]


def test_the_order_counts_where_shapes_can_be_the_same() -> None:
    found = pair_ends([end("a", (1, None)), end("b", None)], [end("x", (1, 4)), end("y")], "input")
    assert [(x.name, y.name) for x, y in found.pairs] == [("a", "x"), ("b", "y")]
    assert "the inputs do not have the same names, and are paired so: a - x, b - y" in found.notes


def test_shapes_count_where_only_one_fits() -> None:
    left = [end("a", (1, 4)), end("b", (1, 2, 2))]
    right = [end("x", (1, 2, 2)), end("y", (1, 4)), end("z", (9,))]
    found = pair_ends(left, right, "output")
    assert [(x.name, y.name) for x, y in found.pairs] == [("a", "y"), ("b", "x")]
    assert [e.name for e in found.right] == ["z"]


def test_what_could_be_several_is_none() -> None:
    found = pair_ends([end("a"), end("b")], [end("x")], "output")
    assert not found.pairs
    with pytest.raises(InvalidValue, match=r"no output of A.pb can be told to be one of B.tflite"):
        require_pairs(found, "output", ("A.pb", "B.tflite"))


def test_models_without_ends_have_no_pairs() -> None:
    require_pairs(pair_ends([], [], "input"), "input", ("a", "b"))
