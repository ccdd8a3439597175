"""Workflow commands of GitHub Actions, which become annotations.

Escapes as in the toolkit of GitHub Actions (`command.ts` of @actions/core).
"""

from __future__ import annotations

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.lint.running import LintReport
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import findings_of, uri_path, where
from graphtools.wording import printable

_COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}


def _data(*lines: str) -> str:
    """Lines as the message of a command; what cannot be printed is written as an escape."""
    return "%0A".join(printable(line).replace("%", "%25") for line in lines if line)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def render(report: LintReport) -> str:
    """A command a finding, and one for each reason why a file was not looked at."""
    lines = []
    for path, found in findings_of(report):
        title = _property(f"{found.name} ({found.code})")
        file = _property(uri_path(path))
        text = _data(where(found), found.message, found.remedy)
        command = _COMMANDS[found.severity]
        lines.append(f"::{command} title={title},file={file},line={found.line or 1}::{text}")
    for report_of_file in report.files:
        for problem in report_of_file.problems:
            file = _property(uri_path(report_of_file.path))
            text = _data(problem.message, problem.remedy)
            lines.append(f"::error title=graphtools lint,file={file},line=1::{text}")
    return "".join(line + "\n" for line in lines)


LINT_FORMAT = LintFormat(render)
