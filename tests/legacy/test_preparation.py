"""What the flags of toco do to a graph."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.errors import InvalidValue, UnknownName
from graphtools.graph import Graph
from graphtools.legacy.preparation import Prepared, needed_part, prepare
from graphtools.legacy.recipe import read_recipe
from tests.transforms.fake_quants import X, fake_quant
from tests.transforms.graphs import graph, same

QUANTIZED = {"inference_type": "QUANTIZED_UINT8"}
JOINED = f"""
{X}
axis = Const value=int32:3
{fake_quant("a", "x", 0, 5)}
s = AddV2(x, x) T=float
{fake_quant("inner", "s", -3, 3)}
r = Relu(inner) T=float
{fake_quant("b", "r", 0, 2)}
out = ConcatV2(a, b, axis) T=float N=2 Tidx=int32
"""


def prepared(source: Graph, inputs: list[str], outputs: list[str], **flags: Any) -> Prepared:
    recipe = read_recipe({"input_file": "a", "output_file": "b", **flags})
    return prepare(recipe, source, inputs, outputs)


def ops(found: Graph) -> list[str]:
    return [node.op for node in found if node.op not in ("Const", "Placeholder")]


def test_a_graph_is_left_as_it_is() -> None:
    source = graph(f"{X}\nout = Relu(x) T=float")
    found = prepared(source, ["x"], ["out"])
    assert (found.inputs, found.outputs, found.notes) == (["x"], ["out"], [])
    assert found.graph is source


def test_fake_quants_are_dropped_for_a_float_model() -> None:
    found = prepared(graph(JOINED), ["x"], ["out"], drop_fake_quant=True)
    assert ops(found.graph) == ["AddV2", "Relu", "ConcatV2"]
    assert len(found.notes) == 1
    assert found.notes[0].startswith("drop_fake_quant: -")


def test_fake_quants_are_arithmetic_in_a_float_model() -> None:
    found = prepared(graph(JOINED), ["x"], ["out"])
    assert "FakeQuantWithMinMaxVars" not in ops(found.graph)
    assert ops(found.graph).count("Floor") == 3
    assert "3 FakeQuant nodes" in found.notes[0]


@pytest.mark.parametrize("flag", ["reorder_across_fake_quant", "drop_fake_quant"])
def test_ranges_inside_of_an_operator_go(flag: str) -> None:
    found = prepared(graph(JOINED), ["x"], ["out"], **QUANTIZED, **{flag: True})
    assert "inner" not in found.graph
    assert found.graph["b"].op == "FakeQuantWithMinMaxVars"


def test_ranges_of_what_is_joined_become_one() -> None:
    source = graph(JOINED)
    found = prepared(source, ["x"], ["out"], **QUANTIZED, change_concat_input_ranges=True)
    assert found.graph["b/max"].tensor is not None
    assert float(found.graph["b/max"].tensor.array()) == 5
    assert found.notes == ["change_concat_input_ranges: changed"]
    again = prepared(found.graph, ["x"], ["out"], **QUANTIZED, change_concat_input_ranges=True)
    assert again.notes == ["change_concat_input_ranges: nothing to change"]


def test_what_was_not_done_is_told() -> None:
    before = JOINED.replace("value=float:5", "value=float:-5")
    found = prepared(graph(before), ["x"], ["out"], **QUANTIZED, change_concat_input_ranges=True)
    assert any("leaves 'out': " in text for text in found.notes)


def test_what_has_no_range_gets_the_default() -> None:
    found = prepared(
        graph(f"{X}\nout = Neg(x) T=float"),
        ["x"],
        ["out"],
        **QUANTIZED,
        default_ranges_min=-1,
        default_ranges_max=1,
    )
    assert found.graph["out"].op == "FakeQuantWithMinMaxVars"
    assert "from -1 to 1" in found.notes[0]


def test_names_that_are_not_there_are_left_out_where_that_is_allowed() -> None:
    source = graph(f"{X}\nout = Relu(x) T=float")
    found = prepared(source, ["x", "y"], ["out", "nothing:1"], allow_nonexistent_arrays=True)
    assert (found.inputs, found.outputs) == (["x"], ["out"])
    assert found.notes == [
        "the input 'y' is left out: it is not in the graph",
        "the output 'nothing:1' is left out: it is not in the graph",
    ]
    with pytest.raises(InvalidValue):
        prepared(source, ["x"], ["nothing"], allow_nonexistent_arrays=True)


@pytest.mark.parametrize(
    ("shape", "flags", "after"),
    [
        ("[?,3]", {"batch_size": 4}, "[4,3]"),
        ("[1,3]", {"batch_size": 4}, "[1,3]"),
        ("[1,3]", {"variable_batch": True}, "[?,3]"),
        ("unknown", {"variable_batch": True}, "unknown"),
    ],
)
def test_the_first_dimension_of_inputs(shape: str, flags: dict[str, Any], after: str) -> None:
    text = "x = Placeholder dtype=float shape={}\nout = Relu(x) T=float"
    found = prepared(graph(text.format(shape)), ["x"], ["out"], **flags)
    assert same(found.graph, text.format(after))
    assert bool(found.notes) == (shape == after)


def test_a_name_that_is_not_there_is_told() -> None:
    source = graph(f"{X}\nout = Relu(x) T=float")
    for ends in ((["y"], ["out"]), (["x"], ["outt"])):
        with pytest.raises(UnknownName):
            prepared(source, *ends)


def test_the_part_that_outputs_need() -> None:
    source = graph(f"{X}\nout = Relu(x) T=float\nother = Neg(x) T=float")
    assert [node.name for node in needed_part(source, ["out:0"])] == ["x", "out"]
    assert len(source) == 3
