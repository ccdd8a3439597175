from __future__ import annotations

import numpy as np
import pytest

from graphtools.analysis.node_detail import Neighbour, node_detail
from graphtools.errors import InvalidValue, UnknownName
from graphtools.graph import Attr, Node
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.schema import message_class
from tests.analysis.graphs import const, graph

GRAPH = graph(
    "x Placeholder",
    const("w", np.arange(6, dtype="f4").reshape(2, 3)),
    "y Mul x w ^gone",
    "z Add y y",
)


def repeated(dims: list[int], value: float) -> Node:
    """A constant of one value that fills a shape."""
    message = message_class("TensorProto")(dtype=1, float_val=[value])
    Shape(dims).to_proto(message.tensor_shape)
    return Node("c", "Const", (), {"dtype": FLOAT32, "value": Tensor(message)})


def test_the_value_of_a_constant_is_shown_with_statistics() -> None:
    detail = node_detail(GRAPH, "w")
    assert (detail.op, detail.dtype, detail.shape) == ("Const", "float32", [2, 3])
    assert detail.value == "[0, 1, 2, 3, 4, 5]"
    assert detail.value_bytes == 24
    assert detail.statistics is not None
    assert (detail.statistics.max, detail.statistics.zeros) == (5.0, 1)
    assert [e.node for e in detail.consumers] == ["y"]


def test_inputs_and_consumers_have_their_place() -> None:
    detail = node_detail(GRAPH, "y")
    assert detail.inputs == (
        Neighbour("x", "x", "Placeholder", 0, False),
        Neighbour("w", "w", "Const", 1, False),
        Neighbour("^gone", "gone", "", 2, True),
    )
    assert [(e.node, e.position) for e in detail.consumers] == [("z", 0), ("z", 1)]
    assert (detail.value, detail.statistics, detail.value_bytes) == ("", None, 0)


@pytest.mark.parametrize("name", ["w", "w:0", " 'w' ", "`w:0`", "^w"])
def test_names_are_taken_as_people_type_them(name: str) -> None:
    assert node_detail(GRAPH, name).name == "w"


def test_dtype_and_shape_are_those_of_the_output_that_is_named() -> None:
    attrs: dict[str, Attr] = {
        "output_types": [dtype("string"), FLOAT32],
        "output_shapes": [Shape([2]), Shape([None, 7])],
    }
    made = graph(Node("next", "IteratorGetNext", (), attrs))
    assert (node_detail(made, "next").dtype, node_detail(made, "next").shape) == ("string", [2])
    second = node_detail(made, "next:1")
    assert (second.dtype, second.shape) == ("float32", [None, 7])
    assert node_detail(made, "next:5").dtype is None


@pytest.mark.parametrize(("name", "error"), [("v", UnknownName), ("", InvalidValue)])
def test_an_unknown_name_is_said(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        node_detail(GRAPH, name)


def test_a_repeated_value_costs_nothing_and_is_counted_whole() -> None:
    detail = node_detail(graph(repeated([1 << 20, 1 << 20], 0.0)), "c")
    assert detail.statistics is not None
    assert detail.statistics.count == detail.statistics.zeros == 1 << 40
    assert detail.value == "[0, 0, 0, 0, 0, 0, 0, 0, ... (1,099,511,627,768 more)]"


def test_attributes_are_decoded_for_people_and_for_programs() -> None:
    detail = node_detail(GRAPH, "w")
    assert detail.attrs["dtype"] == "float32"
    assert detail.described == {"dtype": "float32", "value": "float32 [2,3]"}
