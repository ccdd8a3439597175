"""FakeQuants to train with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools import Graph, GraphtoolsError, load
from graphtools.transforms.pipeline import transform
from tests.support import FIXTURES
from tests.transforms.graphs import apply, same, skips
from tests.transforms.numerics import random
from tests.transforms.quantized_runs import run_fixture, tensorflow

PRODUCT = """
    x = Placeholder dtype=float shape=[?,2]
    w = Const value=float:[[1,-2],[3,4]]
    y = MatMul(x, w) T=float
"""


def test_known_ranges_are_constants() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[?,2]
        w = Const value=float:[[1,-2],[3,4]]
        r = Relu6(x) T=float
        y = MatMul(r, w) T=float
        z = MatMul(r, w, ^x) T=float
        """,
        "fake_quantize_training",
        ["x"],
        ["y"],
    )
    r, w = "r/FakeQuant/", "w/FakeQuant/"
    op, attrs = "FakeQuantWithMinMaxVars", "num_bits=8 narrow_range=false"
    assert same(
        done.graph,
        f"""
        x = Placeholder dtype=float shape=[?,2]
        w = Const value=float:[[1,-2],[3,4]]
        r = Relu6(x) T=float
        y = MatMul(r/FakeQuantWithMinMaxVars, w/FakeQuantWithMinMaxVars) T=float
        z = MatMul(r/FakeQuantWithMinMaxVars, w/FakeQuantWithMinMaxVars, ^x) T=float
        r/FakeQuant/min = Const value=float:0
        r/FakeQuant/max = Const value=float:6
        r/{op} = {op}(r, {r}min, {r}max) {attrs}
        w/FakeQuant/min = Const value=float:-2
        w/FakeQuant/max = Const value=float:4
        w/{op} = {op}(w, {w}min, {w}max) {attrs}
        """,
    )
    assert not done.report.steps[0].notes


def test_other_ranges_are_averages_in_variables() -> None:
    done = apply(PRODUCT, "fake_quantize_training(num_bits=4)", ["x"], ["y"])
    fake_quant = done.graph["x/FakeQuantWithMinMaxVars"]
    assert fake_quant.inputs == ("x", "x/Min/AssignValue", "x/Max/AssignValue")
    assert fake_quant.attr("num_bits") == 4
    assert [n.name for n in done.graph if n.op == "VariableV2"] == [
        "x/Min/Variable",
        "x/Max/Variable",
    ]
    assert "2 new variables" in done.report.steps[0].notes[0]


@pytest.mark.parametrize(
    ("nodes", "known"),
    [
        ("a = Sigmoid(x) T=float", True),
        ("s = Tanh(x) T=float\na = Identity(s) T=float", True),
        ("s = Tanh(x) T=float\nd = Const value=int32:0\na = ConcatV2(s, s, d) T=float N=2", True),
        ("s = Tanh(x) T=float\nd = Const value=int32:0\na = ConcatV2(s, x, d) T=float N=2", False),
        ("a = Relu(x) T=float", False),
        ("a = Identity(b) T=float\nb = Identity(a) T=float", False),
    ],
)
def test_ranges_that_are_known(nodes: str, known: bool) -> None:
    before = f"x = Placeholder dtype=float\n{nodes}\ny = MatMul(a, a) T=float"
    done = apply(before, "fake_quantize_training", ["x"], ["y"]).graph
    assert ("a/FakeQuant/min" in done) == known
    assert done["y"].inputs == ("a/FakeQuantWithMinMaxVars",) * 2


def test_each_output_of_a_node_has_its_own() -> None:
    done = apply(
        """
        x = Placeholder dtype=float
        axis = Const value=int32:0
        s = Split(axis, x) T=float num_split=2
        y = MatMul(s, s:1) T=float
        """,
        "fake_quantize_training",
    ).graph
    assert done["s/output_1/FakeQuantWithMinMaxVars"].inputs[0] == "s:1"
    assert done["s/FakeQuantWithMinMaxVars"].inputs[0] == "s"


@pytest.mark.parametrize(
    "before",
    [
        PRODUCT.replace("y =", "gradients/y ="),
        PRODUCT.replace("T=float", "T=double"),
        PRODUCT.replace("MatMul", "BatchMatMul"),
        PRODUCT.replace("MatMul(x, w)", "MatMul"),
        "x = FakeQuantWithMinMaxArgs\ny = MatMul(x, x) T=float",
    ],
)
def test_other_nodes_stay(before: str) -> None:
    assert not any(
        "FakeQuantWithMinMaxVars" in n.op for n in apply(before, "fake_quantize_training").graph
    )


def test_constants_that_are_not_finite_are_left_with_the_reason() -> None:
    done = apply(PRODUCT.replace("4]]", "NaN]]"), "fake_quantize_training", ["x"], ["y"])
    assert "not finite" in skips(done)["y"]
    assert done.graph["y"].inputs[1] == "w"


def test_loops_stay() -> None:
    source = load(str(FIXTURES / "control_flow/v1/frozen.pb"))
    done = transform(source, "fake_quantize_training")
    assert any("loop" in reason for reason in skips(done).values())
    assert not any(n.op == "VariableV2" for n in done.graph)


@pytest.mark.parametrize("bits", ["1", "17", "x"])
def test_bits_are_checked(bits: str) -> None:
    with pytest.raises(GraphtoolsError, match="num_bits"):
        apply(PRODUCT, f"fake_quantize_training(num_bits={bits})")


def session_of(graph: Graph, feeds: list[Any]) -> list[tuple[Any, ...]]:
    """The range and the result of several runs in one session."""
    tf1 = tensorflow().compat.v1
    message = tf1.GraphDef.FromString(b"".join(map(bytes, graph.pieces())))
    fetches = ["x/Min/AssignValue:0", "x/Max/AssignValue:0", "y:0"]
    with tf1.Graph().as_default():
        tf1.import_graph_def(message, name="")
        with tf1.Session() as session:
            return [tuple(session.run(fetches, {"x:0": x})) for x in feeds]


@pytest.mark.tensorflow
def test_averages_follow_the_values_in_tensorflow() -> None:
    done = apply(PRODUCT, "fake_quantize_training", ["x"], ["y"]).graph
    x = random(50, 2)
    (low, high, y), (low2, high2, _) = session_of(done, [x, x * 3])
    np.testing.assert_allclose([low, high], [x.min(), x.max()])
    np.testing.assert_allclose([low2, high2], [x.min() * 1.002, x.max() * 1.002], rtol=1e-5)
    wanted = x @ np.array([[1, -2], [3, 4]], np.float32)
    assert 0 < np.abs(y - wanted).max() < 6 * 2 / 255 + 2 * 6 / 255


@pytest.mark.tensorflow
def test_a_classifier_computes_nearly_the_same() -> None:
    name = "classifier/frozen.pb"
    source = load(str(FIXTURES / name))
    done = transform(source, "fake_quantize_training").graph
    assert sum(n.op == "FakeQuantWithMinMaxVars" for n in done) > 5
    for got, wanted in run_fixture(name, done):
        assert np.abs(got - wanted).max() < 0.15 * max(1, np.abs(wanted).max())
