"""In which loops and on which branches nodes run, and what loops hold."""

from __future__ import annotations

from graphtools.graph.order import runnable_order
from graphtools.idioms.control_flow import find_constructs, find_places, loop_variable
from tests.transforms.graphs import graph

LOOP = graph("""
    x = Placeholder dtype=float
    p = Placeholder dtype=bool
    q = Identity(p) T=bool
    s = Switch(x, q) T=float
    no = Neg(s) T=float
    yes = Relu(s:1) T=float
    joined = Merge(no, yes) T=float N=2
    enter = Enter(joined) T=float frame_name="w"
    merge = Merge(enter, next) T=float N=2
    cond = LoopCond(p)
    switch = Switch(merge, cond) T=float
    body = Relu(switch:1) T=float
    next = NextIteration(body) T=float
    exit = Exit(switch) T=float
    y = Relu(exit) T=float
""")


def test_loops_are_known_by_their_frame_and_branches_by_what_decides() -> None:
    found = find_constructs(LOOP, runnable_order(LOOP)[0])
    shown = {name: [":".join(part) for part in parts] for name, parts in found.items() if parts}
    loop = ["loop:w"]
    assert shown == {
        "no": ["else:p"],
        "yes": ["then:p"],
        "enter": loop,
        "merge": loop,
        "switch": loop,
        "body": loop,
        "next": loop,
    }


def test_what_is_bound_is_told_by_both_views() -> None:
    bound = find_places(LOOP)
    within = find_constructs(LOOP, runnable_order(LOOP)[0])
    assert {name for name, parts in within.items() if parts} <= bound.keys()
    assert not {"x", "p", "joined", "y"} & bound.keys()


def test_a_loop_holds_a_variable_in_its_merge() -> None:
    found = loop_variable(LOOP, LOOP["merge"])
    assert found is not None
    assert (str(found.enters), str(found.returns)) == ("enter", "next")
    assert loop_variable(LOOP, LOOP["joined"]) is None
    assert loop_variable(LOOP, LOOP["body"]) is None


def test_a_loop_of_nothing_but_itself_ends() -> None:
    circle = graph("a = Switch(b, b) T=float\nb = Identity(a) T=float\nm = Merge(a, b) T=float N=2")
    assert find_constructs(circle, circle.nodes)
