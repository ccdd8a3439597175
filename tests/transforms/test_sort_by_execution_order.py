from __future__ import annotations

import pytest

from graphtools.errors import InvalidGraph
from graphtools.graph import Graph, Node
from tests.transforms.graphs import apply, graph, same


def test_nodes_stand_behind_what_they_read() -> None:
    before = """
        z = Add(y, x) T=float
        y = Relu(x) T=float device="/gpu:0"
        x = Placeholder dtype=float
        last = NoOp
    """
    after = """
        x = Placeholder dtype=float
        y = Relu(x) T=float device="/gpu:0"
        z = Add(y, x) T=float
        last = NoOp
    """
    assert same(apply(before, "sort_by_execution_order").graph, after)


def test_what_is_in_order_is_not_touched() -> None:
    before = """
        x = Placeholder dtype=float
        y = Relu(x) T=float
    """
    assert apply(before, "sort_by_execution_order").report.steps[0].edits == 0


def test_a_loop_may_point_back() -> None:
    before = """
        next = NextIteration(merge) T=float
        merge = Merge(enter, next) N=2 T=float
        enter = Enter(x) T=float frame_name="f"
        x = Placeholder dtype=float
    """
    made = apply(before, "sort_by_execution_order").graph
    assert [n.name for n in made] == ["x", "enter", "merge", "next"]


def test_a_cycle_is_named() -> None:
    before = """
        a = Relu(b) T=float
        b = Relu(a) T=float
    """
    with pytest.raises(InvalidGraph, match="a -> b"):
        apply(before, "sort_by_execution_order")


def test_nodes_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(InvalidGraph, match="two nodes"):
        apply(Graph([Node("a", "NoOp"), Node("a", "NoOp")]), "sort_by_execution_order")


def test_a_long_chain_is_sorted() -> None:
    lines = [f"n{i} = Relu(n{i - 1}) T=float" for i in range(1, 5000)]
    made = graph("\n".join([*lines[::-1], "n0 = Placeholder dtype=float"]))
    result = apply(made, "sort_by_execution_order").graph
    assert [n.name for n in result] == [f"n{i}" for i in range(5000)]
