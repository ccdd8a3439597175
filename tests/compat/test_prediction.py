"""What `predict_conversion` tells of small graphs, with the reason."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np
import pytest

from graphtools.compat.prediction import predict_conversion
from graphtools.compat.verdict import Verdict
from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats import graph_of, open_model
from graphtools.graph import Graph, Node, Shape, Tensor
from graphtools.graph.dtypes import dtype
from graphtools.model.endpoints import loose_ends
from tests.benchmarks.lint_agreement import predict, read_truth, score
from tests.support import shared_lint_truth, shared_models
from tests.transforms.graphs import function, graph

pytestmark = pytest.mark.usefixtures("command_line")


class Builder:
    """Collects nodes of a graph."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def feed(self, name: str, shape: Any, kind: str = "float32") -> str:
        attrs: dict[str, Any] = {"dtype": dtype(kind), "shape": Shape(shape)}
        self.nodes.append(Node(name, "Placeholder", (), attrs))
        return name

    def constant(self, name: str, value: Any, kind: str = "int32") -> str:
        tensor = Tensor.from_array(np.asarray(value, dtype(kind).array_name), kind)
        self.nodes.append(Node(name, "Const", (), {"dtype": dtype(kind), "value": tensor}))
        return name

    def op(self, name: str, op: str, *inputs: str, **attrs: Any) -> str:
        values = {k: dtype(v) if isinstance(v, str) else v for k, v in attrs.items()}
        self.nodes.append(Node(name, op, inputs, values))
        return name

    def verdict(self, *outputs: str, **options: Any) -> Verdict:
        graph = Graph(self.nodes)
        fed, fetched = loose_ends(graph)
        return predict_conversion(graph, fed, outputs or fetched, **options)


def unary(op: str, kind: str = "float32", shape: Any = (2, 3)) -> Verdict:
    build = Builder()
    build.feed("x", shape, kind)
    build.op("y", op, "x", T=kind)
    return build.verdict("y")


@pytest.mark.parametrize(
    ("op", "kind", "builtins", "select", "reason"),
    [
        ("Relu", "float32", True, True, ""),
        ("Relu", "float64", False, True, "T=float64: TFLite's Relu takes T=float32, int32, int64"),
        ("Erf", "float32", False, True, "TFLite has no Erf"),
        ("Erfc", "float32", False, False, "TFLite has no Erfc"),
        ("Expm1", "float64", False, False, "T=float64: TFLite's Expm1 takes T=float32"),
        ("Identity", "complex128", True, True, ""),
        ("NoSuchOp", "float32", False, False, "TensorFlow 2.21 has no op NoSuchOp"),
    ],
)
def test_the_name_and_the_types_of_an_op_decide(
    op: str, kind: str, builtins: bool, select: bool, reason: str
) -> None:
    found = unary(op, kind)
    assert (found.builtins, found.select) == (builtins, select)
    assert [b.reason for b in found.blockers] == ([reason] if reason else [])


def test_blockers_say_what_to_do_and_unknown_ops_are_told() -> None:
    found = unary("NoSuchOp")
    (blocker,) = found.blockers
    assert (blocker.node, blocker.op, blocker.kind) == ("y", "NoSuchOp", "unsupported")
    assert blocker.remedy
    assert found.unknown == ("y",)
    assert unary("Erf").blockers[0].kind == "flex"


@pytest.mark.parametrize(("fed", "reason"), [(False, ""), (True, "axis is not constant")])
def test_the_axis_of_a_concatenation_must_be_constant(fed: bool, reason: str) -> None:
    build = Builder()
    build.feed("x", (2, 3))
    if fed:
        build.feed("axis", (), "int32")
    else:
        build.constant("axis", 1)
    build.op("y", "ConcatV2", "x", "x", "axis", N=2, T="float32", Tidx="int32")
    found = build.verdict("y")
    assert found.builtins is not fed
    assert all(reason in b.reason for b in found.blockers)


@pytest.mark.parametrize(
    ("image", "weights", "reason"),
    [
        ((1, None, None, 3), (3, 3, 3, 4), ""),
        ((1, 8, 8, None), (3, 3, 3, 4), "the number of channels of its input is unknown"),
        (None, (3, 3, 3, 4), "the rank of its input is unknown"),
        ((1, 8, 8, 3), (3, 3, 3, None), "the shape of its filter is not known"),
    ],
)
def test_what_a_convolution_must_know(image: Any, weights: Any, reason: str) -> None:
    build = Builder()
    build.feed("x", image)
    build.feed("w", weights)
    build.op("y", "Conv2D", "x", "w", T="float32", strides=[1, 1, 1, 1], padding=b"SAME")
    found = build.verdict("y")
    assert [b.reason for b in found.blockers] == ([reason] if reason else [])


