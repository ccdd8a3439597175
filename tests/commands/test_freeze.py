from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.formats import load, save
from graphtools.schema import message_class
from tests.commands.running import fixture, refusal, run, run_json, run_process
from tests.support import FIXTURES, copy_checkpoint, flip
from tests.transforms.graphs import graph
from tests.transforms.numerics import run as computed

GRAPH = fixture("classifier/graph.pb")
CHECKPOINT = ("--checkpoint", fixture("classifier/model.ckpt"))
SCORES = "MobilenetV1/Predictions/Reshape_1"
OUTPUTS = ("--outputs", SCORES)


def test_a_graph_and_a_checkpoint(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("freeze", GRAPH, *CHECKPOINT, *OUTPUTS, "-o", target)
    assert (done.code, done.err) == (0, "")
    assert done.lines == [
        "  nodes   161 before, 53 after",
        "  frozen  17 variables with 714 elements, 2.9 kB",
    ]
    assert not any("Variable" in n.op for n in load(target))
    assert os.listdir(tmp_path) == ["x.pb"]


def test_the_checkpoint_of_a_meta_file_lies_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("freeze", fixture("classifier/model.ckpt.meta"), "--outputs", SCORES, "-o", target)
    assert done.code == 0
    prefix = fixture("classifier/model.ckpt")
    assert done.err == f"note: values of {prefix}.meta from {prefix}\n"
    assert len(load(target)) == 53


def test_a_folder_means_its_last_checkpoint(tmp_path: Path) -> None:
    done = run(
        "freeze", fixture("classifier/train.pb"), "--checkpoint", fixture("classifier/train"),
        *OUTPUTS, "-o", tmp_path / "x.pb", "--ema",
    )  # fmt: skip
    assert done.code == 0
    assert "11 of 11 variables have their moving averages" in done.out
    # the batch norms of this graph were built for training
    assert "built for training, normalises with the statistics of each batch" in done.out


def test_a_way_to_the_checkpoint_that_needs_saying_is_said(tmp_path: Path) -> None:
    source = graph("weights = VariableV2 dtype=float shape=[3]\n y = Identity(weights) T=float")
    save(source, tmp_path / "g.pb")
    line = ("freeze", tmp_path / "g.pb", "--outputs", "y", "-o", tmp_path / "x.pb", "--checkpoint")
    done = run(*line, fixture("checkpoints/steps/model.ckpt"))
    assert done.code == 0
    assert "the newest step beside it" in done.err


# SavedModels


@pytest.mark.parametrize("name", ["v1", "v1_text", "v2"])
def test_a_saved_model_has_its_values_with_it(name: str, tmp_path: Path) -> None:
    done = run("freeze", fixture(f"saved_model/{name}"), "-o", tmp_path / "x.pb")
    assert done.code == 0
    assert "variables/variables" in done.err
    assert not any(n.op in ("VariableV2", "VarHandleOp") for n in load(tmp_path / "x.pb"))


def test_a_signature_gives_inputs_and_outputs(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    line = ("freeze", fixture("saved_model/v1"), "-o", target, "--signature")
    sizes = []
    for key in ("embed_words", "serving_default"):
        assert run(*line, key).code == 0
        sizes.append({n.name for n in load(target)})
    assert not sizes[0] >= sizes[1]
    assert not sizes[1] >= sizes[0]
    message = refusal_behind_notes(run(*line, "serving_defaults"))
    assert "no signature 'serving_defaults'" in message
    assert "did you mean 'serving_default'?" in message


def test_the_tags_choose_a_meta_graph(tmp_path: Path) -> None:
    line = ("freeze", fixture("saved_model/v1"), "-o", tmp_path / "x.pb", "--tag-set")
    assert run(*line, "serve").code == 0
    assert "it has {serve}, {serve,train}" in refusal(run(*line, "foo"))


# Options


def test_variables_may_stay(tmp_path: Path) -> None:
    line = ("freeze", GRAPH, *CHECKPOINT, *OUTPUTS, "-o", tmp_path / "x.pb")
    done = run(*line, "--keep-variables", "*Conv2d_0*,nothing*")
    assert "kept as variables" in done.out
    assert "no variable that the outputs need fits 'nothing*'" in done.out
    said = run_json(*line, "--only-variables", "*/gamma")
    assert said["variables"] == 3
    assert len(said["kept"]) == 14


def test_a_graph_is_cut_at_its_inputs(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    line = ("freeze", GRAPH, *CHECKPOINT, *OUTPUTS, "-o", target, "--inputs")
    name = "MobilenetV1/MobilenetV1/Conv2d_0/Relu6"
    assert run(*line, name).code == 0
    assert load(target)[name].op == "Placeholder"
    done = run(*line, "input,global_step")
    assert "input 'global_step' does not lead to the outputs" in done.out


def test_standard_output_and_text(tmp_path: Path) -> None:
    done = run_process("freeze", GRAPH, *CHECKPOINT, *OUTPUTS, "-o", "-", "--text")
    assert done.returncode == 0
    assert done.stdout.startswith("node {")
    assert run("freeze", GRAPH, *CHECKPOINT, *OUTPUTS, "-o", tmp_path / "x.pbtxt").code == 0
    assert (tmp_path / "x.pbtxt").read_text().startswith("node {")


def test_the_graph_itself_may_be_the_target(tmp_path: Path) -> None:
    file = Path(shutil.copy(GRAPH, tmp_path / "with blanks.pb"))
    assert run("freeze", file, *CHECKPOINT, *OUTPUTS, "-o", file).code == 0
    assert len(load(file)) == 53
    done = run("freeze", file, *OUTPUTS, "-o", file)
    assert "the outputs need no variables: nothing was to be frozen" in done.out


# What is wrong


@pytest.mark.parametrize(
    ("args", "says", "remedy"),
    [
        ((GRAPH, *OUTPUTS), "the graph has variables, 'MobilenetV1/Conv2d_0/", "--checkpoint"),
        ((GRAPH, *CHECKPOINT, "--outputs", "Predictions/Reshape_1"), "no node", repr(SCORES)),
        ((GRAPH, *OUTPUTS, "--checkpoint", "nothing.ckpt"), "nothing.ckpt does not exist", ""),
        (
            (GRAPH, *OUTPUTS, "--checkpoint", fixture("classifier/frozen.pb")),
            "is no checkpoint",
            "a checkpoint is given by its prefix",
        ),
        (
            (GRAPH, *OUTPUTS, "--checkpoint", fixture("lstm/model.ckpt")),
            "no variable 'MobilenetV1/Conv2d_0/weights' in the checkpoint",
            "there are 2 variables",
        ),
        (
            (fixture("classifier/train/model.ckpt-2000"), *OUTPUTS),
            "is a checkpoint, which holds no TensorFlow graph",
            "give the .meta file, graph.pb or SavedModel",
        ),
        ((GRAPH, *CHECKPOINT, *OUTPUTS, "--initializers", "inti"), "no node 'inti'", "'init'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(
    args: tuple[str, ...], says: str, remedy: str, tmp_path: Path
) -> None:
    target = tmp_path / "x.pb"
    message = refusal(run("freeze", *args, "-o", target))
    assert says in message
    assert remedy in message
    assert not os.listdir(tmp_path)


def test_a_training_graph_uses_its_moving_averages_for_inference(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    options = ("--checkpoint", fixture("classifier/train"), *OUTPUTS, "--inference")
    done = run("freeze", fixture("classifier/train.pb"), *options, "-o", target)
    assert done.code == 0
    assert "batch norms that use their moving averages: 3" in done.out
    ops = {node.op for node in load(target)}
    assert "FusedBatchNormV3" in ops
    assert not any("Random" in op for op in ops)


def test_damaged_values_leave_the_target_as_it_was(tmp_path: Path) -> None:
    copy = copy_checkpoint("classifier/model.ckpt", tmp_path)
    target = tmp_path / "x.pb"
    target.write_bytes(b"precious")
    flip(Path(f"{copy}.data-00000-of-00001"), 100)
    line = ("freeze", GRAPH, "--checkpoint", copy, *OUTPUTS, "-o", target)
    assert "the checksum of tensor" in refusal(run(*line))
    Path(f"{copy}.data-00000-of-00001").unlink()
    assert "data-00000-of-00001 is not there" in refusal(run(*line))
    assert target.read_bytes() == b"precious"


def refusal_behind_notes(done: object) -> str:
    """The message of a command that has said something before."""
    assert done.code == 2  # type: ignore[attr-defined]
    message: str = done.err.partition("error: ")[2]  # type: ignore[attr-defined]
    return message


@pytest.mark.tensorflow
@pytest.mark.parametrize("named", ["graph", "meta", "prefix"])
def test_a_graph_for_training_computes_what_its_graph_for_inference_does(
    tf: Any, tmp_path: Path, named: str
) -> None:
    prefix = tmp_path / "model.ckpt-2000"
    for file in (FIXTURES / "classifier/train").glob("model.ckpt-2000.*"):
        shutil.copy(file, tmp_path)
    train = load(FIXTURES / "classifier/train.pb")
    meta = message_class("MetaGraphDef")()
    meta.graph_def.ParseFromString(b"".join(map(bytes, train.pieces())))
    Path(f"{prefix}.meta").write_bytes(meta.SerializeToString())
    model: tuple[object, ...] = {
        "graph": (FIXTURES / "classifier/train.pb", "--checkpoint", prefix),
        "meta": (f"{prefix}.meta",),
        "prefix": (prefix,),
    }[named]
    own, wanted = tmp_path / "own.pb", tmp_path / "wanted.pb"
    assert run("freeze", *model, "-o", own, "--inference").code == 0
    line = ("freeze", GRAPH, "--checkpoint", prefix, *OUTPUTS, "-o", wanted)
    assert run(*line).code == 0
    photo = np.random.default_rng(1).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    (found,) = computed(tf, load(own), {"input_pipeline/batch:0": photo}, [f"{SCORES}:0"])
    (right,) = computed(tf, load(wanted), {"input:0": photo}, [f"{SCORES}:0"])
    assert (found == right).all()
