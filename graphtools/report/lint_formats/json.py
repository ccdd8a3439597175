"""Everything that is known, for programs."""

from __future__ import annotations

from typing import Any

from graphtools.lint.running import LintReport
from graphtools.report.json import render_json
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import rule_counts, severity_counts


def _summary(report: LintReport) -> dict[str, Any]:
    return {
        "target": report.settings.target,
        "files": len(report.files),
        "findings": severity_counts(report.files),
        "unread": sum(bool(file.problems) for file in report.files),
        "ignored": sum(file.ignored for file in report.files),
        "known": sum(file.known for file in report.files),
        "rules": rule_counts(report),
    }


def render(report: LintReport) -> str:
    """The files with their findings, and the counts."""
    content = {"summary": _summary(report), "files": report.files, "notes": report.notes}
    return render_json(content) + "\n"


def statistics(report: LintReport) -> str:
    """The counts."""
    return render_json({"summary": _summary(report)}) + "\n"


LINT_FORMAT = LintFormat(render, statistics)
