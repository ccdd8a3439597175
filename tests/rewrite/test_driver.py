from __future__ import annotations

from collections.abc import Sequence

import pytest

from graphtools.graph import Graph, Node
from graphtools.rewrite.driver import Rule, Skip, Unfit, apply_rules
from graphtools.rewrite.pattern import ANY, CONST, Match, Op
from graphtools.rewrite.transform import Job
from tests.transforms.graphs import graph, same

PAIR = Op("Relu", Op("Relu", ANY, name="inner"))
BEFORE = """
    x = Placeholder dtype=float
    a = Relu(x, ^before) T=float
    before = NoOp
    b = Relu(a) T=float
    c = Relu(b) T=float
"""


def one_relu(graph: Graph, found: Match) -> Sequence[Node] | Skip:
    return [Node(found.root.name, "Relu", found["inner"].data_inputs, {"T": found.root.attr("T")})]


def run(text: str, rule: Rule, *outputs: str) -> tuple[Graph, Job, int]:
    source = graph(text)
    job = Job((), outputs)
    return source, job, apply_rules(source, [rule], job)


def test_rules_are_applied_until_nothing_changes() -> None:
    done, job, count = run(BEFORE, Rule(PAIR, one_relu), "c")
    after = """
        x = Placeholder dtype=float
        before = NoOp
        c = Relu(x, ^before) T=float
    """
    assert same(done, after)
    assert (count, job.skipped) == (2, [])


def test_what_is_used_elsewhere_stays_and_is_told() -> None:
    more = "\nd = Tanh(a) T=float"
    done, job, count = run(BEFORE + more, Rule(PAIR, one_relu), "c", "d")
    after = """
        x = Placeholder dtype=float
        a = Relu(x, ^before) T=float
        before = NoOp
        c = Relu(a) T=float
        d = Tanh(a) T=float
    """
    assert same(done, after)
    assert count == 1
    assert [tuple(s) for s in job.skipped] == [("c", "'a' is used by 'd', too")]


def test_a_control_edge_is_a_use() -> None:
    more = "\nd = NoOp(^a)"
    _, job, _ = run(BEFORE + more, Rule(PAIR, one_relu), "c", "d")
    assert [s.reason for s in job.skipped] == ["'a' is used by 'd', too"]


def test_outputs_stay_and_are_told() -> None:
    done, job, count = run(BEFORE, Rule(PAIR, one_relu), "c", "b:0", "a")
    assert same(done, BEFORE)
    assert count == 0
    assert {s.node: s.reason for s in job.skipped} == {
        "b": "'a' is an input or output",
        "c": "'b' is an input or output",
    }


@pytest.mark.parametrize("reason", ["because", ""])
def test_a_rule_may_refuse(reason: str) -> None:
    done, job, count = run(BEFORE, Rule(PAIR, lambda g, m: Skip(reason)), "c")
    assert same(done, BEFORE)
    assert count == 0
    assert {s.reason for s in job.skipped} == ({reason} if reason else set())


def test_a_rule_may_refuse_from_deep_inside() -> None:
    def refuse(graph: Graph, found: Match) -> Sequence[Node]:
        raise Unfit("no, never")

    done, job, _ = run(BEFORE, Rule(PAIR, refuse), "c")
    assert same(done, BEFORE)
    assert {s.node: s.reason for s in job.skipped} == {"b": "no, never", "c": "no, never"}


def test_what_only_the_match_has_read_goes_too() -> None:
    before = """
        x = Placeholder dtype=float
        one = Const value=float:1
        pass = Identity(one) T=float
        two = Const value=float:2
        y = Mul(x, pass) T=float
        z = Mul(y, two) T=float
        keep = Const value=float:3
    """
    after = """
        x = Placeholder dtype=float
        two = Const value=float:2
        z = Tanh(x) T=float
        keep = Const value=float:3
    """
    pattern = Op("Mul", Op("Mul", ANY, ANY, name="inner"), CONST)

    def rewrite(graph: Graph, found: Match) -> Sequence[Node]:
        source = found["inner"].data_inputs[0]
        return [Node(found.root.name, "Tanh", (source,), {"T": found.root.attr("T")})]

    done, _, count = run(before, Rule(pattern, rewrite), "z", "two")
    assert count == 1
    assert same(done, after)


def test_new_nodes_stand_where_the_root_stood() -> None:
    def split(graph: Graph, found: Match) -> Sequence[Node]:
        kind = {"T": found.root.attr("T")}
        name = found.root.name
        inner = Node(f"{name}/in", "Tanh", found.root.data_inputs, kind)
        return [inner, Node(name, "Tanh", (f"{name}/in",), kind)]

    before = "x = Placeholder dtype=float\n y = Relu(x) T=float\n z = Abs(y) T=float"
    done, _, _ = run(before, Rule(Op("Relu"), split), "z")
    assert [n.name for n in done] == ["x", "y/in", "y", "z"]
    assert done["y"].inputs == ("y/in",)


def test_colocations_with_what_is_gone_are_dropped() -> None:
    more = '\nd = Tanh(c) T=float _class={"loc:@b", "loc:@x"}'
    done, _, _ = run(BEFORE + more, Rule(PAIR, one_relu), "d")
    assert done["d"].attr("_class") == [b"loc:@x"]


def test_a_rule_that_never_ends_is_ended() -> None:
    def again(graph: Graph, found: Match) -> Sequence[Node]:
        return [Node(found.root.name, "Relu", found.root.inputs)]

    _, _, count = run("x = Placeholder dtype=float\n y = Relu(x)", Rule(Op("Relu"), again), "y")
    assert count == 100
