"""A shape that is given to an input stands in what is written, or it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import load, save
from tests.commands.running import FROZEN, fixture, run
from tests.transforms.graphs import graph
from tests.transforms.numerics import run as computed

LOGITS = "MobilenetV1/Logits/SpatialSqueeze"
META = fixture("classifier/model.ckpt.meta")
#: The commands that write a graph, each with what it needs besides.
WRITING: dict[str, tuple[str, ...]] = {
    "optimize": (),
    "strip": (),
    "transform": ("--transforms", "fold_constants"),
    "freeze": (),
}
#: Two inputs; the batch of one stands in a constant, and the other has no batch.
NET = """
    x = Placeholder dtype=float shape=[2,3]
    z = Placeholder dtype=float shape=[2,3]
    keep_prob = Placeholder dtype=float shape=[]
    scaled = Mul(x, keep_prob) T=float
    sum = Add(scaled, z) T=float
    size = Const value=int32:[2,3,1]
    y = Reshape(sum, size) T=float Tshape=int32
"""


@pytest.fixture(params=WRITING)
def line(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Any, ...]:
    """A command line without its model's and its own options."""
    return (request.param, *WRITING[request.param], "-o", tmp_path / "out.pb")


def shapes(path: Path) -> dict[str, str]:
    return {n.name: str(n.attr("shape")) for n in load(path) if n.op == "Placeholder"}


def test_the_shape_stands_in_what_is_written(line: tuple[Any, ...]) -> None:
    assert run(*line, FROZEN, "--input-shape", "input=3,32,32,3").code == 0
    assert shapes(line[-1]) == {"input": "[3,32,32,3]"}


def test_the_shape_of_the_only_input_needs_no_name(line: tuple[Any, ...]) -> None:
    assert run(*line, FROZEN, "--input-shape", "3,32,32,3").code == 0
    assert shapes(line[-1]) == {"input": "[3,32,32,3]"}


@pytest.mark.parametrize("size", [1, 5, "?"])
def test_a_batch_is_that_of_all_inputs_that_have_one(line: tuple[Any, ...], size: object) -> None:
    source = line[-1].with_name("net.pb")
    save(graph(NET), source)
    done = run(*line, source, "--outputs", "y", "--batch", size)
    assert done.code == 0, done.err
    assert shapes(line[-1]) == {"x": f"[{size},3]", "z": f"[{size},3]", "keep_prob": "[]"}
    held = load(line[-1])["size"].tensor
    assert held is not None
    assert held.array().tolist() == [-1 if size == "?" else size, 3, 1]


def test_what_an_input_is_given_by_name_comes_before_the_batch(line: tuple[Any, ...]) -> None:
    source = line[-1].with_name("net.pb")
    save(graph(NET), source)
    given = ("--outputs", "y", "--batch", 4, "--input-shape", "z=1,3")
    assert run(*line, source, *given).code == 0
    assert shapes(line[-1]) == {"x": "[4,3]", "z": "[1,3]", "keep_prob": "[]"}


def test_a_shape_that_something_contradicts_is_refused_with_its_node(line: tuple[Any, ...]) -> None:
    done = run(*line, FROZEN, "--input-shape", "input=4,224,224,3")
    assert done.code == 2
    assert f"cannot take the shape input=[4,224,224,3]: {LOGITS!r}, Squeeze" in done.err
    assert not line[-1].exists()


def test_the_constant_that_holds_the_old_size_is_named(line: tuple[Any, ...]) -> None:
    source = line[-1].with_name("net.pb")
    save(graph(NET.replace("[2,3,1]", "[2,3,1,1]") + "w = Squeeze(y) T=float"), source)
    ends = ("--outputs", "y", "--input-shape", "x=2,4", "--input-shape", "z=2,4")
    assert run(*line, source, *ends).code == 0
    save(graph(NET.replace("[2,3,1]", "[3,2]")), source)  # no batch stands in it
    done = run(*line, source, "--outputs", "y", "--batch", 6)
    assert done.code == 2
    assert "'y', Reshape" in done.err
    assert "'size' holds [3, 2]" in done.err


def test_an_input_within_is_cut_there(line: tuple[Any, ...]) -> None:
    done = run(*line, FROZEN, "--inputs", LOGITS, "--input-shape", f"{LOGITS}=3,10")
    assert done.code == 0, done.err
    assert shapes(line[-1]) == {LOGITS: "[3,10]"}


