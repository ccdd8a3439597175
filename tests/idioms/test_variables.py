from __future__ import annotations

from pathlib import Path

import pytest

import graphtools
from graphtools.analysis.graph_summary import summarize_graph
from graphtools.analysis.sizes import total
from graphtools.analysis.sizes import variables as variables_of
from graphtools.analysis.variable_diff import diff_variables
from graphtools.analysis.variable_sets import gather_variables
from graphtools.analysis.variables import list_variables
from graphtools.formats import graph_of, open_model
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.saved_model import SavedModel
from graphtools.graph import Attr, Graph, Node
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import is_optimizer_slot
from graphtools.idioms.moving_average import is_moving_average
from graphtools.idioms.variables import (
    Variable,
    find_variables,
    frozen_variables,
    graph_variables,
    is_trained_by_name,
    variable_nodes,
)
from graphtools.restore.model_variables import model_variables
from tests.analysis.graphs import const, function, graph, variable
from tests.support import FIXTURES, GRAPHS, META_GRAPHS, SAVED_MODELS, shared_models


def load(name: str) -> Graph:
    return graphtools.load(FIXTURES / name)


def test_reference_and_resource_variables_are_found() -> None:
    found = graph_variables(
        graph(
            "x Placeholder",
            variable("w", [3, 4]),
            variable("r", [2], "int64", "VarHandleOp"),
            Node("bare", "VariableV2"),
        )
    )
    assert found == [
        Variable("w", FLOAT32, Shape([3, 4])),
        Variable("r", dtype("int64"), Shape([2])),
        Variable("bare", None, Shape(None)),
    ]


def test_slices_are_joined_as_they_are_saved() -> None:
    found = {v.name: v for v in graph_variables(load("checkpoints/partitioned/graph.pb"))}
    assert {n: str(v.shape) for n, v in found.items()} == {
        "rows/weights": "[10,6]",
        "columns/weights": "[6,8]",
        "whole/biases": "[8]",
    }
    assert found["columns/weights"].parts == (
        "columns/weights/part_0",
        "columns/weights/part_1",
    )
    assert found["whole/biases"].parts == ()
    assert len(variable_nodes(load("checkpoints/partitioned/graph.pb"))) == 6


def test_slices_of_a_frozen_graph_are_joined_as_the_graph_does() -> None:
    found = frozen_variables(load("checkpoints/partitioned/frozen.pb"))
    assert {v.name: str(v.shape) for v in found} == {
        "rows/weights": "[10,6]",
        "columns/weights": "[6,8]",
        "whole/biases": "[8]",
    }


@pytest.mark.parametrize(
    ("shapes", "joined"),
    [
        (([4, 6], [3, 6]), "[7,6]"),
        (([4, 6], [4, 5]), "[4,11]"),
        (([4, 6], [4, 6]), "[8,6]"),
        (([4, 6], [3, 5]), "unknown"),
    ],
)
def test_slices_that_no_node_saves_are_joined_where_they_differ(
    shapes: tuple[list[int], list[int]], joined: str
) -> None:
    nodes = [variable(f"w/part_{i}", shape) for i, shape in enumerate(shapes)]
    (found,) = graph_variables(graph(*nodes))
    assert (found.name, str(found.shape)) == ("w", joined)


def test_what_only_looks_like_slices_stays_apart() -> None:
    alone = graph(variable("w/part_0", [2]), variable("v/part_1", [2]), variable("v/part_2", [2]))
    assert [v.name for v in graph_variables(alone)] == ["w/part_0", "v/part_1", "v/part_2"]
    mixed = graph(variable("w/part_0", [2]), variable("w/part_1", [2], "int64"))
    assert len(graph_variables(mixed)) == 2


def test_the_weights_of_a_frozen_graph_are_what_its_variables_were() -> None:
    names = {v.name: v.shape for v in graph_variables(load("ssd/graph.pb"))}
    frozen = {v.name: v.shape for v in frozen_variables(load("ssd/frozen_inference_graph.pb"))}
    assert names.items() - frozen.items() == {("global_step", Shape([]))}
    assert frozen.items() <= names.items()
    assert not graph_variables(load("ssd/frozen_inference_graph.pb"))


def test_constants_are_weights_by_their_readers_or_by_their_names() -> None:
    identity = Node("free/read", "Identity", ("free",), {"T": FLOAT32})
    resource = Node("mul/ReadVariableOp", "Identity", ("scale",), {"T": FLOAT32})
    found = frozen_variables(
        graph(
            const("free", [1.0]),
            identity,
            const("scale", [1.0, 2.0]),
            resource,
            const("conv/weights", [[1.0]]),
            const("conv/act_quant/max", 6.0),
            const("other/max", 6.0),
            const("swish/beta", 1.0),
            const("weights", 1.0),
            const("axis", 1),
        )
    )
    assert [v.name for v in found] == ["free", "scale", "conv/weights", "conv/act_quant/max"]


