"""Findings that are known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphtools.errors import Damaged, FileProblem, NothingFound
from graphtools.findings.finding import ERROR, Finding
from graphtools.lint.baseline import read_baseline, relative_path, write_baseline
from graphtools.lint.file_report import FileReport, Problem


def finding(code: str, node: str, message: str = "m") -> Finding:
    return Finding(code, "a-name", ERROR, message, "", node)


def test_known_findings_are_left_out(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    file = str(tmp_path / "models" / "a b.pb")
    known = (finding("GT101", "x"), finding("GT101", "x", "other"), finding("GT102", "y"))
    assert write_baseline(path, [FileReport(file, findings=known), FileReport("clean.pb")]) == 3
    assert json.loads(Path(path).read_text()) == {
        "baseline_version": 1,
        "files": {
            "models/a b.pb": [
                {"code": "GT101", "node": "x", "count": 2},
                {"code": "GT102", "node": "y", "count": 1},
            ]
        },
    }
    baseline = read_baseline(path)
    report = baseline.without_known(FileReport(file, findings=known))
    assert (report.findings, report.known) == ((), 3)


def test_what_is_new_is_reported(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    write_baseline(path, [FileReport("a.pb", findings=(finding("GT101", "x"),))])
    baseline = read_baseline(path)
    now = (
        finding("GT101", "x", "said in other words"),
        finding("GT101", "x", "one more"),
        finding("GT102", "x"),
        finding("GT101", "z"),
    )
    report = baseline.without_known(FileReport("a.pb", findings=now))
    assert report.findings == now[1:]
    assert report.known == 1
    assert baseline.without_known(FileReport("b.pb", findings=now)).findings == now


def test_what_is_not_there_any_more_is_counted(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    known = (finding("GT101", "x"), finding("GT101", "x", "other"), finding("GT102", "y"))
    write_baseline(path, [FileReport("a.pb", findings=known), FileReport("b.pb", findings=known)])
    baseline = read_baseline(path)
    assert baseline.outdated([FileReport("a.pb", findings=known)]) == 0
    assert baseline.outdated([FileReport("a.pb", findings=known[1:2])]) == 2
    unread = FileReport("a.pb", problems=(Problem("it is empty"),))
    assert baseline.outdated([unread, FileReport("c.pb")]) == 0


def test_the_folder_of_the_baseline_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "known.json")
    monkeypatch.chdir(tmp_path)
    write_baseline("known.json", [FileReport("a.pb", findings=(finding("GT101", "x"),))])
    monkeypatch.chdir("/")
    found = FileReport(str(tmp_path / "a.pb"), findings=(finding("GT101", "x"),))
    assert read_baseline(path).without_known(found).known == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '"text"',
        "{}",
        '{"baseline_version": 1}',
        '{"baseline_version": 9, "files": {}}',
        '{"baseline_version": 1, "files": {"a": [{"code": "GT1"}]}}',
        '{"baseline_version": 1, "files": {"a": 3}}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(content, "utf-8", "surrogateescape")
    with pytest.raises(Damaged) as caught:
        read_baseline(str(path))
    assert caught.value.remedy == "write it anew with write_baseline=True"


def test_a_baseline_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        read_baseline(str(tmp_path / "absent.json"))
    with pytest.raises(FileProblem):
        read_baseline(str(tmp_path))
    with pytest.raises(FileProblem):
        write_baseline(str(tmp_path / "no" / "known.json"), [])


def test_paths_that_are_none_stay() -> None:
    assert relative_path("-") == "-"
    assert relative_path("gs://bucket/a.pb", "/x") == "gs://bucket/a.pb"
