from __future__ import annotations

import pytest

from graphtools import GraphtoolsError
from graphtools.graph import Graph, Node
from tests.transforms.graphs import apply, same, skips

SPEC = "remove_nodes(op=Identity, op=CheckNumerics)"


def test_nodes_are_taken_out() -> None:
    before = """
        x = Placeholder dtype=float
        s = Split(dim, x) T=float num_split=2
        dim = Const value=int32:0
        a = Identity(s:1) T=float
        b = CheckNumerics(a, ^dim) T=float
        c = Identity(b:0) T=float
        y = Add(b, c, ^a) T=float _class={"loc:@b", "loc:@x"}
        z = Relu(y) T=float _class={"loc:@c"}
    """
    after = """
        x = Placeholder dtype=float
        s = Split(dim, x) T=float num_split=2
        dim = Const value=int32:0
        y = Add(s:1, s:1, ^s) T=float _class={"loc:@x"}
        z = Relu(y) T=float
    """
    done = apply(before, SPEC, ["x"], ["z"])
    assert same(done.graph, after)
    assert not skips(done)


def test_inputs_and_outputs_stay() -> None:
    before = """
        x = Identity(w) T=float
        w = Const value=float:1
        y = Identity(x) T=float
        z = Identity(y) T=float
    """
    after = """
        x = Identity(w) T=float
        w = Const value=float:1
        z = Identity(x) T=float
    """
    done = apply(before, SPEC, ["x"], ["z:0"])
    assert same(done.graph, after)
    assert skips(done) == dict.fromkeys("xz", "it is an input or output")


def test_what_is_waited_for_is_waited_for_by_the_readers() -> None:
    before = """
        x = Placeholder dtype=float
        state = VariableV2 dtype=float shape=[]
        one = Const value=float:1
        update = AssignAdd(state, one) T=float
        save = NoOp
        a = Identity(x, ^update, ^one) T=float
        b = Identity(a, ^save) T=float
        c = Identity(x, ^b) T=float
        y = Relu(b) T=float
        z = Relu(c) T=float
        done = NoOp(^b)
    """
    after = """
        x = Placeholder dtype=float
        state = VariableV2 dtype=float shape=[]
        one = Const value=float:1
        update = AssignAdd(state, one) T=float
        save = NoOp
        y = Relu(x, ^save, ^update) T=float
        z = Relu(x, ^save, ^update) T=float
        done = NoOp(^x, ^save, ^update)
    """
    assert same(apply(before, SPEC, ["x"], ["y", "z", "done"]).graph, after)


def test_a_merge_cannot_wait_for_what_runs_in_its_loop() -> None:
    before = """
        x = Placeholder dtype=float
        e = Enter(x) T=float frame_name="f"
        m = Merge(e, last) N=2 T=float
        n = NextIteration(m) T=float
        side = NoOp(^m)
        last = Identity(n, ^side) T=float
    """
    done = apply(before, SPEC, ["x"], ["m"])
    assert same(done.graph, before)
    assert "Merge" in skips(done)["last"]


def test_each_control_input_stands_once() -> None:
    before = """
        x = Placeholder dtype=float
        a = Identity(x) T=float
        b = Identity(x) T=float
        y = NoOp(^a, ^b, ^x)
    """
    after = """
        x = Placeholder dtype=float
        y = NoOp(^x)
    """
    assert same(apply(before, SPEC).graph, after)


def test_nodes_with_more_inputs_go_where_that_is_asked_for() -> None:
    before = """
        x = Placeholder dtype=float
        a = Foo(x, x)
        y = Relu(a) T=float
    """
    after = """
        x = Placeholder dtype=float
        y = Relu(x) T=float
    """
    done = apply(before, "remove_nodes(op=Foo)")
    assert same(done.graph, before)
    assert skips(done) == {"a": "it has 2 inputs, more than max_inputs"}
    assert same(apply(before, "remove_nodes(op=Foo, max_inputs=2)").graph, after)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("a = Placeholder dtype=float", "it has no input"),
        ("x = Placeholder dtype=float\na = Cast(x) SrcT=float DstT=int32", "makes int32 of"),
        ("x = Placeholder\na = Foo(x)\ny = Relu(a:1)", "'y' reads another output"),
        ("a = Foo(b)\nb = Foo(a)", "it needs its own result"),
        ("a = Foo(a)", "it needs its own result"),
    ],
)
def test_what_would_make_the_graph_wrong_stays(before: str, reason: str) -> None:
    done = apply(before, "remove_nodes(op=Placeholder, op=Cast, op=Foo)")
    assert same(done.graph, before)
    assert reason in skips(done)["a"]


def test_what_tells_the_branch_stays() -> None:
    before = """
        p = Placeholder dtype=bool
        x = Placeholder dtype=float
        s = Switch(x, p) T=float
        t = Identity(s:1) T=float
        f = Identity(s) T=float
        c = Const(^t) value=float:2
        m = Merge(f, c) N=2 T=float
    """
    after = """
        p = Placeholder dtype=bool
        x = Placeholder dtype=float
        s = Switch(x, p) T=float
        t = Identity(s:1) T=float
        c = Const(^t) value=float:2
        m = Merge(s, c) N=2 T=float
    """
    done = apply(before, SPEC)
    assert same(done.graph, after)
    assert "branch" in skips(done)["t"]


def test_a_missing_input_is_an_error() -> None:
    with pytest.raises(GraphtoolsError):
        apply("a = Identity(nobody) T=float", SPEC)


@pytest.mark.parametrize(
    "spec",
    [
        "remove_nodes",
        "remove_nodes(op=Identity, max_inputs=0)",
        "remove_nodes(op=Identity, max_inputs=x)",
    ],
)
def test_wrong_parameters_are_refused(spec: str) -> None:
    with pytest.raises(GraphtoolsError):
        apply("a = NoOp", spec)


def test_nodes_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(GraphtoolsError, match="two nodes"):
        apply(Graph([Node("a", "NoOp"), Node("a", "NoOp")]), SPEC)


def test_a_long_chain_goes_at_once() -> None:
    lines = [f"n{i} = Identity(n{i - 1}) T=float" for i in range(1, 5000)]
    made = apply("\n".join(["n0 = Placeholder dtype=float", *lines, "y = Relu(n4999)"]), SPEC)
    assert same(made.graph, "n0 = Placeholder dtype=float\ny = Relu(n0)")


def test_nodes_are_named_by_patterns() -> None:
    before = """
        x = Placeholder dtype=float shape=[2]
        a/one = Identity(x) T=float
        a/two = Relu(a/one) T=float
        b/one = Identity(a/two) T=float
        y = Relu(b/one) T=float
    """
    after = """
        x = Placeholder dtype=float shape=[2]
        b/one = Identity(x) T=float
        y = Relu(b/one) T=float
    """
    for spec in ("remove_nodes(name=a/*)", 'remove_nodes(name="a/[ot]*")'):
        assert same(apply(before, spec, ["x"], ["y"]).graph, after)
    done = apply(before, "remove_nodes(name=y, name=x, name=nothing/*)", ["x"], ["y"])
    assert same(done.graph, before)
    assert [s.node for s in done.report.steps[0].skipped] == ["x", "y"]
    assert done.report.steps[0].notes == ("no node is called nothing/*",)
    with pytest.raises(GraphtoolsError, match="does not know which"):
        apply(before, "remove_nodes", ["x"], ["y"])
