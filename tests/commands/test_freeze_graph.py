from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.formats import load, save
from tests.commands.running import fixture, refusal, run, run_json

GRAPH, META = fixture("classifier/graph.pb"), fixture("classifier/model.ckpt.meta")
CHECKPOINT = fixture("classifier/model.ckpt")
SCORES = "MobilenetV1/Predictions/Reshape_1"


def line(target: object, *more: str) -> tuple[str, ...]:
    return ("freeze_graph", f"--output_graph={target}", f"--output_node_names={SCORES}", *more)


@pytest.mark.parametrize(
    "source",
    [
        (f"--input_graph={GRAPH}", f"--input_checkpoint={CHECKPOINT}"),
        (f"--input_graph={GRAPH}txt", f"--input_checkpoint={CHECKPOINT}", "--input_binary=false"),
        (f"--input_meta_graph={META}", f"--input_checkpoint={CHECKPOINT}"),
        (f"--input_meta_graph={META}",),
    ],
)
def test_what_old_scripts_give(source: tuple[str, ...], tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    assert run(*line(target, *source)).code == 0
    assert len(load(target)) == 53


def test_a_saved_model(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    folder = fixture("saved_model/v1")
    source = f"--input_saved_model_dir={folder}"
    names = ("freeze_graph", source, f"--output_graph={target}", "--output_node_names=logits")
    assert run(*names).code == 0
    assert not any("Variable" in n.op for n in load(target))
    assert run(*names, "--saved_model_tags=serve,train").code == 0
    assert run(*names, "--saved_model_tags=foo").code == 2


def test_flags_without_effect_say_so(tmp_path: Path) -> None:
    done = run(
        *line(
            tmp_path / "x.pb",
            f"--input_graph={GRAPH}",
            f"--input_checkpoint={CHECKPOINT}",
            "--input_binary=true",
            "--input_saver=",
            "--restore_op_name=save/restore_all",
            "--filename_tensor_name=save/Const:0",
            "--checkpoint_version=2",
            "--initializer_nodes=",
        )
    )
    assert done.code == 0
    ignored = ["input_binary", "restore_op_name", "filename_tensor_name", "checkpoint_version"]
    told = [line.partition(" has no effect: ")[0] for line in done.err.splitlines()]
    assert told == [f"note: --{flag}" for flag in ignored]


def test_devices_are_cleared_unless_they_are_to_stay(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    source = load(fixture("misc/devices/graph.pb"))
    assert any(n.device for n in source)
    save(source, tmp_path / "g.pb")
    bare = (
        "freeze_graph", f"--input_graph={tmp_path / 'g.pb'}", f"--output_graph={target}",
        "--output_node_names=output",
    )  # fmt: skip
    assert run(*bare).code == 0
    assert not any(n.device for n in load(target))
    assert run(*bare, "--clear_devices=False").code == 0
    assert any(n.device for n in load(target))


def test_variables_may_stay(tmp_path: Path) -> None:
    source = (f"--input_graph={GRAPH}", f"--input_checkpoint={CHECKPOINT}")
    name = "MobilenetV1/Conv2d_0/weights"
    said = run_json(*line(tmp_path / "x.pb", *source, f"--variable_names_blacklist={name}"))
    assert said["kept"] == [name]
    said = run_json(*line(tmp_path / "x.pb", *source, f"--variable_names_whitelist={name}"))
    assert said["variables"] == 1


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    assert "no graph was given" in refusal(run(*line(target)))
    assert "--input_checkpoint" in refusal(run(*line(target, f"--input_graph={GRAPH}")))
    bare = ("freeze_graph", f"--input_graph={GRAPH}", f"--output_graph={target}")
    assert "freezing needs the names of the outputs" in refusal(run(*bare))
    assert not target.exists()
