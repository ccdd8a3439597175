from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from graphtools.errors import pip_install
from tests.commands.running import FROZEN, fixture, refusal, run
from tests.support import shared_models

RENAME = "rename_op(old_op_name=Relu6, new_op_name=Sigmoid)"


def test_without_tensorflow_the_command_says_what_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    message = refusal(run("bisect", FROZEN, "--transforms", "fold_constants"))
    assert "running a graph in TensorFlow needs a package" in message
    assert pip_install("tensorflow") in message


def test_the_transforms_must_be_given() -> None:
    done = run("bisect", FROZEN)
    assert done.code == 2
    assert "--transforms" in done.err


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_what_changes_nothing_exits_with_0() -> None:
    done = run("bisect", FROZEN, "--transforms", "fold_constants fold_old_batch_norms")
    assert done.code == 0, done
    assert "input float32 [1,32,32,3] (random, seed 0)" in done.out
    assert "No transform changes the outputs (rtol 0.0001, atol 1e-05)" in done.out


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_the_culprit_is_named() -> None:
    args = ["bisect", FROZEN, "--feed", fixture("classifier/io.npz"), "--inputs", "input:0"]
    args += ["--transforms", "fold_constants", "--transforms", RENAME]
    done = run(*args)
    assert done.code == 1
    assert "DIFFERENT" in done.out
    assert "MobilenetV1/MobilenetV1/Conv2d_0/Relu6" in done.out
    done = run(*args, "--json")
    assert done.code == 1
    document = json.loads(done.out, parse_constant=pytest.fail)
    assert document["schema_version"] == 1
    assert document["culprit"]["step"] == RENAME
    assert document["culprit"]["op_after"] == "Sigmoid"
    assert run(*args, "--atol", "10").code == 0


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--outputs", "nonsense"), "no node 'nonsense'"),
        (("--transforms", "nonsense"), "no transform 'nonsense'"),
        (("--feed", "nonsense.npz"), "nonsense.npz does not exist"),
        (("--feed", fixture("classifier/values.npz")), "holds no values for the input 'input'"),
        (("--feed", fixture("classifier/io.npz"), "--input-shape", "1,32,32,3"), "leave out one"),
        (("--rtol", "-1"), "a tolerance is 0 or more"),
        (("--input-shape", "1,32,32,4"), "the graph cannot take the shape"),
    ],
)
@pytest.mark.usefixtures("tf")
def test_what_cannot_be_done_exits_with_2(args: tuple[str, ...], message: str) -> None:
    ends = ("--inputs", "input", "--outputs", "MobilenetV1/Predictions/Reshape_1")
    done = run("bisect", FROZEN, "--transforms", "fold_constants", *ends, *args)
    assert message in refusal(done)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_variables_have_the_values_that_lie_beside(tmp_path: Path) -> None:
    done = run("bisect", fixture("saved_model/v2"), "--transforms", "fold_constants")
    assert done.code == 0
    assert "values of" in done.err
    shutil.copy(Path(fixture("saved_model/v2")) / "saved_model.pb", tmp_path)
    done = run("bisect", tmp_path / "saved_model.pb", "--transforms", "fold_constants")
    assert done.code == 2
    assert "--checkpoint" in done.err


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf", "tmp_path")
def test_a_real_network_stays_the_same() -> None:
    folder = shared_models() / "slim/mobilenet_v1_0.25_128"
    args = ("bisect", folder / "frozen.pb", "--feed", folder / "io.npz", "--transforms")
    done = run(*args, "strip_unused_nodes fold_constants fold_old_batch_norms")
    assert done.code == 0, done
    with np.load(folder / "io.npz") as arrays:
        assert any(key.startswith("in|") for key in arrays)
    done = run(*args, "fold_old_batch_norms round_weights(num_steps=4)")
    assert done.code == 1
    assert "Conv2d_0/weights" in done.out
