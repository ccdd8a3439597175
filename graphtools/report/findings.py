"""Findings as documents."""

from __future__ import annotations

from graphtools.report.document import Document, Facts, Heading, Text, count
from graphtools.restore.check_config import ConfigReport
from graphtools.restore.findings import SEVERITIES, Finding

_TITLES = {"error": "Errors", "warning": "Warnings", "info": "Good to know"}


def findings_document(report: ConfigReport) -> Document:
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
    ]
    totals = [
        count(sum(f.severity == severity for f in report.findings), noun)
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
                (where, f"{finding.field}  [{finding.code} {finding.name}]"),
                ("", finding.message),
                ("", finding.remedy),
            ]
        )
    ]
