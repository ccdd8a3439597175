"""A line a finding, as compilers and editors have it."""

from __future__ import annotations

from graphtools.lint.running import LintReport
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import findings_of, rule_counts, totals, where
from graphtools.wording import printable


def render(report: LintReport) -> str:
    """`path:line: severity CODE name: node: message`, and the totals."""
    lines = []
    for path, found in findings_of(report):
        place = f"{path}:{found.line}" if found.line else path
        node = f"{where(found)}: " if found.node else ""
        mark = " [*]" if found.is_safe_cure else ""
        rule = f"{found.severity} {found.code}{mark} {found.name}"
        lines.append(printable(f"{place}: {rule}: {node}{found.message}"))
    return "\n".join([*lines, totals(report)]) + "\n"


def statistics(report: LintReport) -> str:
    """`count CODE name`, and the totals."""
    lines = [f"{row.count}\t{row.code}\t{row.name}" for row in rule_counts(report)]
    return "\n".join([*lines, totals(report)]) + "\n"


LINT_FORMAT = LintFormat(render, statistics)
