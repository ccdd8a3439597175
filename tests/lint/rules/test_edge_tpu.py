"""GT600-GT609: what keeps a graph from running on an Edge TPU as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from graphtools.compat import edge_tpu
from graphtools.compat.step import GraphStep
from graphtools.graph import Graph, Shape
from graphtools.ops.inference import infer_shapes
from tests.lint.graphs import Case
from tests.transforms.graphs import const, graph

X = "x = Placeholder dtype=float shape=[1,8,8,3]\n"
GOOD = X + "y = Relu(x) T=float\n"
RANGE = "low = Const value=float:-1\nhigh = Const value=float:1\n"
QUANTIZED = X + RANGE + "y = FakeQuantWithMinMaxVars(x, low, high)"
OPEN = GOOD.replace("[1,8", "[?,8")
SHAPE = OPEN.replace("y =", "r =") + (
    "s = Shape(r) T=float out_type=int32\n"
    "n = Const value=int32:1\nm = Mul(s, n) T=int32\ny = Reshape(r, m) T=float Tshape=int32"
)


def _parameters(count: int) -> Graph:
    values = np.zeros(count, np.float32) + np.linspace(0, 1, count, dtype=np.float32)
    return Graph(
        [
            const("w", values),
            *graph(f"x = Placeholder dtype=float shape=[{count}]\ny = Mul(x, w) T=float"),
        ]
    )


CASES = [
    Case("GT601", X + "y = Elu(x) T=float", GOOD, "y", says="no Elu"),
    Case("GT601", X + "y = Elu(x) T=float", SHAPE, "y"),
    Case(
        "GT602", X + "y = Softmax(x) T=float", X.replace("8,8", "1,1") + "y = Softmax(x) T=float",
        "y", says="more than a vector",
    ),
    Case("GT603", OPEN, GOOD, "x", says="[?,8,8,3]"),
    Case("GT604", GOOD.replace("[1,8", "[2,8"), GOOD, "y", says="[2,8,8,3]"),
    Case("GT605", GOOD, QUANTIZED, None),
    Case("GT606", _parameters(9_000_000), _parameters(1000), None, says="9.0 MB"),
]  # fmt: skip


def test_the_remedy_of_an_open_batch_can_be_pasted() -> None:
    (found,) = Case("GT603", OPEN, GOOD, "x").findings(graph(OPEN))
    assert found.remedy.endswith("input_shapes={'x': [1, 8, 8, 3]}")
    wider = OPEN.replace("[?,8,8,3]", "[?,?,?,3]")
    (found,) = Case("GT603", wider, GOOD, "x").findings(graph(wider))
    assert "input_shapes={'x': [1, HEIGHT, WIDTH, 3]}" in found.remedy


def test_a_given_shape_is_static() -> None:
    case = Case("GT603", OPEN, GOOD, None, shapes={"x": Shape([1, 8, 8, 3])})
    assert not case.findings(case.bad_graph())


def test_a_quotient_by_a_constant_is_a_product() -> None:
    text = X + "c = Const value=float:2\ny = RealDiv(x, c) T=float"
    case = Case("GT601", text, GOOD, None)
    assert not case.findings(case.bad_graph())
    assert Case("GT601", text.replace("(x, c)", "(c, x)"), GOOD, None).findings(
        graph(text.replace("(x, c)", "(c, x)"))
    )


AXIS = "a = Const value=int32:{}\n"
SLICE = "y = StridedSlice(x, b, b, a) T=float Index=int32"


@pytest.mark.parametrize(
    ("node", "part"),
    [
        (AXIS.format("[1,2]") + "y = Mean(x, a) T=float Tidx=int32", ""),
        (AXIS.format("[0]") + "y = Mean(z, a) T=float Tidx=int32", "reduces the batch"),
        ("y = Pack(x, x) T=float N=2 axis=0", "packs along the batch"),
        ("y = Pack(x, x) T=float N=2 axis=1", ""),
        (AXIS.format("0") + "y = Split(a, z) T=float num_split=2", "splits the batch"),
        (AXIS.format("[[0,0],[1,1],[0,0],[0,0]]") + "y = Pad(x, a) T=float Tpaddings=int32", ""),
        (
            AXIS.format("[[1,0],[1,1],[0,0],[0,0]]") + "y = Pad(x, a) T=float Tpaddings=int32",
            "pads the batch",
        ),
        (AXIS.format("[1,2,1,1]") + "b = Const value=int32:[0,0,0,0]\n" + SLICE, "not all 1"),
        (
            AXIS.format("[1,1,1,1]") + "b = Const value=int32:[0,0,0,0]\n" + SLICE
            + " new_axis_mask=1",
            "has a new_axis_mask",
        ),
        (
            "w = Const value=float:zeros[3,3,3,2]\ny = Conv2D(x, w) T=float strides={1, 1, 1, 1} "
            'padding="SAME" dilations={1, 2, 1, 1}',
            "dilations [2, 1] differ",
        ),
        (
            "c = Const value=float:zeros[1,8,8,3]\na = Const value=int32:3\n"
            "y = ConcatV2(x, x, c, a) T=float Tidx=int32 N=3",
            "more than two",
        ),
    ],
)  # fmt: skip
def test_documented_limits(node: str, part: str) -> None:
    made = graph(X + "z = Placeholder dtype=float shape=[2,8,8,3]\n" + node)
    got = edge_tpu.limit(GraphStep(infer_shapes(made), made["y"]))
    assert part in got
    assert bool(got) == bool(part)


def test_many_ops_are_one_finding() -> None:
    ops = ["Elu", "Exp", "Log", "Sin", "Cos", "Abs", "Neg", "Sqrt", "Square", "Floor"]
    lines = [f"n{i} = {op}(n{i - 1}) T=float" for i, op in enumerate(ops, 1)]
    text = X.replace("x =", "n0 =") + "\n".join(lines)
    case = Case("GT601", text, GOOD, None, outputs=(f"n{len(ops)}",))
    (found,) = case.findings(case.bad_graph())
    assert found.node == "n1"
    assert found.message.startswith("10 nodes with ops")
