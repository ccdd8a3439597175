from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.formats import load
from tests.commands.running import FROZEN, fixture, refusal, run, run_json

SPEC = (
    "strip_unused_nodes remove_nodes(op=Identity) fold_constants fold_old_batch_norms "
    "merge_duplicate_nodes sort_by_execution_order"
)


def test_a_graph_is_made_small_and_the_transforms_are_told(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("optimize", FROZEN, "-o", target)
    assert done.code == 0
    assert f"note: transforms: {SPEC}\n" in done.err
    assert len(done.lines) == 2 + len(SPEC.split(" "))
    assert len(load(target)) == 27


def test_what_is_printed_can_be_given_to_transform(tmp_path: Path) -> None:
    ends = ("--inputs", "input", "--outputs", "MobilenetV1/Predictions/Reshape_1")
    one, two = tmp_path / "1.pb", tmp_path / "2.pb"
    done = run("optimize", FROZEN, "-o", one, *ends)
    printed = done.err.partition("transforms: ")[2].strip()
    assert run("transform", FROZEN, "-o", two, *ends, "--transforms", printed).code == 0
    assert one.read_bytes() == two.read_bytes()


def test_a_graph_with_variables_keeps_them(tmp_path: Path) -> None:
    done = run("optimize", fixture("classifier/graph.pb"), "-o", tmp_path / "x.pb")
    assert done.code == 0
    assert any(n.op == "VariableV2" for n in load(tmp_path / "x.pb"))


def test_options(tmp_path: Path) -> None:
    assert run("optimize", FROZEN, "--dry-run", "--skips").code == 0
    target = tmp_path / "x.pb"
    assert run("optimize", FROZEN, "-o", target, "--text").code == 0
    assert target.read_text().startswith("node {")
    said = run_json("optimize", FROZEN, "--dry-run")
    assert said["transformation"]["steps"][-1]["nodes_after"] == 27


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = run("optimize", FROZEN, "--inputs", "input", "--outputs", "Reshape_1", "-o", target)
    assert done.code == 2
    assert "did you mean 'MobilenetV1/Predictions/Reshape_1'?" in done.err
    assert "is a checkpoint" in refusal(
        run("optimize", fixture("classifier/train/model.ckpt-2000"), "-o", target)
    )
    assert not target.exists()


@pytest.mark.parametrize("name", ["classifier/train.pb", "classifier/graph.pb"])
def test_what_is_left_of_training_is_told_with_the_command_that_takes_it_out(
    tmp_path: Path, name: str
) -> None:
    target = tmp_path / "x.pb"
    done = run("optimize", fixture(name), "-o", target)
    assert done.code == 0
    assert "variables, which are not frozen" in done.err
    line = f"graphtools freeze {fixture(name)} --checkpoint CKPT --inference -o frozen.pb"
    assert line in done.err
    trains = name.endswith("train.pb")
    assert ("normalises with the statistics of each batch" in done.err) is trains
    assert ("Dropout_1b/SelectV2': dropout" in done.err) is trains
    checkpoint = fixture("classifier/train/model.ckpt-2000")
    options = (target, "--checkpoint", checkpoint, "--inference", "--outputs")
    ends = "MobilenetV1/Predictions/Reshape_1"
    assert run("freeze", fixture(name), "-o", *options, ends).code == 0
    done = run("optimize", target, "-o", target)
    assert done.code == 0
    assert "freeze" not in done.err


def test_what_outputs_do_not_need_is_not_told(tmp_path: Path) -> None:
    inner = "MobilenetV1/Logits/SpatialSqueeze"
    ends = ("--inputs", inner, "--outputs", "MobilenetV1/Predictions/Reshape_1")
    done = run("optimize", fixture("classifier/train.pb"), "-o", tmp_path / "x.pb", *ends)
    assert done.code == 0
    assert "freeze" not in done.err
