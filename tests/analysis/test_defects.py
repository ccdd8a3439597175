from __future__ import annotations

import pytest

import graphtools
from graphtools.analysis.defects import describe_defects, find_defects
from graphtools.graph import Graph, Node
from tests.analysis.graphs import function, graph
from tests.support import FIXTURES, GRAPHS


@pytest.mark.parametrize("name", GRAPHS)
def test_fixtures_have_none(name: str) -> None:
    assert find_defects(graphtools.load(FIXTURES / name)) == ()


@pytest.mark.parametrize(
    ("lines", "kind", "node", "says"),
    [
        (["a Relu nowhere"], "dangling-input", "a", "reads 'nowhere', which is not in the graph"),
        (["a Relu ^nowhere"], "dangling-input", "a", "reads '^nowhere'"),
        (["a Relu "], "dangling-input", "a", "reads ''"),
        (["a Relu x ^^x"], "dangling-input", "a", "reads '^^x'"),
        (["a Relu x ^x:0"], "dangling-input", "a", "reads '^x:0'"),
        (["a Relu x:y"], "bad-input", "a", "'x:y', which is no tensor name"),
        (["a Relu x:99999999999999999999"], "bad-input", "a", "which is no tensor name"),
        (["a Add ^x x"], "bad-input", "a", "behind a control input"),
        (["x Placeholder"], "duplicate-name", "x", "several nodes have the name 'x'"),
        (["a Relu b", "b Relu a"], "cycle", "b", "b -> a -> b"),
        (["a Relu a"], "cycle", "a", "a -> a"),
        (["_a Relu x"], "bad-name", "_a", "has the name '_a'"),
        (["a\\b Relu x"], "bad-name", "a\\b", "which TensorFlow refuses"),
        (["größe Relu x"], "bad-name", "größe", "which TensorFlow refuses"),
        (["a\n Relu x"], "bad-name", "a\n", "which TensorFlow refuses"),
    ],
)
def test_what_tensorflow_refuses_is_found(
    lines: list[str], kind: str, node: str, says: str
) -> None:
    found = find_defects(graph("x Placeholder", *lines))
    assert [(d.kind, d.node) for d in found] == [(kind, node)]
    assert says in found[0].message


@pytest.mark.parametrize("name", ["a b", "", "a:0", "^a"])
def test_names_that_are_none_are_found(name: str) -> None:
    (found,) = find_defects(Graph([Node(name, "NoOp")]))
    assert found.kind == "bad-name"


def test_a_node_without_an_op_is_found() -> None:
    (found,) = find_defects(Graph([Node("a", "")]))
    assert (found.kind, found.message) == ("no-op", "node 'a' has no op")


@pytest.mark.parametrize(
    "lines",
    [
        ["a Add x x:1 ^x"],
        ["a Relu x ^x ^x"],
        ["a/ Relu x", "b>c Relu x", ".d-e.f Relu x", "0 Relu x"],
        ["late Relu soon", "soon Relu x"],
        ["in Enter x", "head Merge in back", "back NextIteration head"],
    ],
    ids=["outputs", "controls", "names", "order", "loop"],
)
def test_what_tensorflow_accepts_is_no_defect(lines: list[str]) -> None:
    assert find_defects(graph("x Placeholder", *lines)) == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (["y Relu nowhere"], "dangling-input"),
        (["y Relu x", "y Relu x"], "duplicate-name"),
        ([Node("a b", "NoOp")], "bad-name"),
        ([Node("y", "")], "no-op"),
        (["y Add ^x x"], "bad-input"),
    ],
)
def test_defects_of_functions_name_the_function(body: list[str | Node], kind: str) -> None:
    (found,) = find_defects(graph(functions=[function("F", ["x"], "y:y:0", *body)]))
    assert found.kind == kind
    assert "in function 'F'" in found.message


def test_functions_may_have_arguments_output_names_and_underscores() -> None:
    library = [function("F", ["x"], "_y:y:0", "_y Relu x", "z Relu _y:activations:0")]
    assert find_defects(graph(functions=library)) == ()


def test_all_defects_are_found_the_cycle_last() -> None:
    found = find_defects(graph("a Relu b", "b Relu a", "c Relu nowhere", "c NoOp"))
    assert [d.kind for d in found] == ["dangling-input", "duplicate-name", "cycle"]


def test_a_long_cycle_is_cut() -> None:
    (found,) = find_defects(graph(*(f"n{i} Relu n{(i + 1) % 50}" for i in range(50))))
    assert found.message.count("->") == 6
    assert "..." in found.message


def test_the_description_is_one_line_with_the_number_of_the_others() -> None:
    found = find_defects(graph("a Relu nowhere", "b Relu nowhere"))
    assert describe_defects(found) == (
        "TensorFlow refuses this graph: node 'a' reads 'nowhere', which is not in the graph "
        "(and 1 more)"
    )
    assert describe_defects([]) == ""
