from __future__ import annotations

from tests.transforms.graphs import apply, same, skips

SPEC = "remove_control_dependencies"


def test_control_inputs_are_removed() -> None:
    before = """
        x = Placeholder dtype=float
        init = NoOp(^x)
        y = Relu(x, ^init) T=float
    """
    after = """
        x = Placeholder dtype=float
        init = NoOp
        y = Relu(x) T=float
    """
    done = apply(before, SPEC)
    assert same(done.graph, after)
    assert not skips(done)


def test_constants_stay_in_their_loop() -> None:
    before = """
        x = Placeholder dtype=float
        enter = Enter(x) T=float frame_name="f"
        merge = Merge(enter, next) N=2 T=float
        limit = Const(^merge) value=float:9
        less = Less(merge, limit, ^x) T=float
        cond = LoopCond(less)
        switch = Switch(merge, cond) T=float
        body = Identity(switch:1) T=float
        one = Const(^body) value=float:1
        add = Add(body, one, ^limit) T=float
        next = NextIteration(add) T=float
        exit = Exit(switch) T=float
        y = Relu(exit, ^x) T=float
        c = Const(^exit) value=float:1
    """
    done = apply(before, SPEC)
    after = before.replace("limit, ^x)", "limit)").replace("(exit, ^x)", "(exit)")
    after = after.replace("one, ^limit)", "one)").replace("Const(^exit)", "Const")
    assert same(done.graph, after)
    assert set(skips(done)) == {"limit", "one"}


def test_constants_stay_on_their_branch() -> None:
    before = """
        p = Placeholder dtype=bool
        x = Placeholder dtype=float
        s = Switch(x, p) T=float
        t = Identity(s:1) T=float
        c = Const(^t, ^x) value=float:2
        d = Relu(x, ^t) T=float
        e = Relu(t, ^c) T=float
        m = Merge(s, c) N=2 T=float
        after = Const(^m) value=float:2
    """
    after = before.replace("^t, ^x", "^t").replace("t, ^c", "t").replace("(^m)", "")
    done = apply(before, SPEC)
    assert same(done.graph, after)
    assert set(skips(done)) == {"c", "d"}


def test_cycles_are_left_to_themselves() -> None:
    before = """
        a = Relu(b, ^c) T=float
        b = Relu(a) T=float
        c = Switch(c, c) T=float
    """
    assert same(apply(before, SPEC).graph, before.replace("b, ^c", "b"))
