"""Tables in GitHub's Markdown, for comments and for the summary of a workflow's step."""

from __future__ import annotations

import re

from graphtools.lint.file_report import FileReport
from graphtools.lint.running import LintReport
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import rule_counts, totals, where
from graphtools.wording import printable

#: Rows of all tables together: GitHub takes summaries up to 1 MiB.
_MOST_ROWS = 1000


def _cell(text: str) -> str:
    """A text that stands for itself in a cell of a table."""
    plain = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~$@#])", r"\\\1", plain)


def _table(file: FileReport, most: int) -> list[str]:
    lines = [f"### {_cell(file.path)}", ""]
    for problem in file.problems:
        lines += [f"**error** {_cell(problem.message)} {_cell(problem.remedy)}".rstrip(), ""]
    if file.findings:
        lines += ["| severity | rule | node | what | remedy |", "|---|---|---|---|---|"]
    for f in file.findings[:most]:
        rule = f"{f.code} {_cell(f.name)}"
        node = _cell(f"line {f.line} {where(f)}" if f.line else where(f))
        what = f"| {f.severity} | {rule} | {node} | {_cell(f.message)} | {_cell(f.remedy)} |"
        lines.append(what)
    if len(file.findings) > most:
        lines += ["", f"{len(file.findings) - most:,} more are not shown."]
    return [*lines, ""]


def render(report: LintReport) -> str:
    """A table a file with findings, below the totals."""
    lines = ["## graphtools lint", "", _cell(totals(report)), ""]
    left = _MOST_ROWS
    for file in report.files:
        if file.findings or file.problems:
            lines += _table(file, left)
            left = max(0, left - len(file.findings))
    return "\n".join(lines)


def statistics(report: LintReport) -> str:
    """A table of the rules that found something."""
    lines = ["| code | name | severity | findings | files |", "|---|---|---|--:|--:|"]
    lines += [
        f"| {r.code} | {_cell(r.name)} | {r.severity} | {r.count:,} | {r.files:,} |"
        for r in rule_counts(report)
    ]
    return "\n".join(["## graphtools lint", "", _cell(totals(report)), "", *lines, ""])


LINT_FORMAT = LintFormat(render, statistics)
