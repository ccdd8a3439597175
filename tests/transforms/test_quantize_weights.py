"""Constants as eight-bit codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphtools import Graph, Node, Tensor, load
from graphtools.graph import Attr, Shape, dtype
from graphtools.ops.evaluation import Evaluator
from graphtools.ops.inference import infer_shapes
from graphtools.transforms.pipeline import transform
from tests.support import FIXTURES
from tests.transforms.graphs import apply, const, graph, same, skips
from tests.transforms.quantized_runs import run_fixture

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(7)


def with_weights(values: object, kind: str | None = None) -> Graph:
    """A graph of one constant and who reads it."""
    return Graph([const("w", values, kind), Node("y", "Identity", ("w",))])


def restored(values: Array, **parameters: object) -> tuple[Array, Graph]:
    """What Dequantize makes of an array's codes, and the graph."""
    text = ", ".join(f"{key}={value}" for key, value in parameters.items())
    done = transform(with_weights(values), f"quantize_weights({text})", (), ["y"]).graph
    assert done["w"].op == "Dequantize"
    return Evaluator(infer_shapes(done)).evaluate("w"), done


def step(values: Array) -> float:
    """The width of a step: the range of the values and zero has 255."""
    return float(max(values.max(), 0) - min(values.min(), 0)) / 255


def test_a_constant_becomes_codes_a_range_and_a_dequantize() -> None:
    done = apply(
        """
        x = Placeholder dtype=float shape=[?,2]
        w = Const value=float:[[-1,0],[1,1.55]]
        y = MatMul(x, w) T=float
        """,
        "quantize_weights(minimum_size=4)",
        ["x"],
        ["y"],
    )
    name = "w_quantized"
    assert same(
        done.graph,
        f"""
        x = Placeholder dtype=float shape=[?,2]
        w_quantized_const = Const value=quint8:[[0,100],[200,255]]
        w_quantized_min = Const value=float:-1
        w_quantized_max = Const value=float:1.55
        w = Dequantize({name}_const, {name}_min, {name}_max) T=quint8 mode="MIN_FIRST"
        y = MatMul(x, w) T=float
        """,
    )
    assert not skips(done)


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.normal(size=(40, 40)),
        RANDOM.uniform(-5, -1, 2000),
        RANDOM.uniform(1e-6, 2e-6, 2000),
        RANDOM.normal(size=(3, 1 << 20)) * 1e30,
        np.concatenate([RANDOM.normal(size=1023), [1000.0]]),
        np.linspace(-1, 254, 2048) / 255,
    ],
    ids=["normal", "negative", "small", "several pieces", "an outlier", "halves"],
)
def test_each_weight_changes_by_half_a_step_at_most(values: Array) -> None:
    values = values.astype(np.float32)
    got, _ = restored(values)
    assert got.shape == values.shape
    error = np.abs(got.astype(np.float64) - values).max()
    assert error <= step(values) * 0.5001 + np.abs(values).max() * 1e-6


@pytest.mark.parametrize("value", [0.0, 2.5, -2.5, 1e-30])
def test_constants_of_one_value_keep_it(value: float) -> None:
    got, done = restored(np.full(1500, value, np.float32))
    np.testing.assert_allclose(got, value, rtol=1e-6)
    assert done["w_quantized_const"].written_size < 150


def test_zero_stays_zero() -> None:
    values = RANDOM.uniform(-0.3, 1, 5000).astype(np.float32)
    values[::7] = 0
    assert not restored(values)[0][::7].any()


def test_the_graph_is_a_quarter_of_the_size_and_stays_so() -> None:
    source = with_weights(RANDOM.normal(size=(100, 100)).astype(np.float32))
    before = sum(node.written_size for node in source)
    done = transform(source, "quantize_weights fold_constants", (), ["y"])
    assert sum(node.written_size for node in done.graph) < before * 0.26
    assert done.graph["w"].op == "Dequantize"
    assert "smaller than the floats" in skips(done)["w"]


def test_other_dequantizes_of_constants_are_folded() -> None:
    done = apply(
        """
        q = Const value=qint32:[1,2]
        low = Const value=float:-1
        high = Const value=float:1
        y = Dequantize(q, low, high) T=qint32 mode="MIN_FIRST"
        """,
        "fold_constants",
        (),
        ["y"],
    )
    assert done.graph["y"].op == "Const"


@pytest.mark.parametrize(
    ("kept", "spec"),
    [
        (const("w", np.zeros(1023, np.float32)), "quantize_weights"),
        (const("w", np.zeros(1023, np.float32)), "quantize_weights(minimum_size=2000)"),
        (const("w", np.zeros(5000, np.int32)), "quantize_weights"),
        (const("w", np.float32(3)), "quantize_weights(minimum_size=2)"),
        (const("w", np.zeros((0, 4), np.float32)), "quantize_weights(minimum_size=0)"),
    ],
    ids=["small", "smaller than asked for", "integers", "scalar", "empty"],
)
def test_what_is_no_large_constant_of_floats_stays(kept: Node, spec: str) -> None:
    source = Graph([kept])
    done = transform(source, spec)
    assert done.graph["w"].op == "Const"
    assert done.graph.edits == source.edits
    assert not skips(done)


