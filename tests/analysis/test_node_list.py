from __future__ import annotations

from typing import Any

import pytest

from graphtools.analysis.node_list import collapse, count_ops, list_nodes, select_nodes
from graphtools.errors import InvalidValue, UnknownName
from graphtools.graph import Node
from tests.analysis.graphs import const, function, graph

GRAPH = graph(
    "x Placeholder",
    const("net/w", [1.0, 2.0], "float32"),
    "net/conv/Conv2D Conv2D x net/w",
    "net/conv_1/Conv2D Conv2D net/conv/Conv2D net/w",
    "network Relu net/conv_1/Conv2D ^x",
    functions=[function("F", ["a"], "y:y:0", "y Relu a", "z Relu y:activations:0")],
)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["x", "net/w", "net/conv/Conv2D", "net/conv_1/Conv2D", "network"]),
        ({"ops": ["Conv*"]}, ["net/conv/Conv2D", "net/conv_1/Conv2D"]),
        ({"ops": ["Relu", "Const"]}, ["net/w", "network"]),
        ({"names": ["*conv/*", "x"]}, ["x", "net/conv/Conv2D"]),
        ({"regex": "conv(_1)?/"}, ["net/conv/Conv2D", "net/conv_1/Conv2D"]),
        ({"scope": "net"}, ["net/w", "net/conv/Conv2D", "net/conv_1/Conv2D"]),
        ({"scope": "net/conv/"}, ["net/conv/Conv2D"]),
        ({"scope": "net", "ops": ["Const"]}, ["net/w"]),
        ({"scope": "net", "ops": ["Relu"]}, []),
        ({"ops": ["conv2d"]}, []),
    ],
)
def test_all_filters_have_to_let_a_node_through(filters: dict[str, Any], names: list[str]) -> None:
    assert [n.name for n in select_nodes(GRAPH, **filters)] == names


def test_an_unknown_scope_is_answered_with_similar_ones() -> None:
    with pytest.raises(UnknownName, match="no scope 'net/con'") as caught:
        select_nodes(GRAPH, scope="net/con")
    assert "'net/conv'" in caught.value.remedy


def test_what_is_no_regular_expression_is_said() -> None:
    with pytest.raises(InvalidValue, match="'\\(' is no regular expression"):
        select_nodes(GRAPH, regex="(")


@pytest.mark.parametrize(
    ("depth", "counts"),
    [
        (1, {"x": 1, "net/": 3, "network": 1}),
        (2, {"x": 1, "net/w": 1, "net/conv/": 1, "net/conv_1/": 1, "network": 1}),
    ],
)
def test_nodes_are_counted_by_scope(depth: int, counts: dict[str, int]) -> None:
    assert collapse(GRAPH.nodes, depth) == counts


def test_a_row_says_what_is_known_of_a_node() -> None:
    rows = {r.name: r for r in list_nodes(GRAPH, GRAPH.nodes).nodes}
    weights = rows["net/w"]
    assert (weights.op, weights.dtype, weights.shape, weights.bytes) == ("Const", "float32", [2], 8)
    assert rows["network"].inputs == ["net/conv_1/Conv2D", "^x"]
    assert rows["network"].shape is None
    assert rows["network"].attrs == {"T": "float32"}


def test_ops_are_counted_in_the_graph_and_in_functions() -> None:
    counts = count_ops(GRAPH)
    assert counts.ops == {"Conv2D": 2, "Placeholder": 1, "Const": 1, "Relu": 1}
    assert next(iter(counts.ops)) == "Conv2D"
    assert counts.function_ops == {"Relu": 2}
    assert counts.nodes == 5


def test_an_empty_graph_has_no_rows() -> None:
    assert list_nodes(graph(), []).nodes == ()
    assert count_ops(graph()).ops == {}
    placed = graph(Node("n", "NoOp", device="/cpu:0"))
    assert list_nodes(placed, placed.nodes).nodes[0].device == "/cpu:0"
