"""What the rules look at."""

from __future__ import annotations

import numpy as np

from graphtools.graph import Shape
from graphtools.graph.dtypes import FLOAT32
from graphtools.lint.subject import Subject
from tests.transforms.graphs import graph

NET = """
    x = Placeholder dtype=float shape=[?,3]
    w = Const value=float:[[1,2],[3,4],[5,6]]
    y = MatMul(x, w) T=float
    s = Split(axis, y) T=float num_split=2
    axis = Const value=int32:1
    z = Relu(s:1) T=float
    dead = Relu(s) T=float
    deader = Neg(dead) T=float
    noted = Identity(z, ^dead) T=float
"""


def test_ends_are_the_likely_ones_or_those_given() -> None:
    made = graph("x = Placeholder dtype=float\ny = Neg(x) T=float")
    subject = Subject(made)
    assert (subject.inputs, subject.outputs) == (("x",), ("y",))
    assert not subject.has_given_inputs
    assert not subject.has_given_outputs
    given = Subject(graph(NET), inputs=["y:0"], outputs=["'s:1'"])
    assert (given.inputs, given.outputs) == (("y",), ("s:1",))
    assert given.input_nodes == {"y"}
    assert given.output_nodes == {"s"}
    assert given.has_given_inputs
    assert given.has_given_outputs


def test_live_is_what_the_outputs_need_when_the_inputs_are_fed() -> None:
    assert Subject(graph(NET), outputs=["z"]).live == {"x", "w", "y", "axis", "s", "z"}
    fed = Subject(graph(NET), inputs=["y"], outputs=["z"])
    assert fed.live == {"y", "axis", "s", "z"}
    assert [n.name for n in fed.live_nodes] == ["y", "s", "axis", "z"]
    assert "dead" in Subject(graph(NET), outputs=["noted"]).live  # a control input counts
    assert len(Subject(graph(NET), outputs=[]).live) == 9  # nothing can be said to be dead


def test_nodes_are_found_by_op() -> None:
    subject = Subject(graph(NET), outputs=["z"])
    assert [n.name for n in subject.nodes_of("Relu")] == ["z"]
    assert [n.name for n in subject.nodes_of("Relu", "Neg", live=False)] == ["z", "dead", "deader"]
    assert "MatMul" in subject.ops
    assert list(subject.nodes_of("None")) == []


def test_edges() -> None:
    subject = Subject(graph(NET), outputs=["z"])
    made = subject.graph
    source = subject.source(made["z"], 0)
    assert source is made["s"]
    assert subject.source(made["noted"], 1) is None  # a control input is no data
    assert [n.name for n in subject.readers("s")] == ["z"]


def test_tensors() -> None:
    subject = Subject(graph(NET), outputs=["z"], input_shapes={"x": Shape((7, 3))})
    assert subject.dims("y") == (7, 2)
    assert subject.dims("s:1") == (7, 1)
    assert subject.dtype("s:1") == FLOAT32
    value = subject.value("w")
    assert value is not None
    np.testing.assert_array_equal(value, [[1, 2], [3, 4], [5, 6]])
    assert subject.value("y") is None


def test_defects() -> None:
    subject = Subject(graph("y = Neg(gone) T=float"))
    assert [d.kind for d in subject.defects] == ["dangling-input"]


def test_the_verdict_is_for_the_ends_and_the_version() -> None:
    subject = Subject(graph(NET), inputs=["x"], outputs=["z"], tf_version="2.21")
    assert subject.verdict.builtins
    assert subject.verdict.tf_version.startswith("2.21")
    assert tuple(map(str, subject.verdict.inputs)) == ("x",)
    # where nothing is likely, what the converter would take
    alone = Subject(graph("c = Const value=float:1\ny = Neg(c) T=float"), outputs=[])
    assert alone.verdict.outputs
