"""The order in which nodes can run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphtools
from graphtools.errors import InvalidGraph
from graphtools.graph import Graph, Node
from graphtools.graph.order import find_cycle, topological_order
from tests.graph.test_graph import graph_of
from tests.support import BINARY_GRAPHS, FIXTURES


def names(graph: Graph) -> str:
    return " ".join(n.name for n in topological_order(graph))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("a = A(); b = B(a); c = C(b)", "a b c"),
        ("c = C(b:1); b = B(^a); a = A()", "a b c"),
        ("d = D(a); x = X(); a = A(); y = Y()", "x a d y"),
        ("a = A(missing); b = B(a)", "a b"),
        ("a = A(); a = Other(b); b = B(a)", "a b"),
    ],
)
def test_nodes_stand_behind_what_they_need(text: str, order: str) -> None:
    assert names(graph_of(text)) == order


@pytest.mark.parametrize(
    ("text", "cycle"),
    [
        ("a = A(a)", ["a"]),
        ("x = X(); a = A(c); b = B(a); c = C(b); d = D(c)", ["a", "b", "c"]),
        ("a = A(^b); b = B(^a)", ["a", "b"]),
        ("a = A(); m = Merge(a, x); x = Relu(m)", ["m", "x"]),
    ],
)
def test_a_cycle_is_named_in_the_direction_of_the_data(text: str, cycle: list[str]) -> None:
    graph = graph_of(text)
    found = find_cycle(graph)
    assert sorted(found) == cycle
    for name, following in zip(found, found[1:] + found[:1], strict=True):
        assert graph[following] in graph.consumers(name)
    with pytest.raises(InvalidGraph, match=" -> ".join(found)):
        topological_order(graph)


@pytest.mark.parametrize("kind", ["", "Ref"])
def test_loops_are_no_cycles(kind: str) -> None:
    graph = graph_of(
        f"e = Enter(); m = {kind}Merge(e, n); s = Switch(m); n = {kind}NextIteration(s:1)"
    )
    assert names(graph) == "e m s n"
    assert find_cycle(graph) == []


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_real_graphs_have_an_order(name: str) -> None:
    graph = graphtools.load(FIXTURES / name)
    assert sorted(n.name for n in topological_order(graph)) == sorted(n.name for n in graph)


@given(st.data())
def test_an_order_keeps_the_edges_and_is_stable(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 10))
    nodes = [
        Node(str(n), "Op", tuple({str(i) for i in data.draw(st.sets(st.integers(0, 9))) if i < n}))
        for n in range(size)
    ]
    assert topological_order(Graph(nodes)) == nodes
    graph = Graph(data.draw(st.permutations(nodes)))
    order = topological_order(graph)
    place = {n.name: i for i, n in enumerate(order)}
    assert len(order) == size
    assert all(place[i] < place[n.name] for n in order for i in n.inputs)


def test_a_deep_graph_needs_no_recursion() -> None:
    nodes = [Node("0", "A")] + [Node(str(n), "B", (str(n - 1),)) for n in range(1, 20_000)]
    assert len(topological_order(Graph(reversed(nodes)))) == 20_000
