"""JUnit's XML, which most CI systems show: a suite a file, a failed test a finding."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from graphtools.findings.finding import INFO, Finding
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.running import LintReport
from graphtools.report.lint_formats import LintFormat
from graphtools.report.lint_formats._wording import one_line, where
from graphtools.wording import printable


def _attribute(text: str) -> str:
    """A text as a quoted attribute; what XML cannot hold is written as an escape."""
    return quoteattr(printable(text))


def _case(file: FileReport, finding: Finding) -> str:
    node = f" {where(finding)}" if finding.node else ""
    name = _attribute(f"{finding.code} {finding.name}{node}")
    head = f"    <testcase name={name} classname={_attribute(file.path)}"
    text = escape(one_line(finding))
    if finding.severity == INFO:  # a remark is no failure
        return f"{head}>\n      <system-out>{text}</system-out>\n    </testcase>"
    kind, message = _attribute(finding.severity), _attribute(finding.message)
    return (
        f"{head}>\n      <failure type={kind} message={message}>{text}</failure>\n    </testcase>"
    )


def _error(file: FileReport, problem: Problem) -> str:
    name = _attribute(file.path)
    message, text = _attribute(problem.message), escape(printable(problem.remedy))
    return (
        f'    <testcase name="read" classname={name}>\n'
        f'      <error type="error" message={message}>{text}</error>\n    </testcase>'
    )


def _suite(file: FileReport) -> str:
    cases = [_error(file, problem) for problem in file.problems]
    cases += [_case(file, finding) for finding in file.findings]
    cases = cases or [f'    <testcase name="lint" classname={_attribute(file.path)}/>']
    failures = sum(f.severity != INFO for f in file.findings)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{len(file.problems)}"'
    name = f"name={_attribute(file.path)}"
    head = f'  <testsuite {name} {counts} time="{file.seconds:.3f}">'
    return "\n".join([head, *cases, "  </testsuite>"])


def render(report: LintReport) -> str:
    """All suites. The document is ASCII."""
    files = report.files
    failures = sum(f.severity != INFO for file in files for f in file.findings)
    errors = sum(len(file.problems) for file in files)
    tests = sum(len(file.findings) + len(file.problems) or 1 for file in files)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites name="graphtools lint" tests="{tests}" failures="{failures}"'
        f' errors="{errors}">',
        *map(_suite, files),
        "</testsuites>",
    ]
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode() + "\n"


LINT_FORMAT = LintFormat(render)
