"""The engine: order, overrides, loops, functions, findings, and graphs of any size and damage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import graphtools
from graphtools.errors import InvalidValue, UnknownName
from graphtools.graph import Attr, Graph, Node
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Function
from graphtools.graph.shape import Shape
from graphtools.ops.inference import Inference, infer_shapes
from tests.analysis.graphs import const, function, graph
from tests.support import FIXTURES

N = None
INT32, INT64 = dtype("int32"), dtype("int64")


def placeholder(name: str, shape: Any, kind: str = "float32") -> Node:
    attrs: dict[str, Attr] = {"dtype": dtype(kind), "shape": Shape(shape)}
    return Node(name, "Placeholder", (), attrs)


def node(name: str, op: str, *inputs: str, **attrs: Any) -> Node:
    return Node(name, op, inputs, {"T": FLOAT32, **attrs})


def messages(inference: Inference) -> dict[str, str]:
    return {f.node: f.message for f in inference.findings}


# Order and overrides


def test_shapes_follow_from_the_inputs_whatever_the_order_of_the_nodes() -> None:
    found = infer_shapes(graph("b Relu a", "a Relu x", placeholder("x", [2, N])))
    assert found.dims("b") == (2, N)
    assert found.shape("b") == Shape([2, N])
    assert found.dtype("b") is FLOAT32
    assert found.dims("nowhere") is None
    assert found.dims("b", 1) is None
    assert found.dtype("b", 1) is None
    assert found.findings == ()


def test_an_override_takes_the_place_of_what_the_graph_states() -> None:
    made = graph(placeholder("x", [N, 8]), "a Relu x")
    for name in ("x", "x:0", " 'x' "):
        assert infer_shapes(made, {name: Shape([3, 8])}).dims("a") == (3, 8)
    found = infer_shapes(made, {"x": Shape([3, 9])})
    assert found.dims("a") == (3, 9), "also where the graph states something else"
    assert found.is_overridden("x")
    assert not found.is_overridden("a")


def test_an_override_in_the_middle_of_a_graph_and_of_a_second_output() -> None:
    made = graph(
        placeholder("x", [4, 6]),
        const("axis", 1),
        node("s", "Split", "axis", "x", num_split=2),
        "a Relu s:1",
        "b Relu s",
    )
    found = infer_shapes(made, {"s:1": Shape([7, 7])})
    assert (found.dims("a"), found.dims("b")) == ((7, 7), (4, 3))


def test_an_override_makes_the_shape_of_an_unknown_op_known() -> None:
    made = graph(placeholder("x", [2]), "a Whatever x", "b Relu a:1", "c Relu a")
    assert infer_shapes(made).shapes("a") == []
    found = infer_shapes(made, {"a:1": Shape([5])})
    assert (found.dims("b"), found.dims("c")) == ((5,), None)


def test_overrides_of_what_is_not_there_are_refused() -> None:
    made = graph(placeholder("image", [2]), "a Relu image")
    with pytest.raises(UnknownName, match="imag") as error:
        infer_shapes(made, {"imag": Shape([1])})
    assert "image" in error.value.remedy
    with pytest.raises(InvalidValue, match="'image' has 1 output, so there is no 'image:1'"):
        infer_shapes(made, {"image:1": Shape([1])})


def test_with_targets_only_what_they_need_is_looked_at() -> None:
    made = graph(placeholder("x", [2]), "a Relu x", "b Relu a ^c", "c Relu x", "d Relu b")
    found = infer_shapes(made, targets=["b:0"])
    assert [found.dims(n) for n in "xabcd"] == [(2,)] * 4 + [None]
    assert infer_shapes(made, targets=[]).dims("x") is None
    with pytest.raises(UnknownName):
        infer_shapes(made, targets=["e"])


# Values


def test_values_decide_shapes() -> None:
    made = graph(
        placeholder("x", [N, 4, 6]),
        node("shape", "Shape", "x", out_type=INT32),
        *(const(f"c{i}", [i]) for i in (0, 1)),
        node("batch", "StridedSlice", "shape", "c0", "c1", "c1", T=INT32, shrink_axis_mask=1),
        const("rest", -1),
        node("both", "Pack", "batch", "rest", T=INT32, N=2, axis=0),
        node("flat", "Reshape", "x", "both", Tshape=INT32),
    )
    assert infer_shapes(made).dims("flat") == (N, N)
    assert infer_shapes(made, {"x": Shape([5, 4, 6])}).dims("flat") == (5, 24)


# Findings


def test_a_contradiction_names_the_node_and_the_shapes_and_inference_goes_on() -> None:
    made = graph(
        placeholder("x", [2, 3]), placeholder("y", [4]), "a AddV2 x y ^x", "b Relu a", "c Relu x"
    )
    found = infer_shapes(made)
    (finding,) = found.findings
    assert (finding.node, finding.op) == ("a", "AddV2")
    assert finding.message == (
        "the shapes [2,3] and [4] cannot be broadcast; inputs: x [2,3], y [4]"
    )
    assert (found.dims("a"), found.dims("b"), found.dims("c")) == (None, None, (2, 3))


def test_findings_come_in_the_order_of_the_graph() -> None:
    made = graph(
        "late AddV2 early y", "early AddV2 x y", placeholder("x", [2]), placeholder("y", [3])
    )
    assert [f.node for f in infer_shapes(made).findings] == ["early"]
    two = graph("b AddV2 x y", "a AddV2 x y", placeholder("x", [2]), placeholder("y", [3]))
    assert [f.node for f in infer_shapes(two).findings] == ["b", "a"]


def test_a_cycle_that_is_no_loop_is_a_finding() -> None:
    made = graph(placeholder("x", [2]), "a AddV2 b x", "b Relu a", "behind Relu b", "beside Relu x")
    found = infer_shapes(made)
    (finding,) = found.findings
    assert finding.message.startswith("stands on a cycle that is not a loop: ")
    assert finding.node in "ab"
    assert found.dims("beside") == (2,)
    assert found.dims("behind") is None
    assert found.dtype("behind") is FLOAT32


@pytest.mark.parametrize("text", ["gone", "gone:3", "^gone", "x:9", "x:99999999999999999999"])
def test_inputs_that_are_not_there_have_no_shape(text: str) -> None:
    found = infer_shapes(graph(placeholder("x", [2]), f"a Relu {text}", "b Relu x"))
    assert found.dims("a") is None
    assert found.dims("b") == (2,)


def test_names_may_repeat() -> None:
    made = Graph([placeholder("x", [2]), *graph("a Relu x", "b Relu a"), *graph("a Relu b")])
    assert infer_shapes(made).dims("b") in (None, (2,))


def test_an_unknown_op_gives_nothing_and_its_readers_too() -> None:
    found = infer_shapes(graph(placeholder("x", [2]), "a Whatever x", "b AddV2 a x"))
    assert (found.shapes("a"), found.dtypes("a"), found.dims("b")) == ([], [], None)
    assert found.findings == ()


def test_a_custom_op_of_tflite_tells_its_dtypes() -> None:
    made = graph(node("post", "TFLite_Detection_PostProcess", _output_types=[FLOAT32, INT32]))
    assert infer_shapes(made).dtypes("post") == [FLOAT32, INT32]


@pytest.mark.parametrize(
    "made",
    [
        node("n", "Conv2D", "x", "x", strides=[], padding=b"SAME"),
        node("n", "Conv2D", "x"),
        node("n", "Split", "x", "x", num_split=10**9),
        node("n", "Pack", N=-4),
        node("n", "Merge"),
        node("n", "Const"),
        node("n", "_Arg"),
        node("n", "PartitionedCall", "x", f=FunctionRef("gone", {}), Tout=[FLOAT32]),
        node("n", "While", "x", body=b"text", cond=b"text"),
    ],
)
def test_damaged_nodes_stop_nothing(made: Node) -> None:
    found = infer_shapes(graph(placeholder("x", [2]), made, "after Relu x"))
    assert found.dims("n") is None
    assert found.dims("after") == (2,)


@pytest.mark.parametrize("value", [[1 + 2j], [float("nan")], [b"text"]])
def test_a_constant_of_another_type_than_its_node_states_has_no_integers(value: Any) -> None:
    made = const("c", value)
    lying = Node("c", "Const", (), {"dtype": INT32, "value": made.attrs["value"]})
    found = infer_shapes(graph(lying, node("r", "Fill", "c", "c", index_type=INT32)))
    assert found.integers("c") is None
    assert found.dims("r") in ((None,), None)


def test_integers_on_a_cycle_that_is_no_loop_are_not_known() -> None:
    made = graph(
        const("one", [1], "int32"),
        node("a", "AddV2", "b", "one", T=INT32),
        node("b", "AddV2", "a", "one", T=INT32),
        node("own", "Neg", "own", T=INT32),
        node("r", "Fill", "b", "one", T=INT32, index_type=INT32),
    )
    found = infer_shapes(made)
    assert [found.integers(n) for n in ("a", "b", "own")] == [None] * 3
    assert found.findings


# Shapes stored by TensorFlow


def stored(*shapes: Any) -> Any:
    return [Shape(s) for s in shapes]


def test_stored_shapes_fill_in_what_is_not_known() -> None:
    made = graph(
        node("a", "Whatever", _output_shapes=stored([2, N], [3])),
        node("b", "Relu", "a", _output_shapes=stored([N, 5])),
        "c Relu a:1",
    )
    found = infer_shapes(made)
    assert (found.dims("a"), found.dims("b"), found.dims("c")) == ((2, N), (2, 5), (3,))


def test_stored_shapes_are_not_used_with_overrides() -> None:
    made = graph(
        placeholder("x", N), node("b", "Whatever", "x", _output_shapes=stored([4])), "c Relu x"
    )
    assert infer_shapes(made).dims("b") == (4,)
    found = infer_shapes(made, {"x": Shape([3])})
    assert (found.dims("b"), found.dims("c")) == (None, (3,))


def test_stored_shapes_that_contradict_are_a_finding() -> None:
    made = graph(placeholder("x", [N, 2]), node("a", "Relu", "x", _output_shapes=stored([4, 3])))
    found = infer_shapes(made)
    assert found.dims("a") == (N, 2)
    message = messages(found)["a"]
    assert "[?,2] and [4,3]" in message
    assert "_output_shapes" in message


def test_stored_shapes_of_another_number_are_not_used() -> None:
    made = graph(placeholder("x", [N]), node("a", "Relu", "x", _output_shapes=stored([4], [5])))
    assert infer_shapes(made).dims("a") == (N,)


# Control flow of version 1


def loop(
    body: Sequence[Node | str], *, start: str = "x", before: Sequence[Node | str] = ()
) -> Graph:
    """A while_loop with the variable `merge`, `switch:1` in its body, which ends in `body`."""
    return graph(
        placeholder("x", [2, 3]),
        *before,
        f"enter Enter {start}",
        "merge Merge enter next",
        const("limit", True),
        "cond LoopCond limit",
        "switch Switch merge cond",
        "inside Identity switch:1",
        *body,
        "next NextIteration body",
        "exit Exit switch",
        "after Relu exit",
    )


def test_an_invariant_of_a_loop_stays_known() -> None:
    found = infer_shapes(loop(["body Relu inside"]))
    assert [found.dims(n) for n in ("merge", "inside", "after")] == [(2, 3)] * 3
    assert found.shapes("merge") == [(2, 3), ()]


def test_a_dimension_that_grows_becomes_unknown() -> None:
    more = [const("axis", 0), node("body", "ConcatV2", "inside", "inside", "axis", N=2)]
    found = infer_shapes(loop([*more]))
    assert [found.dims(n) for n in ("merge", "inside", "body", "after")] == [(N, 3)] * 4


def test_a_rank_that_grows_becomes_unknown() -> None:
    found = infer_shapes(loop([node("body", "Pack", "inside", N=1)]))
    assert [found.dims(n) for n in ("merge", "after")] == [None, None]
    assert found.findings == ()


def test_a_loop_settles_when_a_dimension_counts_up() -> None:
    """Each round would give another number; it must not be followed for ever."""
    more = [
        const("axis", 1),
        const("one", [[1.0], [1.0]]),
        node("body", "ConcatV2", "inside", "one", "axis", N=2),
    ]
    assert infer_shapes(loop([*more])).dims("after") == (2, N)


def test_the_shape_of_a_merge_that_was_given_stays_and_the_loop_settles() -> None:
    more = [const("axis", 0), node("body", "ConcatV2", "inside", "inside", "axis", N=2)]
    found = infer_shapes(loop([*more]), {"merge": Shape([7, 3])})
    assert [found.dims(n) for n in ("merge", "after")] == [(7, 3), (7, 3)]


def test_findings_of_rounds_that_did_not_hold_are_withdrawn() -> None:
    """The second operand has the shape of the first round only."""
    more: list[Node | str] = [
        const("axis", 0),
        const("two", [[1.0] * 3] * 2),
        "sum AddV2 inside two",
        node("body", "ConcatV2", "inside", "inside", "axis", N=2),
    ]
    found = infer_shapes(loop([*more]))
    assert found.dims("merge") == (N, 3)
    assert found.findings == ()


def test_nested_loops_settle_together() -> None:
    made = loop(
        [
            const("axis", 0),
            "enter2 Enter inside",
            "merge2 Merge enter2 next2",
            "cond2 LoopCond limit",
            "switch2 Switch merge2 cond2",
            "inside2 Identity switch2:1",
            node("body2", "ConcatV2", "inside2", "inside2", "axis", N=2),
            "next2 NextIteration body2",
            "exit2 Exit switch2",
            "body Identity exit2",
        ]
    )
    found = infer_shapes(made)
    assert [found.dims(n) for n in ("merge2", "merge", "after")] == [(N, 3)] * 3
    for name in ("merge", "merge2"):
        assert found.shapes(name)[1] == ()


def test_a_loop_without_an_exit_and_one_without_an_entry() -> None:
    made = loop(["body Relu inside"])
    for name in ("after", "exit"):
        made.remove(name)
    assert infer_shapes(made).dims("body") == (2, 3)
    lone = graph("merge Merge next", "next NextIteration merge", "a Relu merge")
    assert infer_shapes(lone).dims("a") is None


def test_a_merge_of_a_cond_has_what_both_branches_have() -> None:
    made = graph(
        placeholder("x", [2, 3]),
        placeholder("y", [4, 3]),
        const("p", True),
        "s Switch x p",
        "t Switch y p",
        "a Relu s:1",
        "b Relu t",
        "m Merge b a",
        "out Relu m",
    )
    found = infer_shapes(made)
    assert found.dims("out") == (N, 3)
    assert found.dims("m", 1) == ()


def test_a_value_that_a_loop_counts_is_not_taken_for_its_first() -> None:
    made = graph(
        const("zero", [0]),
        Node("enter", "Enter", ("zero",), {"T": INT64}),
        Node("merge", "Merge", ("enter", "next"), {"T": INT64, "N": 2}),
        const("one", [1]),
        Node("sum", "AddV2", ("merge", "one"), {"T": INT64}),
        Node("next", "NextIteration", ("sum",), {"T": INT64}),
        const("value", 1.0),
        Node("r", "Fill", ("merge", "value"), {"T": FLOAT32, "index_type": INT64}),
    )
    assert infer_shapes(made).dims("r") == (N,)


# Functions


def call(name: str, callee: str, *inputs: str) -> Node:
    attrs: dict[str, Attr] = {
        "f": FunctionRef(callee, {}),
        "Tin": [FLOAT32] * len(inputs),
        "Tout": [FLOAT32],
    }
    return Node(name, "PartitionedCall", inputs, attrs)


def twice() -> Function:
    return function(
        "twice",
        ["p"],
        "y:output:0",
        const("axis", 0),
        node("y", "ConcatV2", "p", "p", "axis:output:0", N=2),
    )


def test_a_function_is_inferred_for_each_way_it_is_called() -> None:
    made = graph(
        placeholder("x", [2, 3]),
        placeholder("z", [5]),
        call("a", "twice", "x"),
        call("b", "twice", "a"),
        call("c", "twice", "z"),
        Node("d", "twice", ("z",), {}),
        functions=[twice()],
    )
    found = infer_shapes(made)
    assert [found.dims(n) for n in "abcd"] == [(4, 3), (8, 3), (10,), (10,)]
    assert found.bodies("a")["twice"].dims("y") == (4, 3)
    assert found.bodies("c")["twice"] is found.bodies("d")["twice"], "the same call"
    assert found.bodies("x") == {}
    assert found.dtypes("d") == [FLOAT32]


def test_a_contradiction_in_a_function_belongs_to_the_call() -> None:
    bad = function("bad", ["p", "q"], "y:z:0", "y AddV2 p q")
    made = graph(
        placeholder("x", [2]),
        placeholder("z", [3]),
        call("good", "bad", "x", "x"),
        call("wrong", "bad", "x", "z"),
        functions=[bad],
    )
    found = infer_shapes(made)
    assert found.bodies("good")["bad"].findings == ()
    (finding,) = found.bodies("wrong")["bad"].findings
    assert finding.message.endswith("inputs: p [2], q [3]")


def test_functions_that_call_themselves_or_each_other_end() -> None:
    own = function("own", ["p"], "y:result:0", "y own p", "z own y:result:0")
    ping = function("ping", ["p"], "y:result:0", "y pong p", "z pong y:result:0")
    pong = function("pong", ["p"], "y:result:0", "y ping p", "z ping y:result:0")
    made = graph(
        placeholder("x", [2]), "a own x", "b ping x", "c Relu x", functions=[own, ping, pong]
    )
    found = infer_shapes(made)
    assert [found.dims(n) for n in "abc"] == [None, None, (2,)]


@pytest.mark.slow
def test_functions_that_call_each_other_many_times_take_no_time() -> None:
    """Fifteen functions, each calling the next twice, with the same or with another shape."""
    chain = [
        function(
            f"f{i}", ["p"], "s:z:0", f"a f{i + 1} p", f"b f{i + 1} a:result:0",
            "s AddV2 a:result:0 b:result:0",
        )
        for i in range(15)
    ]  # fmt: skip
    growing = [
        function(
            f"g{i}", ["p"], "s:output:0", f"a g{i + 1} p", node("e", "Pack", "a:result:0", N=1),
            f"b g{i + 1} e:output:0", "s Identity b:result:0",
        )
        for i in range(15)
    ]  # fmt: skip
    relu = [function(f"{n}15", ["p"], "s:activations:0", "s Relu p") for n in "fg"]
    made = graph(placeholder("x", [2]), "a f0 x", "b g0 x", functions=[*chain, *growing, *relu])
    found = infer_shapes(made)
    assert found.dims("a") == (2,)


def test_an_unknown_function_gives_nothing() -> None:
    made = graph(placeholder("x", [2]), call("a", "gone", "x"), "b Relu x")
    found = infer_shapes(made)
    assert (found.dims("a"), found.dims("b")) == (None, (2,))
    assert found.dtypes("a") == [FLOAT32]


def test_a_call_with_another_number_of_arguments_gives_nothing() -> None:
    made = graph(placeholder("x", [2]), call("a", "twice", "x", "x"), functions=[twice()])
    assert infer_shapes(made).dims("a") is None


# Handles


def test_what_a_variable_holds_is_what_is_read() -> None:
    resource: dict[str, Attr] = {"dtype": FLOAT32, "shape": Shape([3, 4])}
    made = graph(
        Node("v", "VarHandleOp", (), resource),
        Node("same", "Identity", ("v",), {"T": dtype("resource")}),
        Node("read", "ReadVariableOp", ("same",), {"dtype": FLOAT32}),
    )
    found = infer_shapes(made)
    assert found.dims("read") == (3, 4)
    assert found.handle("same") == ((FLOAT32, (3, 4)),)
    assert found.handle("read") is None


# Size


@pytest.mark.slow
def test_long_chains_do_not_recurse() -> None:
    made = [placeholder("x", [2])]
    made += [node(f"n{i}", "Relu", f"n{i - 1}" if i else "x") for i in range(100_000)]
    assert infer_shapes(Graph(made)).dims("n99999") == (2,)


@pytest.mark.slow
def test_long_chains_of_integers_and_constants_do_not_recurse() -> None:
    made = [const("one", 1, "int32"), placeholder("size", [], "int32")]
    for start, prefix in (("size", "i"), ("one", "c")):
        before = start
        for number in range(20_000):
            name = f"{prefix}{number}"
            made.append(Node(name, "AddV2", (before, "one"), {"T": INT32}))
            before = name
    found = infer_shapes(Graph(made))
    integers = found.integers("i19999")
    assert integers is None or integers.items == (None,)
    counted = found.integers("c19999")
    assert counted is not None
    assert counted.items == (20_001,)
    value = found.value("c19999")
    assert value is not None
    assert value == 20_001


def test_long_chains_of_float_constants_do_not_recurse() -> None:
    made = [const("one", 1.0, "float32")]
    before = "one"
    for number in range(20_000):
        made.append(node(f"c{number}", "AddV2", before, "one"))
        before = f"c{number}"
    found = infer_shapes(Graph(made))
    assert found.constness.is_constant(before)
    value = found.value(before)
    assert value is not None
    assert value == 20_001


def test_the_fixtures_contradict_themselves_nowhere() -> None:
    found = infer_shapes(
        graphtools.load(FIXTURES / "ssd/frozen_inference_graph.pb"),
        {"image_tensor": Shape([1, 64, 64, 3])},
    )
    assert found.findings == ()
    name = "FeatureExtractor/MobilenetV1/MobilenetV1/Conv2d_0/Conv2D"
    assert all(d is not None for d in found.dims(name) or [None])


@pytest.mark.parametrize("op", ["NoSuchOp", "ConcatV2", "Relu", "ExpandDims"])
@pytest.mark.parametrize("stored", [[1, 2], [None, 2], None])
def test_a_loop_settles_whatever_its_merge_has_stored(op: str, stored: Any) -> None:
    shapes = [Shape(stored), Shape([])]
    inference = infer_shapes(
        graph(
            placeholder("x", [1, 2]),
            node("enter", "Enter", "x", frame_name=b"w"),
            node("merge", "Merge", "enter", "next", _output_shapes=shapes),
            node("body", op, "merge", "merge", "merge"),
            node("next", "NextIteration", "body"),
        )
    )
    assert inference.shape("merge", 1) == Shape([])
    if op == "Relu":
        assert inference.shape("merge") == Shape([1, 2])
