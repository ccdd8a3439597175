"""The engine: what is constant, limits, refusals, hostile nodes, and whole graphs in TensorFlow."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphtools
from graphtools.errors import UnknownName
from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.ops.definitions import op_definition
from graphtools.ops.evaluation import Evaluator, NotConstant, kernel
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.ops.value import evaluate
from tests.arrays import f32, i32
from tests.ops.families.single_ops import arrays, const, single
from tests.support import BINARY_GRAPHS, FIXTURES, shared_models

F, Z = np.float32, np.int32
FLOAT = {"T": dtype("float32")}


def chain(*nodes: Node) -> Graph:
    graph = Graph()
    for node in nodes:
        graph.add(node)
    return graph


def test_a_subtree_of_constants() -> None:
    graph = chain(
        const("a", f32([1, 4])),
        Node("root", "Sqrt", ("a",), FLOAT),
        Node("sum", "AddV2", ("root", "a:0", "^root"), FLOAT),
    )
    assert evaluate(graph, "sum:0").tolist() == [2, 6]


def test_what_is_fed_or_drawn_is_not_constant() -> None:
    graph = chain(
        Node("x", "Placeholder", (), {"dtype": dtype("float32"), "shape": Shape((2, 3))}),
        Node("twice", "AddV2", ("x", "x"), FLOAT),
        Node("shape", "Shape", ("twice",), {"T": dtype("float32"), "out_type": dtype("int64")}),
        Node("size", "Size", ("twice",), FLOAT),
        Node("noise", "RandomUniform", ("shape",), {"T": dtype("int64"), "dtype": FLOAT["T"]}),
    )
    with pytest.raises(NotConstant, match="Placeholder"):
        evaluate(graph, "twice")
    with pytest.raises(NotConstant, match="stateful or random"):
        evaluate(graph, "noise")
    shape = evaluate(graph, "shape")
    assert shape.dtype == np.int64
    assert shape.tolist() == [2, 3]
    assert evaluate(graph, "size") == 6
    with pytest.raises(UnknownName):
        evaluate(graph, "nowhere")
    with pytest.raises(NotConstant, match="no output 1"):
        evaluate(graph, "shape:1")


def test_a_refusal_names_the_node_that_is_to_blame() -> None:
    graph = chain(
        const("a", i32([1])),
        const("b", i32([0])),
        Node("part", "FloorDiv", ("a", "b"), {"T": dtype("int32")}),
        Node("out", "Neg", ("part",), {"T": dtype("int32")}),
    )
    with pytest.raises(NotConstant, match=r"'part' \(FloorDiv\).*divided by zero"):
        evaluate(graph, "out")
    assert Evaluator(Inference(graph)).value("out") is None


def test_limits() -> None:
    graph = single("Fill", i32([1000]), F(1))
    assert evaluate(graph, "out", most_bytes=4000).shape == (1000,)
    with pytest.raises(NotConstant, match="too many"):
        evaluate(graph, "out", most_bytes=3999)
    large = chain(const("a", np.zeros(1000, F)), Node("out", "Identity", ("a",), FLOAT))
    with pytest.raises(NotConstant, match="too many"):
        evaluate(large, "out", most_bytes=100)


def test_what_is_held_is_bounded() -> None:
    nodes = [const("n0", np.zeros(250, F))]
    nodes += [Node(f"n{i + 1}", "Neg", (f"n{i}",), FLOAT) for i in range(40)]
    graph = chain(*nodes)
    evaluator = Evaluator(Inference(graph), most_bytes=1000)
    for i in range(41):  # one after the other, old ones are given up
        assert evaluator.evaluate(f"n{i}").shape == (250,)
    with pytest.raises(NotConstant, match="more than is computed"):
        Evaluator(Inference(graph), most_bytes=1000).evaluate("n40")


def test_a_long_chain_needs_no_deep_stack() -> None:
    nodes = [const("n0", F(0))]
    nodes += [Node(f"n{i + 1}", "Neg", (f"n{i}",), FLOAT) for i in range(3000)]
    assert evaluate(chain(*nodes), "n3000") == 0


# Hostile nodes

ODD_INTS = st.sampled_from([0, 1, -1, 2, 3, -2, 7, 2**31 - 1, -(2**31), 2**40, -(2**62)])
ODD_ATTRS = st.one_of(
    ODD_INTS,
    st.booleans(),
    st.floats(width=32),
    st.binary(max_size=4),
    st.sampled_from([dtype(n) for n in ("float32", "int32", "string", "resource", "bfloat16")]),
    st.lists(ODD_INTS, max_size=5),
    st.sampled_from([Shape(None), Shape((2, None)), FunctionRef("f", {})]),
)
KINDS = ["float32", "int32", "int64", "bool", "float16", "complex64", "uint8", "int8", "string"]


@st.composite
def hostile_graphs(draw: st.DrawFn, op: str) -> Graph:
    """A node of an op with inputs and attributes of any kind."""
    definition = op_definition(op)
    assert definition is not None
    graph = Graph()
    names: list[str] = []
    common = draw(st.sampled_from(KINDS))
    attrs: dict[str, Any] = {}
    for argument in definition.inputs:
        count = draw(st.integers(0, 3)) if argument.is_list else 1
        if argument.number_attr:
            attrs[argument.number_attr] = count
        for _ in range(count):
            kind = argument.dtype.name if argument.dtype else common
            if argument.type_attr in ("Tidx", "Tshape", "Tperm", "Tdim", "Index", "Tindices"):
                kind = "int32"
            if not argument.type_attr.startswith("T") and argument.dtype is None:
                kind = draw(st.sampled_from(["int32", kind]))
            if argument.type_attr:
                attrs.setdefault(argument.type_attr, dtype(kind))
            names.append(f"in{len(names)}")
            graph.add(const(names[-1], draw(hostile_arrays(kind)), kind))
    for attribute in definition.attributes:
        if attribute.name in attrs and draw(st.integers(0, 9)):
            continue
        if attribute.type == "int" and draw(st.integers(0, 4)):
            attrs[attribute.name] = draw(ODD_INTS)
        elif attribute.type == "type" and draw(st.integers(0, 4)):
            attrs[attribute.name] = dtype(draw(st.sampled_from(KINDS)))
        elif attribute.allowed and bool(draw(st.integers(0, 4))):
            attrs[attribute.name] = draw(st.sampled_from(attribute.allowed))
        elif not attribute.has_default or not draw(st.integers(0, 4)):
            attrs[attribute.name] = draw(ODD_ATTRS)
    if names and not draw(st.integers(0, 9)):
        names.pop()
    graph.add(Node("out", op, tuple(names), attrs))
    return graph


@st.composite
def hostile_arrays(draw: st.DrawFn, kind: str) -> Any:
    name = {"qint8": "int8", "quint8": "uint8", "qint32": "int32", "bfloat16": "float32"}
    name |= {"qint16": "int16", "quint16": "uint16"}
    if kind == "string":
        return np.array([b"", b"ab"] * draw(st.integers(0, 2)), object)
    return draw(arrays(name.get(kind, kind), most=3))


@pytest.mark.parametrize("op", sorted(kernel.all()))
@settings(max_examples=30, deadline=20000)
@given(data=st.data())
@pytest.mark.slow
def test_a_hostile_node_is_refused_or_evaluated(op: str, data: st.DataObject) -> None:
    graph = data.draw(hostile_graphs(op))
    evaluator = Evaluator(Inference(graph), most_bytes=1 << 20)
    try:
        found = evaluator.evaluate("out")
    except NotConstant as refusal:
        assert refusal.message
    else:
        assert isinstance(found, np.ndarray)


@pytest.mark.parametrize("op", sorted(kernel.all()))
def test_every_kernel_is_for_an_op_that_may_be_constant(op: str) -> None:
    definition = op_definition(op)
    assert definition is not None
    assert not definition.is_stateful


# Whole graphs


def constants(graph: Graph, most: int, seed: str) -> dict[str, np.ndarray[Any, Any]]:
    """Values of a sample of the tensors of a graph that are computed here."""
    inference = infer_shapes(graph)
    evaluator = Evaluator(inference)
    names = [n.name for n in graph if n.op != "Const" and not inference.constness.obstacle(n.name)]
    if len(names) > most:
        names = random.Random(seed).sample(names, most)
    found = {}
    for name in names:
        for index in range(len(inference.dtypes(name))):
            value = evaluator.value(name, index)
            if value is not None:
                found[f"{name}:{index}"] = value
    return found


def check_graph(tf: Any, path: Path, most: int) -> int:
    """Compare a sample of the constant tensors of a graph; how many were compared."""
    ours = constants(graphtools.load(path), most, path.name)
    if not ours:
        return 0
    definition = tf.compat.v1.GraphDef()
    definition.ParseFromString(path.read_bytes())
    config = tf.compat.v1.ConfigProto()
    config.graph_options.optimizer_options.opt_level = -1
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    compared = 0
    try:
        with tf.Graph().as_default() as built:
            tf.import_graph_def(definition, name="")
    except (ValueError, tf.errors.NotFoundError):  # an op that TensorFlow lacks
        return 0
    with tf.compat.v1.Session(graph=built, config=config) as session:
        for name, value in ours.items():
            try:
                theirs = np.asarray(session.run(name))
            except (tf.errors.InvalidArgumentError, tf.errors.FailedPreconditionError):
                continue  # the shape of what is fed, or of a variable that has no value
            check_value(name, value, theirs)
            compared += 1
    return compared


def check_value(name: str, ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> None:
    """Compare what a chain of ops gives: floats may have lost digits on the way."""
    if theirs.dtype.names:
        theirs = theirs.view(theirs.dtype[0])
    if theirs.dtype.name == "bfloat16":
        theirs = theirs.astype(F)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype), name
    if ours.dtype.kind == "f":
        size = float(np.max(np.abs(theirs), initial=0, where=np.isfinite(theirs)))
        assert np.allclose(ours, theirs, rtol=2e-6, atol=size * 1e-6, equal_nan=True), name
    else:
        assert np.array_equal(ours, theirs), name


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_constants_of_fixtures_as_in_tensorflow(tf: Any, name: str) -> None:
    check_graph(tf, FIXTURES / name, 150)


@pytest.mark.tensorflow
def test_constants_of_shared_models_as_in_tensorflow(tf: Any) -> None:
    paths = [p for p in sorted(shared_models().rglob("*.pb")) if p.stat().st_size < 4 << 20]
    paths = [p for p in paths if "corrupt" not in p.parts]
    chosen = [p for p in paths if p.name == "frozen_inference_graph.pb"]
    chosen += random.Random(0).sample(paths, min(len(paths), 40))
    total = sum(check_graph(tf, p, 40) for p in chosen if p.name != "saved_model.pb")
    assert total
