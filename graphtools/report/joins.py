"""Joined graphs as documents."""

from __future__ import annotations

from graphtools.report.document import Document, Facts
from graphtools.transforms.join import JoinReport


def join_document(report: JoinReport) -> Document:
    """What was joined, and what is fed now."""
    facts = [("joined", f"{output} -> {fed}") for output, fed in report.connected]
    facts += [("nodes", f"{report.nodes:,}"), ("inputs", ", ".join(report.inputs) or "none")]
    return [Facts(facts)]
