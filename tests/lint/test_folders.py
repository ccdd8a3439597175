"""Folders of models."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from graphtools.lint.folders import expand_folders
from graphtools.lint.running import lint_files
from tests.support import FIXTURES


def zoo(folder: Path) -> Path:
    """A folder with models and with files that are none."""
    (folder / "b" / ".git").mkdir(parents=True)
    shutil.copy(FIXTURES / "classifier/frozen.pb", folder / "b" / "frozen.pb")
    shutil.copy(FIXTURES / "classifier/frozen.pb", folder / "b" / ".git" / "frozen.pb")
    shutil.copy(FIXTURES / "ssd/pipeline.config", folder / "pipeline.config")
    shutil.copytree(FIXTURES / "saved_model/v2", folder / "a")
    (folder / "labels.pbtxt").write_text('item { id: 1 name: "x" }\n')
    (folder / "graph.pbtxt").write_text('node { name: "x" op: "NoOp" }\n')
    (folder / "empty.pbtxt").write_text("")
    (folder / "web.config").write_text("<configuration/>")
    shutil.copy(FIXTURES / "ssd/pipeline.config", folder / "ssd.config")
    (folder / "notes.txt").write_text("nothing")
    return folder


def test_a_folder_stands_for_its_models(tmp_path: Path) -> None:
    folder = zoo(tmp_path)
    found = [os.path.relpath(path, folder) for path in expand_folders([str(folder)])]
    assert found == [
        "empty.pbtxt",
        "graph.pbtxt",
        "pipeline.config",
        "ssd.config",
        "a",
        "b/frozen.pb",
    ]


def test_what_is_named_stays_and_comes_once(tmp_path: Path) -> None:
    folder = zoo(tmp_path)
    named = [str(folder / "b" / "frozen.pb"), "absent.pb", str(folder / "a"), "-"]
    assert expand_folders(named) == named
    assert expand_folders([named[0], str(folder / "b")]) == [named[0]]


def test_a_folder_without_models_is_a_problem(tmp_path: Path) -> None:
    assert expand_folders([str(tmp_path)]) == [str(tmp_path)]
    (report,) = lint_files([tmp_path]).files
    assert "holds neither a SavedModel" in report.problems[0].message
