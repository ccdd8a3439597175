"""For people: each finding with its reason and its remedy."""

from __future__ import annotations

import sys

from graphtools.findings.finding import Finding
from graphtools.lint.file_report import FileReport
from graphtools.lint.running import LintReport
from graphtools.report.document import Document, Facts, Heading, Items, Table, Text
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import rule_counts, totals, where
from graphtools.report.terminal import columns, is_coloured
from graphtools.report.text import render_text
from graphtools.wording import counted


def lint_document(report: LintReport) -> Document:
    """What was found, file by file; files without findings are only counted."""
    document: Document = []
    for file in report.files:
        if file.findings or file.fixes or file.changes:
            document += _file(file)
    document.append(Text(totals(report)))
    return document


def _file(file: FileReport) -> Document:
    facts = [file.kind, counted(file.nodes, "node")] if file.nodes else [file.kind]
    document: Document = [Heading(f"{file.path}: {', '.join(facts)}")]
    document += [_finding(finding) for finding in file.findings]
    if file.fixes:
        done = "would be applied" if file.changes else "applied"
        lines = [
            f"{fix.cure} {done} for {', '.join(fix.codes)}: {counted(fix.edits, 'edit')}"
            for fix in file.fixes
        ]
        document += [Heading("Fixes"), Items(lines)]
    return document + _changes(file) if file.changes else document


def _changes(file: FileReport) -> Document:
    """What the fixes would change in the graph."""
    from graphtools.analysis.model_diff import ModelDiff
    from graphtools.report.diffs import diff_document

    assert file.changes
    fixed = f"{file.path}, fixed"
    return diff_document(ModelDiff(file.path, fixed, file.changes.same, (), None, file.changes))


def _finding(finding: Finding) -> Facts:
    place = f"line {finding.line}  " if finding.line else ""
    node = f"{where(finding) or 'the graph'}  [{finding.code} {finding.name}]"
    items = [(finding.severity, f"{place}{node}"), ("", finding.message)]
    if finding.remedy:
        items.append(("", finding.remedy))
    if finding.cure:
        option = "--fix" if finding.is_safe_cure else "--fix --unsafe-fixes"
        items.append(("", f"fixed by {option}: {finding.cure}"))
    return Facts([(f"{key:<7}", value) for key, value in items])


def statistics_document(report: LintReport) -> Document:
    """How often each rule found something."""
    rows = [
        (r.code, r.name, r.severity, f"{r.count:,}", f"{r.files:,}", f"{r.curable:,}")
        for r in rule_counts(report)
    ]
    columns = ("code", "name", "severity", "findings", "files", "fixable")
    table: Document = [Table(columns, rows, (3, 4, 5))] if rows else []
    return [*table, Text(totals(report))]


def _rendered(document: Document) -> str:
    return render_text(document, colour=is_coloured(sys.stdout), width=columns())


LINT_FORMAT = LintFormat(
    lambda report: _rendered(lint_document(report)),
    lambda report: _rendered(statistics_document(report)),
)
