from __future__ import annotations

import pytest

from graphtools.errors import InvalidGraph
from graphtools.graph import Graph, Node
from tests.transforms.graphs import apply, function, same, skips

SPEC = "merge_duplicate_nodes"


def test_the_first_of_the_same_stands_for_all() -> None:
    before = """
        x = Placeholder dtype=float
        b = Add(x, w2) T=float
        w1 = Const value=float:[1,2]
        w2 = Const value=float:[1,2]
        other = Const value=float:[1,3]
        a = Add(x:0, w1) T=float
        y = Mul(a, b, ^w1, ^w2) T=float _class={"loc:@a", "loc:@w2"}
    """
    after = """
        x = Placeholder dtype=float
        b = Add(x, w1) T=float
        w1 = Const value=float:[1,2]
        other = Const value=float:[1,3]
        y = Mul(b, b, ^w1) T=float _class={"loc:@b", "loc:@w1"}
    """
    done = apply(before, SPEC, ["x"], ["y"])
    assert same(done.graph, after)
    assert not skips(done)


def test_what_differs_by_a_colocation_only_is_the_same_once_these_are() -> None:
    before = """
        v = Const value=float:1
        w = Const value=float:1
        a = Identity(v) T=float _class={"loc:@v"}
        b = Identity(w) T=float _class={"loc:@w"}
        y = Add(a, b) T=float
    """
    after = """
        v = Const value=float:1
        a = Identity(v) T=float _class={"loc:@v"}
        y = Add(a, a) T=float
    """
    assert same(apply(before, SPEC, [], ["y"]).graph, after)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Const value=float:1", "Const value=float:2"),
        ("Const value=float:1", "Const value=int32:1"),
        ("Const value=float:[1]", "Const value=float:1"),
        ("Const value=float:0.0", "Const value=float:-0.0"),
        ('Const value=float:1 device="/gpu:0"', "Const value=float:1"),
        ("Const(^x) value=float:1", "Const value=float:1"),
        ("Relu(x) T=float", "Relu(x:1) T=float"),
        ("Sub(x, z) T=float", "Sub(z, x) T=float"),
        ("Relu(x)", "Relu(x) T=float"),
    ],
)
def test_what_differs_stays(first: str, second: str) -> None:
    before = f"""
        x = Split
        z = Placeholder
        a = {first}
        b = {second}
    """
    done = apply(before, SPEC)
    assert same(done.graph, before)
    assert not skips(done)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Placeholder dtype=float", "fed by its own name"),
        ("RandomUniform(x) T=int32 dtype=float", "a state or effect"),
        ("VariableV2 dtype=float shape=[]", "a state or effect"),
        ("AssignAdd(v, x) T=float", "changes a variable"),
        ("NoSuchOp(x)", "not known"),
        ("f(x)", "calls a function"),
    ],
)
def test_what_has_a_state_or_effect_stays(line: str, reason: str) -> None:
    before = f"""
        x = Const value=float:1
        v = Variable dtype=float shape=[]
        a = {line}
        b = {line}
    """
    done = apply(before, SPEC, functions=[function("f", "x float", "y float = x", "")])
    assert same(done.graph, before)
    assert reason in skips(done)["b"]


def test_inputs_and_outputs_stay_as_they_are() -> None:
    before = """
        a = Const value=float:1
        b = Const value=float:1
        y = Add(a, b) T=float
    """
    assert same(apply(before, SPEC, ["a"], ["y"]).graph, before)
    assert same(apply(before, SPEC, [], ["b", "y"]).graph, before)


def test_loops_and_cycles_do_no_harm() -> None:
    before = """
        x = Placeholder dtype=float
        e = Enter(x) T=float frame_name="f"
        m1 = Merge(e, n1) N=2 T=float
        n1 = NextIteration(m1) T=float
        m2 = Merge(e, n2) N=2 T=float
        n2 = NextIteration(m2) T=float
        a = Relu(b) T=float
        b = Relu(a) T=float
    """
    assert same(apply(before, SPEC).graph, before)


def test_nodes_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(InvalidGraph, match="two nodes"):
        apply(Graph([Node("a", "NoOp"), Node("a", "NoOp")]), SPEC)
