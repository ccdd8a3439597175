"""Values of integer tensors known in part: a row for each op, and random graphs against numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.graph import Attr, Graph, Node
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import dtype
from graphtools.graph.graph import Function
from graphtools.graph.shape import Shape
from graphtools.ops.call import MOST_INTEGERS, Integers, integer_function
from graphtools.ops.inference import infer_shapes
from graphtools.schema import message_class
from tests.analysis.graphs import const, graph

N = None
INT32, INT64 = dtype("int32"), dtype("int64")
Known = tuple[Any, ...]


def operand(name: str, values: Any, kind: str = "int32") -> list[Node]:
    """Nodes that give a list whose unknown elements are None: the shape of a placeholder.

    A scalar and what is wholly known is a constant.
    """
    if isinstance(values, tuple) and N in values:
        shape = Node(f"{name}_x", "Placeholder", (), {"dtype": INT32, "shape": Shape(values)})
        return [shape, Node(name, "Shape", (shape.name,), {"T": INT32, "out_type": dtype(kind)})]
    return [const(name, np.array(values, kind))]


def follow(op: str, *operands: Any, kind: str = "int32", out: int = 0, **attrs: Any) -> Any:
    """What is known of an output of an op, as the values of a list or the value of a scalar."""
    nodes = [n for i, o in enumerate(operands) for n in operand(f"in{i}", o, kind)]
    names = tuple(f"in{i}" for i in range(len(operands)))
    attrs = {"T": dtype(kind), **attrs}
    made = Graph([*nodes, Node("out", op, names, attrs)])
    found = infer_shapes(made).integers("out", out)
    if found is None:
        return "nothing"
    if found.dims == ():
        return found.items[0]
    return found.items if len(found.dims) == 1 else (found.dims, found.items)


ROWS: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("AddV2", ((1, N), (2, 3)), {}, (3, N)),
    ("Add", ((1, N), 2), {}, (3, N)),
    ("Sub", ((5, N), (2, 3)), {}, (3, N)),
    ("Mul", ((2, N), (3, 0)), {}, (6, 0)),
    ("Mul", ((2, N), (3, 4)), {}, (6, N)),
    ("FloorDiv", ((7, N), (2, 2)), {}, (3, N)),
    ("FloorDiv", (-7, 2), {}, -4),
    ("FloorDiv", ((7, N), (0, 1)), {}, (N, N)),
    ("Div", (-7, 2), {}, -3),
    ("TruncateDiv", (7, -2), {}, -3),
    ("FloorMod", (-7, 3), {}, 2),
    ("TruncateMod", (-7, 3), {}, -1),
    ("Mod", (-7, 3), {}, -1),
    ("Maximum", ((1, N), (2, 2)), {}, (2, N)),
    ("Minimum", ((1, N), (2, 2)), {}, (1, N)),
    ("SquaredDifference", ((1, N), (4, 4)), {}, (9, N)),
    ("Equal", ((1, N), (1, 1)), {}, (1, N)),
    ("NotEqual", ((1, N), (1, 1)), {}, (0, N)),
    ("Less", ((1, N), (2, 2)), {}, (1, N)),
    ("LessEqual", ((2, N), (2, 2)), {}, (1, N)),
    ("Greater", ((3, N), (2, 2)), {}, (1, N)),
    ("GreaterEqual", ((1, N), (2, 2)), {}, (0, N)),
    ("Neg", ((1, N),), {}, (-1, N)),
    ("Abs", ((1, N),), {}, (1, N)),
    ("Sign", ((7, N),), {}, (1, N)),
    ("Square", ((3, N),), {}, (9, N)),
    ("Neg", ((N, N),), {}, "nothing"),
    ("Cast", ((3, N),), {"SrcT": INT32, "DstT": INT64}, (3, N)),
    ("Cast", ((3, N),), {"SrcT": INT32, "DstT": dtype("bool")}, (1, N)),
    ("Cast", ((300, N),), {"SrcT": INT32, "DstT": dtype("uint8")}, "nothing"),
    ("Cast", ((3, N),), {"SrcT": INT32, "DstT": dtype("float32")}, "nothing"),
    ("Sum", ((1, 2, 3), 0), {}, 6),
    ("Sum", ((1, N), 0), {}, N),
    ("Prod", ((2, 3), 0), {}, 6),
    ("Prod", ((0, N), 0), {}, 0),
    ("Prod", ((2, 3), 0), {"keep_dims": True}, (6,)),
    ("Max", ((1, 4), (0,)), {}, 4),
    ("Min", ((1, 4), -1), {}, 1),
    ("Prod", ((2, N), 0), {}, N),
    ("Rank", ((1, N, 3),), {}, 1),
    ("Size", ((1, N, 3),), {}, 3),
    ("Pack", ((1, N), (3, 4)), {"N": 2, "axis": 0}, ((2, 2), (1, N, 3, 4))),
    ("Pack", (1, 2), {"N": 2, "axis": -1}, (1, 2)),
    ("Unpack", ((1, N),), {"num": 2, "axis": 0}, 1),
    ("ConcatV2", ((1, N), (3,), 0), {"N": 2}, (1, N, 3)),
    ("Concat", (0, (1, N), (3,)), {"N": 2}, (1, N, 3)),
    ("Split", (0, (1, N, 3, 4)), {"num_split": 2}, (1, N)),
    ("Slice", ((1, N, 3), (1,), (2,)), {}, (N, 3)),
    ("Slice", ((1, N, 3), (1,), (-1,)), {}, (N, 3)),
    ("Slice", ((1, N, 3), (2,), (2,)), {}, "nothing"),
    ("StridedSlice", ((1, N, 3), (0,), (2,), (1,)), {}, (1, N)),
    ("StridedSlice", ((1, N, 3), (-1,), (0,), (1,)), {"shrink_axis_mask": 1}, 3),
    ("StridedSlice", ((1, N, 3), (7,), (0,), (1,)), {"shrink_axis_mask": 1}, "nothing"),
    ("StridedSlice", ((1, N, 3), (9,), (0,), (-1,)), {}, (3, N)),
    ("StridedSlice", ((1, N, 3), (0,), (0,), (2,)), {"end_mask": 1, "begin_mask": 1}, (1, 3)),
    ("StridedSlice", ((1, N, 3), (0,), (0,), (-1,)), {"end_mask": 1, "begin_mask": 1}, (3, N, 1)),
    ("StridedSlice", ((1, N, 3), (0,), (1,), (1,)), {"new_axis_mask": 1}, "nothing"),
    ("Gather", ((1, N, 3), (2, 0)), {}, (3, 1)),
    ("GatherV2", ((1, N, 3), 1, 0), {}, N),
    ("GatherV2", ((1, N, 3), 3, 0), {}, "nothing"),
    ("ExpandDims", ((1, N), 0), {}, ((1, 2), (1, N))),
    ("Reshape", ((1, N), (2, 1)), {}, ((2, 1), (1, N))),
    ("Squeeze", (((1,),),), {}, 1),
    ("Fill", ((2,), 7), {}, (7, 7)),
    ("ZerosLike", ((1, N),), {}, (0, 0)),
    ("OnesLike", ((1, N),), {}, (1, 1)),
    ("Range", (1, 7, 2), {}, (1, 3, 5)),
    ("Range", (3, 0, -1), {}, (3, 2, 1)),
    ("Range", (0, MOST_INTEGERS + 1, 1), {}, "nothing"),
    ("Tile", ((1, N), (2,)), {}, (1, N, 1, N)),
    ("Tile", ((1, N), (1000,)), {}, "nothing"),
    ("ReverseV2", ((1, N, 3), (0,)), {}, (3, N, 1)),
    ("BroadcastGradientArgs", ((1, 3), (2, 3)), {}, (0,)),
    ("BroadcastGradientArgs", ((3,), (2, 3)), {}, (0,)),
    ("BroadcastGradientArgs", ((1, 3), (1, 3)), {}, ()),
    ("BroadcastGradientArgs", ((1, N), (1, 3)), {}, "nothing"),
    ("Identity", ((1, N),), {}, (1, N)),
    ("Enter", ((1, N),), {}, (1, N)),
    ("Merge", ((1, N, 3), (1, 2, 4)), {"N": 2}, (1, N, N)),
    ("Merge", ((1, N, 3), (1, 2)), {"N": 2}, "nothing"),
]


@pytest.mark.parametrize(("op", "operands", "attrs", "expected"), ROWS)
def test_an_op(op: str, operands: Known, attrs: dict[str, Any], expected: Any) -> None:
    assert follow(op, *operands, **attrs) == expected


@pytest.mark.parametrize(
    ("op", "operands", "attrs", "out", "expected"),
    [
        ("Unpack", ((1, N),), {"num": 2, "axis": 0}, 1, N),
        ("Split", (0, (1, N, 3, 4)), {"num_split": 2}, 1, (3, 4)),
        ("SplitV", ((1, N, 3), (1, -1), 0), {"num_split": 2}, 1, (N, 3)),
        ("SplitV", ((1, N, 3), (1, 1), 0), {"num_split": 2}, 1, "nothing"),
        ("ShapeN", ((1, N), (1, 2, 3)), {"N": 2, "out_type": INT32}, 1, (3,)),
        ("Merge", ((1, N), (1, 2)), {"N": 2}, 1, "nothing"),
        ("IdentityN", ((1, N), (3, N)), {"T": [INT32, INT32]}, 1, (3, N)),
        ("AddV2", ((1, N), (3, N)), {}, 5, "nothing"),
    ],
)
def test_other_outputs(
    op: str, operands: Known, attrs: dict[str, Any], out: int, expected: Any
) -> None:
    assert follow(op, *operands, out=out, **attrs) == expected


@pytest.mark.parametrize(
    ("kind", "op", "operands", "expected"),
    [
        ("int32", "Mul", ((2**16, N), (2**16, 1)), "nothing"),
        ("int32", "AddV2", ((2**31 - 1, N), (1, 1)), "nothing"),
        ("int32", "Sub", ((1, N), (2, 2)), (-1, N)),
        ("int64", "AddV2", ((2**31 - 1, N), (1, 1)), (2**31, N)),
        ("int64", "Mul", ((2**62, N), (2, 1)), "nothing"),
    ],
)
def test_what_would_overflow_is_unknown(kind: str, op: str, operands: Known, expected: Any) -> None:
    found = follow(op, *operands, kind=kind)
    assert found in (expected, (N, N) if expected == "nothing" else expected)


def test_booleans() -> None:
    made = [
        const("yes", True),
        const("no", False),
        const("five", np.int32(5)),
        Node("x", "Placeholder", (), {"dtype": INT32, "shape": Shape([N, 2])}),
        Node("shape", "Shape", ("x",), {"T": INT32, "out_type": INT32}),
        Node("some", "Equal", ("shape", "five"), {"T": INT32}),
        Node("and", "LogicalAnd", ("some", "no")),
        Node("or", "LogicalOr", ("some", "yes")),
        Node("not", "LogicalNot", ("some",)),
        Node("all", "All", ("or", "axis"), {"Tidx": INT32}),
        Node("any", "Any", ("some", "axis"), {"Tidx": INT32}),
        const("axis", np.int32(0)),
        Node("select", "SelectV2", ("some", "shape", "shape"), {"T": INT32}),
        Node("choice", "Select", ("some", "shape", "other"), {"T": INT32}),
        const("other", np.array([7, 8], np.int32)),
    ]
    found = infer_shapes(Graph(made))
    expected = {
        "some": (N, 0), "and": (0, 0), "or": (1, 1), "not": (N, 1), "all": (1,), "any": (N,),
        "select": (N, 2), "choice": (N, 8),
    }  # fmt: skip
    known = {name: getattr(found.integers(name), "items", None) for name in expected}
    assert known == expected


@pytest.mark.parametrize(
    ("condition", "dims", "items"),
    [([True], (1,), (4,)), ([[False]], (1, 1), (6,)), ([True, False], (2,), (4, 6))],
)
def test_what_is_selected_has_the_shape_of_the_condition(
    condition: Any, dims: Any, items: Any
) -> None:
    made = [
        const("condition", np.array(condition)),
        const("four", np.int32(4)),
        const("six", np.int32(6)),
        Node("select", "SelectV2", ("condition", "four", "six"), {"T": INT32}),
    ]
    found = infer_shapes(Graph(made)).integers("select")
    assert (getattr(found, "dims", None), getattr(found, "items", None)) == (dims, items)


def test_values_pass_switches_and_functions() -> None:
    message = message_class("FunctionDef")()
    message.signature.name = "f"
    message.signature.input_arg.add(name="p", type=INT32.number)
    message.signature.output_arg.add(name="r", type=INT32.number)
    message.ret["r"] = "y:z:0"
    inner = Node("y", "AddV2", ("p", "p"), {"T": INT32})
    message.node_def.add().MergeFromString(inner.to_bytes())
    function = Function.from_bytes(message.SerializeToString())
    attrs: dict[str, Attr] = {"f": FunctionRef("f", {}), "Tin": [INT32], "Tout": [INT32]}
    made = graph(
        *operand("shape", (3, N)),
        Node("p", "Placeholder", (), {"dtype": dtype("bool"), "shape": Shape([])}),
        Node("switch", "Switch", ("shape", "p"), {"T": INT32}),
        Node("call", "PartitionedCall", ("switch:1",), attrs),
        functions=[function],
    )
    assert infer_shapes(made).integers("call") == Integers((2,), (6, N))


def test_the_size_of_a_tensor_array_that_cannot_grow() -> None:
    def made(grows: bool) -> Graph:
        attrs: dict[str, Attr] = {"dtype": dtype("float32"), "dynamic_size": grows}
        return Graph(
            [
                *operand("size", 4),
                Node("array", "TensorArrayV3", ("size",), attrs),
                Node("same", "Identity", ("array",), {"T": dtype("resource")}),
                Node("read", "TensorArraySizeV3", ("same", "array:1")),
            ]
        )

    assert infer_shapes(made(False)).integers("read") == Integers((), (4,))
    grown = infer_shapes(made(True)).integers("read")
    assert grown is None


@pytest.mark.parametrize("op", sorted(integer_function.all()))
def test_ops_without_inputs_or_attributes_give_nothing(op: str) -> None:
    found = infer_shapes(Graph([Node("out", op), Node("own", op, ("own", "out:1"))]))
    for name in ("out", "own"):
        known = found.integers(name)
        assert known is None or set(known.items) <= {None, 0, 1}


def test_long_lists_are_not_followed() -> None:
    assert follow("Identity", tuple(range(MOST_INTEGERS + 1))) == "nothing"
    assert follow("Identity", tuple(range(5))) == (0, 1, 2, 3, 4)


def test_every_op_has_a_row() -> None:
    tested = {row[0] for row in ROWS} | {
        "Const", "Shape", "ShapeN", "SplitV", "Switch", "IdentityN", "LogicalAnd", "LogicalOr",
        "LogicalNot", "All", "Any", "Select", "SelectV2", "PartitionedCall",
        "TensorArraySizeV3",
        # the same function as another one
        "TensorArraySizeV2", "TensorArraySize", "StatefulPartitionedCall", "Exit", "Snapshot",
        "NextIteration", "EnsureShape", "StopGradient", "PreventGradient", "Reverse",
    }  # fmt: skip
    assert set(integer_function.all()) <= tested


# Random graphs

_OPERATIONS: dict[str, Any] = {
    "AddV2": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "FloorDiv": lambda a, b: a // b,
    "FloorMod": lambda a, b: a % b,
    "SquaredDifference": lambda a, b: (a - b) ** 2,
}


# long: an operation after the other is drawn and computed
@st.composite
def integer_graphs(draw: st.DrawFn) -> tuple[Graph, dict[str, np.ndarray[Any, Any]]]:
    """A graph over the shapes of two inputs, and the values of its nodes for true shapes."""
    true: list[list[int]] = [
        draw(st.lists(st.integers(1, 5), min_size=3, max_size=3)) for _ in range(2)
    ]
    nodes, values = [], {}
    for name, dims in zip("xy", true, strict=True):
        stated = [d if draw(st.booleans()) else None for d in dims]
        attrs: dict[str, Attr] = {"dtype": INT32, "shape": Shape(stated)}
        nodes.append(Node(f"{name}_in", "Placeholder", (), attrs))
        nodes.append(Node(name, "Shape", (f"{name}_in",), {"T": INT32, "out_type": INT64}))
        values[name] = np.array(dims, np.int64)
    constant = draw(st.integers(-4, 4))
    nodes.append(const("c", np.int64(constant)))
    values["c"] = np.array(constant, np.int64)
    zero = const("zero", np.int64(0))
    nodes.append(zero)
    for number in range(draw(st.integers(1, 8))):
        name = f"n{number}"
        lists = [n for n, v in values.items() if v.ndim == 1 and v.size < 40]
        kind = draw(st.sampled_from([*_OPERATIONS, "ConcatV2", "Gather", "Prod", "Neg", "Slice"]))
        if kind in _OPERATIONS:
            a, b = (draw(st.sampled_from(sorted(values))) for _ in range(2))
            if values[a].shape != values[b].shape and () not in (values[a].shape, values[b].shape):
                continue
            if "Floor" in kind and not np.all(values[b]):
                continue
            with np.errstate(all="ignore"):
                result = np.asarray(_OPERATIONS[kind](values[a], values[b]))
            inputs: tuple[str, ...] = (a, b)
        elif kind == "ConcatV2":
            a, b = (draw(st.sampled_from(lists)) for _ in range(2))
            result = np.concatenate([values[a], values[b]])
            inputs = (a, b, "zero")
        elif kind == "Neg":
            a = draw(st.sampled_from(sorted(values)))
            result, inputs = np.asarray(-values[a]), (a,)
        elif kind == "Prod":
            a = draw(st.sampled_from(lists))
            result, inputs = np.asarray(np.prod(values[a])), (a, "zero")
        else:
            a = draw(st.sampled_from(lists))
            size = len(values[a])
            start = draw(st.integers(0, size - 1))
            if kind == "Gather":
                result, extra = np.asarray(values[a][start]), [const(f"i{number}", np.int64(start))]
            else:
                count = draw(st.integers(1, size - start))
                result = values[a][start : start + count]
                extra = [
                    const(f"i{number}", np.array([start])),
                    const(f"j{number}", np.array([count])),
                ]
            nodes += extra
            inputs = (a, *(n.name for n in extra))
        if np.any(np.abs(result) > 2**20):
            continue
        types = dict.fromkeys(("T", "Tindices", "Tparams", "Tidx", "Index"), INT64)
        nodes.append(Node(name, kind, inputs, {**types, "N": 2}))
        values[name] = result
    return Graph(nodes), values


@settings(max_examples=200)
@given(integer_graphs())
def test_what_is_known_of_random_graphs_is_what_numpy_computes(
    made: tuple[Graph, dict[str, np.ndarray[Any, Any]]],
) -> None:
    made_graph, values = made
    found = infer_shapes(made_graph)
    shapes: dict[str, Sequence[int]] = {}
    for name, value in values.items():
        known = found.integers(name)
        if known is None:
            continue
        assert known.dims == value.shape
        for ours, true in zip(known.items, value.ravel().tolist(), strict=True):
            assert ours is None or ours == true, (name, known, value)
        if None not in known.items:
            shapes[name] = known.dims
    assert "c" in shapes
    stated = {
        f"{n}_in": Shape(values[n].tolist()) for n in "xy"
    }  # with all shapes known every value is
    whole = infer_shapes(made_graph, stated)
    for name, value in values.items():
        items = whole.integers(name)
        assert items is not None, name
        assert items.items == tuple(value.ravel().tolist())
