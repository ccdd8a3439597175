"""`--rename` of optimize, strip and transform, and `optimize --clear-devices`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import load, open_model, save
from graphtools.formats.metagraph import MetaGraph
from tests.commands.running import FROZEN, fixture, run
from tests.transforms.graphs import graph
from tests.transforms.numerics import run as computed

LINES = {"optimize": (), "strip": (), "transform": ("--transforms", "fold_constants")}
SCORES = "MobilenetV1/Predictions/Reshape_1"


@pytest.fixture(params=LINES)
def line(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Any, ...]:
    return (request.param, FROZEN, *LINES[request.param], "-o", tmp_path / "out.pb")


def test_inputs_and_outputs_get_other_names(line: tuple[Any, ...]) -> None:
    done = run(*line, "--rename", "input=photo", "--rename", f"{SCORES}=scores")
    assert done.code == 0, done.err
    names = {node.name for node in load(line[-1])}
    assert {"photo", "scores"} <= names
    assert not {"input", SCORES} & names


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"input={SCORES}", f"the graph has a node {SCORES!r} already"),
        ("inptu=photo", "no node 'inptu'"),
        ("input=_photo", "is no name of a node"),
        ("input", "'input' does not say which name becomes which"),
        ("input=", "does not say which name becomes which"),
    ],
)
def test_what_cannot_be_renamed_is_refused(line: tuple[Any, ...], text: str, why: str) -> None:
    done = run(*line, "--rename", text)
    assert (done.code, why in done.err) == (2, True), done.err
    assert not line[-1].exists()


def test_what_names_nodes_in_a_meta_file_follows(tmp_path: Path) -> None:
    """The checkpoint lies elsewhere, so that variables, Saver and collections stay."""
    shutil.copy(fixture("classifier/model.ckpt.meta"), tmp_path / "m.meta")
    kernel = "MobilenetV1/Conv2d_0/weights"
    line = ("transform", tmp_path / "m.meta", "--transforms", "sort_by_execution_order")
    names = ("--rename", f"{kernel}=a/b", "--rename", "input=photo", "--rename", "a/b=stem/kernel")
    assert run(*line, "-o", tmp_path / "same.meta").code == 0
    done = run(*line, "-o", tmp_path / "x.meta", *names, "--rename", "save/Const=file")
    assert done.code == 0, done.err
    assert "left" not in done.err
    before, after = open_model(tmp_path / "same.meta"), open_model(tmp_path / "x.meta")
    assert isinstance(before, MetaGraph)
    assert isinstance(after, MetaGraph)
    assert before.saver
    assert after.saver == before.saver._replace(filename_tensor="file:0")
    assert after.collections == before.collections
    where = before.variables[f"{kernel}:0"]
    others = {name: at for name, at in before.variables.items() if name != f"{kernel}:0"}
    assert after.variables == {**others, "stem/kernel:0": where}


@pytest.mark.tensorflow
def test_tensorflow_restores_variables_of_other_names(tf: Any, tmp_path: Path) -> None:
    shutil.copy(fixture("classifier/model.ckpt.meta"), tmp_path / "m.meta")
    line = ("transform", tmp_path / "m.meta", "--transforms", "sort_by_execution_order")
    name = "MobilenetV1/Conv2d_0/weights"
    done = run(*line, "-o", tmp_path / "x.meta", "--rename", f"{name}=kernel")
    assert done.code == 0, done.err
    stored = tf.train.load_variable(fixture("classifier/model.ckpt"), name)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        saver = tf.compat.v1.train.import_meta_graph(str(tmp_path / "x.meta"))
        saver.restore(session, fixture("classifier/model.ckpt"))
        held = {v.name: v for v in tf.compat.v1.global_variables()}
        np.testing.assert_array_equal(session.run(held["kernel:0"]), stored)


def test_devices_are_cleared(tmp_path: Path) -> None:
    source, target = tmp_path / "net.pb", tmp_path / "out.pb"
    save(
        graph(
            """
            x = Placeholder dtype=float shape=[2] device="/gpu:0"
            y = Relu(x) T=float device="/job:worker/task:1"
            """
        ),
        source,
    )
    assert run("optimize", source, "-o", target).code == 0
    assert {node.device for node in load(target)} == {"/gpu:0", "/job:worker/task:1"}
    assert run("optimize", source, "-o", target, "--clear-devices").code == 0
    assert {node.device for node in load(target)} == {""}


@pytest.mark.tensorflow
def test_tensorflow_computes_the_same(tf: Any, line: tuple[Any, ...]) -> None:
    names = ("--rename", "input=photo", "--rename", f"{SCORES}=scores")
    assert run(*line, *names, "--verify").code == 0
    photo = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
    (before,) = computed(tf, load(FROZEN), {"input:0": photo}, [f"{SCORES}:0"])
    (after,) = computed(tf, load(line[-1]), {"photo:0": photo}, ["scores:0"])
    np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-7)
