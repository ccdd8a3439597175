"""Settings: where they are found, how they are read, and that the command line wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtools.errors import FileProblem, InvalidValue, NothingFound
from graphtools.lint.settings import (
    FileSettings,
    LintSettings,
    choose_settings,
    combine,
    find_settings,
    read_settings,
)

WHOLE = """
target = "tflite-select"
inputs = ["image"]
outputs = "boxes, scores"
input-shapes = { image = [1, 300, 300, 3], other = ["?", 2] }
tf-version = "2.21"
select = ["ALL"]
extend-select = ["GT903"]
ignore = ["GT2", "no-name"]
ignore-nodes = ["Postprocessor/*"]
baseline = "known.json"
format = "concise"

[HEAD.per-file-ignores]
"old/*.pb" = ["GT1"]

[HEAD.per-file."ssd/*.pb"]
outputs = ["a", "b"]
target = "gpu"
"""


def write(path: Path, head: str, text: str) -> Path:
    path.write_text(f"[{head}]\n{text}".replace("HEAD", head))
    return path


@pytest.mark.parametrize(
    ("name", "head"), [("pyproject.toml", "tool.graphtools.lint"), ("graphtools.toml", "lint")]
)
def test_a_whole_file(tmp_path: Path, name: str, head: str) -> None:
    path = write(tmp_path / name, head, WHOLE)
    assert read_settings(str(path)) == LintSettings(
        target="tflite-select",
        inputs=("image",),
        outputs=("boxes", "scores"),
        input_shapes=("image=1,300,300,3", "other=?,2"),
        tf_version="2.21",
        select=("ALL",),
        extend_select=("GT903",),
        ignore=("GT2", "no-name"),
        per_file_ignores=(("old/*.pb", ("GT1",)),),
        ignore_nodes=(("Postprocessor/*", ("ALL",)),),
        per_file=(FileSettings("ssd/*.pb", outputs=("a", "b"), target="gpu"),),
        baseline=str(tmp_path / "known.json"),
        format="concise",
        source=str(path),
    )


def test_the_nearest_file_with_settings_holds(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert not find_settings(str(inner)).source
    write(tmp_path / "pyproject.toml", "tool.graphtools.lint", 'target = "gpu"')
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nlint = 1\n")
    assert find_settings(str(inner)).target == "gpu"
    write(tmp_path / "graphtools.toml", "lint", 'target = "edgetpu"')
    assert find_settings(str(inner)).target == "edgetpu"


def test_patterns_count_from_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(str(write(tmp_path / "graphtools.toml", "lint", WHOLE)))
    assert settings is not None
    monkeypatch.chdir("/")
    assert settings.ignored_in(str(tmp_path / "old" / "x.pb")) == ("GT1",)
    assert settings.ignored_in("old/x.pb") == ()
    here = settings.for_file(str(tmp_path / "ssd" / "x.pb"))
    assert (here.target, here.inputs, here.outputs) == ("gpu", ("image",), ("a", "b"))
    assert settings.for_file("x.pb") == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tarqet = 1", "unknown key 'tarqet'"),
        ("target = 1", "target in .* must be a text"),
        ('target = "tflight"', "'tflight' is no target"),
        ("select = [1]", "select in .* must be a list of texts"),
        ("per-file-ignores = 3", "must be a table of patterns"),
        ("per-file = { x = 3 }", "the table of 'x' is no table"),
        ("per-file = { x = { select = [] } }", "unknown key 'select'"),
        ("input-shapes = { x = 3 }", "must be shapes by name"),
        ("select = [", "is no TOML"),
        ('target = "\udcff"', "is no TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "graphtools.toml"
    path.write_bytes(f"[lint]\n{text}\n".encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidValue, match=message):
        read_settings(str(path))


def test_a_file_that_is_given_has_to_be_there_and_to_have_settings(tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        choose_settings({}, str(tmp_path / "absent.toml"))
    with pytest.raises(FileProblem):
        choose_settings({}, str(tmp_path))
    other = tmp_path / "mine.toml"
    other.write_text("[other]\n")
    with pytest.raises(InvalidValue, match=r"no \[lint\]"):
        choose_settings({}, str(other))


def test_the_command_line_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "graphtools.toml", "lint", WHOLE)
    monkeypatch.chdir(tmp_path)
    assert choose_settings({"target": None, "ignore": []}).target == "tflite-select"
    chosen = choose_settings({"target": "gpu", "ignore": ["GT5"], "outputs": ["o"]})
    assert chosen.target == "gpu"
    assert chosen.ignore == ("GT2", "no-name", "GT5")
    assert chosen.select == ("ALL",)
    # what is said here holds for all files
    assert chosen.for_file("ssd/x.pb").outputs == ("o",)
    assert chosen.for_file("ssd/x.pb").target == "gpu"
    assert choose_settings({}, isolated=True) == LintSettings()


def test_a_selection_on_the_command_line_starts_anew() -> None:
    stored = LintSettings(select=("GT1",), extend_select=("GT2",), ignore=("GT101",))
    chosen = combine(stored, {"select": ["GT101"], "ignore": None})
    assert (chosen.select, chosen.extend_select, chosen.ignore) == (("GT101",), (), ())
    chosen = combine(stored, {"select": ["GT1"], "ignore": ["GT102"], "extend_select": ["GT5"]})
    assert (chosen.select, chosen.extend_select, chosen.ignore) == (
        ("GT1",),
        ("GT5",),
        ("GT102",),
    )


def test_a_target_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValue) as caught:
        combine(LintSettings(), {"target": "tf-lite"})
    assert caught.value.remedy == "did you mean 'tflite'?"
