from __future__ import annotations

from typing import Any

import pytest

import graphtools
from graphtools.graph import Graph, Node
from graphtools.graph.attributes import Attr, FunctionRef
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Function
from graphtools.graph.shape import Shape
from graphtools.ops.bodies import Body, body_of
from graphtools.ops.inference import infer_shapes
from graphtools.schema import message_class
from tests.analysis.graphs import const, function
from tests.support import FIXTURES

INT32 = dtype("int32")


def body(made: Function, *others: Function, attrs: dict[str, Attr] | None = None) -> Body | None:
    return body_of(made, {f.name: f for f in (made, *others)}, attrs or {})


def node(name: str, op: str, *inputs: str, **attrs: Any) -> Node:
    return Node(name, op, inputs, {"T": FLOAT32, **attrs})


def generic(name: str = "f", stated: Shape | None = None) -> Function:
    """A function of any type: what it takes and gives is told by its attribute `Kind`."""
    message = message_class("FunctionDef")()
    message.signature.name = name
    message.signature.attr.add(name="Kind", type="type")
    message.signature.input_arg.add(name="p", type_attr="Kind")
    message.signature.output_arg.add(name="r", type_attr="Kind")
    message.ret["r"] = "y:output:0"
    inner = message.node_def.add(name="y", op="Identity", input=["p"])
    inner.attr["T"].placeholder = "Kind"
    if stated is not None:
        shape = message.arg_attr[0].attr["_output_shapes"].list.shape.add()
        for size in stated.dims or ():
            shape.dim.add(size=-1 if size is None else size)
    return Function.from_bytes(message.SerializeToString())


def test_arguments_become_nodes_and_names_become_those_of_a_graph() -> None:
    found = body(
        function(
            "f",
            ["p", "q"],
            "n:batch_mean:0",
            const("axis", 0),
            node("s", "Split", "axis:output:0", "p", num_split=3),
            node("n", "FusedBatchNormV3", "s:output:2", "q", "q", "q", "q", "^s", U=FLOAT32),
        )
    )
    assert found is not None
    assert found.arguments == ("p", "q")
    assert [(n.name, n.op) for n in found.graph][:2] == [("p", "_Arg"), ("q", "_Arg")]
    assert (found.graph["q"].attr("T"), found.graph["q"].attr("index")) == (FLOAT32, 1)
    assert found.graph["s"].inputs == ("axis", "p")
    assert found.graph["n"].inputs == ("s:2", "q", "q", "q", "q", "^s")
    assert found.results == ("n:1",)
    assert [a.name for a in found.signature.outputs] == ["result"]


def test_outputs_behind_a_list_are_counted() -> None:
    split = node("u", "Unpack", "p", num=2, axis=0)
    found = body(function("f", ["p"], "u:output:1", split))
    assert found is not None
    assert found.results == ("u:1",)


def test_the_function_itself_is_not_changed() -> None:
    made = generic()
    before = made.encoded
    body(made, attrs={"Kind": INT32})
    assert made.encoded == before
    assert [n.inputs for n in made.nodes] == [("p",)]


def test_a_call_of_another_function_gives_its_results() -> None:
    inner = function("g", ["p"], "y:activations:0", "y Relu p")
    found = body(function("f", ["p"], "a:result:0", "a g p"), inner)
    assert found is not None
    assert found.results == ("a",)
    assert found.graph.functions.keys() == {"f", "g"}


def test_placeholders_get_the_values_of_the_call() -> None:
    found = body(generic(), attrs={"Kind": INT32})
    assert found is not None
    assert found.graph["y"].attr("T") is INT32
    assert found.graph["p"].attr("T") is INT32
    left_open = body(generic())
    assert left_open is not None
    assert left_open.graph["p"].attr("T") is None


def test_stated_shapes_of_arguments() -> None:
    for stated in (None, Shape([None, 3])):
        found = body(generic(stated=stated))
        assert found is not None
        assert found.shapes == (stated,)


@pytest.mark.parametrize(
    "made",
    [
        function("f", ["p"], "gone:y:0", "y Relu p"),
        function("f", ["p"], "y:nothing:0", "y Relu p"),
        function("f", ["p"], "z:activations:0", "y Whatever p", "z Relu y:out:0"),
        function("f", ["p"], "y:output:0", node("s", "Split", "p", "p"), "y Relu s:output:1",
                 "z Relu gone"),
    ],
)  # fmt: skip
def test_a_function_that_is_not_whole_has_no_body(made: Function) -> None:
    assert body(made) is None


def test_a_function_of_lists_has_no_body() -> None:
    message = message_class("FunctionDef")()
    message.signature.name = "f"
    message.signature.input_arg.add(name="p", type=1, number_attr="N")
    assert body(Function.from_bytes(message.SerializeToString())) is None


def test_a_generic_function_in_inference() -> None:
    def call(name: str, kind: str, source: str) -> Node:
        attrs: dict[str, Attr] = {"Kind": dtype(kind)}
        return Node(name, "f", (source,), attrs)

    graph = Graph(
        [
            const("x", [[1, 2]], "int32"),
            const("y", [1.0]),
            call("a", "int32", "x"),
            call("b", "float64", "y"),
            Node("c", "f", ("y",)),
            Node("d", "PartitionedCall", ("y",), {"f": FunctionRef("f", {"Kind": FLOAT32}),
                                                  "Tin": [FLOAT32], "Tout": [FLOAT32]}),
        ],
        functions=[generic()],
    )  # fmt: skip
    found = infer_shapes(graph)
    assert [found.dims(n) for n in "abcd"] == [(1, 2), (1,), (1,), (1,)]
    assert [str(found.dtype(n)) for n in "abcd"] == ["int32", "float64", "None", "float32"]
    integers = found.integers("a")
    assert integers is None or integers.items == (1, 2)


def test_every_function_of_the_fixtures_has_a_body() -> None:
    for name in ("control_flow/functional/graph.pb", "saved_model/v2"):
        graph = graphtools.load(FIXTURES / name)
        assert graph.functions
        for made in graph.functions.values():
            found = body_of(made, graph.functions, {})
            assert found is not None, made.name
            assert len(found.results) == len(made.outputs)
            for text in found.results:
                assert text.partition(":")[0] in found.graph
