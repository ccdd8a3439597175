"""The output formats of the linter but SARIF."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphtools.errors import FileProblem, InvalidValue
from graphtools.lint.file_report import FileReport
from graphtools.lint.running import LintReport
from graphtools.lint.settings import LintSettings
from graphtools.report.lint_formats import find_format, format_names, write_step_summary
from graphtools.report.lint_formats._wording import fingerprint, uri_path
from tests.report.lint_reports import (
    CONFIG,
    CURABLE,
    EVERYTHING,
    EVIL,
    FIXED,
    MIXED,
    NASTY_FILE,
    NODE,
    SOUND,
    report,
)

NAMES = [
    "concise",
    "github",
    "gitlab",
    "json",
    "json-lines",
    "junit",
    "markdown",
    "sarif",
    "text",
]
COUNTED = ("concise", "json", "markdown", "text")


def rendered(name: str, found: LintReport = EVERYTHING) -> str:
    return find_format(name).render(found)


def counted(name: str, found: LintReport = EVERYTHING) -> str:
    render = find_format(name).statistics
    assert render is not None
    return render(found)


def test_formats_are_found_by_name() -> None:
    assert format_names() == NAMES
    assert tuple(n for n in NAMES if find_format(n).statistics) == COUNTED
    with pytest.raises(InvalidValue) as caught:
        find_format("sarrif")
    assert caught.value.remedy == "did you mean 'sarif'?"
    with pytest.raises(InvalidValue) as caught:
        find_format("_wording")
    assert "formats: concise" in caught.value.remedy


@pytest.mark.parametrize("name", NAMES)
def test_every_format_takes_everything_and_nothing(name: str) -> None:
    for found in (report(), report(SOUND), EVERYTHING, report(NASTY_FILE)):
        text = rendered(name, found)
        assert text == "" or text.endswith("\n")
        text.encode("utf-8")  # no lone surrogates are left
        assert "\x1b" not in text
        assert "\x00" not in text


def test_text() -> None:
    assert rendered("text").splitlines() == [
        "models/a b%.pb: GraphDef, 1,234 nodes",
        "  error    scope/y (Neg)  [GT101 dangling-input]",
        "           reads 'gone', which is not in the graph",
        "           cut again",
        "",
        "  warning  scope/bn (FusedBatchNorm)  [GT501 batch-norm]",
        "           not folded",
        "           fold it",
        "           fixed by --fix: fold_batch_norms",
        "",
        "  warning  d (Mul)  [GT204 dropout]",
        "           left",
        "           fixed by --fix --unsafe-fixes: remove_nodes(op=Mul)",
        "",
        "  info     the graph  [GT124 mixed-versions]",
        "           no version",
        "           write it again",
        "",
        "pipeline.config: pipeline configuration",
        "  warning  line 7  train_config.batch_size  [GTC606 batch-size]",
        "           it is 0",
        "           write 24",
        "",
        "fixed.pb: GraphDef, 3 nodes",
        "Fixes",
        "  - fold_batch_norms applied for GT501: 4 edits",
        "",
        "1 error, 3 warnings, 1 remark in 5 files; 1 file could not be looked at, or not wholly; "
        "2 ignored; 1 known from the baseline; --fix removes 1; --unsafe-fixes 1 more",
    ]


def test_the_totals_of_nothing() -> None:
    assert rendered("text", report(SOUND)) == "0 errors, 0 warnings, 0 remarks in 1 file\n"


def test_concise() -> None:
    lines = rendered("concise").splitlines()
    assert lines[0] == (
        "models/a b%.pb: error GT101 dangling-input: scope/y (Neg): "
        "reads 'gone', which is not in the graph"
    )
    assert lines[1].startswith("models/a b%.pb: warning GT501 [*] batch-norm: ")
    assert lines[4].startswith("pipeline.config:7: warning GTC606 batch-size: ")
    assert len(rendered("concise", report(NASTY_FILE)).splitlines()) == 2


def test_statistics() -> None:
    lines = counted("text").splitlines()
    assert lines[2].split() == ["GT101", "dangling-input", "error", "1", "1", "0"]
    assert counted("concise").startswith("1\tGT101\tdangling-input\n")
    assert "| GT101 | dangling-input | error | 1 | 1 |" in counted("markdown")
    many = report(*[FileReport(f"{n}.pb", findings=(NODE, NODE, CURABLE)) for n in range(2)])
    (most, least) = json.loads(counted("json", many))["summary"]["rules"]
    assert most == {
        "code": "GT101",
        "name": "dangling-input",
        "severity": "error",
        "count": 4,
        "files": 2,
        "curable": 0,
    }
    assert (least["count"], least["curable"]) == (2, 2)


def test_json() -> None:
    found = json.loads(rendered("json"))
    assert found["schema_version"] == 1
    assert found["summary"]["findings"] == {"error": 1, "warning": 3, "info": 1}
    assert found["summary"]["unread"] == 1
    first = found["files"][0]
    assert first["path"] == "models/a b%.pb"
    assert first["findings"][1] == {
        "code": "GT501",
        "name": "batch-norm",
        "severity": "warning",
        "message": "not folded",
        "remedy": "fold it",
        "node": "scope/bn",
        "op": "FusedBatchNorm",
        "cure": "fold_batch_norms",
        "is_safe_cure": True,
        "line": 0,
    }
    assert found["files"][3]["problems"] == [
        {"message": "gone.pb does not exist", "remedy": "look again"}
    ]
    assert found["files"][4]["fixes"][0]["cure"] == "fold_batch_norms"
    nasty = json.loads(rendered("json", report(NASTY_FILE)))
    assert nasty["files"][0]["findings"][0]["node"] == EVIL


def test_json_lines() -> None:
    lines = [json.loads(line) for line in rendered("json-lines").splitlines()]
    assert [line.get("code") for line in lines] == [
        "GT101",
        "GT501",
        "GT204",
        "GT124",
        "GTC606",
        None,
    ]
    assert lines[-1]["problem"]["message"] == "gone.pb does not exist"
    assert all("path" in line for line in lines)


COMMAND = re.compile(
    r"::(error|warning|notice) title=([^,:]*),file=([^,:]*),line=(\d+)::([^\r\n]*)"
)


def test_github() -> None:
    lines = rendered("github").splitlines()
    assert lines[0] == (
        "::error title=dangling-input (GT101),file=models/a b%25.pb,line=1::"
        "scope/y (Neg)%0Areads 'gone', which is not in the graph%0Acut again"
    )
    assert lines[4].startswith("::warning title=batch-size (GTC606),file=pipeline.config,line=7::")
    assert lines[5] == (
        "::error title=graphtools lint,file=gone.pb,line=1::gone.pb does not exist%0Alook again"
    )


def test_no_name_can_give_github_another_command() -> None:
    lines = rendered("github", report(NASTY_FILE)).split("\n")
    assert lines.pop() == ""
    assert len(lines) == 2
    assert all(COMMAND.fullmatch(line) for line in lines)


def test_gitlab() -> None:
    issues = json.loads(rendered("gitlab"))
    assert issues[0] == {
        "description": "GT101 dangling-input: scope/y (Neg): reads 'gone', which is not in the "
        "graph; cut again",
        "check_name": "GT101",
        "fingerprint": fingerprint(MIXED.path, NODE),
        "severity": "major",
        "location": {"path": "models/a b%.pb", "lines": {"begin": 1}},
    }
    assert [i["severity"] for i in issues] == ["major", "minor", "minor", "info", "minor"]
    assert issues[-1]["location"]["lines"] == {"begin": 7}
    assert len({i["fingerprint"] for i in issues}) == 5


def test_junit() -> None:
    text = rendered("junit")
    root = ElementTree.fromstring(text)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("8", "4", "1")
    suites = {s.get("name"): s for s in root}
    assert list(suites) == [f.path for f in EVERYTHING.files]
    mixed = suites[MIXED.path]
    assert (mixed.get("tests"), mixed.get("failures"), mixed.get("time")) == ("4", "3", "0.250")
    failure = mixed[0].find("failure")
    assert failure is not None
    assert failure.get("message") == NODE.message
    assert mixed[3].find("failure") is None  # a remark is none
    (passed,) = suites[SOUND.path]
    assert not list(passed)
    assert suites["gone.pb"][0].find("error") is not None


def test_junit_holds_whatever_a_name_has_in_it() -> None:
    root = ElementTree.fromstring(rendered("junit", report(NASTY_FILE)))
    failure = root[0][1].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert "<script>alert('x')</script>|a*b_c`d`\\n::error::" in failure.text


def test_markdown() -> None:
    lines = rendered("markdown").splitlines()
    assert lines[0] == "## graphtools lint"
    assert "### models/a b%.pb" in lines
    assert (
        "| error | GT101 dangling-input | scope/y (Neg) | reads 'gone', which is not in the graph "
        "| cut again |" in lines
    )
    assert (
        "| warning | GTC606 batch-size | line 7 train\\_config.batch\\_size | it is 0 | write 24 |"
        in lines
    )
    assert "**error** gone.pb does not exist look again" in lines


def test_no_name_leaves_its_cell_in_markdown() -> None:
    text = rendered("markdown", report(NASTY_FILE))
    assert "<" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("| error")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert "\\`d\\`" in row
    assert "a\\*b\\_c" in row


def test_long_tables_are_cut_in_markdown() -> None:
    many = report(
        FileReport("a.pb", findings=(NODE,) * 700), FileReport("b.pb", findings=(NODE,) * 700)
    )
    text = rendered("markdown", many)
    assert text.count("| error |") == 1000
    assert "400 more are not shown." in text


def test_fingerprints_tell_findings_apart_and_nothing_else_changes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert re.fullmatch("[0-9a-f]{32}", fingerprint("a.pb", NODE))
    assert fingerprint("a.pb", NODE) == fingerprint(str(tmp_path / "a.pb"), NODE)
    assert len({fingerprint(p, f) for p in ("a.pb", "b.pb") for f in (NODE, CURABLE)}) == 4


def test_paths_are_those_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "models"
    inner.mkdir()
    monkeypatch.chdir(inner)
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert uri_path("a.pb") == "models/a.pb"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "other"))
    assert uri_path("a.pb") == "a.pb"


def test_the_summary_of_a_step_is_appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    write_step_summary(report(CONFIG))
    assert path.read_text() == "before\n"
    github = report(CONFIG, settings=LintSettings(format="github"))
    write_step_summary(github)
    assert path.read_text() == "before\n" + rendered("markdown", github)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    with pytest.raises(FileProblem):
        write_step_summary(github)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    write_step_summary(github)


def test_what_is_fixed_is_told() -> None:
    assert "fold_batch_norms applied for GT501" in rendered("text", report(FIXED))
