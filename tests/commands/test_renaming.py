"""`--rename` of optimize, strip and transform, and `optimize --clear-devices`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import load, save
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


def test_a_meta_graph_names_nodes_elsewhere_too(tmp_path: Path) -> None:
    meta = fixture("classifier/model.ckpt.meta")
    line = ("transform", meta, "--transforms", "fold_constants", "-o", tmp_path / "x.meta")
    done = run(*line, "--rename", "input=photo")
    assert done.code == 2
    assert "would keep the old names" in done.err


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
