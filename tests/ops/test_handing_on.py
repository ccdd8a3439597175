"""What ops hand on is looked through, output for output, and cycles end."""

from __future__ import annotations

import pytest

from graphtools.ops.handing_on import (
    INTO_BRANCHES,
    INTO_FRAMES,
    REARRANGED,
    SAME_TENSOR,
    source_node,
    source_of,
    way_to_source,
)
from tests.graph.test_graph import graph_of


def source(text: str, tensor: str, ops: frozenset[str] = SAME_TENSOR) -> str:
    return str(source_of(graph_of(text), tensor, ops))


@pytest.mark.parametrize(
    ("text", "tensor", "expected"),
    [
        ("x = X(); a = Identity(x:1); b = StopGradient(a, ^x)", "b", "x:1"),
        ("x = X(); y = Y(); n = IdentityN(x, y:2); b = Identity(n:1)", "b", "y:2"),
        ("x = X(); n = IdentityN(x)", "n:1", "n:1"),
        ("x = X(); a = Identity(x)", "a:1", "a:1"),
        ("x = X(); a = Identity(x)", "^a", "^a"),
        ("x = X(); a = Relu(x)", "a", "a"),
        ("x = X(); a = Reshape(x)", "a", "a"),
        ("a = Identity(gone:3)", "a", "gone:3"),
        ("a = Identity()", "a", "a"),
        ("a = Identity(^b); b = NoOp()", "a", "a"),
        ("", "gone", "gone"),
    ],
)
def test_the_source_of_a_tensor(text: str, tensor: str, expected: str) -> None:
    graph = graph_of(text) if text else graph_of("z = Z()")
    assert str(source_of(graph, tensor)) == expected


def test_more_is_looked_through_where_it_is_asked_for() -> None:
    text = "x = X(); p = P(); s = Switch(x, p); e = Enter(s:1); r = Reshape(e, p); i = Identity(r)"
    assert source(text, "i") == "r"
    assert source(text, "i", SAME_TENSOR | REARRANGED) == "e"
    assert source(text, "i", SAME_TENSOR | REARRANGED | INTO_FRAMES) == "s:1"
    assert source(text, "i", SAME_TENSOR | REARRANGED | INTO_FRAMES | INTO_BRANCHES) == "x"


def test_what_is_fed_is_a_source() -> None:
    graph = graph_of("x = X(); a = Identity(x); b = Identity(a)")
    assert str(source_of(graph, "b", fed={"a"})) == "a"
    assert [n.name for _, n in way_to_source(graph, "b", fed={"a"})] == ["b", "a"]


def test_cycles_end() -> None:
    graph = graph_of("a = Identity(b); b = Identity(a); c = Identity(c)")
    assert source_of(graph, "a").node in "ab"
    assert source_of(graph, "c").node == "c"
    assert source_node(graph_of("a = Identity(gone)"), "a") is None
