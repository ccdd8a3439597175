"""The graph that a converter gets: what is changed, and that verdicts are about it."""

from __future__ import annotations

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.compat.verdict import Verdict
from graphtools.errors import UnknownName
from graphtools.graph import Graph, Shape
from graphtools.lint.subject import Subject
from graphtools.model.handover import for_verdict, hand_over
from tests.transforms.graphs import function, graph

LOOP = """
    x = Placeholder dtype=float shape=[2]
    i = Const value=int32:0
    n = Enter(i) T=int32 frame_name="f"
    v = Enter(x) T=float frame_name="f"
    m = Merge(n, next) T=int32 N=2
    w = Merge(v, after) T=float N=2
    three = Const(^m) value=int32:3
    less = Less(m, three) T=int32
    cond = LoopCond(less)
    s = Switch(m, cond) T=int32
    t = Switch(w, cond) T=float
    one = Const(^s) value=int32:1
    more = Add(s:1, one) T=int32
    next = NextIteration(more) T=int32
    act = Relu(t:1) T=float
    after = NextIteration(act) T=float
    y = Exit(t) T=float
"""
LISTS = """
    x = Placeholder dtype=float shape=[?,6]
    y = body(x)
"""
BODY = """
    stated = Const value=int32:[-1,6]
    one = Const value=int32:1
    i = Const value=int32:0
    list = TensorListReserve(stated:output:0, one:output:0) element_dtype=float shape_type=int32
    set = TensorListSetItem(list:handle:0, i:output:0, a) element_dtype=float
    got = TensorListStack(set:output_handle:0, stated:output:0) element_dtype=float num_elements=1
"""


def lists() -> Graph:
    return graph(LISTS, [function("body", "a float", "r float = got:tensor:0", BODY)])


def judged(source: Graph, shapes: dict[str, Shape]) -> Verdict:
    handed = hand_over(source, ["x"], ["y"], shapes)
    return predict_conversion(
        handed.graph, handed.inputs, handed.outputs, inference=handed.inference
    )


def test_the_end_of_a_loop_that_is_an_output_gets_an_identity() -> None:
    source = graph(LOOP)
    assert not predict_conversion(source, ["x"], ["y"]).select
    handed = hand_over(source, ["x"], ["y"], ends_loops=True)
    assert handed.graph["y"].op == "Identity"
    assert source["y"].op == "Exit"
    assert "an Identity was put behind 'y'" in handed.notes[0]
    assert predict_conversion(handed.graph, handed.inputs, handed.outputs).builtins
    # who calls the converter by himself loses it
    assert not judged(source, {}).select


@pytest.mark.parametrize(("batch", "builtins"), [(None, False), (3, True)])
def test_a_fixed_batch_reaches_lists_in_functions(batch: int | None, builtins: bool) -> None:
    shapes = {} if batch is None else {"x:0": Shape([batch, 6])}
    assert judged(lists(), shapes).builtins is builtins


def test_lint_judges_the_same_graph() -> None:
    loop = Subject(graph(LOOP), inputs=["x"], outputs=["y"])
    assert not loop.verdict.select
    for shapes, builtins in (({}, False), ({"x:0": Shape([3, 6])}, True)):
        subject = Subject(lists(), inputs=["x"], outputs=["y"], input_shapes=shapes)
        assert subject.verdict.builtins is builtins


def test_a_colocation_with_nobody_is_no_obstacle() -> None:
    source = graph(
        'x = Placeholder dtype=float shape=[2]\ny = Relu(x) T=float _class={"loc:@gone"}'
    )
    assert judged(source, {}).builtins
    assert Subject(source, inputs=["x"], outputs=["y"]).verdict.builtins


def test_a_call_gives_way_to_its_body() -> None:
    handed = hand_over(lists(), ["x"], ["y"])
    assert "body" not in {node.op for node in handed.graph}
    assert not handed.graph.functions


def test_a_verdict_is_about_the_graph_itself_where_nothing_changes() -> None:
    source = graph("x = Placeholder dtype=float shape=[2]\ny = Relu(x) T=float")
    handed = for_verdict(source, ["x"], ["y"])
    assert handed.graph is source
    assert (handed.inputs, handed.outputs) == (("x:0",), ("y:0",))
    assert for_verdict(lists(), ["x"], ["y"]).notes == hand_over(lists(), ["x"], ["y"]).notes
    with pytest.raises(UnknownName):
        for_verdict(source, ["x"], ["nothing"])
