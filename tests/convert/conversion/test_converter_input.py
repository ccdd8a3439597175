from __future__ import annotations

import pytest

from graphtools.convert.conversion.converter_input import converter_input
from graphtools.errors import InvalidGraph, InvalidValue, UnknownName
from graphtools.formats import load
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.graph import Shape
from graphtools.transforms.freeze import freeze
from tests.support import FIXTURES
from tests.transforms.graphs import graph, text_of

NET = """
x = Placeholder dtype=float shape=[?,4]
w = Const value=float:[[1],[2],[3],[4]]
m = MatMul(x, w) T=float transpose_a=false transpose_b=false
y = Relu(m) T=float
unused = Erf(m) T=float
"""


def test_what_no_output_needs_is_left_out() -> None:
    before = graph(NET)
    asked = converter_input(before, ["x"], ["y:0", "y"])
    assert [n.name for n in asked.graph] == ["x", "w", "m", "y"]
    assert (asked.inputs, asked.outputs) == (("x:0",), ("y:0",))
    assert [s.dims for s in asked.shapes] == [(None, 4)]
    assert "unused" in before


def test_a_given_shape_counts() -> None:
    asked = converter_input(graph(NET), ["x"], ["y"], {"x": Shape([3, 4])})
    assert asked.shapes == (Shape([3, 4]),)
    assert asked.inference.dims("y") == (3, 1)


def test_an_input_with_a_default_has_to_be_fed() -> None:
    given = graph(
        "o = Const value=float:[1,1]\nk = PlaceholderWithDefault(o) dtype=float shape=[2]\n"
        "x = Placeholder dtype=float shape=[2]\ny = Mul(x, k) T=float"
    )
    found = converter_input(given, ["x", "k"], ["y"])
    assert {n.name: n.op for n in found.graph} == {
        "k": "Placeholder",
        "x": "Placeholder",
        "y": "Mul",
    }
    assert found.notes == ("the input 'k' loses its default: converted models have none",)
    assert given["k"].op == "PlaceholderWithDefault"
    assert "o" in converter_input(given, ["x"], ["y"]).graph


def test_a_graph_is_cut_at_what_is_no_placeholder() -> None:
    asked = converter_input(graph(NET), ["m"], ["y"])
    assert [(n.name, n.op) for n in asked.graph] == [("m", "Placeholder"), ("y", "Relu")]


def test_an_input_that_nothing_needs_is_told() -> None:
    text = NET + "z = Placeholder dtype=float shape=[2]\n"
    asked = converter_input(graph(text), ["x", "z"], ["y"])
    assert any("'z' does not lead to the outputs" in n for n in asked.notes)
    assert asked.inputs == ("x:0", "z:0")


def test_an_identity_takes_the_name_of_the_end_of_a_loop() -> None:
    text = (
        "x = Placeholder dtype=int32 shape=[1]\n"
        'e = Enter(x) T=int32 frame_name="f" is_constant=false parallel_iterations=1\n'
        "end = Exit(e) T=int32\nafter = Neg(end) T=int32"
    )
    asked = converter_input(graph(text), ["x"], ["end", "after"])
    assert text_of(asked.graph).splitlines()[-3:] == [
        "end/loop = Exit(e) T=int32",
        "after = Neg(end/loop) T=int32",
        "end = Identity(end/loop) T=int32",
    ]


def test_calls_are_inlined() -> None:
    folder = FIXTURES / "saved_model/v2"
    values = find_checkpoint(folder / "variables/variables")
    frozen = freeze(load(folder), values, ["StatefulPartitionedCall"]).graph
    asked = converter_input(frozen, ["serving_default_features"], ["StatefulPartitionedCall"])
    assert not asked.graph.functions
    assert not any(n.op.endswith("PartitionedCall") for n in asked.graph)
    assert asked.outputs == ("StatefulPartitionedCall:0",)


@pytest.mark.parametrize(
    ("text", "inputs", "outputs", "error", "message"),
    [
        (NET, ["gone"], ["y"], UnknownName, "gone"),
        (NET, ["x"], ["y:1"], UnknownName, "y:1"),
        (NET, ["x"], [], InvalidValue, "no outputs to convert"),
        (NET, [], ["y"], InvalidGraph, "need 'x': a placeholder that is no input"),
        (NET.replace("[?,4]", "unknown"), ["x"], ["y"], InvalidValue, "is not known"),
        (NET.replace("[?,4]", "[?,0]"), ["x"], ["y"], InvalidValue, "no element"),
        (
            NET.replace("w = Const value=float:[[1],[2],[3],[4]]", "w = VariableV2 dtype=float"),
            ["x"],
            ["y"],
            InvalidGraph,
            "not frozen: 'w' (a variable",
        ),
    ],
)
def test_what_the_converter_cannot_take_is_refused(
    text: str, inputs: list[str], outputs: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        converter_input(graph(text), inputs, outputs)
    assert message in str(raised.value)