def test_dead_nodes_and_what_depends_on_constants_do_not_count() -> None:
    build = Builder()
    build.feed("x", (4,))
    build.constant("c", [1, 2, 3, 4], "float32")
    build.op("folded", "Erf", "c", T="float32")
    build.op("dead", "Erf", "x", T="float32")
    build.op("y", "AddV2", "x", "folded", T="float32")
    found = build.verdict("y")
    assert found.builtins
    assert {n.node: n.verdict for n in found.nodes} == {"folded": "folded", "y": "builtin"}


def test_known_shapes_are_constants() -> None:
    for shape, builtins in (((2, 3), True), ((None, 3), False)):
        build = Builder()
        build.feed("x", shape)
        build.op("shape", "Shape", "x", T="float32", out_type="int32")
        build.op("float", "Cast", "shape", SrcT="int32", DstT="float32")
        build.op("y", "Erf", "float", T="float32")
        assert build.verdict("y").builtins is builtins


def test_what_only_control_dependencies_need_counts_if_it_has_an_effect() -> None:
    for op, builtins in (("Erf", True), ("Assert", True), ("Print", False)):
        build = Builder()
        build.feed("x", (4,))
        build.feed("ok", (), "bool")
        if op == "Erf":
            build.op("side", op, "x", T="float32")
        else:
            first = "ok" if op == "Assert" else "x"
            types = {"T": [dtype("float32")]} if op == "Assert" else {"U": [dtype("float32")]}
            build.op("side", op, first, "x", **types, **({"T": "float32"} if op == "Print" else {}))
        build.op("y", "Relu", "x", "^side", T="float32")
        assert build.verdict("y").builtins is builtins


def test_an_input_cuts_the_graph() -> None:
    build = Builder()
    build.feed("x", (4,))
    build.op("bad", "Erf", "x", T="float32")
    build.op("y", "Relu", "bad", T="float32")
    graph = Graph(build.nodes)
    assert not predict_conversion(graph, ["x"], ["y"]).builtins
    assert predict_conversion(graph, ["bad:0"], ["y:0"]).builtins


def test_a_given_shape_takes_the_place_of_the_graphs() -> None:
    build = Builder()
    build.feed("x", None)
    build.constant("w", np.zeros((3, 3, 3, 4)), "float32")
    build.op("y", "Conv2D", "x", "w", T="float32", strides=[1, 1, 1, 1], padding=b"SAME")
    assert not build.verdict("y").builtins
    assert build.verdict("y", input_shapes={"x": Shape((1, 8, 8, 3))}).builtins


def test_variables_are_refused() -> None:
    build = Builder()
    build.op("v", "VariableV2", dtype="float32", shape=Shape((2,)))
    build.op("y", "Identity", "v", T="float32")
    found = build.verdict("y")
    assert not found.select
    assert "not frozen" in found.blockers[0].reason
    assert "graphtools freeze" in found.blockers[0].remedy


def test_failures_and_crashes_are_told_from_what_select_mends() -> None:
    build = Builder()
    build.feed("x", (4, 1))
    build.feed("y", (1, 4))
    build.op("angle", "Atan2", "x", "y", T="float32")
    found = build.verdict("angle")
    assert not found.select
    assert found.blockers[0].kind == "error"
    build = Builder()
    build.feed("x", (4,), "float64")
    build.op("y", "SigmoidGrad", "x", "x", T="float64")
    assert build.verdict("y").blockers[0].kind == "crash"


@pytest.mark.parametrize(("kind", "builtins"), [("float32", True), ("float64", False)])
def test_nodes_of_v1_conditionals_are_named_as_the_converter_names_them(
    kind: str, builtins: bool
) -> None:
    build = Builder()
    build.feed("x", (4,), kind)
    build.feed("choice", (), "bool")
    build.op("switch", "Switch", "x", "choice", T=kind)
    build.op("then", "Relu", "switch:1", T=kind)
    build.op("otherwise", "Neg", "switch", T=kind)
    build.op("merge", "Merge", "otherwise", "then", T=kind, N=2)
    build.op("y", "Identity", "merge", T=kind)
    found = build.verdict("y")
    assert found.builtins is builtins
    named = {"then@_functionalize_if_then_branch_0", "otherwise@_functionalize_if_else_branch_0"}
    assert {b.node for b in found.blockers} == (set() if builtins else named)
    assert {b.function for b in found.blockers} == {n.partition("@")[2] for n in named} or builtins


