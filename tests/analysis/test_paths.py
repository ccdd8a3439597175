from __future__ import annotations

import pytest

from graphtools.analysis.paths import ancestors, descendants, shortest_path
from graphtools.errors import UnknownName
from tests.analysis.graphs import graph

GRAPH = graph(
    "x Placeholder",
    "a Relu x",
    "b Relu a",
    "short Add x:1 b",
    "end Add b short ^c",
    "c Relu x",
    "alone Const",
)


def test_the_shortest_path_names_the_inputs_it_takes() -> None:
    found = shortest_path(GRAPH, "x", "end")
    assert found.found
    assert [(s.name, s.via) for s in found.steps] == [("x", ""), ("short", "x:1"), ("end", "short")]


def test_control_dependencies_count_only_if_wanted() -> None:
    assert not shortest_path(GRAPH, "c", "end").found
    found = shortest_path(GRAPH, "c", "end", control=True)
    assert [s.via for s in found.steps] == ["", "^c"]


@pytest.mark.parametrize(("start", "end"), [("end", "x"), ("alone", "end")])
def test_there_is_no_path_against_the_data_or_from_elsewhere(start: str, end: str) -> None:
    found = shortest_path(GRAPH, start, end)
    assert (found.found, found.steps) == (False, ())


def test_a_node_reaches_itself() -> None:
    assert [s.name for s in shortest_path(GRAPH, "x:0", "x").steps] == ["x"]


def test_ancestors_and_descendants_come_nearest_first() -> None:
    up = ancestors(GRAPH, "end")
    assert [(n.name, n.distance) for n in up.nodes] == [("b", 1), ("short", 1), ("a", 2), ("x", 2)]
    down = descendants(GRAPH, "a")
    assert [(n.name, n.distance) for n in down.nodes] == [("b", 1), ("short", 2), ("end", 2)]
    assert [n.name for n in descendants(GRAPH, "c", control=True).nodes] == ["end"]
    assert "c" in [n.name for n in ancestors(GRAPH, "end", control=True).nodes]


def test_a_loop_ends() -> None:
    loop = graph("in Enter x", "head Merge in back", "back NextIteration head")
    assert [n.name for n in ancestors(loop, "head").nodes] == ["in", "back"]
    assert not shortest_path(loop, "back", "in").found


def test_unknown_names_are_said() -> None:
    with pytest.raises(UnknownName, match="no node 'nowhere'"):
        shortest_path(GRAPH, "x", "nowhere")
