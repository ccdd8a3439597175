from __future__ import annotations

from typing import Any

import pytest

import graphtools
from graphtools.analysis.node_list import select_nodes
from graphtools.analysis.shape_list import (
    TensorRow,
    all_findings,
    disagreements,
    function_shapes,
    list_shapes,
    parse_input_shapes,
)
from graphtools.errors import InvalidValue, UnknownName
from graphtools.graph import Graph, Node
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.ops.inference import infer_shapes
from tests.analysis.graphs import const, function, graph
from tests.support import FIXTURES
from tests.transforms.graphs import graph as transform_graph


def placeholder(name: str, shape: Any) -> Node:
    return Node(name, "Placeholder", (), {"dtype": FLOAT32, "shape": Shape(shape)})


def made() -> Graph:
    return graph(
        placeholder("x", [None, 4]),
        const("axis", 1, "int32"),
        Node("s", "Split", ("axis", "x"), {"T": FLOAT32, "num_split": 2}),
        "custom Whatever x",
        "none NoOp",
    )


def test_each_output_is_a_row() -> None:
    model = made()
    found = list_shapes(model, list(model))
    assert found.tensors == (
        TensorRow("x", "Placeholder", "float32", [None, 4]),
        TensorRow("axis", "Const", "int32", []),
        TensorRow("s", "Split", "float32", [None, 2]),
        TensorRow("s:1", "Split", "float32", [None, 2]),
        TensorRow("custom", "Whatever", None, None),
    )
    assert (found.known, found.total, found.findings) == (1, 5, ())


def test_given_shapes_and_only_what_is_unknown() -> None:
    model = made()
    found = list_shapes(model, list(model), {"x": Shape([3, 4])}, only_unknown=True)
    assert [t.name for t in found.tensors] == ["custom"]
    assert (found.known, found.total) == (4, 5)
    with pytest.raises(UnknownName):
        list_shapes(model, list(model), {"y": Shape([1])})


def test_only_the_nodes_that_are_asked_for_are_listed() -> None:
    model = made()
    assert [t.name for t in list_shapes(model, [model["s"]]).tensors] == ["s", "s:1"]


def calls() -> Graph:
    add = function("f", ["p", "q"], "y:z:0", "y AddV2 p q")
    return graph(
        placeholder("x", [2, 3]),
        placeholder("z", [5]),
        "a f x x",
        "b f z z",
        "bad f x z",
        functions=[add],
    )


def test_in_a_function_stands_what_holds_for_all_calls() -> None:
    model = calls()
    assert function_shapes(infer_shapes(model))["p@f"] == [None]
    model.remove("bad")
    model.remove("b")
    found = list_shapes(model, select_nodes(model, functions=True))
    assert TensorRow("y@f", "AddV2", "float32", [2, 3]) in found.tensors


def test_what_contradicts_itself_in_a_function_is_found() -> None:
    model = calls()
    (finding,) = all_findings(infer_shapes(model))
    assert (finding.node, finding.op) == ("y@f", "AddV2")
    assert "p [2,3], q [5]" in finding.message
    assert list_shapes(model, []).findings == (finding,)


def test_the_shapes_of_a_function_that_is_not_called_are_not_known() -> None:
    lone = function("lone", ["p"], "y:activations:0", "y Relu p")
    model = graph(placeholder("x", [2]), functions=[lone])
    found = list_shapes(model, select_nodes(model, functions=True))
    assert found.tensors[1:] == (TensorRow("y@lone", "Relu", "float32", None),)


@pytest.mark.parametrize(
    ("texts", "inputs", "expected"),
    [
        (["image=1,300,300,3"], [], {"image": [1, 300, 300, 3]}),
        (["a:1=?,2", "b=[3]"], ["x", "y"], {"a:1": [None, 2], "b": [3]}),
        (["1,2"], ["image"], {"image": [1, 2]}),
        (["b="], [], {"b": []}),
        (["b=unknown"], [], {"b": None}),
        ([], ["x"], {}),
    ],
)
def test_shapes_as_people_give_them(texts: list[str], inputs: list[str], expected: Any) -> None:
    found = parse_input_shapes(texts, inputs)
    assert {name: shape.to_json() for name, shape in found.items()} == expected


@pytest.mark.parametrize(
    ("text", "inputs", "message", "remedy"),
    [
        ("1,2", ["a", "b"], "'1,2' does not say whose shape it is", "write a=1,2"),
        ("1,2", [], "'1,2' does not say whose shape it is", "write NAME=1,2"),
        ("x=1,b", [], "'1,b' is no shape", "write it as 1,300,300,3"),
    ],
)
def test_what_is_no_shape_is_refused_with_one_that_is(
    text: str, inputs: list[str], message: str, remedy: str
) -> None:
    with pytest.raises(InvalidValue) as error:
        parse_input_shapes([text], inputs)
    assert (error.value.message, error.value.remedy) == (message, remedy)


def test_shapes_that_the_graph_does_not_admit() -> None:
    model = graph(placeholder("x", [None, 4]), placeholder("any", []), "r Relu x")
    assert disagreements(model, {"x": Shape([1, 4]), "any": Shape([2]), "r": Shape([9])}) == []
    assert disagreements(model, {"x": Shape([1, 5])}) == [
        "the graph states the shape [?,4] for 'x', not [1,5]"
    ]


def test_the_dtypes_of_a_fixture_are_all_known() -> None:
    model = graphtools.load(FIXTURES / "ssd/frozen_inference_graph.pb")
    found = list_shapes(model, list(model), {"image_tensor": Shape([1, 64, 64, 3])})
    assert all(t.dtype for t in found.tensors)
    assert found.known / found.total > 0.9
    assert dtype("uint8").name == found.tensors[0].dtype


@pytest.mark.parametrize(("stored", "is_wrong"), [("[2]", True), ("[2,?]", False)])
def test_stored_shapes_that_are_contradicted_are_told(stored: str, is_wrong: bool) -> None:
    text = "x = Placeholder dtype=float shape=[2,3]\n"
    made = transform_graph(text + f"y = Relu(x) T=float _output_shapes={{{stored}}}")
    found = list_shapes(made, made.nodes).findings
    assert [f.node for f in found] == (["y"] if is_wrong else [])
