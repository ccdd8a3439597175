"""GT110-GT119: nodes that contradict the definitions of their ops, and shapes each other."""

from __future__ import annotations

import pytest

from graphtools.graph import Graph
from graphtools.lint.rules._capped import MOST
from graphtools.lint.rules.declarations import is_gone
from tests.lint.graphs import Case
from tests.transforms.graphs import graph

X = "x = Placeholder dtype=float shape=[1,4]\n"
OPEN = X.replace("1,4", "?,4")
GOOD = X + "y = Relu(x) T=float"
CONV = """
    x = Placeholder dtype=float shape=[1,8,8,3]
    w = Const value=float:zeros[3,3,3,4]
    y = Conv2D(x, w) T=float padding="SAME" strides={1, 1, 1, 1} data_format="NHWC"
"""


def _without(text: str, name: str, attribute: str) -> Graph:
    made = graph(text)
    made.remove_attr(made[name], attribute)
    return made


CASES = [
    Case("GT110", X + "y = Fancy(x)", GOOD, "y", says="no op Fancy"),
    Case("GT110", GOOD + "\nz = Fancy(x)", GOOD, "z", cured=True),
    Case(
        "GT110",
        X + 'y = TFLite_Detection_PostProcess(x) _output_types={float}',
        GOOD,
        "y",
        target="tensorflow-cpu",
    ),
    Case("GT111", X + "y = AdjustHsvInYiq(x, x, x, x) T=float", GOOD, "y", says="TensorFlow 1.15"),
    Case("GT112", _without(CONV, "y", "strides"), CONV, "y", says="strides (list(int))"),
    Case("GT113", CONV.replace('"SAME"', '"VALUE"'), CONV, "y", says="SAME"),
    Case("GT113", CONV.replace('"SAME"', "3"), CONV, "y", says="not a string"),
    Case("GT113", X + "y = Relu(x) T=bool", GOOD, "y", says="bool"),
    Case("GT114", X + "y = Relu(x) T=float colour=3", X + "y = Relu(x) T=float _colour=3", "y",
         says="colour is none of Relu", cured=True),
    Case("GT115", X + "y = AddV2(x) T=float", X + "y = AddV2(x, x) T=float", "y",
         says="takes 2 inputs, and it has 1"),
    Case("GT115", X + "z = Relu(x) T=float\ny = Relu(z:1) T=float", GOOD, "y", says="1 outputs"),
    Case("GT116", X + "y = Relu(x) T=int32", GOOD, "y", says="is float32, not int32"),
    Case("GT116", GOOD + "\nz = Cast(x) SrcT=uint8 DstT=float", GOOD, "z", cured=True),
    Case(
        "GT117",
        GOOD + "\nv = Const value=float:[1]\nz = AssignSub(v, v) T=float",
        GOOD + "\nv = VariableV2 dtype=float shape=[1]\nz = AssignSub(v, x) T=float",
        "z",
        says="not a float32_ref",
        cured=True,
    ),
    Case(
        "GT118",
        X + "w = Const value=float:zeros[3,2]\ny = MatMul(x, w) T=float",
        X + "w = Const value=float:zeros[4,2]\ny = MatMul(x, w) T=float",
        "y",
    ),
    *(
        Case(
            "GT118",
            shape + f"y = {op}(x) T=float _output_shapes={{{wrong}}}",
            shape + f"y = {op}(x) T=float _output_shapes={{{right}}}",
            "y",
            says="_output_shapes",
            cured=True,
        )
        for shape, op, wrong, right in (
            (X, "Relu", "[1,5]", "[1,?]"),
            (X, "Identity", "[4]", "unknown"),
            (OPEN, "Relu", "[2,5]", "[2,4]"),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("version", "gone"), [("", True), ("2.21", True), ("1.15", False)])
def test_an_op_is_gone_after_its_last_version(version: str, gone: bool) -> None:
    from graphtools.ops.definitions import op_definition, op_names

    old = next(
        op
        for op in op_names()
        if (known := op_definition(op)) and known.is_gone and known.last_seen.startswith("1.15")
    )
    assert is_gone(old, version) is gone


def test_a_rule_that_finds_something_everywhere_counts() -> None:
    text = X + "\n".join(f"n{i} = Relu(x)" for i in range(50)) + "\ny = Relu(x) T=float"
    case = Case("GT112", text, GOOD, None)
    found = case.findings(case.bad_graph())
    assert len(found) == MOST
    assert found[-1].message.endswith("(and 30 more nodes)")
    assert {f.cure for f in found} == {"strip_unused_nodes"}
