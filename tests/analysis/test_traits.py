from __future__ import annotations

import pytest

import graphtools
from graphtools.analysis.traits import find_traits
from graphtools.graph import Node
from tests.analysis.graphs import function, graph, variable
from tests.support import FIXTURES, GRAPHS


def traits_of(name: str) -> graphtools.analysis.traits.Traits:
    return find_traits(graphtools.load(FIXTURES / name))


@pytest.mark.parametrize("name", [n for n in GRAPHS if "frozen" in n])
def test_frozen_graphs_are_frozen_and_not_for_training(name: str) -> None:
    found = traits_of(name)
    assert found.frozen
    assert not found.training


def test_the_training_graph_is_one_and_says_why() -> None:
    found = traits_of("classifier/train.pb")
    assert found.training
    assert not found.frozen
    assert {
        "gradients",
        "optimizer slots",
        "optimizer updates",
        "losses",
        "dropout",
        "input queues",
        "input pipelines",
        "batch norms with is_training=true",
        "moving averages of variables",
        "summaries",
    } == set(found.training_evidence)


@pytest.mark.parametrize("name", ["quant/frozen.pb", "quant/graph.pb"])
def test_fake_quantization_makes_a_graph_quantization_aware(name: str) -> None:
    found = traits_of(name)
    assert found.quantization_aware
    assert found.quantization_evidence["FakeQuantWithMinMaxVars"].count > 1


@pytest.mark.parametrize("name", ["classifier/frozen.pb", "lstm/graph.pb", "ssd/graph.pb"])
def test_other_graphs_are_not_quantization_aware(name: str) -> None:
    assert not traits_of(name).quantization_aware


def test_a_function_that_holds_a_variable_is_not_frozen() -> None:
    library = [function("F", ["a"], "v:resource:0", variable("v", [2], op="VarHandleOp"))]
    assert not find_traits(graph("x Placeholder", "y F x", functions=library)).frozen


@pytest.mark.parametrize(
    "node",
    [
        variable("w/Adam", [2]),
        Node("update", "ApplyAdam"),
        Node("gradients/w_grad/mul", "Mul"),
        Node("bn", "FusedBatchNormV3", ("x",) * 5),
        Node("bn", "FusedBatchNorm", ("x",) * 5, {"is_training": True}),
        Node("xent", "SparseSoftmaxCrossEntropyWithLogits"),
        Node("queue", "FIFOQueueV2"),
    ],
    ids=lambda n: n.op,
)
def test_one_node_of_training_makes_a_training_graph(node: Node) -> None:
    found = find_traits(graph("x Placeholder", node))
    assert found.training
    ((_, evidence),) = found.training_evidence.items()
    assert (evidence.count, evidence.example) == (1, node.name)


@pytest.mark.parametrize(
    "node",
    [
        Node("is_training", "Placeholder"),
        Node("watch", "ScalarSummary"),
        Node("it", "IteratorV2"),
        variable("w/ExponentialMovingAverage", [2]),
        Node("bn", "FusedBatchNormV3", ("x",) * 5, {"is_training": False}),
        Node("dropout/random_uniform/RandomUniform", "RandomUniform"),
        Node("gradient_of_terrain", "Mul"),
    ],
    ids=lambda n: n.name,
)
def test_what_exports_for_inference_have_too_makes_none(node: Node) -> None:
    assert not find_traits(graph("x Placeholder", node)).training