def test_a_branch_that_is_never_taken_does_not_count() -> None:
    build = Builder()
    build.feed("x", (4,))
    build.constant("choice", False, "bool")
    build.op("switch", "Switch", "x", "choice", T="float32")
    build.op("then", "Erf", "switch:1", T="float32")
    build.op("otherwise", "Neg", "switch", T="float32")
    build.op("merge", "Merge", "otherwise", "then", T="float32", N=2)
    build.op("y", "Identity", "merge", T="float32")
    assert build.verdict("y").builtins


def test_the_twin_of_a_node_is_no_blocker_of_its_own() -> None:
    build = Builder()
    build.feed("x", (4,))
    build.op("one", "Erf", "x", T="float32")
    build.op("two", "Erf", "x", T="float32")
    build.op("y", "AddV2", "one", "two", T="float32")
    assert [b.node for b in build.verdict("y").blockers] == ["one"]


def test_the_ends_of_a_graph_are_placeholders_and_what_nothing_reads() -> None:
    build = Builder()
    build.feed("x", (4,))
    build.feed("unused", (4,))
    build.op("y", "Relu", "x", T="float32")
    found = build.verdict()
    assert (found.inputs, found.outputs) == (("x",), ("y",))
    assert predict_conversion(Graph([]), [], []).builtins


def test_wrong_names_and_versions_are_refused() -> None:
    build = Builder()
    build.feed("x", (4,))
    with pytest.raises(UnknownName, match="no node 'y'"):
        build.verdict("y")
    with pytest.raises(InvalidValue, match=r"no table of what TensorFlow 1\.3"):
        build.verdict("x", tf_version="1.3")
    assert build.verdict("x", tf_version="2.21.0").tf_version == "2.21"


def test_a_cycle_and_a_dangling_input_are_no_exception() -> None:
    build = Builder()
    build.op("a", "Relu", "b", T="float32")
    build.op("b", "Relu", "a", T="float32")
    assert not build.verdict("a").builtins
    build = Builder()
    build.op("a", "Relu", "nowhere", T="float32")
    assert not build.verdict("a").builtins


@functools.cache
def sample() -> Any:
    folder, truth = shared_lint_truth()
    entries = read_truth(truth)[::8]
    return list(predict(entries, folder))


@pytest.mark.slow
def test_it_agrees_with_the_converter() -> None:
    found = score(sample())
    assert found.failures == 0
    assert found.builtins >= 0.99
    assert found.select >= 0.995
    assert found.precision >= 0.98
    assert found.recall >= 0.98


def test_a_large_graph_is_judged_in_a_fraction_of_a_second() -> None:
    path = shared_models() / "od/ssd_mobilenet_v1_small/frozen_inference_graph.pb"
    graph = graph_of(open_model(str(path)))
    predict_conversion(graph, *loose_ends(graph))
    start = time.process_time()
    found = predict_conversion(graph, *loose_ends(graph))
    assert time.process_time() - start < 1  # a fifth of it where nothing else runs
    assert not found.builtins
    assert found.select


@pytest.mark.parametrize(
    ("table", "builtins"), [("HashTableV2", True), ("MutableHashTableV2", False)]
)
def test_a_table_is_known_in_the_functions_that_it_is_handed_to(table: str, builtins: bool) -> None:
    """As in SavedModels, whose tables stand outside of what looks up in them."""
    inner = function(
        "inner",
        "h resource, k string",
        "v int64 = y:values:0",
        "d = Const value=int64:-1\ny = LookupTableFindV2(h, k, d:output:0) Tin=string Tout=int64",
    )
    outer = function("outer", "g resource, q string", "r int64 = c:v:0", "c = inner(g, q)")
    text = f"""
        x = Placeholder dtype=string shape=[3]
        t = {table} key_dtype=string value_dtype=int64
        y = outer(t, x)
    """
    found = predict_conversion(graph(text, [inner, outer]), ["x"], ["y"])
    assert found.builtins is builtins
    reasons = [b.reason for b in found.blockers if b.node == "y@inner"]
    assert reasons == ([] if builtins else ["TFLite has LookupTableFindV2 of a HashTableV2 only"])


def test_a_placeholder_that_is_no_input_is_told_as_that() -> None:
    text = """
        x = Placeholder dtype=float shape=[2]
        z = Placeholder dtype=float shape=[2]
        y = Add(x, z) T=float
    """
    (blocker,) = predict_conversion(graph(text), ["x"], ["y"]).blockers
    assert (blocker.node, blocker.kind) == ("z", "flex")
    assert blocker.reason.startswith("it is no input")
    assert "--inputs" in blocker.remedy
