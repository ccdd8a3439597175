"""Walks through graphs end, whatever the graph."""

from __future__ import annotations

from graphtools.graph.following import ancestors_of, follow, reach
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from tests.graph.test_graph import graph_of


def first(node: Node, _: Ref) -> str | None:
    return next(iter(node.data_inputs), None)


def test_a_walk_goes_against_the_data() -> None:
    graph = graph_of("a = A(); b = B(a:1); c = C(b)")
    assert [str(ref) for ref, _ in follow(graph, "c", first)] == ["c", "b", "a:1"]


def test_a_walk_ends_where_onward_says_so() -> None:
    graph = graph_of("a = A(); b = B(a)")
    assert [node.name for _, node in follow(graph, "b", lambda _n, _r: None)] == ["b"]


def test_a_walk_ends_at_a_node_that_is_not_there() -> None:
    assert [node.name for _, node in follow(graph_of("b = B(gone)"), "b", first)] == ["b"]
    assert not list(follow(graph_of("b = B(gone)"), "gone", first))


def test_a_walk_around_a_cycle_ends() -> None:
    graph = graph_of("a = Identity(b); b = Identity(a)")
    assert [node.name for _, node in follow(graph, "a", first)] == ["a", "b"]


def test_everything_is_reached_once() -> None:
    onward = {1: [2, 3], 2: [4, 1], 3: [4], 4: [1]}
    assert list(reach([1], onward.__getitem__)) == [1, 2, 4, 3]
    assert list(reach([4, 4], onward.__getitem__)) == [4, 1, 2, 3]


def test_ancestors_are_those_that_are_there() -> None:
    graph = graph_of("a = A(^c, gone); b = B(a:1); c = C(b); d = D(c)")
    assert ancestors_of(graph, ["b", "gone"]) == {"a", "b", "c"}
    assert ancestors_of(graph, ["b"], control=False) == {"a", "b"}
    assert ancestors_of(graph, ["d"], ends={"c"}) == {"c", "d"}
