from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphtools.formats import save
from graphtools.graph import Graph, Node, Shape
from graphtools.graph.dtypes import dtype
from tests.commands.running import FROZEN, refusal, run, run_json
from tests.support import FIXTURES


@pytest.fixture
def blocked(tmp_path: Path) -> str:
    """A graph with a node that only Select TF ops can run."""
    kind = dtype("float32")
    nodes = [
        Node("x", "Placeholder", (), {"dtype": kind, "shape": Shape((None, 4))}),
        Node("bad", "Erf", ("x",), {"T": kind}),
        Node("y", "Relu", ("bad",), {"T": kind}),
    ]
    path = tmp_path / "blocked.pb"
    save(Graph(nodes), path)
    return str(path)


def test_a_graph_that_converts() -> None:
    done = run("compat", FROZEN)
    assert done.code == 0, done.err
    assert "It converts with the converter of TensorFlow 2.21" in done.out
    assert "computed by the converter" in done.out


def test_what_stands_in_the_way_is_told_with_exit_code_1(blocked: str) -> None:
    done = run("compat", blocked)
    assert done.code == 1
    assert "only where Select TF ops are allowed" in done.out
    assert "TFLite has no Erf" in done.out
    assert "1 blocker" in done.out
    assert run("compat", blocked, "--inputs", "bad", "--outputs", "y").code == 0


def test_json_has_the_whole_verdict(blocked: str) -> None:
    done = run("compat", blocked, "--json")
    assert done.code == 1
    found = json.loads(done.out)
    assert found["schema_version"] == 1
    assert (found["builtins"], found["select"]) == (False, True)
    assert [b["node"] for b in found["blockers"]] == ["bad"]
    assert {n["node"]: n["verdict"] for n in found["nodes"]} == {"bad": "flex", "y": "builtin"}


def test_the_rules_of_one_op() -> None:
    done = run("compat", "--op", "Conv2D")
    assert done.code == 0
    assert "T: float32" in done.out
    assert "The number of channels of the input" in done.out
    assert run_json("compat", "--op", "Erf")["flex"] is True


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--op", "Gather2"), "no op 'Gather2'"),
        ((FROZEN, "--tf-version", "1.3"), "no table of what TensorFlow 1.3 converts"),
        ((FROZEN, "--inputs", "input", "--outputs", "nonsense"), "no node 'nonsense'"),
        (("no_such_file.pb",), "no_such_file.pb"),
    ],
)
def test_what_cannot_be_done_is_said(args: tuple[str, ...], message: str) -> None:
    assert message in refusal(run("compat", *args))


def test_a_file_or_an_op_must_be_given() -> None:
    assert "give either a FILE or --op NAME" in run("compat").err
    assert run("compat", FROZEN, "--op", "Relu").code == 2


MODEL = str(FIXTURES / "quant/model.tflite")
FLOAT = str(FIXTURES / "quant/float.tflite")


def test_a_tflite_is_placed_on_its_target() -> None:
    done = run("compat", MODEL, "--target", "edgetpu")
    assert (done.code, done.out.splitlines()[0]) == (0, "All 5 operators run on the Edge TPU.")
    done = run("compat", FLOAT, "--target", "edgetpu")
    assert (done.code, "its values are float32" in done.out) == (1, True)
    found = run_json("compat", MODEL)
    assert {place["runs_on"] for place in found["operators"]} == {"cpu"}


def test_what_is_for_the_other_kind_of_file_is_refused() -> None:
    assert "did you mean 'micro'" in refusal(run("compat", MODEL, "--target", "micr"))
    assert "--target is for .tflite files" in run("compat", FROZEN, "--target", "gpu").err
    assert "--inputs is for graphs" in run("compat", MODEL, "--inputs", "x").err
