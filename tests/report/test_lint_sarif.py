"""SARIF: against what the standard requires, and what GitHub makes of it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from graphtools.findings.finding import INFO
from graphtools.lint.file_report import FileReport
from graphtools.lint.running import LintReport
from graphtools.report.lint_formats import sarif
from tests.report.lint_reports import (
    CONFIG,
    EVERYTHING,
    EVIL,
    FIELD,
    MIXED,
    NASTY_FILE,
    NODE,
    SOUND,
    UNREAD,
    WHOLE,
    report,
)
from tests.report.sarif_schema import LOG


def log(found: LintReport) -> Any:
    document = json.loads(sarif.render(found))
    jsonschema.Draft202012Validator(
        LOG, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(document)
    (run,) = document["runs"]
    return run


@pytest.mark.parametrize(
    "found",
    [report(), report(SOUND), EVERYTHING, report(NASTY_FILE)],
    ids=["nothing", "clean", "everything", "nasty"],
)
def test_a_log_keeps_to_the_standard(found: LintReport) -> None:
    run = log(found)
    assert len(run["results"]) == sum(len(f.findings) for f in found.files)
    rules = run["tool"]["driver"]["rules"]
    assert len({r["id"] for r in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"].strip()
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert not artifact["uri"].startswith(("/", "file:"))
        assert location["physicalLocation"]["region"]["startLine"] >= 1


def test_the_schema_of_the_test_refuses_what_the_standard_refuses() -> None:
    document = json.loads(sarif.render(EVERYTHING))
    result = document["runs"][0]["results"][0]
    for broken in (
        {**result, "message": {}},
        {**result, "level": "info"},
        {**result, "partialFingerprints": {"a": 1}},
        {**result, "unknown": 1},
        {**result, "locations": [{"physicalLocation": {"region": {"startLine": 0}}}]},
    ):
        document["runs"][0]["results"] = [broken]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, LOG)


def test_a_result() -> None:
    run = log(report(MIXED))
    first = run["results"][0]
    assert first["ruleId"] == "GT101"
    assert first["level"] == "error"
    assert first["message"]["text"] == (
        "scope/y: reads 'gone', which is not in the graph\ncut again"
    )
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "models/a%20b%25.pb", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{"name": "y", "fullyQualifiedName": "scope/y", "kind": "object"}],
        }
    ]
    levels = [r["level"] for r in run["results"]]
    assert levels == ["error", "warning", "warning", "note"]
    assert "logicalLocations" not in run["results"][3]["locations"][0]


def test_a_field_of_a_configuration_has_its_line() -> None:
    (result,) = log(report(CONFIG))["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": FIELD.line}
    assert location["logicalLocations"] == [
        {"name": "batch_size", "fullyQualifiedName": FIELD.node, "kind": "property"}
    ]


def test_rules_have_their_manual() -> None:
    rules = {r["id"]: r for r in log(EVERYTHING)["tool"]["driver"]["rules"]}
    rule = rules["GT101"]
    assert rule["name"] == "dangling-input"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert "**Why**" in rule["help"]["markdown"]
    assert "\n" not in rule["shortDescription"]["text"]


def test_why_a_file_was_not_looked_at_is_a_notification() -> None:
    (invocation,) = log(report(UNREAD))["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"] == "gone.pb does not exist\nlook again"
    (invocation,) = log(report(SOUND))["invocations"]
    assert invocation == {"executionSuccessful": True, "toolExecutionNotifications": []}


def fingerprints(found: LintReport) -> dict[tuple[str, str], str]:
    return {
        (r["ruleId"], r["message"]["text"]): r["partialFingerprints"]["primaryLocationLineHash"]
        for r in log(found)["results"]
    }


def test_fingerprints_do_not_depend_on_order_or_on_other_findings() -> None:
    every = fingerprints(report(MIXED))
    backwards = dataclasses.replace(MIXED, findings=MIXED.findings[::-1])
    assert fingerprints(report(backwards)) == every
    alone = fingerprints(report(dataclasses.replace(MIXED, findings=(NODE,))))
    assert alone.items() <= every.items()
    assert len(set(every.values())) == len(every)


def test_github_takes_25_000_results_of_which_the_worst_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sarif.MOST_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    run = log(report(FileReport("a.pb", findings=(WHOLE, WHOLE, NODE, WHOLE, NODE))))
    assert [r["level"] for r in run["results"]] == ["error", "error", "note"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "2 results of the lowest severities are left out"
    assert WHOLE.severity == INFO


def test_nasty_names_are_text() -> None:
    run = log(report(NASTY_FILE))
    (result,) = run["results"]
    assert EVIL in result["message"]["text"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert " " not in uri
    assert "<" not in uri
    assert "<script>" in unquote(uri)
