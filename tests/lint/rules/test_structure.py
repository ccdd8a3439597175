"""GT100-GT109: what TensorFlow refuses in the structure of a graph."""

from __future__ import annotations

import pytest

from graphtools.formats.metagraph import Signature, TensorInfo
from graphtools.graph import Function, Graph, Node, Shape, dtype
from tests.lint.graphs import Case
from tests.transforms.graphs import function, nodes

GOOD = """
    x = Placeholder dtype=float shape=[1,4]
    y = Relu(x) T=float
"""
LOOP = """
    x = Placeholder dtype=float shape=[]
    enter = Enter(x) T=float frame_name="f" is_constant=false parallel_iterations=10
    merge = Merge(enter, next) T=float N=2
    ten = Const(^merge) value=float:10
    less = Less(merge, ten) T=float
    cond = LoopCond(less)
    switch = Switch(merge, cond) T=float
    exit = Exit(switch) T=float
    double = AddV2(switch:1, switch:1) T=float
    next = NextIteration(double) T=float
    y = Identity(exit) T=float
"""
CALL = """
    x = Placeholder dtype=float shape=[1]
    y = StatefulPartitionedCall(x) Tin={float} Tout={float} f=@f
"""


def _function(output: str, body: str = "z = Relu(a) T=float") -> tuple[Function]:
    return (function("f", "a float", f"r float = {output}", body),)


def _signature(name: str, kind: str = "float") -> tuple[Signature, ...]:
    info = TensorInfo("out", name, dtype(kind), Shape([1, 4]))
    return (Signature("serving_default", "predict", (), (info,)),)


def _named(name: str) -> Graph:
    return Graph([*nodes(GOOD), Node(name, "Relu", ("x",), {"T": dtype("float")})])


CASES = [
    Case(
        "GT107",
        GOOD + 'z = Relu(y) T=float _class={"loc:@gone"}',
        GOOD + 'z = Relu(y) T=float _class={"loc:@x", "of my own"}',
        "z",
        says="'gone'",
        cured=True,
    ),
    Case(
        "GT107",
        GOOD + 'c = Const value=float:1 _class={"loc:@x", "loc:@gone"}',
        GOOD + 'c = Const value=float:1 _class={"loc:@c"}',
        "c",
        cured=True,
    ),
    Case(
        "GT107",
        CALL,
        CALL,
        "z@f",
        severity="warning",
        functions=_function("z:activations:0", 'z = Relu(a) T=float _class={"loc:@gone"}'),
        good_functions=_function("z:activations:0", 'z = Relu(a) T=float _class={"loc:@a"}'),
        cured=True,
    ),
    Case(
        "GT101",
        CALL,
        CALL,
        "z@f",
        says="'w' (Relu) gives w:activations:0",
        functions=_function("z:activations:0", "w = Relu(a) T=float\nz = Relu(w:output:0) T=float"),
        good_functions=_function(
            "z:activations:0", "w = Relu(a) T=float\nz = Relu(w:activations:0) T=float"
        ),
    ),
    Case(
        "GT101",
        GOOD + "z = Relu(gone) T=float",
        GOOD + "z = Relu(x) T=float",
        "z",
        says="'gone'",
        cured=True,
    ),
    Case("GT101", "y = Relu(gone) T=float", GOOD, "y"),
    Case("GT102", GOOD + "y = Relu6(x) T=float", GOOD, "y", says="several nodes"),
    Case(
        "GT103",
        GOOD + "a = AddV2(x, b) T=float\nb = Relu(a) T=float",
        LOOP,
        "b",
        says="b -> a -> b",
        cured=True,
    ),
    Case(
        "GT103",
        CALL,
        CALL,
        "q@f",
        functions=_function(
            "p:z:0", "p = AddV2(a, q:activations:0) T=float\nq = Relu(p:z:0) T=float"
        ),
        good_functions=_function("z:activations:0"),
    ),
    Case("GT104", _named("a b"), _named("a-b"), "a b", says="refuses", cured=True),
    Case(
        "GT105",
        CALL,
        CALL,
        "@f",
        says="r=gone:z:0",
        functions=_function("gone:z:0"),
        good_functions=_function("z:activations:0"),
    ),
    Case(
        "GT106",
        GOOD,
        GOOD + "logits = Relu(x) T=float",
        "logits",
        says="'serving_default' is 'logits:0', which is not in the graph",
        signatures=_signature("logits:0"),
    ),
]


@pytest.mark.parametrize(
    ("name", "kind", "part"),
    [("y:0", "int32", "said to be int32"), ("y:1", "float", "has 1 outputs only")],
)
def test_a_signature_tells_something_else(name: str, kind: str, part: str) -> None:
    case = Case("GT106", GOOD, GOOD, "y", signatures=_signature(name, kind))
    (found,) = case.findings(case.bad_graph())
    assert part in found.message


def test_a_signature_that_fits() -> None:
    case = Case("GT106", GOOD, GOOD, None, signatures=_signature("y:0"))
    assert not case.findings(case.good_graph())


def test_a_cure_is_named_only_where_the_outputs_do_not_need_the_node() -> None:
    dead, needed = (c for c in CASES if c.code == "GT101" and not c.functions)
    assert dead.findings(dead.bad_graph())[0].cure == "strip_unused_nodes"
    assert not needed.findings(needed.bad_graph())[0].cure
