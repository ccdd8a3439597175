from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from graphtools.convert.conversion.converter import Converter
from graphtools.errors import InvalidGraph, InvalidValue, MissingExtra, UnknownName
from graphtools.formats import load
from graphtools.graph import Graph, Tensor
from graphtools.registry import Registry
from graphtools.report.document import Document
from graphtools.report.json import render_json
from graphtools.report.text import render_text
from graphtools.report.verification import bisection_document, verification_document
from graphtools.rewrite.transform import Job, Transform
from graphtools.run.messages import TensorFlowProblem
from graphtools.transforms import TRANSFORMS, pipeline
from graphtools.verify import verify_rewrite
from graphtools.verify.feeds import Feeds, load_feeds
from graphtools.verify.verify_rewrite import Bisection, Verification, bisect, verify
from tests.convert.converting import Borrowed
from tests.support import FIXTURES
from tests.transforms.graphs import graph

LAYERS = """
x = Placeholder dtype=float shape=[1,3]
w1 = Const value=float:[[1,2,-3],[4,-5,6],[7,8,9]]
m1 = MatMul(x, w1) T=float transpose_a=false transpose_b=false
a1 = Relu(m1) T=float
w2 = Const value=float:[[1,-2],[3,4],[-5,6]]
m2 = MatMul(a1, w2) T=float transpose_a=false transpose_b=false
a2 = Identity(m2) T=float
"""
FED = Feeds({"x": np.array([[1, 2, 3]], np.float32)})
RENAME = "rename_op(old_op_name=Relu, new_op_name=Relu6)"


def as_text(document: Document) -> str:
    return render_text(document, colour=False)


def verified(before: Graph, after: Graph, **options: Any) -> Verification:
    found = verify(before, after, ["x"], ["a2"], FED, **options)
    assert json.loads(render_json(found))["equal"] is found.equal
    return found


def bisected(before: Graph, spec: str, **options: Any) -> Bisection:
    found = bisect(before, spec, ["x"], ["a2"], FED, **options)
    assert json.loads(render_json(found))["equal"] is found.equal
    return found


