"""remove_assertions: graphs before and after, and what has to stay."""

from __future__ import annotations

from tests.transforms.graphs import apply, same, skips

BEFORE = """
    x = Placeholder dtype=float shape=[1,4]
    init = NoOp
    axes = Const value=int32:[0,1]
    zero = Const value=float:0
    fine = GreaterEqual(x, zero) T=float
    every = All(fine, axes) Tidx=int32
    assert = Assert(every, x, ^init) T={float}
    text = Const value=string:"x"
    print = PrintV2(text)
    out = Relu(x, ^assert, ^init, ^print) T=float
"""


def test_assertions_go_and_what_only_they_read() -> None:
    done = apply(BEFORE, "remove_assertions", ["x"], ["out"])
    assert same(
        done.graph,
        """
        x = Placeholder dtype=float shape=[1,4]
        init = NoOp
        text = Const value=string:"x"
        print = PrintV2(text)
        out = Relu(x, ^init, ^print) T=float
        """,
    )


def test_other_ops_on_demand() -> None:
    done = apply(BEFORE, "remove_assertions(op=Assert, op=PrintV2)", ["x"], ["out"])
    assert [n.name for n in done.graph] == ["x", "init", "out"]
    assert done.graph["out"].inputs == ("x", "^init")


def test_an_output_stays() -> None:
    done = apply(BEFORE, "remove_assertions", ["x"], ["out", "assert"])
    assert skips(done) == {"assert": "it is an input or output"}


def test_what_has_a_result_that_is_read_stays() -> None:
    done = apply(BEFORE, "remove_assertions(op=GreaterEqual)", ["x"], ["out"])
    assert skips(done) == {"fine": "'every' reads its result"}


def test_what_runs_on_a_branch_because_it_waits_stays_there() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[1]
        p = Placeholder dtype=bool shape=[]
        switch = Switch(x, p) T=float
        fine = Const value=bool:true
        assert = Assert(fine, switch:1) T={float}
        c = Const(^assert) value=float:[1]
        merge = Merge(switch, c) T=float N=2
        """,
        "remove_assertions",
        ["x", "p"],
        ["merge"],
    )
    assert "because it waits for it" in skips(done)["assert"]
    assert "assert" in done.graph


def test_what_they_have_waited_for_is_waited_for_by_the_readers() -> None:
    before = """
        x = Placeholder dtype=float
        state = VariableV2 dtype=float shape=[]
        one = Const value=float:1
        update = AssignAdd(state, one) T=float
        more = AssignAdd(state, one) T=float
        fine = GreaterEqual(x, one, ^more) T=float
        assert = Assert(fine, x, ^update) T={float}
        out = Relu(x, ^assert) T=float
    """
    done = apply(before, "remove_assertions", ["x"], ["out"])
    assert set(done.graph["out"].inputs) == {"x", "^update", "^more"}
