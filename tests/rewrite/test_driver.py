from __future__ import annotations

from typing import Any

import pytest

from graphtools.graph import Graph, Node
from graphtools.rewrite.driver import Replacement, RewriteRule, apply_rules
from graphtools.rewrite.pattern import ANY, CONST, Match, Op, either
from graphtools.rewrite.transform import Job
from graphtools.rewrite.unfit import Unfit
from tests.transforms.graphs import graph, same

PAIR = Op("Relu", Op("Relu", ANY, name="inner"))
BEFORE = """
    x = Placeholder dtype=float
    a = Relu(x, ^before) T=float
    before = NoOp
    b = Relu(a) T=float
    c = Relu(b) T=float
"""


def unchecked(*_: object) -> None:
    """A check that has nothing to find out."""


def one_relu(_graph: Graph, found: Match, _: None) -> Replacement:
    kind = {"T": found.root.attr("T")}
    return Replacement([Node(found.root.name, "Relu", found["inner"].data_inputs, kind)])


def run(text: str, rule: RewriteRule[None], *outputs: str) -> tuple[Graph, Job, int]:
    source = graph(text)
    job = Job((), outputs)
    return source, job, apply_rules(source, [rule], job)


def test_rules_are_applied_until_nothing_changes() -> None:
    done, job, count = run(BEFORE, RewriteRule(PAIR, unchecked, one_relu), "c")
    after = """
        x = Placeholder dtype=float
        before = NoOp
        c = Relu(x, ^before) T=float
    """
    assert same(done, after)
    assert (count, job.skipped) == (2, [])


def test_what_is_used_elsewhere_stays_and_is_told() -> None:
    more = "\nd = Tanh(a) T=float"
    done, job, count = run(BEFORE + more, RewriteRule(PAIR, unchecked, one_relu), "c", "d")
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


def test_what_waits_for_a_node_that_goes_waits_for_its_sources() -> None:
    more = "\nd = NoOp(^a, ^b)"
    done, job, _ = run(BEFORE + more, RewriteRule(PAIR, unchecked, one_relu), "c", "d")
    assert job.skipped == []
    assert set(done["d"].inputs) == {"^x", "^before"}
    assert done["c"].inputs == ("x", "^before")


def test_what_tells_a_branch_stays() -> None:
    before = """
        x = Placeholder dtype=float
        p = Placeholder dtype=bool
        switch = Switch(x, p) T=float
        a = Relu(switch:1) T=float
        b = Relu(a) T=float
        one = Const(^a) value=float:1
    """
    done, job, _ = run(before, RewriteRule(PAIR, unchecked, one_relu), "b", "one")
    assert same(done, before)
    assert [s.reason for s in job.skipped] == ["'a' is used by 'one', too"]


@pytest.mark.parametrize(("outputs", "reader"), [(("b:1",), ""), (("b",), "d = Relu(b:1)")])
def test_a_second_output_that_is_asked_for_stays(outputs: tuple[str, ...], reader: str) -> None:
    before = """
        x = Placeholder dtype=float
        a = Relu(x) T=float
        b = TopKV2(a, k) T=float
        k = Const value=int32:1
    """

    def largest(_graph: Graph, found: Match, _: None) -> Replacement:
        return Replacement([Node("b", "Max", found.root.inputs, {"T": found.root.attr("T")})])

    done, job, count = run(before + reader, RewriteRule(Op("TopKV2"), unchecked, largest), *outputs)
    assert same(done, before + reader)
    wanted = "'b:1' is used by 'd'" if reader else "'b:1' is an output of the graph"
    assert (count, [tuple(s) for s in job.skipped]) == (0, [("b", wanted)])


def test_a_leaf_may_be_asked_to_be_read_by_nobody_else() -> None:
    before = """
        x = Placeholder dtype=float
        w = Const value=float:1
        a = Mul(x, w) T=float
        b = Neg(w) T=float
    """
    pattern = either("Mul", Op("Const", leaf=True, sole=True), ANY)

    def rewrite(_graph: Graph, _found: Match, _: None) -> Replacement:
        raise AssertionError

    _, job, _ = run(before, RewriteRule(pattern, unchecked, rewrite), "a", "b")
    assert [s.reason for s in job.skipped] == ["'w' is used by 'b', too"]


def test_outputs_stay_and_are_told() -> None:
    done, job, count = run(BEFORE, RewriteRule(PAIR, unchecked, one_relu), "c", "b:0", "a")
    assert same(done, BEFORE)
    assert count == 0
    assert {s.node: s.reason for s in job.skipped} == {
        "b": "'a' is an input or output",
        "c": "'b' is an input or output",
    }


def refusal(*_: object) -> Any:
    raise Unfit("no, never")


@pytest.mark.parametrize(
    "rule",
    [RewriteRule(PAIR, refusal, one_relu), RewriteRule(PAIR, unchecked, refusal)],
    ids=["check", "rewrite"],
)
def test_a_rule_may_refuse(rule: RewriteRule[Any]) -> None:
    done, job, count = run(BEFORE, rule, "c")
    assert same(done, BEFORE)
    assert count == 0
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

    def rewrite(_graph: Graph, found: Match, _: None) -> Replacement:
        source = found["inner"].data_inputs[0]
        kind = {"T": found.root.attr("T")}
        return Replacement([Node(found.root.name, "Tanh", (source,), kind)])

    done, _, count = run(before, RewriteRule(pattern, unchecked, rewrite), "z", "two")
    assert count == 1
    assert same(done, after)


def test_new_nodes_stand_where_the_root_stood() -> None:
    def split(_graph: Graph, found: Match, _: None) -> Replacement:
        kind = {"T": found.root.attr("T")}
        name = found.root.name
        inner = Node(f"{name}/in", "Tanh", found.root.data_inputs, kind)
        return Replacement([inner, Node(name, "Tanh", (f"{name}/in",), kind)])

    before = "x = Placeholder dtype=float\n y = Relu(x) T=float\n z = Abs(y) T=float"
    done, _, _ = run(before, RewriteRule(Op("Relu"), unchecked, split), "z")
    assert [n.name for n in done] == ["x", "y/in", "y", "z"]
    assert done["y"].inputs == ("y/in",)


def test_colocations_with_what_is_gone_are_dropped() -> None:
    more = '\nd = Tanh(c) T=float _class={"loc:@b", "loc:@x"}'
    done, _, _ = run(BEFORE + more, RewriteRule(PAIR, unchecked, one_relu), "d")
    assert done["d"].attr("_class") == [b"loc:@x"]


def test_a_rule_that_never_ends_is_ended() -> None:
    def again(_graph: Graph, found: Match, _: None) -> Replacement:
        return Replacement([Node(found.root.name, "Relu", found.root.inputs)])

    rule = RewriteRule(Op("Relu"), unchecked, again)
    _, _, count = run("x = Placeholder dtype=float\n y = Relu(x)", rule, "y")
    assert count == 100
