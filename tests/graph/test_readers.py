"""Who reads a node's values, and who only waits for it."""

from __future__ import annotations

from graphtools.graph.readers import data_readers, other_reader, sole_reader
from tests.graph.test_graph import graph_of

GRAPH = "a = A(); b = B(a, a:1, ^z); c = C(a, ^b); d = NoOp(^a); z = Z()"


def test_each_input_that_reads_a_node_is_found_with_its_output() -> None:
    graph = graph_of(GRAPH)
    assert [(r.node.name, r.position, r.output) for r in data_readers(graph, "a")] == [
        ("b", 0, 0),
        ("b", 1, 1),
        ("c", 0, 0),
    ]
    assert [r.node.name for r in data_readers(graph, "a", 1)] == ["b"]


def test_who_waits_for_a_node_does_not_read_it() -> None:
    graph = graph_of(GRAPH)
    assert not list(data_readers(graph, "b"))
    assert other_reader(graph, "b", ()) is None


def test_the_first_reader_beside_those_that_are_known_is_told() -> None:
    graph = graph_of(GRAPH)
    found = other_reader(graph, "a", {"b"})
    assert found is not None
    assert found.name == "c"
    assert other_reader(graph, "a", {"b", "c"}) is None


def test_a_sole_reader_reads_once() -> None:
    graph = graph_of("a = A(); b = B(a, ^a); w = NoOp(^a); c = C(b, b); d = D(c); e = E(c)")
    found = sole_reader(graph, "a")
    assert found is not None
    assert found.node.name == "b"
    assert sole_reader(graph, "b") is None
    assert sole_reader(graph, "c") is None
    assert sole_reader(graph, "d") is None
