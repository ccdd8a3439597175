from __future__ import annotations

import pytest

from graphtools.rewrite.pattern import ANY, CONST, Op, Pattern, constant, match, matches
from tests.transforms.graphs import graph

GRAPH = """
    x = Placeholder dtype=float
    w = Const value=float:[1,2]
    b = Const value=float:[3,4]
    conv = Conv2D(x, w, ^b) T=float
    biased = BiasAdd(conv, b) T=float
    relu = Relu(biased) T=float
    split = Split(x, x) T=float
    second = Relu(split:1) T=float
    lone = BiasAdd(split:1, b) T=float
"""


def names(pattern: Pattern) -> list[str]:
    return [m.root.name for m in matches(graph(GRAPH), pattern)]


@pytest.mark.parametrize(
    ("pattern", "roots"),
    [
        (Op("Relu"), ["relu", "second"]),
        (Op("Relu|BiasAdd"), ["biased", "relu", "second", "lone"]),
        (Op("Relu", Op("BiasAdd")), ["relu"]),
        (Op("BiasAdd", ANY, CONST), ["biased", "lone"]),
        (Op("BiasAdd", CONST, CONST), []),
        # a pattern of an op stands for its first output only
        (Op("Relu", Op("Split")), []),
        (Op("Relu", ANY), ["relu", "second"]),
        # control inputs are no inputs of a pattern
        (Op("Conv2D", ANY, CONST, CONST), []),
        (Op("Relu", ANY, ANY), []),
        (ANY, ["x", "w", "b", "conv", "biased", "relu", "split", "second", "lone"]),
        (Op("Nothing"), []),
    ],
)
def test_what_matches(pattern: Pattern, roots: list[str]) -> None:
    assert names(pattern) == roots


def test_a_match_names_its_nodes() -> None:
    source = graph(GRAPH)
    pattern = Op(
        "Relu",
        Op("BiasAdd", Op("Conv2D", ANY, constant("weights"), name="conv"), constant("bias")),
        name="root",
    )
    found = match(source, pattern, source["relu"])
    assert found is not None
    assert found.root is found["root"] is source["relu"]
    assert found["weights"] is source["w"]
    assert found["conv"] is source["conv"]
    assert found.get("nothing") is None
    # constants are leaves, which stay
    assert [n.name for n in found.interior] == ["biased", "conv"]
    with pytest.raises(KeyError):
        found["nothing"]


def test_a_leaf_is_no_part_of_the_interior() -> None:
    source = graph(GRAPH)
    found = match(source, Op("Relu", Op("BiasAdd", leaf=True, name="kept")), source["relu"])
    assert found is not None
    assert not found.interior
    assert found["kept"] is source["biased"]


def test_an_input_that_is_not_there_does_not_match() -> None:
    source = graph("y = Relu(nothing) T=float")
    assert match(source, Op("Relu", Op("Conv2D")), source["y"]) is None
    assert match(source, Op("Relu", ANY), source["y"]) is not None


def test_nodes_that_go_meanwhile_are_passed_over() -> None:
    source = graph("a = Relu(x) T=float\n b = Relu(x) T=float\n x = Placeholder dtype=float")
    found = []
    for place in matches(source, Op("Relu")):
        found.append(place.root.name)
        if "b" in source:
            source.remove("b")
    assert found == ["a"]
