from __future__ import annotations

from pathlib import Path

from tests.commands.running import FROZEN, fixture, run, run_json


def test_a_graph_is_written_as_the_tool_was_asked(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    for line in (
        (f"--model_dir={FROZEN}", "--log_dir", folder),
        ("--model", FROZEN, "--log", folder),
    ):
        done = run("import_pb_to_tensorboard", *line, "--logtostderr")
        assert done.code == 0, done.err
        assert "import_pb_to_tensorboard knows no '--logtostderr'" in done.err
    assert list(folder.glob("events.out.tfevents.*"))


def test_it_writes_what_tensorboard_writes(tmp_path: Path) -> None:
    old = run_json("import_pb_to_tensorboard", f"--model_dir={FROZEN}", f"--log_dir={tmp_path}")
    new = run_json("tensorboard", FROZEN, tmp_path / "new")
    assert old["nodes"] == new["nodes"]


def test_a_saved_model_by_its_tags(tmp_path: Path) -> None:
    line = ("import_pb_to_tensorboard", f"--model_dir={fixture('saved_model/v1')}")
    assert run(*line, f"--log_dir={tmp_path}", "--tag_set=serve,train").code == 0
    assert run(*line, f"--log_dir={tmp_path}", "--tag_set=nothing").code == 2
    assert "--log_dir" in run(*line).err