def test_constants_that_functions_read_are_weights() -> None:
    """As Keras 3 models are frozen: what reads a variable stands in the function that has it."""
    inner = function(
        "inner", ["p", "w", "other"], "y:z:0", "m/ReadVariableOp Identity w", "y Add p other"
    )
    outer = function("outer", ["q", "v", "u"], "y:result:0", "y inner q v u")
    found = frozen_variables(
        graph(
            "x Placeholder",
            const("scale", [1.0]),
            const("shift", [1.0]),
            "handed Identity scale",
            "y outer x handed shift",
            functions=[inner, outer],
        )
    )
    assert [v.name for v in found] == ["scale"]


def test_a_function_that_calls_itself_reads_what_it_is_seen_to_read() -> None:
    own = function("f", ["p", "w"], "y:result:0", "r/ReadVariableOp Identity w", "y f p w")
    made = graph("x Placeholder", const("c", [1.0]), "y f x c", functions=[own])
    assert [v.name for v in frozen_variables(made)] == ["c"]


def test_a_constant_without_a_value_is_no_weight() -> None:
    assert frozen_variables(graph(Node("conv/weights", "Const", (), {"dtype": FLOAT32}))) == []


def test_a_graph_whose_saver_is_damaged_is_joined_by_names() -> None:
    numbers = Node("s", "Const", (), {"value": Tensor.from_array([1, 2])})  # type: ignore[arg-type]
    save = Node("save", "SaveV2", ("p", "gone", "s", "w/part_0", "w/part_1"))
    found = graph_variables(
        graph(variable("w/part_0", [2]), variable("w/part_1", [1]), numbers, save)
    )
    assert [(v.name, str(v.shape)) for v in found] == [("w", "[3]")]


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("conv/weights/Adam", True),
        ("conv/weights/Adam_1", True),
        ("conv/weights/Momentum", True),
        ("conv/weights/RMSProp_1", True),
        ("beta1_power", True),
        ("train/beta2_power_1", True),
        ("net/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE", True),
        ("conv/weights", False),
        ("Adam/weights", False),
        ("net/kernel/.ATTRIBUTES/VARIABLE_VALUE", False),
    ],
)
def test_optimizer_slots_are_known_by_their_names(name: str, slot: bool) -> None:
    assert is_optimizer_slot(name) is slot


def test_moving_averages_are_known_by_their_names() -> None:
    assert is_moving_average("w/ExponentialMovingAverage")
    assert not is_moving_average("w/ExponentialMovingAverage/Adam")


def test_what_an_optimizer_changes_is_told_by_names() -> None:
    trained = ["conv/weights", "conv/BatchNorm/gamma", "dense/kernel"]
    others = ["conv/BatchNorm/moving_mean", "global_step", "w/Adam", "w/ExponentialMovingAverage"]
    assert [n for n in trained + others if is_trained_by_name(n)] == trained


def test_a_variable_that_only_a_body_holds_counts_once() -> None:
    def handle(name: str, shared: bytes) -> Node:
        attrs: dict[str, Attr] = {"dtype": FLOAT32, "shape": Shape([2]), "shared_name": shared}
        return Node(name, "VarHandleOp", (), attrs)

    library = [function("f", ["a"], "y:y:0", handle("w", b"w"), handle("inner", b"v"), "y Relu a")]
    found = graph_variables(graph("x Placeholder", handle("w", b""), functions=library))
    assert [v.name for v in found] == ["w", "inner"]


def agree(path: Path) -> None:
    """The list, the difference, the plan of restoring and the summary see the same variables."""
    model = open_model(str(path))
    kind, variables = find_variables(graph_of(model))
    if not variables or (isinstance(model, SavedModel) and model.variables):
        return
    held = {v.name for v in variables}
    listed = {row.name for row in list_variables(model).variables}
    # of a frozen graph the weights are listed, too, that only their readers tell
    assert listed >= held if kind == "frozen graph" else listed == held
    assert gather_variables(model).variables.keys() == held
    assert gather_variables(model).kind == kind
    planned = model_variables(model)
    assert {v.name for v in planned.variables} == held
    assert planned.source == kind
    if kind == "graph":
        assert total(variables_of(graph_of(model))).count == len(held)
        assert summarize_graph(graph_of(model)).variables.count == len(held)


@pytest.mark.parametrize("name", [*GRAPHS, *META_GRAPHS, *SAVED_MODELS])
def test_all_see_the_same_variables_of_a_fixture(name: str) -> None:
    agree(FIXTURES / name)


@pytest.mark.slow
def test_all_see_the_same_variables_of_the_shared_models() -> None:
    root = shared_models()
    found = [p for pattern in ("*.pb", "*.meta") for p in root.rglob(pattern)]
    files = [p for p in found if "corrupt" not in p.parts and p.name != "saved_model.pb"]
    for path in files:
        if path.stat().st_size < 5_000_000:
            agree(path)
    assert files


def test_slices_do_not_differ_from_the_checkpoint_that_they_were_saved_to() -> None:
    folder = FIXTURES / "checkpoints" / "partitioned"
    for name, status in (("graph.pb", "not_compared"), ("frozen.pb", "equal")):
        model, checkpoint = open_model(str(folder / name)), find_checkpoint(str(folder))
        found = {c.a or c.b: c.status for c in diff_variables(model, checkpoint).variables}
        assert {found[n] for n in ("rows/weights", "columns/weights", "whole/biases")} == {status}
