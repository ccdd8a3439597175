"""Constants rounded to few values."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest

from graphtools import Graph, GraphtoolsError, Node, Tensor, load
from graphtools.graph import Shape, dtype
from graphtools.transforms.pipeline import transform
from tests.support import FIXTURES
from tests.transforms.graphs import apply, const, same, skips
from tests.transforms.quantized_runs import run_fixture

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(11)


def rounded(values: Array, steps: int = 256) -> Array:
    done = transform(Graph([const("w", values)]), f"round_weights(num_steps={steps})").graph
    tensor = done["w"].tensor
    assert tensor is not None
    return tensor.array()


def test_values_become_the_middles_of_their_steps() -> None:
    done = apply(
        """
        w = Const(^init) value=float:[[0,1,2,3,4,5,6,7],[7,6,5,4,3,2,1,8]] kept=1
        small = Const value=float:[0,1,2,3,4,5,6,7,7,6,5,4,3,2,8]
        init = NoOp
        """,
        "round_weights(num_steps=4)",
    )
    assert same(
        done.graph,
        """
        w = Const(^init) kept=1 value=float:[[1,1,3,3,5,5,7,7],[7,7,5,5,3,3,1,9]]
        small = Const value=float:[0,1,2,3,4,5,6,7,7,6,5,4,3,2,8]
        init = NoOp
        """,
    )


@pytest.mark.parametrize("steps", [1, 2, 16, 256, 1000])
@pytest.mark.parametrize("shift", [0, -100, 100])
def test_each_weight_changes_by_half_a_step_at_most(steps: int, shift: int) -> None:
    values = (RANDOM.normal(size=(50, 70)) + shift).astype(np.float32)
    got = rounded(values, steps)
    step = float(values.max() - values.min()) / steps
    assert got.shape == values.shape
    assert np.abs(got - values).max() <= step * 0.5 + np.abs(values).max() * 1e-6
    assert len(np.unique(got)) <= steps + 1


def test_negative_tensors_have_steps_of_their_own_range() -> None:
    values = np.linspace(-10.5, -10.25, 64, dtype=np.float32)
    assert np.abs(rounded(values, 16) - values).max() <= 0.25 / 32 * 1.001


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0])
def test_one_value_stays(value: float) -> None:
    assert (rounded(np.full(100, value, np.float32)) == value).all()


def test_several_pieces_are_rounded_alike() -> None:
    values = RANDOM.normal(size=(1 << 20) + 7).astype(np.float32)
    whole = rounded(np.concatenate([values, values]))
    assert (whole[: values.size] == whole[values.size :]).all()


def test_the_graph_compresses_well() -> None:
    values = RANDOM.normal(size=10000).astype(np.float32)
    ratio = len(zlib.compress(rounded(values).tobytes())) / len(zlib.compress(values.tobytes()))
    assert ratio < 0.5


SHORT = Tensor.from_content(dtype("float"), Shape((20,)), memoryview(bytes(40)))
NAN = np.full(20, np.nan, np.float32)


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (const("w", NAN), "not finite"),
        (const("w", np.linspace(0, 1e-40, 20, dtype=np.float32)), "too small for steps"),
        (const("w", np.linspace(-3.3e38, 3.3e38, 20, dtype=np.float32)), "extent"),
        (const("w", np.linspace(0, 1, 20)), "float64"),
        (Node("w", "Const"), "has a dtype and a value"),
        (Node("w", "Const", (), {"dtype": dtype("float"), "value": SHORT}), "has the values of"),
    ],
)
def test_what_cannot_be_rounded_is_left_with_the_reason(node: Node, reason: str) -> None:
    before = node.to_bytes()
    done = transform(Graph([node]), "round_weights")
    assert done.graph["w"].to_bytes() == before
    assert reason in skips(done)["w"]


def test_results_that_are_not_finite_are_not_written() -> None:
    values = np.linspace(0, 3.4e38, 20, dtype=np.float32)
    done = transform(Graph([const("w", values)]), "round_weights(num_steps=1)")
    assert "finite" in skips(done)["w"]


@pytest.mark.parametrize("steps", ["0", "-4", "abc", "1e9", "99999999999"])
def test_a_number_of_steps_is_asked_for(steps: str) -> None:
    with pytest.raises(GraphtoolsError, match="num_steps"):
        transform(Graph([const("w", NAN)]), f"round_weights(num_steps={steps})")


@pytest.mark.tensorflow
def test_a_classifier_computes_nearly_the_same() -> None:
    name = "classifier/frozen.pb"
    done = transform(load(str(FIXTURES / name)), "round_weights(num_steps=256)")
    for got, wanted in run_fixture(name, done.graph):
        assert np.abs(got - wanted).max() < 0.05 * max(1, np.abs(wanted).max())
        assert (got.argmax(-1) == wanted.argmax(-1)).all()
