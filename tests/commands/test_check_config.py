"""`graphtools check-config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.running import fixture, refusal, run
from tests.lint.test_config_rules import TEMPLATE, numbered

CONFIG = fixture("ssd/pipeline.config")
CHECKPOINT = fixture("ssd/model.ckpt")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A configuration without anything to change."""
    file = tmp_path / "pipeline.config"
    file.write_text(TEMPLATE)
    return file


def test_nothing_to_change(sound: Path) -> None:
    done = run("check-config", sound)
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == "Good to know (2)"
    assert done.lines[1].startswith("  line 20  train_config.fine_tune_checkpoint  [GTC103")
    assert done.lines[-1] == "0 errors, 0 warnings, 2 remarks"


def test_findings_are_shown_with_line_message_remedy_and_code(tmp_path: Path, sound: Path) -> None:
    names = tmp_path / "map.pbtxt"
    names.write_text(numbered(1, 2, 3, 4, 5))
    done = run("check-config", sound, "--label-map", names, "--checkpoint", CHECKPOINT)
    assert done.code == 1
    assert done.lines[:4] == [
        "Errors (1)",
        "  line 4  model.ssd.num_classes  [GTC202 num-classes-against-label-map]",
        f"          num_classes is 3, the label map {names} has 5 classes with ids up to 5: 2 of "
        "them cannot be learned",
        "          write num_classes: 5",
    ]
    assert done.lines[5] == "Warnings (1)"
    assert done.lines[-1] == (
        f"1 error, 1 warning, 2 remarks; held against the checkpoint {CHECKPOINT}; "
        f"held against the label map {names}"
    )


def test_json() -> None:
    done = run("check-config", CONFIG, "--checkpoint", CHECKPOINT, "--json")
    assert done.code == 1
    found = json.loads(done.out)
    assert found["schema_version"] == 1
    assert found["path"] == CONFIG
    assert len(found["findings"]) == 5
    assert set(found["findings"][0]) == {
        "code",
        "name",
        "severity",
        "message",
        "remedy",
        "field",
        "line",
    }
    assert found["findings"][0]["field"] == "train_config.fine_tune_checkpoint"


def test_settings_of_lint_hold(
    tmp_path: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "graphtools.toml").write_text('[lint]\nignore = ["GTC103"]\n')
    monkeypatch.chdir(tmp_path)
    assert run("check-config", sound).lines == ["0 errors, 0 warnings, 0 remarks"]
    (tmp_path / "graphtools.toml").write_text('[lint]\nignore-nodes = ["train_config.*"]\n')
    assert run("check-config", sound).lines[-1] == "0 errors, 0 warnings, 1 remark; 1 ignored"
    (tmp_path / "graphtools.toml").write_text('[lint]\nignore = ["GTC9999"]\n')
    assert "no rule is meant by 'GTC9999'" in refusal(run("check-config", sound))


def test_standard_input(sound: Path) -> None:
    assert run("check-config", "-", stdin=sound.read_bytes()).code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((CHECKPOINT,), "is a checkpoint, not a pipeline configuration"),
        ((fixture("ssd/graph.pb"),), "is a GraphDef, not a pipeline configuration"),
        ((fixture("ssd"),), "is a folder, not a pipeline configuration"),
        ((CONFIG + "x",), "does not exist"),
        ((CONFIG, "--checkpoint", CONFIG), "is a pipeline configuration, not a checkpoint"),
        ((CONFIG, "--checkpoint", fixture("ssd/graph.pb")), "is no checkpoint"),
        ((CONFIG, "--checkpoint", CHECKPOINT + "x"), "does not exist"),
        ((CONFIG, "--label-map", CONFIG), "is a pipeline configuration, not a label map"),
        ((CONFIG, "--label-map", CHECKPOINT), "is a checkpoint, not a label map"),
        ((CONFIG, "--label-map", fixture("ssd/graph.pb")), "is a GraphDef, not a label map"),
    ],
)
def test_mixed_up_arguments(args: tuple[str, ...], message: str) -> None:
    assert message in refusal(run("check-config", *args))


def test_a_label_map_is_checked_alone(tmp_path: Path) -> None:
    names = tmp_path / "map.pbtxt"
    names.write_text(numbered(1))
    assert run("check-config", names).code == 0
    names.write_text(numbered(1, 3))
    done = run("check-config", names)
    assert done.code == 1
    assert "no class has the id 2" in done.out


def test_a_label_map_is_no_checkpoint(tmp_path: Path) -> None:
    names = tmp_path / "map.pbtxt"
    names.write_text(numbered(1))
    done = run("check-config", CONFIG, "--checkpoint", names)
    assert "is a label map, not a checkpoint" in refusal(done)


def test_a_syntax_error_names_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.config"
    file.write_text("model {\n  ssd {\n    num_classes 3\n")
    assert f"{file}, line 3, column 17: a colon or {{" in refusal(run("check-config", file))


def test_control_characters_never_reach_the_terminal(sound: Path) -> None:
    sound.write_text(TEMPLATE.replace("gs://bucket/map", r"\x1b[31m\x07"))
    done = run("check-config", sound)
    assert done.code == 1
    assert all(line.isprintable() for line in done.lines)
