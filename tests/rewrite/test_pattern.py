from __future__ import annotations

import pytest

from graphtools.rewrite.pattern import (
    ANY,
    CONST,
    Op,
    Pattern,
    constant,
    either,
    match,
    matches,
    one_of,
    scalar,
    tensor,
    through,
)
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


FORMS = """
    x = Placeholder dtype=float
    rate = Const value=float:0.5
    vector = Const value=float:[1,2]
    read = Identity(rate) T=float
    again = StopGradient(read) T=float
    scaled = Mul(again, x) T=float
    by_vector = Mul(x, vector) T=float
    split = Split(x, x) T=float
    upper = Relu(split:1) T=float
    square = Mul(x, x) T=float
    product = Mul(x, vector) T=float
"""
HANDED_ON = ("Identity", "StopGradient")


@pytest.mark.parametrize(
    ("pattern", "roots"),
    [
        (either("Mul", Op("Placeholder"), through(HANDED_ON, scalar("rate"))), ["scaled"]),
        (either("Mul", through(HANDED_ON, scalar("rate")), Op("Placeholder")), ["scaled"]),
        (Op("Mul", Op("Placeholder"), through(HANDED_ON, scalar("rate"))), []),
        (either("Mul", Op("Placeholder"), through(["Identity"], scalar())), []),
        (either("Mul", Op("Placeholder"), CONST), ["by_vector", "product"]),
        (either("Mul", tensor("same"), tensor("same")), ["square"]),
        (Op("Relu", Op("Split", output=1)), ["upper"]),
        (Op("Relu", Op("Split")), []),
        (Op("Relu", Op("Split", output=None)), ["upper"]),
        (one_of(Op("Relu"), Op("Mul", ANY, CONST)), ["by_vector", "upper", "product"]),
    ],
)
def test_what_constructs_look_like_in_practice(pattern: Pattern, roots: list[str]) -> None:
    assert [m.root.name for m in matches(graph(FORMS), pattern)] == roots


def test_what_hands_on_belongs_to_the_match_unless_it_leads_to_a_leaf() -> None:
    source = graph(FORMS)
    stays = either("Mul", tensor("x"), through(HANDED_ON, scalar("rate")))
    found = match(source, stays, source["scaled"])
    assert found is not None
    assert (found.interior, found["rate"].name, found.tensor("x")) == ((), "rate", "x")
    goes = Op("Mul", through(HANDED_ON, Op("Const")))
    found = match(source, goes, source["scaled"])
    assert found is not None
    assert [n.name for n in found.interior] == ["again", "read", "rate"]


def test_a_second_way_is_tried_where_the_first_leads_to_nothing() -> None:
    source = graph("a = Neg(x)\n b = Neg(y)\n c = Add(a, b)\n d = Add(b, c)\n x = NoOp\n y = NoOp")
    same = either("Add", tensor("n"), either("Add", Op("Neg", ANY, leaf=True), tensor("n")))
    found = match(source, same, source["d"])
    assert found is not None
    assert found.tensor("n") == "b"
    assert match(source, same, source["c"]) is None


def test_a_cycle_of_what_hands_on_ends() -> None:
    source = graph("a = Identity(b)\n b = Identity(a)\n c = Relu(a)")
    assert match(source, Op("Relu", through(["Identity"], CONST)), source["c"]) is None
