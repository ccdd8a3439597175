"""SARIF 2.1.0 (OASIS), as GitHub's code scanning takes it.

A graph is no text: a result's region is its first line, and the node is its logical location.
GitHub takes 25,000 results of a run at most; the worst ones are kept.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from graphtools.findings.finding import ERROR, INFO, SEVERITIES, WARNING, Finding
from graphtools.findings.rule import Rule
from graphtools.lint.running import LintReport
from graphtools.lint.tables import all_rules
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import findings_of, fingerprint, uri_path
from graphtools.wording import counted

MOST_RESULTS = 25_000
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
#: Keys of the fingerprint. GitHub looks at the first only, and else makes it from a file's first
#: line, the same for all nodes; the number of the second changes when it is made otherwise.
_FINGERPRINTS = ("primaryLocationLineHash", "graphtoolsFinding/v1")


def _rule(rule: Rule) -> dict[str, Any]:
    manual = rule.manual
    first = " ".join(manual.what.partition("\n\n")[0].split()) or rule.name
    sections = [("", manual.what), ("Why", manual.why), ("Example", manual.example)]
    sections.append(("Remedy", manual.remedy))
    text = "\n\n".join(f"{k}: {v}" if k else v for k, v in sections if v) or rule.name
    markdown = "\n\n".join(f"**{k}**\n\n{v}" if k else v for k, v in sections if v) or rule.name
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": first},
        "fullDescription": {"text": first},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _unlisted(finding: Finding) -> Rule:
    """The rule of a finding that no table has, as one that was declared elsewhere."""
    return Rule(finding.code, finding.name, finding.severity, lambda _: (), finding.name)


def _artifact(path: str) -> dict[str, Any]:
    uri = quote(uri_path(path), errors="surrogateescape")  # a file's name may be no UTF-8
    return {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}


def _result(path: str, finding: Finding, index: int) -> dict[str, Any]:
    text = f"{finding.node}: {finding.message}" if finding.node else finding.message
    text += f"\n{finding.remedy}" if finding.remedy else ""
    location: dict[str, Any] = {
        "physicalLocation": {**_artifact(path), "region": {"startLine": finding.line or 1}}
    }
    if finding.node:
        name = finding.node.rpartition("/" if finding.op else ".")[2]
        location["logicalLocations"] = [
            {
                "name": name,
                "fullyQualifiedName": finding.node,
                "kind": "object" if finding.op else "property",
            }
        ]
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": dict.fromkeys(_FINGERPRINTS, fingerprint(path, finding)),
    }


def _notifications(report: LintReport, left_out: int) -> list[dict[str, Any]]:
    found = [
        {
            "level": "error",
            "message": {"text": f"{problem.message}\n{problem.remedy}".rstrip()},
            "locations": [{"physicalLocation": _artifact(file.path)}],
        }
        for file in report.files
        for problem in file.problems
    ]
    if left_out:
        text = f"{counted(left_out, 'result')} of the lowest severities are left out"
        found.append({"level": "warning", "message": {"text": text}})
    return found


def render(report: LintReport) -> str:
    """A log of one run."""
    from importlib.metadata import version

    found = sorted(findings_of(report), key=lambda pair: SEVERITIES.index(pair[1].severity))
    kept = found[:MOST_RESULTS]
    rules = {f.code: all_rules().get(f.code) or _unlisted(f) for _, f in kept}
    index = {code: number for number, code in enumerate(sorted(rules))}
    run = {
        "tool": {
            "driver": {
                "name": "graphtools lint",
                "semanticVersion": version("tf-graphtools"),
                "rules": [_rule(rules[code]) for code in index],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not report.has_problems,
                "toolExecutionNotifications": _notifications(report, len(found) - len(kept)),
            }
        ],
        "results": [_result(path, f, index[f.code]) for path, f in kept],
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


LINT_FORMAT = LintFormat(render)
