from __future__ import annotations

import pytest

from graphtools.errors import InvalidGraph
from graphtools.graph.functions import called_functions
from graphtools.rewrite.prune import needed_nodes, remove_except
from tests.transforms.graphs import function, graph, same

GRAPH = """
    x = Placeholder dtype=float
    a = Relu(x) T=float
    init = NoOp
    b = Relu(a:0, ^init) T=float
    other = Tanh(a) T=float
"""


def test_what_outputs_need() -> None:
    source = graph(GRAPH)
    assert needed_nodes(source, ["b"]) == {"x", "a", "init", "b"}
    assert needed_nodes(source, ["other"]) == {"x", "a", "other"}
    assert needed_nodes(source, ["b"], ["a"]) == {"a", "init", "b"}
    assert needed_nodes(source, ["b"], ["b"]) == {"b"}
    assert needed_nodes(source, []) == set()
    assert needed_nodes(source, ["nothing"]) == set()


def test_a_cycle_and_an_absent_input_are_no_obstacle() -> None:
    source = graph("a = A(b, nothing)\n b = B(a)\n c = C")
    assert needed_nodes(source, ["a"]) == {"a", "b"}


def test_the_rest_is_removed() -> None:
    source = graph(GRAPH)
    remove_except(source, needed_nodes(source, ["other"]))
    assert same(
        source, "x = Placeholder dtype=float\n a = Relu(x) T=float\n other = Tanh(a) T=float"
    )
    with pytest.raises(InvalidGraph, match="'a' needs it"):
        remove_except(source, {"a", "other"})


def test_functions_are_called_by_attributes_and_by_ops_and_from_each_other() -> None:
    inner = function("inner", "x float", "y float = r:activations:0", "r = Relu(x) T=float")
    outer = function("outer", "x float", "y float = c:y:0", "c = inner(x)")
    branch = function("branch", "x float", "y float = r:y:0", "r = Abs(x) T=float")
    again = function("again", "x float", "y float = c:y:0", "c = again(x)")
    alone = function("alone", "x float", "y float = r:y:0", "r = Abs(x) T=float")
    source = graph(
        """
        x = Placeholder dtype=float
        a = PartitionedCall(x) f=@outer
        b = Case(x, x) branches={@branch, @again, @gone}
        """,
        [inner, outer, branch, again, alone],
    )
    assert called_functions(source) == {"outer", "inner", "branch", "again"}
    assert called_functions(graph(GRAPH)) == set()