@pytest.fixture
def one_child(converter: Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets graphs be compared in a process that stays."""
    monkeypatch.setattr(verify_rewrite, "Worker", Borrowed(converter.worker))


@pytest.fixture
def also(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Adds a transform that is known as `test`."""

    def add(run: Any) -> None:
        known: Registry[Transform] = Registry("")
        for transform in TRANSFORMS.all().values():
            known.add(transform.name, transform)
        known.add("test", Transform("test", run, "Test.", "test"))
        monkeypatch.setattr(pipeline, "TRANSFORMS", known)

    return add


def set_value(graph: Graph, name: str, value: Any) -> None:
    graph.set_attr(graph[name], "value", Tensor.from_array(np.asarray(value, np.float32)))


# What needs no TensorFlow


@pytest.mark.parametrize(
    ("inputs", "outputs", "feeds", "error", "message"),
    [
        (["y"], ["a2"], FED, UnknownName, "no node 'y'"),
        (["x"], ["a3"], FED, UnknownName, "no node 'a3'"),
        (["x"], [], FED, InvalidValue, "no outputs"),
        (["x"], ["a2"], Feeds({"z:0": np.zeros(1)}), InvalidValue, "no values to feed.*'x'"),
    ],
)
def test_wrong_names_are_said_before_anything_runs(
    inputs: list[str], outputs: list[str], feeds: Feeds, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        verify(graph(LAYERS), graph(LAYERS), inputs, outputs, feeds)


def test_a_negative_tolerance_and_a_wrong_pipeline_are_refused() -> None:
    with pytest.raises(InvalidValue, match="tolerance"):
        bisected(graph(LAYERS), RENAME, rtol=-1)
    with pytest.raises(UnknownName, match="no transform 'nonsense'"):
        bisected(graph(LAYERS), f"{RENAME} nonsense")


def test_without_tensorflow_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingExtra("running a graph in TensorFlow", "tensorflow")

    monkeypatch.setattr(verify_rewrite, "require_tensorflow", missing)
    with pytest.raises(MissingExtra):
        verified(graph(LAYERS), graph(LAYERS))
    with pytest.raises(MissingExtra):
        bisected(graph(LAYERS), RENAME)


# What runs in TensorFlow


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_equal_graphs_are_equal() -> None:
    found = verified(graph(LAYERS), graph(LAYERS))
    assert found.equal
    assert found.outputs[0].bit_equal
    text = as_text(verification_document(found))
    assert "computes the same, bit by bit" in text
    assert "x float32 [1,3] (given)" in text


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_a_small_error_is_within_the_tolerance_or_not() -> None:
    after = graph(LAYERS)
    set_value(after, "w2", [[1, -2], [3, 4.00001], [-5, 6]])
    found = verified(graph(LAYERS), after)
    assert found.equal
    assert not found.outputs[0].bit_equal
    assert "the same, within the tolerance" in as_text(verification_document(found))
    found = verified(graph(LAYERS), after, rtol=0, atol=0)
    assert not found.equal
    assert "does not compute the same: 1 output differs" in as_text(verification_document(found))


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_a_rewritten_graph_that_tensorflow_refuses_differs() -> None:
    found = verified(graph(LAYERS), graph(LAYERS.replace("Relu", "Relu7")))
    assert not found.equal
    assert found.node == "a1"
    assert "does not run. TensorFlow refuses the graph: Op type not registered 'Relu7'" in as_text(
        verification_document(found)
    )


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_an_original_that_does_not_run_cannot_be_verified() -> None:
    with pytest.raises(TensorFlowProblem, match="Relu7"):
        verified(graph(LAYERS.replace("Relu", "Relu7")), graph(LAYERS))
    random = graph(LAYERS.replace("a1 = Relu(m1) T=float", "").replace("(a1,", "(r,"))
    for node in graph("s = Const value=int32:[1,3]\nr = RandomUniform(s) T=int32 dtype=float"):
        random.add(node)
    with pytest.raises(InvalidGraph, match="node 'r' gives random numbers"):
        verified(random, random)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_nan_of_the_original_is_a_remark() -> None:
    nan = graph(LAYERS)
    set_value(nan, "w2", [[np.nan, -2], [3, 4], [-5, 6]])
    found = verified(nan, nan)
    assert found.equal
    assert "has 1 NaN among 2 elements before any" in as_text(verification_document(found))
    assert not verified(graph(LAYERS), nan).equal


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_a_pipeline_that_changes_nothing_has_no_culprit() -> None:
    found = bisected(graph(LAYERS), "fold_constants sort_by_execution_order")
    assert found.equal
    assert found.culprit is None
    assert len(found.steps) == 2
    assert "No transform changes the outputs" in as_text(bisection_document(found))


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_the_transform_and_the_node_that_change_the_outputs_are_found() -> None:
    found = bisected(graph(LAYERS), f"fold_constants {RENAME} merge_duplicate_nodes")
    assert [s.equal for s in found.steps] == [True, False]
    assert found.untried == ("merge_duplicate_nodes",)
    culprit = found.culprit
    assert culprit is not None
    assert culprit.step == RENAME
    assert (culprit.node, culprit.op_before, culprit.op_after) == ("a1", "Relu", "Relu6")
    assert culprit.comparison is not None
    assert culprit.comparison.max_abs == 30  # of 36 (1*-3 + 2*6 + 3*9) 6 are left
    text = as_text(bisection_document(found))
    assert "first node that differs  a1\n" in text
    assert "not tried" in text


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_a_changed_weight_is_found(also: Any) -> None:
    also(lambda graph, _job: set_value(graph, "w2", [[1, -2], [3, 4], [-5, 7]]))
    found = bisected(graph(LAYERS), "fold_constants test")
    assert found.culprit is not None
    assert (found.culprit.step, found.culprit.node) == ("test", "w2")
    assert found.culprit.comparison is not None
    assert found.culprit.comparison.max_abs == 1


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_what_differs_and_heals_is_not_blamed(also: Any) -> None:
    def run(graph: Graph, _job: Job) -> None:
        # twice the first weights and half of the second: m1 and a1 differ, what follows does not
        for name, factor in (("w1", 2), ("w2", 0.5)):
            tensor = graph[name].tensor
            assert tensor is not None
            set_value(graph, name, np.asarray(tensor.array()) * factor)
        graph.set_op(graph["a2"], "Neg")

    also(run)
    found = bisected(graph(LAYERS), "test")
    assert found.culprit is not None
    assert found.culprit.node == "a2"
    assert found.culprit.differing == 5


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("edit", "node", "message"),
    [
        (lambda g: g.set_op(g["a1"], "Relu7"), "a1", "Op type not registered 'Relu7'"),
        (lambda g: g.remove_attr(g["a1"], "T"), "a1", "NodeDef missing attr 'T'"),
        (lambda g: g.set_inputs(g["m2"], ("w2", "a1")), "m2", "Dimensions must be equal|ncompat"),
    ],
)
@pytest.mark.usefixtures("one_child")
def test_a_transform_whose_graph_does_not_run_is_the_culprit(
    also: Any, edit: Any, node: str, message: str
) -> None:
    also(lambda graph, _job: edit(graph))
    found = bisected(graph(LAYERS), "fold_constants test")
    assert found.culprit is not None
    assert found.culprit.step == "test"
    text = as_text(bisection_document(found))
    assert "test leaves a graph that does not run" in text
    assert any(part in found.culprit.problem for part in message.split("|")), found.culprit.problem
    if found.culprit.node:
        assert found.culprit.node == node


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_the_rewritten_nodes_of_a_loop_are_named() -> None:
    lstm = load(FIXTURES / "lstm/frozen.pb")
    spec = "rename_op(old_op_name=Sigmoid, new_op_name=Tanh)"
    found = bisect(lstm, spec, ["input"], ["outputs", "last_state"])
    assert found.culprit is not None
    assert found.culprit.op_after == "Exit"
    assert [n.rpartition("/")[2] for n in found.culprit.rewritten] == [
        "Sigmoid",
        "Sigmoid_1",
        "Sigmoid_2",
    ]
    assert "rewritten before it" in as_text(bisection_document(found))


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_the_way_back_leads_through_the_loops_of_a_detector() -> None:
    ssd = load(FIXTURES / "ssd/frozen_inference_graph.pb")
    feeds = load_feeds(FIXTURES / "ssd/io.npz", ssd, ["image_tensor"])
    spec = "fold_constants rename_op(old_op_name=Relu6, new_op_name=Sigmoid)"
    found = bisect(ssd, spec, ["image_tensor"], ["detection_boxes"], feeds)
    assert found.culprit is not None
    assert found.culprit.node.startswith("FeatureExtractor/MobilenetV1/")
    assert found.culprit.op_after == "Sigmoid"


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_tables_are_filled_before_they_are_read() -> None:
    tables = load(FIXTURES / "control_flow/tables/graph.pb")
    path = FIXTURES / "control_flow/tables/io.npz"
    feeds = load_feeds(path, tables, ["words", "numbers"])
    outputs = ["found_words", "found_numbers"]
    found = verify(tables, tables, ["words", "numbers"], outputs, feeds)
    assert found.equal
