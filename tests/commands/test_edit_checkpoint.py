"""`graphtools edit-checkpoint`: order of edits, words behind options, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from graphtools import save
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.restore.checkpoint_editor import edit_checkpoint
from tests.commands.running import fixture, run
from tests.json_documents import check_document
from tests.support import shared_models
from tests.transforms.graphs import graph

TRAIN = fixture("classifier/train")
STEPS = [fixture(f"checkpoints/steps/model.ckpt-{n}") for n in (100, 200)]


def test_edits_are_done_in_the_order_in_which_they_are_typed(tmp_path: Path) -> None:
    out = str(tmp_path / "m")
    first = run("edit-checkpoint", TRAIN, "--ema", "-o", out, "--drop-training", "--json")
    assert first.code == 0
    check_document("edit-checkpoint", json.loads(first.out))
    assert [s["edit"][:4] for s in json.loads(first.out)["steps"]] == ["put ", "drop"]
    second = run("edit-checkpoint", TRAIN, "--drop-training", "--ema", "-o", out)
    assert second.code == 2
    assert "moving averages" in second.err


def test_several_words_may_stand_behind_average_and_a_glob_behind_cast(tmp_path: Path) -> None:
    out = str(tmp_path / "m")
    for line in (
        [STEPS[0], "--average", *STEPS, "-o", out, "--cast", "float16", "w*"],
        ["--average", STEPS[1], STEPS[0], "--cast", "float16", "-o", out],
        ["--cast", "float16", "-o", out, "--average", STEPS[1], STEPS[0]],
    ):
        done = run("edit-checkpoint", *line)
        assert done.code == 0, done.err
        found = find_checkpoint(out)
        assert found["weights"].dtype.name == "float16"
        assert int(found["global_step"].array()) == 200


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([TRAIN], "-o model.ckpt"),
        ([], "give a checkpoint"),
        ([TRAIN, "--from-graph", TRAIN, "-o", "x"], "give a checkpoint"),
        ([TRAIN, "-o", "x", "--model", TRAIN], "--for-model"),
        ([TRAIN, "-o", "x", "--pipeline", TRAIN], "--for-model"),
        ([TRAIN, "-o", "x", "--drop", "MobileNetV1/*"], "MobilenetV1"),
        ([TRAIN, "-o", "x", "--set", "a"], "NAME=FILE.npy"),
        ([TRAIN, "-o", "x", "--set", "a=nowhere.npy"], "nowhere.npy"),
        ([TRAIN, "-o", "x", "--set", f"a={TRAIN}/model.ckpt-2000.index"], "no .npy file"),
        ([TRAIN, "-o", "nowhere/x"], "nowhere"),
        ([fixture("ssd/graph.pb"), "-o", "x"], "no checkpoint"),
        (["--from-graph", fixture("ssd/graph.pb"), "-o", "x"], "has variables"),
    ],
)
def test_what_cannot_be_done_is_said(
    line: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("edit-checkpoint", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not list(tmp_path.iterdir())


def test_a_frozen_graph_becomes_a_checkpoint_again(tmp_path: Path) -> None:
    for folder in ("classifier", "checkpoints/partitioned"):
        out = str(tmp_path / "m")
        graph, meta = fixture(f"{folder}/frozen.pb"), fixture(f"{folder}/graph.pb")
        assert run("edit-checkpoint", "--from-graph", graph, "-o", out, "--model", meta).code == 0
        found, known = find_checkpoint(out), find_checkpoint(fixture(folder))
        assert found
        for name, tensor in found.items():
            assert len(tensor.parts()) == len(known[name].parts())
            np.testing.assert_array_equal(tensor.array(), known[name].array())


def test_the_line_that_a_restore_plan_prints_makes_the_restore_succeed(tmp_path: Path) -> None:
    meta = fixture("ssd/model.ckpt.meta")
    editor = edit_checkpoint(fixture("ssd"))
    for name in [n for n in editor if "ClassPredictor" in n]:
        *dims, classes = editor[name].array().shape
        editor[name] = np.zeros([*dims, classes // 3 * 21], np.float32)
    editor.save(tmp_path / "voc")
    plan = run("restore-plan", tmp_path / "voc", "--model", meta, "--json")
    assert plan.code == 1
    lines = json.loads(plan.out)["edit"]
    assert [line.split()[1] for line in lines] == ["edit-checkpoint", "restore-plan"]
    for line in lines:
        done = run(*line.split()[1:])
        assert done.code == 0, done.out
    assert "29 of the 29 variables asked for are restored" in done.out
    assert "BoxPredictor_0/ClassPredictor/weights" not in find_checkpoint(tmp_path / "voc-fitting")


def test_a_classifier_moves_into_the_scope_of_a_detector(tmp_path: Path) -> None:
    out, meta = str(tmp_path / "m"), fixture("ssd/graph.pb")
    line = ["edit-checkpoint", fixture("classifier"), "-o", out, "--for-model", meta]
    assert run(*line).code == 0
    found = find_checkpoint(out)
    assert len(found) == 15
    assert all(name.startswith("FeatureExtractor/MobilenetV1/") for name in found)
    assert run("edit-checkpoint", fixture("lstm"), "-o", out, "--for-model", meta).code == 2


def test_no_line_is_printed_where_an_edit_changes_nothing() -> None:
    meta = fixture("classifier/graph.pb")
    plan = run("restore-plan", fixture("classifier"), "--model", meta)
    assert (plan.code, "edit-checkpoint" in plan.out) == (0, False)


def test_variables_of_objects_are_fitted_by_the_names_in_their_program(tmp_path: Path) -> None:
    source = shared_models() / "editing/object/obj-1"
    model = graph(
        """
        dense/kernel = VariableV2 dtype=float shape=[2,3]
        dense/bias = VariableV2 dtype=float shape=[4]
        """
    )
    save(model, tmp_path / "graph.pb")
    plan = run("restore-plan", source, "--model", tmp_path / "graph.pb", "--json")
    edit, then = json.loads(plan.out)["edit"]
    line = edit.replace(f"{source}-fitting", f"{tmp_path}/m").split()[1:]
    assert run(*line).code == 0
    assert list(find_checkpoint(tmp_path / "m")) == ["dense/kernel"]
    done = run(*then.replace(f"{source}-fitting", f"{tmp_path}/m").split()[1:])
    assert done.code == 0, done.out
