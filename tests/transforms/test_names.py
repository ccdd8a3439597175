"""obfuscate_names, rename_node."""

from __future__ import annotations

import pytest

from graphtools import GraphtoolsError
from graphtools.errors import InvalidGraph, InvalidValue, UnknownName
from graphtools.graph import Graph, Node
from tests.transforms.graphs import apply, graph, same

BEFORE = """
    x = Placeholder dtype=float
    scope/w = Const value=float:[1,2] _class={"loc:@x", "loc:@0"}
    0 = Split(scope/w, x) T=float num_split=2 _class={"loc:@scope/w"}
    y = Add(0:1, x, ^scope/w) T=float
"""


def test_names_get_short_but_those_of_inputs_and_outputs() -> None:
    after = """
        x = Placeholder dtype=float
        0 = Const value=float:[1,2] _class={"loc:@x", "loc:@1"}
        1 = Split(0, x) T=float num_split=2 _class={"loc:@0"}
        y = Add(1:1, x, ^0) T=float
    """
    for name in ("obfuscate_names", "obsfucate_names"):
        assert same(apply(BEFORE, name, ["x:0"], ["y"]).graph, after)


def test_the_name_of_an_output_is_not_given_to_another_node() -> None:
    after = """
        1 = Placeholder dtype=float
        2 = Const value=float:[1,2] _class={"loc:@1", "loc:@0"}
        0 = Split(2, 1) T=float num_split=2 _class={"loc:@2"}
        3 = Add(0:1, 1, ^2) T=float
    """
    assert same(apply(BEFORE, "obfuscate_names", [], ["0:1"]).graph, after)


def test_names_have_62_digits() -> None:
    made = apply("\n".join(f"n{i} = NoOp" for i in range(64)), "obfuscate_names").graph
    names = [node.name for node in made]
    assert names[9:12] == ["9", "a", "b"]
    assert names[61:] == ["Z", "10", "11"]


def test_a_node_is_renamed_with_all_that_names_it() -> None:
    after = """
        x = Placeholder dtype=float
        w = Const value=float:[1,2] _class={"loc:@x", "loc:@0"}
        0 = Split(w, x) T=float num_split=2 _class={"loc:@w"}
        y = Add(0:1, x, ^w) T=float
    """
    spec = "rename_node(old_node_name=scope/w, new_node_name=w)"
    assert same(apply(BEFORE, spec).graph, after)


def test_an_output_can_be_renamed_and_is_told() -> None:
    done = apply(BEFORE, "rename_node(old_node_name=y, new_node_name=z)", ["x"], ["y"])
    assert "z" in done.graph
    assert done.report.steps[0].notes


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("scope/v", "w", UnknownName),
        ("scope/w", "x", InvalidGraph),
        ("scope/w", "^w", InvalidValue),
        ("scope/w", "w:0", InvalidValue),
        ("scope/w", "a b", InvalidValue),
        ("scope/w", "", InvalidValue),
    ],
)
def test_names_that_cannot_be_are_refused(old: str, new: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        apply(BEFORE, f'rename_node(old_node_name="{old}", new_node_name="{new}")')


@pytest.mark.parametrize(
    "spec", ["obfuscate_names", "rename_node(old_node_name=a, new_node_name=b)"]
)
def test_nodes_that_cannot_be_told_apart_are_refused(spec: str) -> None:
    twice = Graph([Node("a", "NoOp"), Node("a", "NoOp"), Node("c", "NoOp")])
    with pytest.raises(GraphtoolsError, match="two nodes 'a'"):
        apply(twice, spec)


def test_many_names_are_given_at_once() -> None:
    made = graph(BEFORE)
    made.rename_all({"x": "y", "y": "x"})
    assert made["x"].inputs == ("0:1", "y", "^scope/w")
    assert [n.name for n in made.consumers("y")] == ["0", "x"]
    with pytest.raises(InvalidGraph):
        made.rename_all({"x": "0"})
    with pytest.raises(UnknownName):
        made.rename_all({"nobody": "z"})
