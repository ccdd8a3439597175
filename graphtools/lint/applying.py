"""Applies the rules that are selected to a graph, or to a configuration."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping

from graphtools.errors import GraphtoolsError
from graphtools.findings.finding import SEVERITIES, Finding
from graphtools.findings.rule import Checked, Rule
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.selection import is_meant, is_node_ignored, selected_rules
from graphtools.lint.settings import LintSettings
from graphtools.lint.subject import Subject
from graphtools.lint.tables import GRAPH_RULES

#: Codes of the rules that look at what stands in the file, not at what it computes.
_OF_THE_FILE = "GT1"


def look_at(
    subject: Subject, settings: LintSettings, rules: Mapping[str, Rule] | None = None
) -> FileReport:
    """Apply the selected rules to a graph.

    Args:
        subject: The graph.
        settings: What is selected and ignored.
        rules: All rules by code; those for graphs if None.

    Returns:
        What was found; of a graph with a cycle, or with too few inputs at a node, what stands in
        the file only, and that this is all.
    """
    rules = GRAPH_RULES.rules() if rules is None else rules
    problems: tuple[Problem, ...] = ()
    if subject.unreadable:
        rules = {code: rule for code, rule in rules.items() if code.startswith(_OF_THE_FILE)}
        problems = (Problem(subject.unreadable, "only the rules GT1 were applied"),)
    report = apply_rules(rules, subject, settings, subject.path)
    return dataclasses.replace(
        report,
        problems=(*problems, *report.problems),
        kind="GraphDef",
        inputs=subject.inputs,
        outputs=subject.outputs,
        nodes=len(subject.graph),
    )


def apply_rules(
    rules: Mapping[str, Rule], subject: Checked, settings: LintSettings, path: str
) -> FileReport:
    """Apply the selected ones of some rules.

    Args:
        rules: The rules by code.
        subject: What they look at.
        settings: What is selected and ignored.
        path: The file it came from; empty if from none.
    """
    start = time.perf_counter()
    found: list[Finding] = []
    problems: list[Problem] = []
    for rule in selected_rules(
        rules, settings.target, settings.select, settings.extend_select, settings.ignore
    ):
        try:
            found += rule.run(subject)
        except GraphtoolsError as error:  # the other rules can still be applied
            message = f"the rule {rule.code} {rule.name} could not be applied: {error.message}"
            problems.append(Problem(message, error.remedy))
    kept, ignored = _kept(found, settings, path)
    kept.sort(key=lambda f: (SEVERITIES.index(f.severity), subject.position(f), f.code))
    return FileReport(
        path,
        findings=tuple(kept),
        problems=tuple(problems),
        ignored=ignored,
        seconds=time.perf_counter() - start,
    )


def _kept(found: Iterable[Finding], settings: LintSettings, path: str) -> tuple[list[Finding], int]:
    """The findings that are not ignored, each once, and the number of those that are."""
    in_file = settings.ignored_in(path) if path else ()
    kept: dict[Finding, None] = {}
    ignored: set[Finding] = set()
    for finding in found:
        if is_meant(finding, in_file) or is_node_ignored(finding, settings.ignore_nodes):
            ignored.add(finding)
        else:
            kept[finding] = None
    return list(kept), len(ignored)
