from __future__ import annotations

import numpy as np
import pytest

import graphtools
from graphtools.analysis.sizes import (
    ROOT,
    Size,
    by_dtype,
    by_scope,
    constants,
    informative_scopes,
    scope_of,
    total,
    variables,
)
from tests.analysis.graphs import const, graph, variable
from tests.support import FIXTURES

GRAPH = graph(
    const("net/a/w", np.arange(6, dtype="f4")),
    const("net/a/b", np.zeros((2, 3), "f8")),
    const("net/c", [1, 2, 3]),
    const("words", [b"ab", b"cde"]),
    variable("v/w", [4, 5]),
    variable("v/unknown", [-1, 5], "int64"),
    variable("r", [], "int64", op="VarHandleOp"),
)


def test_the_sizes_of_constants_add_up() -> None:
    items = constants(GRAPH)
    assert total(items) == Size(4, 17, 24 + 48 + 24 + 5)
    assert by_dtype(items) == {
        "float64": Size(1, 6, 48),
        "float32": Size(1, 6, 24),
        "int64": Size(1, 3, 24),
        "string": Size(1, 2, 5),
    }


def test_variables_have_the_sizes_that_their_attributes_state() -> None:
    items = variables(GRAPH)
    assert [(i.name, i.elements, i.bytes) for i in items] == [
        ("v/w", 20, 80),
        ("v/unknown", 0, 0),
        ("r", 1, 8),
    ]


def test_sizes_by_scope_come_largest_first() -> None:
    found = by_scope(constants(GRAPH))
    assert found == {"net": Size(3, 15, 96), ROOT: Size(1, 2, 5)}
    assert list(found) == ["net", ROOT]
    assert set(by_scope(constants(GRAPH), 2)) == {"net/a", "net", ROOT}


def test_a_scope_that_holds_everything_is_opened() -> None:
    items = [i for i in constants(GRAPH) if i.name.startswith("net")]
    assert set(informative_scopes(items)) == {"net/a", "net"}


@pytest.mark.parametrize(
    ("name", "depth", "scope"),
    [("a/b/c", 1, "a"), ("a/b/c", 2, "a/b"), ("a/b/c", 9, "a/b"), ("a", 1, ROOT)],
)
def test_the_scope_of_a_name(name: str, depth: int, scope: str) -> None:
    assert scope_of(name, depth) == scope


def test_the_sizes_of_a_fixture_are_those_of_its_arrays() -> None:
    graph = graphtools.load(FIXTURES / "classifier/frozen.pb")
    arrays = [n.tensor.array() for n in graph if n.tensor]
    found = total(constants(graph))
    assert found == Size(len(arrays), sum(a.size for a in arrays), sum(a.nbytes for a in arrays))


def test_no_items_have_no_size() -> None:
    assert total([]) == Size()
    assert informative_scopes([]) == {}