def test_what_is_no_input_is_refused(line: tuple[Any, ...]) -> None:
    done = run(*line, FROZEN, "--input-shape", f"{LOGITS}=3,10")
    assert done.code == 2
    assert f"the shape of {LOGITS!r} follows from what it reads" in done.err
    assert not line[-1].exists()


def test_an_input_that_is_not_needed_is_told(tmp_path: Path) -> None:
    save(graph(NET), tmp_path / "net.pb")
    out = tmp_path / "out.pb"
    done = run(
        "freeze", tmp_path / "net.pb", "-o", out, "--outputs", "scaled", "--input-shape", "z=4,3"
    )
    assert done.code == 0
    assert "the shape of 'z' is not used: the outputs do not need it" in done.err


def test_a_batch_needs_an_input_that_has_one(tmp_path: Path) -> None:
    source, out = tmp_path / "net.pb", tmp_path / "out.pb"
    for stated, why in (
        ("shape=[]", "'x': a batch cannot be set where not even"),  # of an old graph: any
        ("shape=unknown", "'x': a batch cannot be set"),
    ):
        save(graph(f"x = Placeholder dtype=float {stated}\n y = Relu(x) T=float"), source)
        done = run("strip", source, "-o", out, "--outputs", "y", "--batch", 4)
        assert (done.code, why in done.err) == (2, True), done.err
    for size in ("0", "-2", "many"):
        assert "is no number of samples" in run("strip", FROZEN, "-o", out, "--batch", size).err


@pytest.mark.parametrize("spec", ["fold_constants", "fake_quantize_training"])
def test_a_graph_with_variables_gets_the_shape(tmp_path: Path, spec: str) -> None:
    out = tmp_path / "out.pb"
    done = run("transform", META, "-o", out, "--batch", 2, "--transforms", spec)
    assert done.code == 0, done.err
    assert shapes(out)["input"] == "[2,32,32,3]"


def test_what_judges_takes_the_batch(tmp_path: Path) -> None:
    net = tmp_path / "net.pb"
    save(graph(NET.replace("[2,3,1]", "[2,-1,1]")), net)
    assert run("shapes", net, "--batch", 5, "--name", "sum").lines[2].split()[-1] == "[5,3]"
    assert "[5,3]" in run("io", net, "--batch", 5).out
    listed = run("size", FROZEN, "--batch", 2, "--json").out, run("size", FROZEN, "--json").out
    assert listed[0] != listed[1]
    assert run("lint", FROZEN, "--batch", 1, "--isolated", "--select", "GT307").code == 0


def test_a_change_of_format_refuses_shapes(tmp_path: Path) -> None:
    done = run("convert", FROZEN, "-o", tmp_path / "x.pbtxt", "--batch", 1)
    assert done.code == 2
    assert "--batch is for .tflite models; graphtools strip" in done.err
    done = run("report", FROZEN, FROZEN, "--diff", "-o", tmp_path / "x.html", "--batch", 1)
    assert "give no shapes" in done.err


def test_lint_fixes_no_file_that_is_judged_with_other_shapes(tmp_path: Path) -> None:
    copy = tmp_path / "x.pb"
    copy.write_bytes(Path(FROZEN).read_bytes())
    done = run("lint", copy, "--fix", "--isolated", "--input-shape", "input=1,32,32,3")
    assert "judged with other shapes of its inputs cannot be fixed" in done.err
    assert copy.read_bytes() == Path(FROZEN).read_bytes()


@pytest.mark.tensorflow
def test_tensorflow_computes_the_same_with_each_batch(tf: Any, line: tuple[Any, ...]) -> None:
    source = load(FROZEN)
    output = "MobilenetV1/Predictions/Reshape_1"
    values = np.random.default_rng(0).uniform(-1, 1, (3, 32, 32, 3)).astype(np.float32)
    assert run(*line, FROZEN, "--batch", 3).code == 0
    before = computed(tf, source, {"input:0": values}, [f"{output}:0"])
    after = computed(tf, load(line[-1]), {"input:0": values}, [f"{output}:0"])
    np.testing.assert_allclose(after[0], before[0], rtol=1e-5, atol=1e-7)
