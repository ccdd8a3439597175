"""Random graphs: the prediction of what converts, and the real converter beside it."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.ops.inference import infer_shapes
from graphtools.run.probed_converter import ProbedConverter
from tests.benchmarks.random_graphs import random_graphs


def test_a_seed_makes_the_same_graphs_each_time() -> None:
    first, again = ([m.graph for m in random_graphs(5, 24)] for _ in range(2))
    for left, right in zip(first, again, strict=True):
        assert [n.to_bytes() for n in left] == [n.to_bytes() for n in right]


def test_random_graphs_are_of_many_ops_and_sound() -> None:
    ops: set[str] = set()
    for made in random_graphs(6, 160):
        assert not infer_shapes(made.graph).findings, made.graph.nodes
        assert made.outputs
        ops.update(n.op for n in made.graph)
    assert len(ops) > 150


def test_every_random_graph_gets_a_verdict() -> None:
    for made in random_graphs(7, 240):
        found = predict_conversion(made.graph, made.inputs, made.outputs)
        assert found.builtins == (not found.blockers)
        assert found.select or not found.builtins


@pytest.mark.tensorflow
def test_the_prediction_is_what_the_converter_does(tf: Any, probed: ProbedConverter) -> None:
    if not tf.__version__.startswith("2.21."):
        pytest.skip("the rules were measured with TensorFlow 2.21")
    wrong = []
    for made in random_graphs(8, 48):
        outcome = probed.convert(made.graph, made.inputs, made.outputs)
        predicted = predict_conversion(made.graph, made.inputs, made.outputs)
        if predicted.builtins != (outcome.status == "ok"):
            wrong.append((made, outcome, predicted))
    assert len(wrong) <= 2, wrong
