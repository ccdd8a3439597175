"""GitLab's code quality report, a subset of Code Climate's: an array of issues."""

from __future__ import annotations

import json

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.lint.running import LintReport
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import findings_of, fingerprint, one_line, uri_path

_SEVERITIES = {ERROR: "major", WARNING: "minor", INFO: "info"}


def render(report: LintReport) -> str:
    """An issue a finding."""
    issues = [
        {
            "description": f"{found.code} {found.name}: {one_line(found)}",
            "check_name": found.code,
            "fingerprint": fingerprint(path, found),
            "severity": _SEVERITIES[found.severity],
            "location": {"path": uri_path(path), "lines": {"begin": found.line or 1}},
        }
        for path, found in findings_of(report)
    ]
    return json.dumps(issues, indent=1) + "\n"


LINT_FORMAT = LintFormat(render)
