"""Loops, branches and calls: what holds in every round, and in either branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from graphtools.graph import Graph, Node
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Function
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.schema import message_class
from tests.ops.families.shape_cases import value

N = None
INT32, BOOL, VARIANT = dtype("int32"), dtype("bool"), dtype("variant")


def node(name: str, op: str, *inputs: str, **attrs: Any) -> Node:
    return Node(name, op, inputs, attrs)


def placeholder(name: str, dims: Any, kind: Any = FLOAT32) -> Node:
    return node(name, "Placeholder", dtype=kind, shape=Shape(dims))


def const(name: str, *values: Any, kind: str = "int32") -> Node:
    array = value(*values, kind=kind) if len(values) != 1 else value(values[0], kind=kind)[0]
    tensor = Tensor.from_array(array)
    return node(name, "Const", dtype=tensor.dtype, value=tensor)


def vector(name: str, *values: int) -> Node:
    tensor = Tensor.from_array(value(*values))
    return node(name, "Const", dtype=tensor.dtype, value=tensor)


def function(
    name: str, inputs: dict[str, Any], outputs: Sequence[tuple[str, Any]], *body: Node
) -> Function:
    """A function; its outputs are tensors of the body with their dtypes."""
    message = message_class("FunctionDef")()
    message.signature.name = name
    for argument, kind in inputs.items():
        message.signature.input_arg.add(name=argument, type=kind.number)
    for position, (tensor, kind) in enumerate(outputs):
        message.signature.output_arg.add(name=f"r{position}", type=kind.number)
        message.ret[f"r{position}"] = tensor
    for item in body:
        message.node_def.add().MergeFromString(item.to_bytes())
    return Function.from_bytes(message.SerializeToString())


def infer(nodes: Sequence[Node], functions: Sequence[Function]) -> Inference:
    return infer_shapes(Graph(list(nodes), functions=functions))


def loop(name: str, body: str, *inputs: str, **attrs: Any) -> Node:
    return node(
        name, "While", *inputs, T=[FLOAT32] * len(inputs), body=FunctionRef(body, {}),
        cond=FunctionRef("any", {}), **attrs,
    )  # fmt: skip


RELU = function(
    "relu", {"p": FLOAT32}, [("y:activations:0", FLOAT32)], node("y", "Relu", "p", T=FLOAT32)
)
#: Appends the argument to itself: [n, ...] becomes [2 n, ...].
DOUBLE = function(
    "double", {"p": FLOAT32}, [("y:output:0", FLOAT32)],
    const("axis", 0), node("y", "ConcatV2", "p", "p", "axis:output:0", N=2, T=FLOAT32, Tidx=INT32),
)  # fmt: skip
#: A new first dimension.
DEEPER = function(
    "deeper", {"p": FLOAT32}, [("y:output:0", FLOAT32)], node("y", "Pack", "p", N=1, T=FLOAT32)
)
#: Swaps two variables.
SWAP = function("swap", {"p": FLOAT32, "q": FLOAT32}, [("q", FLOAT32), ("p", FLOAT32)])
NESTED = function("nested", {"p": FLOAT32}, [("y:output:0", FLOAT32)], loop("y", "double", "p"))


@pytest.mark.parametrize(
    ("body", "dims", "expected"),
    [
        ("relu", (2, 3), (2, 3)),
        ("relu", (N, 3), (N, 3)),
        ("relu", N, N),
        ("double", (2, 3), (N, 3)),
        ("double", (N, 3), (N, 3)),
        ("deeper", (2, 3), N),
        ("nested", (2, 3), (N, 3)),
    ],
)
def test_a_loop_gives_what_holds_in_every_round(body: str, dims: Any, expected: Any) -> None:
    functions = [RELU, DOUBLE, DEEPER, NESTED]
    found = infer([placeholder("x", dims), loop("w", body, "x")], functions)
    assert found.dims("w") == expected
    assert found.findings == ()


def test_variables_that_change_places_are_joined() -> None:
    nodes = [placeholder("x", (2, 3)), placeholder("z", (2, 5)), loop("w", "swap", "x", "z")]
    assert infer(nodes, [SWAP]).shapes("w") == [(2, N), (2, N)]


def test_what_a_loop_states_of_its_outputs_is_used_but_must_not_contradict_the_body() -> None:
    x = placeholder("x", (2, 3))
    stated = loop("w", "unknown", "x", output_shapes=[Shape((2, N))])
    assert infer([x, stated], []).dims("w") == (2, N)
    wrong = loop("w", "relu", "x", output_shapes=[Shape((2, 4))])
    (finding,) = infer([x, wrong], [RELU]).findings
    assert "[2,3]" in finding.message
    assert "[2,4]" in finding.message
    short = loop("w", "relu", "x", output_shapes=[Shape((2, 3))] * 2)
    assert infer([x, short], [RELU]).findings


def test_stated_shapes_do_not_hold_when_an_input_has_another() -> None:
    nodes = [placeholder("x", (2, 3)), loop("w", "relu", "x", output_shapes=[Shape((2, 3))])]
    found = infer_shapes(Graph(nodes, functions=[RELU]), {"x": Shape((7, 3))})
    assert found.dims("w") == (7, 3)
    assert found.findings == ()


def _reshaping(result: str) -> Function:
    """A loop body that reshapes its argument to a second variable, and gives that as it is told."""
    return function(
        "reshaping", {"p": FLOAT32, "shape": INT32},
        [("y:output:0", FLOAT32), (result, INT32)],
        node("same", "Identity", "shape", T=INT32),
        node("other", "Neg", "shape", T=INT32),
        node("y", "Reshape", "p", "shape", T=FLOAT32, Tshape=INT32),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("result", "expected"),
    [("shape", (4, 3)), ("same:output:0", (4, 3)), ("other:y:0", (N, N))],
)
def test_integers_are_known_in_a_loop_that_only_passes_them_on(result: str, expected: Any) -> None:
    nodes = [
        placeholder("x", (4, 3)),
        vector("shape", 4, 3),
        node(
            "w", "While", "x", "shape", T=[FLOAT32, INT32], body=FunctionRef("reshaping", {}),
            cond=FunctionRef("any", {}),
        ),
    ]  # fmt: skip
    assert infer(nodes, [_reshaping(result)]).dims("w") == expected


def test_a_for_loop_takes_its_counter_first() -> None:
    body = function(
        "body", {"i": INT32, "p": FLOAT32}, [("y:activations:0", FLOAT32)],
        node("y", "Relu", "p", T=FLOAT32),
    )  # fmt: skip
    nodes = [
        *(const(name, 1) for name in "abc"),
        placeholder("x", (2, 3)),
        node("f", "For", "a", "b", "c", "x", T=[FLOAT32], body=FunctionRef("body", {})),
    ]
    assert infer(nodes, [body]).dims("f") == (2, 3)


def _branches(condition: Node, op: str = "If", **attrs: Any) -> list[Node]:
    given = {"then_branch": FunctionRef("relu", {}), "else_branch": FunctionRef("double", {})}
    if op == "Case":
        given = {"branches": [FunctionRef("relu", {}), FunctionRef("double", {})]}  # type: ignore[dict-item]
    made = node("y", op, "c", "x", Tin=[FLOAT32], Tout=[FLOAT32], **given, **attrs)
    return [condition, placeholder("x", (2, 3)), made]


@pytest.mark.parametrize(
    ("condition", "op", "expected"),
    [
        (placeholder("c", (), BOOL), "If", (N, 3)),
        (const("c", True, kind="bool"), "If", (2, 3)),
        (const("c", False, kind="bool"), "If", (4, 3)),
        (placeholder("c", (), INT32), "Case", (N, 3)),
        (const("c", 0), "Case", (2, 3)),
        (const("c", 1), "Case", (4, 3)),
        (const("c", 9), "Case", (4, 3)),
        (const("c", -1), "Case", (4, 3)),
    ],
)
def test_branches_give_what_holds_in_all_or_what_is_taken(
    condition: Node, op: str, expected: Any
) -> None:
    assert infer(_branches(condition, op), [RELU, DOUBLE]).dims("y") == expected


def test_a_branch_that_is_unknown_makes_the_output_unknown() -> None:
    nodes = _branches(placeholder("c", (), BOOL))
    assert infer(nodes, [RELU]).dims("y") is N
    nodes = _branches(placeholder("c", (), BOOL), output_shapes=[Shape((N, 3))])
    assert infer(nodes, [RELU]).dims("y") == (N, 3)


def test_a_call_gives_what_the_function_gives() -> None:
    nodes = [
        placeholder("x", (2, 3)),
        node("y", "PartitionedCall", "x", Tin=[FLOAT32], Tout=[FLOAT32],
             f=FunctionRef("double", {})),
        node("z", "MapDefun", "x", Targuments=[FLOAT32], Tcaptured=[], output_types=[FLOAT32],
             output_shapes=[Shape(None)], f=FunctionRef("deeper", {})),
        node("g", "SymbolicGradient", "x", "y", Tin=[FLOAT32] * 2, Tout=[FLOAT32],
             f=FunctionRef("double", {})),
    ]  # fmt: skip
    found = infer(nodes, [DOUBLE, DEEPER])
    assert [found.dims(n) for n in "yzg"] == [(4, 3), (2, 1, 3), (2, 3)]


def test_lists_keep_their_elements_through_loops_and_calls() -> None:
    body = function(
        "push", {"l": VARIANT, "p": FLOAT32}, [("y:output_handle:0", VARIANT), ("p", FLOAT32)],
        node("y", "TensorListPushBack", "l", "p", element_dtype=FLOAT32),
    )  # fmt: skip
    nodes = [
        placeholder("x", (2, 3)),
        vector("element", -1, 3),
        const("size", 4),
        node("l", "TensorListReserve", "element", "size", element_dtype=FLOAT32, shape_type=INT32),
        node("w", "While", "l", "x", T=[VARIANT, FLOAT32], body=FunctionRef("push", {}),
             cond=FunctionRef("any", {})),
        node("s", "TensorListStack", "w", "element", element_dtype=FLOAT32, num_elements=4),
    ]  # fmt: skip
    assert infer(nodes, [body]).dims("s") == (4, N, 3)


def test_loops_in_loops_in_loops_end_soon() -> None:
    chain = [
        function(
            f"f{i}", {"p": FLOAT32}, [("b:output:0", FLOAT32)],
            loop("a", f"f{i + 1}", "p"), loop("b", f"f{i + 1}", "a:output:0"),
        )
        for i in range(12)
    ]  # fmt: skip
    last = function(
        "f12", {"p": FLOAT32}, [("y:output:0", FLOAT32)], node("y", "Pack", "p", N=1, T=FLOAT32)
    )
    found = infer([placeholder("x", (2, 3)), loop("w", "f0", "x")], [*chain, last])
    assert found.dims("w") is N


def test_malformed_calls_are_unknown() -> None:
    nodes = [
        placeholder("x", (2, 3)),
        node("a", "PartitionedCall", "x", Tout=[FLOAT32]),
        node("b", "If", Tout=[FLOAT32], then_branch=7),
        node("c", "Case", Tout=[FLOAT32], branches=[b"x", 3]),
        node("d", "While", "x", T=[FLOAT32] * 3),
        node("e", "For", "x", T=[FLOAT32]),
    ]
    found = infer(nodes, [])
    assert {found.dims(n) for n in "abcde"} == {N}
