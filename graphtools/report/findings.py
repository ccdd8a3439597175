"""Findings in a training configuration, as a document and as JSON."""

from __future__ import annotations

from typing import Any

from graphtools.findings.finding import SEVERITIES, Finding
from graphtools.lint.file_report import FileReport
from graphtools.report.document import Document, Facts, Heading, Text
from graphtools.wording import counted

_TITLES = {"error": "Errors", "warning": "Warnings", "info": "Good to know"}


def findings_document(report: FileReport) -> Document:
    """What was found in a configuration, the worst first; what it was held against."""
    document: Document = []
    for severity in SEVERITIES:
        found = [f for f in report.findings if f.severity == severity]
        if found:
            document.append(Heading(f"{_TITLES[severity]} ({len(found)})"))
            document += [block for finding in found for block in _blocks(finding)]
    against = [
        f"held against the checkpoint {report.checkpoint}" if report.checkpoint else "",
        f"held against the label map {report.label_map}" if report.label_map else "",
        f"{report.ignored:,} ignored" if report.ignored else "",
    ]
    totals = [
        counted(sum(f.severity == severity for f in report.findings), noun)
        for severity, noun in zip(SEVERITIES, ("error", "warning", "remark"), strict=True)
    ]
    document.append(Text("; ".join(part for part in [", ".join(totals), *against] if part)))
    return document


def _blocks(finding: Finding) -> Document:
    """The line that says where, the message and the remedy."""
    where = f"line {finding.line}" if finding.line else "anywhere"
    return [
        Facts(
            [
                (where, f"{finding.node}  [{finding.code} {finding.name}]"),
                ("", finding.message),
                ("", finding.remedy),
            ]
        )
    ]


def findings_json(report: FileReport) -> dict[str, Any]:
    """What was found in a configuration; what it was held against."""
    return {
        "path": report.path,
        "checkpoint": report.checkpoint,
        "label_map": report.label_map,
        "findings": [
            {
                "code": f.code,
                "name": f.name,
                "severity": f.severity,
                "message": f.message,
                "remedy": f.remedy,
                "field": f.node,
                "line": f.line,
            }
            for f in report.findings
        ],
    }
