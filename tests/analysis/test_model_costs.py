from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphtools
from graphtools.analysis.inputs_outputs import inputs_and_outputs
from graphtools.analysis.model_costs import (
    Concentration,
    CostRow,
    Macs,
    ModelCosts,
    model_costs,
    total_macs,
    with_batches_of_one,
)
from graphtools.errors import InvalidValue, UnknownName
from graphtools.graph import Graph, Node
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.shape import Shape
from graphtools.report.sizes import size_document
from graphtools.report.text import render_text
from tests.analysis.graphs import const, function, graph, variable
from tests.support import BINARY_GRAPHS, FIXTURES

pytestmark = pytest.mark.usefixtures("command_line")

SSD = "ssd/frozen_inference_graph.pb"


def placeholder(name: str, shape: Any) -> Node:
    return Node(name, "Placeholder", (), {"dtype": FLOAT32, "shape": Shape(shape)})


def conv(name: str, *inputs: str) -> Node:
    attrs: dict[str, Any] = {"T": FLOAT32, "strides": [1, 1, 1, 1], "padding": b"SAME"}
    return Node(name, "Conv2D", inputs, attrs)


def weights(name: str, *shape: int) -> Node:
    return const(name, np.zeros(shape, np.float32))


def network(batch: int | None = None) -> Graph:
    return graph(
        placeholder("image", [batch, 8, 8, 3]),
        weights("net/conv/weights", 3, 3, 3, 4),
        "net/conv/weights/read Identity net/conv/weights",
        conv("net/conv/Conv2D", "image", "net/conv/weights/read"),
        weights("net/conv/biases", 4),
        "net/conv/BiasAdd BiasAdd net/conv/Conv2D net/conv/biases",
        "net/conv/Relu Relu net/conv/BiasAdd",
        const("net/shape", [-1, 256], "int32"),
        "net/flat Reshape net/conv/Relu net/shape",
        weights("net/fc/weights", 256, 5),
        "net/fc/MatMul MatMul net/flat net/fc/weights",
        "out Softmax net/fc/MatMul",
    )


def rows(found: ModelCosts) -> dict[str, tuple[int, int]]:
    return {row.name: (row.parameters, row.macs) for row in found.rows}


def test_weights_count_for_the_op_that_computes_with_them() -> None:
    found = model_costs(network(), by="node")
    named = rows(found)
    assert named["net/conv/Conv2D"] == (108, 64 * 4 * 27)
    assert named["net/fc/MatMul"] == (1280, 1280)
    assert named["net/conv/BiasAdd"] == (4, 0)
    assert "net/conv/weights" not in named
    assert found.total.parameters == 108 + 4 + 1280
    assert found.total.parameter_bytes == 4 * found.total.parameters
    assert found.rows[0].name == "net/fc/MatMul"
    assert found.total.flops == 2 * found.total.macs + 256 + 5 * 5


def test_a_batch_of_one_is_assumed_where_only_that_is_open() -> None:
    found = model_costs(network())
    assert found.assumed == ("image",)
    assert found.input_shapes == {"image": [1, 8, 8, 3]}
    assert model_costs(network(3)).assumed == ()
    assert model_costs(network(3)).total.macs == 3 * found.total.macs
    given = model_costs(network(), {"image:0": Shape([3, 8, 8, 3])})
    assert (given.assumed, given.total.macs) == ((), 3 * found.total.macs)


def test_scopes_are_opened_until_they_part() -> None:
    assert set(rows(model_costs(network()))) == {"net/conv", "net/fc", "(root)"}
    assert set(rows(model_costs(network(), depth=1))) == {"net", "(root)"}
    by_op = rows(model_costs(network(), by="op"))
    assert by_op["Conv2D"] == (108, 6912)


def test_what_the_sum_of_the_rows_is() -> None:
    for by in ("op", "scope", "node"):
        found = model_costs(network(), by=by)
        assert found.total == sum(found.rows, CostRow())


def test_where_most_of_it_is() -> None:
    assert model_costs(network()).concentrations == (
        Concentration("parameters", round(1280 / 1392, 4), 1, "fully-connected"),
        Concentration("multiply-accumulates", round(6912 / 8192, 4), 1, "convolution"),
    )


def test_the_peak_is_that_of_the_order_in_which_nodes_run() -> None:
    found = model_costs(network())
    # the convolution's output beside that of the bias
    assert (found.peak_activation_bytes, found.peak_node) == (2048, "net/conv/BiasAdd")
    assert found.peak_unknown == 0


def test_open_shapes_leave_the_work_unknown_and_are_named() -> None:
    model = graph(
        placeholder("image", [None, None, None, 3]),
        weights("w", 3, 3, 3, 4),
        conv("c", "image", "w"),
    )
    found = model_costs(model)
    assert (found.unknown, found.total.macs) == (("c",), 0)
    assert found.open_inputs == {"image": [None, None, None, 3]}
    assert found.peak_unknown == 2
    text = render_text(size_document(found, 20))
    assert "multiply-accumulates    not known" in text
    assert "--input-shape image=1,224,224,3" in text
    stated = model_costs(model, {"image": Shape([1, 2, 2, 3])})
    assert (stated.unknown, stated.open_inputs, stated.total.macs) == ((), {}, 4 * 4 * 27)


def test_contradictions_are_told_without_asking_for_shapes() -> None:
    found = model_costs(graph(placeholder("x", [2, 3]), placeholder("y", [4, 5]), "m MatMul x y"))
    assert [f.node for f in found.findings] == ["m"]
    assert found.unknown == ("m",)
    text = render_text(size_document(found, 20))
    assert "--input-shape" not in text
    assert "matrices [2,3] and [4,5]" in text