def broken(**attrs: Attr) -> Node:
    return Node("w", "Const", (), attrs)


FLOATS = np.ones(2000, np.float32)
SHORT = Tensor.from_content(dtype("float"), Shape((2000,)), memoryview(bytes(4000)))


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (const("w", FLOATS.astype(np.float64)), "only float32"),
        (const("w", np.where(np.arange(2000) == 5, np.float32(np.nan), FLOATS)), "not finite"),
        (const("w", np.where(np.arange(2000) == 5, -np.float32(np.inf), FLOATS)), "not finite"),
        (const("w", np.linspace(-3e38, 3e38, 2000, dtype=np.float32)), "extent"),
        (const("w", np.linspace(0, 1e-38, 2000, dtype=np.float32)), "too small for steps"),
        (const("w", FLOATS, "half"), "float16"),
        (const("w", FLOATS, "bfloat16"), "bfloat16"),
        (broken(), "has a dtype and a value"),
        (broken(dtype=dtype("float")), "has a dtype and a value"),
        (broken(value=Tensor.from_array(FLOATS)), "has a dtype and a value"),
        (broken(dtype=dtype("int32"), value=Tensor.from_array(FLOATS)), "its dtype is int32"),
        (broken(dtype=dtype("float"), value=SHORT), "has the values of"),
    ],
)
def test_what_cannot_be_quantized_is_left_with_the_reason(node: Node, reason: str) -> None:
    done = transform(Graph([node]), "quantize_weights")
    assert done.graph["w"].op == "Const"
    assert reason in skips(done)["w"]


def test_a_constant_that_is_fed_stays() -> None:
    done = transform(with_weights(FLOATS), "quantize_weights", ["w"], ["y"])
    assert skips(done) == {"w": "it is an input"}


def test_constants_stay_in_their_loop_or_branch() -> None:
    source = graph("init = NoOp")
    source.add(const("w", FLOATS).variant(inputs=["^init"]))
    done = transform(source, "quantize_weights").graph
    for part in ("const", "min", "max"):
        assert done[f"w_quantized_{part}"].inputs == ("^init",)


def test_names_that_are_taken_are_left_alone() -> None:
    source = with_weights(FLOATS)
    source.add(Node("w_quantized_min", "NoOp"))
    done = transform(source, "quantize_weights").graph
    assert done["w"].inputs == ("w_quantized_const", "w_quantized_min_1", "w_quantized_max")
    assert done["w_quantized_min"].op == "NoOp"


@pytest.mark.tensorflow
def test_a_classifier_computes_nearly_the_same() -> None:
    name = "classifier/frozen.pb"
    done = transform(load(str(FIXTURES / name)), "quantize_weights(minimum_size=64)")
    for got, wanted in run_fixture(name, done.graph):
        assert np.abs(got - wanted).max() < 0.03 * max(1, np.abs(wanted).max())
        assert (got.argmax(-1) == wanted.argmax(-1)).all()


@pytest.mark.tensorflow
def test_a_detector_still_detects() -> None:
    name = "ssd/frozen_inference_graph.pb"
    done = transform(load(str(FIXTURES / name)), "quantize_weights(minimum_size=64)")
    assert sum(node.op == "Dequantize" for node in done.graph) > 5
    _, scores, _, count = run_fixture(name, done.graph)
    assert np.abs(scores[0].max(-1) - scores[1].max(-1)).max() < 0.05
    assert (count[0] >= count[1] - 1).all()


def test_one_value_that_stands_for_all_stays_one() -> None:
    weights = np.broadcast_to(np.float32(-3), (1 << 30, 1 << 30))
    done = apply(with_weights(weights), "quantize_weights(minimum_size=1)")
    codes = done.graph["w_quantized_const"].tensor
    assert codes is not None
    assert codes.shape.dims == (1 << 30, 1 << 30)
    assert codes.encoded_size < 100


@pytest.mark.parametrize("name", ["lstm/frozen.pb", "quant/frozen.pb", "ssd/tflite_graph.pb"])
def test_scalars_are_quantized_if_that_is_asked_for(name: str) -> None:
    done = transform(load(str(FIXTURES / name)), "quantize_weights(minimum_size=1)")
    scalars = [n for n in done.graph if n.name.endswith("_quantized_const") and n.tensor]
    assert any(n.tensor and not n.tensor.shape.dims for n in scalars)
