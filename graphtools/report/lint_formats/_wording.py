"""What the formats share: counts, places and fingerprints of findings."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator, Sequence

from graphtools.findings.finding import SEVERITIES, Finding
from graphtools.lint.baseline import relative_path
from graphtools.lint.file_report import FileReport
from graphtools.lint.running import LintReport
from graphtools.wording import counted, printable

#: How findings of a severity are counted.
_NOUNS = dict(zip(SEVERITIES, ("error", "warning", "remark"), strict=True))
#: Variables of CI systems that name the folder of the repository.
_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


@dataclasses.dataclass(frozen=True)
class RuleCount:
    """How often a rule found something.

    Attributes:
        code: Code of the rule.
        name: Its name.
        severity: The worst severity of what it found.
        count: Number of findings.
        files: Number of files with any.
        curable: Number of findings that a transform removes.
    """

    code: str
    name: str
    severity: str
    count: int
    files: int
    curable: int


def rule_counts(report: LintReport) -> list[RuleCount]:
    """How often each rule found something, the most frequent first."""
    found: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
    for path, finding in findings_of(report):
        found.setdefault((finding.code, finding.name), []).append((path, finding))
    rows = [
        RuleCount(
            code,
            name,
            min((f.severity for _, f in group), key=SEVERITIES.index),
            len(group),
            len({path for path, _ in group}),
            sum(bool(f.cure) for _, f in group),
        )
        for (code, name), group in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.code))


def findings_of(report: LintReport) -> Iterator[tuple[str, Finding]]:
    """All findings with the files they are in."""
    for file in report.files:
        for finding in file.findings:
            yield file.path, finding


def severity_counts(files: Sequence[FileReport]) -> dict[str, int]:
    """Number of findings by severity."""
    counts = Counter(f.severity for file in files for f in file.findings)
    return {severity: counts[severity] for severity in SEVERITIES}


def totals(report: LintReport) -> str:
    """How much was found, in a line."""
    counts = severity_counts(report.files)
    parts = [", ".join(counted(counts[s], _NOUNS[s]) for s in SEVERITIES)]
    parts[0] += f" in {counted(len(report.files), 'file')}"
    unread = sum(bool(file.problems) for file in report.files)
    if unread:
        parts.append(f"{counted(unread, 'file')} could not be looked at, or not wholly")
    ignored = sum(file.ignored for file in report.files)
    if ignored:
        parts.append(f"{ignored:,} ignored")
    known = sum(file.known for file in report.files)
    if known:
        parts.append(f"{known:,} known from the baseline")
    safe = sum(f.is_safe_cure for _, f in findings_of(report))
    unsafe = sum(bool(f.cure) for _, f in findings_of(report)) - safe
    if safe:
        parts.append(f"--fix removes {safe:,}")
    if unsafe:
        parts.append(f"--unsafe-fixes {unsafe:,}{' more' if safe else ''}")
    return "; ".join(parts)


def where(finding: Finding) -> str:
    """The node that a finding is about, with its op; empty for the whole graph."""
    return f"{finding.node} ({finding.op})" if finding.op else finding.node


def one_line(finding: Finding) -> str:
    """What a finding says, with its node and remedy, in a line."""
    parts = [f"{where(finding)}: " if finding.node else "", finding.message]
    parts.append(f"; {finding.remedy}" if finding.remedy else "")
    return printable("".join(parts))


def uri_path(path: str) -> str:
    """The path of a file as it is seen from the repository: of the CI system, else from here."""
    here = os.path.abspath(".")
    roots = [os.path.abspath(root) for name in _ROOTS if (root := os.environ.get(name))]
    inside = [root for root in roots if f"{here}/".startswith(root.rstrip("/") + "/")]
    return relative_path(path, inside[0] if inside else "")


def fingerprint(path: str, finding: Finding) -> str:
    """What tells a finding from others, today and tomorrow, as 32 hexadecimal digits.

    The order of the nodes, other findings, and where the repository lies do not change it.
    """
    import hashlib

    parts = (finding.code, uri_path(path), finding.node, finding.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