def test_shared_weights_count_once() -> None:
    model = graph(
        placeholder("x", [1, 4]),
        weights("w", 4, 4),
        "a MatMul x w",
        "b MatMul a w",
    )
    found = model_costs(model, by="node")
    assert found.total.parameters == 16
    assert found.total.macs == 32


def test_what_trains_a_model_is_left_out() -> None:
    model = graph(
        placeholder("x", [1, 4]),
        variable("w", [4, 4]),
        "w/read Identity w",
        "y MatMul x w/read",
        variable("w/Momentum", [4, 4]),
        "out Softmax y",
    )
    assert model_costs(model).total.parameters == 16


def test_a_function_counts_at_each_call() -> None:
    inner = function("f", ["p", "w"], "y:product:0", "y MatMul p w")
    model = graph(
        placeholder("x", [1, 4]), weights("w", 4, 4), "a f x w", "b f a w", functions=[inner]
    )
    found = model_costs(model, by="node")
    assert rows(found) == {"a/y": (16, 16), "b/y": (0, 16), "x": (0, 0)}
    assert found.rows[0].activation_bytes == 16
    assert found.peak_node.startswith(("a", "b"))


def test_nodes_of_one_name_in_two_branches_are_added_up() -> None:
    branches = [
        function(name, ["p", "a", "b"], "y:product:0", f"y MatMul p {name}") for name in ("a", "b")
    ]
    attrs: dict[str, Any] = {
        "then_branch": FunctionRef("a", {}),
        "else_branch": FunctionRef("b", {}),
    }
    attrs |= {"Tin": [FLOAT32] * 3, "Tout": [FLOAT32]}
    model = graph(
        placeholder("x", [1, 4]),
        placeholder("p", []),
        weights("first", 4, 4),
        weights("second", 4, 4),
        Node("y", "If", ("p", "x", "first", "second"), attrs),
        functions=branches,
    )
    found = model_costs(model, by="node")
    assert rows(found)["y/y"] == (32, 32)


def test_the_axis_of_a_look_up_is_no_weight() -> None:
    model = graph(
        placeholder("i", [3]),
        weights("table", 10, 4),
        const("axis", 0, "int32"),
        "y GatherV2 table i axis",
    )
    assert model_costs(model).total.parameters == 40


def test_variables_count_whatever_their_type() -> None:
    model = graph(placeholder("i", [3]), const("labels", [1, 2, 3], "int64"), "y Gather labels i")
    assert model_costs(model).total.parameters == 0
    assert model_costs(model, variables=["labels"]).total.parameters == 3


def test_functions_that_call_each_other_many_times_are_counted_without_being_opened() -> None:
    chain = [
        function(f"f{i}", ["p"], "b:result:0", f"a f{i + 1} p", f"b f{i + 1} a:result:0")
        for i in range(18)
    ]
    last = function("f18", ["p"], "y:product:0", "y MatMul p p")
    model = graph(placeholder("x", [2, 2]), "call f0 x", functions=[*chain, last])
    assert model_costs(model).total.macs == 8 * 2**18


def test_a_function_that_calls_itself_has_unknown_costs() -> None:
    own = function("f", ["p"], "y:product:0", "z f p", "y MatMul p p")
    found = model_costs(graph(placeholder("x", [2, 2]), "call f x", functions=[own]))
    assert found.unknown == ("call/z",)
    assert found.total.macs == 8


@pytest.mark.parametrize("made", [Graph([]), graph("a NoOp"), graph(const("c", [1.0]))])
def test_graphs_without_layers(made: Graph) -> None:
    found = model_costs(made)
    assert (found.total.macs, found.peak_activation_bytes, found.peak_node) == (0, 0, "")
    assert render_text(size_document(found, 20))


def test_what_is_no_grouping_or_input_is_refused() -> None:
    with pytest.raises(InvalidValue, match="'size' is no grouping"):
        model_costs(network(), by="size")
    with pytest.raises(UnknownName):
        model_costs(network(), {"imag": Shape([1])})


def test_batches_are_assumed_for_inputs_of_two_dimensions_or_more() -> None:
    model = graph(
        placeholder("a", [None, 3]),
        placeholder("b", [None]),
        placeholder("c", None),
        "out AddN a b c",
    )
    shapes, assumed = with_batches_of_one(inputs_and_outputs(model).likely_inputs, {})
    assert (shapes, assumed) == ({"a": Shape([1, 3])}, ("a",))


def test_the_total_for_a_summary() -> None:
    inputs = inputs_and_outputs(network()).likely_inputs
    assert total_macs(network(), inputs) == Macs(8192, True)
    fixed = network(1)
    assert total_macs(fixed, inputs_and_outputs(fixed).likely_inputs) == Macs(8192, False)
    assert total_macs(graph("a NoOp"), []) is None
    assert total_macs(network(), []) is None, "the batch is not known"


def test_the_parameters_of_the_fixtures_are_found() -> None:
    found = model_costs(graphtools.load(FIXTURES / SSD), {"image_tensor": Shape([1, 64, 64, 3])})
    assert found.unknown == ()
    assert found.findings == ()
    assert found.total.macs == 126_976
    assert found.total == sum(found.rows, CostRow())


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_every_fixture_has_costs(name: str) -> None:
    found = model_costs(graphtools.load(FIXTURES / name))
    assert found.total.macs >= 0
    assert found.findings == ()
