from __future__ import annotations

from typing import Any

import pytest

from graphtools.graph import Graph, Node
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.ops.constness import Constness
from graphtools.ops.inference import infer_shapes
from tests.analysis.graphs import const, graph

INT32 = dtype("int32")


def placeholder(name: str, shape: Any) -> Node:
    return Node(name, "Placeholder", (), {"dtype": FLOAT32, "shape": Shape(shape)})


def made() -> Graph:
    return graph(
        const("c", [1.0, 2.0]),
        "twice AddV2 c c",
        "deep Relu twice ^x",
        placeholder("x", [2, None]),
        "mixed AddV2 c x",
        "behind Relu mixed",
        "shape Shape x",
        "rank Rank x",
        "known_shape Shape twice",
        "open_size Size x",
        Node("seed", "RandomUniform", ("known_shape",), {"T": INT32, "dtype": FLOAT32}),
        Node("v", "VariableV2", (), {"dtype": FLOAT32, "shape": Shape([2])}),
        "read Identity v",
        "fed PlaceholderWithDefault c",
        const("p", True),
        "switch Switch c p",
        "merge Merge switch switch:1",
        "custom Whatever c",
        "lost Relu gone",
        "empty NoOp",
        "out Relu known_shape",
    )


@pytest.mark.parametrize("name", ["c", "twice", "deep", "rank", "known_shape", "out"])
def test_what_depends_on_constants_only_is_constant(name: str) -> None:
    found = infer_shapes(made()).constness
    assert found.is_constant(name)
    assert found.obstacle(name) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x", "'x' is a Placeholder"),
        ("behind", "'x' is a Placeholder"),
        ("shape", "the shape of 'x' is not known"),
        ("open_size", "the shape of 'x' is not known"),
        ("seed", "'seed' is a RandomUniform, which is stateful or random"),
        ("read", "'v' is a VariableV2, which is stateful or random"),
        ("fed", "'fed' is a PlaceholderWithDefault"),
        ("switch", "'switch' is a Switch"),
        ("merge", "'merge' is a Merge"),
        ("custom", "'custom' is a Whatever, which is no known op"),
        ("lost", "there is no node 'gone'"),
        ("gone", "there is no node 'gone'"),
        ("empty", "'empty' is a NoOp"),
    ],
)
def test_the_reason_names_the_node_that_is_to_blame(name: str, reason: str) -> None:
    found = infer_shapes(made()).constness
    assert found.obstacle(name) == reason
    assert not found.is_constant(name)


def test_a_shape_that_is_given_makes_it_constant() -> None:
    found = infer_shapes(made(), {"x": Shape([2, 5])}).constness
    assert found.is_constant("shape")
    assert found.is_constant("open_size")
    assert not found.is_constant("x")


def test_a_constant_whose_shape_is_given_is_an_input() -> None:
    found = infer_shapes(made(), {"c": Shape([7])}).constness
    assert found.obstacle("deep") == "'c' is an input whose shape was given"
    assert found.is_constant("known_shape"), "its shape is known all the same"


def test_nodes_can_be_excluded() -> None:
    inference = infer_shapes(made())
    found = Constness(inference, lambda node: node.name == "twice")
    assert found.obstacle("deep") == "'twice' is excluded"
    assert found.is_constant("c")


def test_cycles_end() -> None:
    found = infer_shapes(
        graph(const("c", [1.0]), "a AddV2 b c", "b Relu a", "own Relu own", "after Relu b")
    ).constness
    for name in ("a", "b", "own", "after"):
        assert "depends on itself" in found.obstacle(name)


def test_long_chains_do_not_recurse() -> None:
    nodes = [const("n0", [1.0])]
    nodes += [Node(f"n{i}", "Relu", (f"n{i - 1}",), {"T": FLOAT32}) for i in range(1, 100_000)]
    assert infer_shapes(Graph(nodes)).constness.is_constant("n99999")
