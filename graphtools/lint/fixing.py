"""Cures what rules have found: applies the transforms that the findings name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.findings.finding import Finding
from graphtools.findings.rule import Rule
from graphtools.formats.format import Model
from graphtools.front_end import param, step
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.lint.applying import look_at
from graphtools.lint.file_report import FileReport, Fix, Problem
from graphtools.lint.settings import LintSettings
from graphtools.lint.subject import Subject
from graphtools.lint.tables import GRAPH_RULES

#: So many cures are tried; one may make another possible, or undo it.
_ROUNDS = 40


class Cured(NamedTuple):
    """What became of a graph.

    Attributes:
        graph: The graph.
        report: What is left to be found, with the cures that were applied.
    """

    graph: Graph
    report: FileReport


def cure_graph(
    subject: Subject, settings: LintSettings, rules: Mapping[str, Rule] | None = None
) -> Cured:
    """Apply the cures of what the rules find, until nothing is left that they remove.

    A cure is left out where it is not safe, unless the settings say otherwise; where a transform
    refuses, or removes no finding; and where outputs that were only assumed to be all would not be:
    what might be another output has to stay.

    Args:
        subject: The graph; it is not changed.
        settings: What is selected, and which cures are applied.
        rules: All rules by code; those of this package if None.
    """
    return _cured(subject, look_at(subject, settings, rules), settings, rules)


def _cured(
    subject: Subject, report: FileReport, settings: LintSettings, rules: Mapping[str, Rule] | None
) -> Cured:
    if not subject.outputs:
        note = f"nothing was fixed: which nodes are outputs is not known; give {param('outputs')}"
        curable = any(f.cure for f in report.findings)
        return Cured(subject.graph, dataclasses.replace(report, notes=(note,) if curable else ()))
    fixes: list[Fix] = []
    notes: list[str] = []
    done: set[str] = set()
    current = subject
    for _ in range(_ROUNDS):
        cure = next((c for c in _cures(report, settings) if c not in done), "")
        if not cure:
            break
        done.add(cure)
        wanted = [f for f in report.findings if f.cure == cure]
        try:
            changed = current.transformed(cure)
        except (GraphtoolsError, MemoryError) as error:
            why = error.message if isinstance(error, GraphtoolsError) else "not enough memory"
            notes.append(f"{cure} was not applied: {why}")
            continue
        lost = _lost_candidate(subject, changed.graph) if settings.fix == "safe" else ""
        if lost:
            notes.append(
                f"{cure} was not applied: it would remove {lost!r}, which may be an output; "
                f"name the outputs with {param('outputs')}, or add {param(unsafe_fixes=True)}"
            )
            continue
        edits = sum(step.edits for step in changed.report.steps)
        if not edits:
            continue
        after = _with_graph(subject, changed.graph)
        rest = look_at(after, settings, rules)
        gone = _gone(report.findings, rest.findings).intersection(wanted)
        if not gone:
            continue
        codes = tuple(sorted({f.code for f in gone}))
        fixes.append(Fix(cure, codes, edits, all(f.is_safe_cure for f in wanted)))
        current, report = after, rest
        done -= {f.cure for f in report.findings if f.cure != cure}
    return Cured(
        current.graph,
        dataclasses.replace(report, fixes=tuple(fixes), notes=tuple(dict.fromkeys(notes))),
    )


def _cures(report: FileReport, settings: LintSettings) -> list[str]:
    """The cures that may be applied, in the order of the findings."""
    return [
        f.cure for f in report.findings if f.cure and (f.is_safe_cure or settings.fix != "safe")
    ]


def _lost_candidate(subject: Subject, changed: Graph) -> str:
    """A node that may be an output and is gone, where nobody said which are; empty if none."""
    if subject.has_given_outputs or subject.signatures:
        return ""
    names = [producer(c.name) for c in subject.ends.outputs]
    return next((name for name in names if name not in changed), "")


def _with_graph(subject: Subject, graph: Graph) -> Subject:
    """The subject with another graph, whose inputs and outputs are the same."""
    present = [name for name in subject.inputs if producer(name) in graph]
    made = Subject(
        graph,
        subject.target,
        path=subject.path,
        inputs=present,
        outputs=subject.outputs,
        input_shapes={n: s for n, s in subject.input_shapes.items() if producer(n) in graph},
        signatures=subject.signatures,
        tf_version=subject.tf_version,
    )
    # transforms take and make no graph that cannot be read: its defects are not looked for again
    made.unreadable = subject.unreadable
    return made


def with_proven_cures(
    subject: Subject,
    report: FileReport,
    settings: LintSettings,
    rules: Mapping[str, Rule] | None = None,
) -> FileReport:
    """A report in which a cure stands at those findings that `--fix` removes, and at no others.

    The cures are applied to a copy, and the rules whose findings they are for are applied again.

    Args:
        subject: The graph; it is not changed.
        report: What was found in it.
        settings: What is selected and ignored.
        rules: All rules by code; those for graphs if None.
    """
    known = GRAPH_RULES.rules() if rules is None else rules
    graph, by_safe = _try_cures(subject, report, dataclasses.replace(settings, fix="safe"), known)
    left = tuple(f for f in report.findings if f not in by_safe)
    _, by_unsafe = _try_cures(
        subject if graph is subject.graph else _with_graph(subject, graph),
        dataclasses.replace(report, findings=left),
        dataclasses.replace(settings, fix="unsafe"),
        known,
    )
    cures = by_unsafe | by_safe
    return dataclasses.replace(
        report,
        findings=tuple(
            dataclasses.replace(f, cure=cures.get(f, ""), is_safe_cure=f in by_safe)
            for f in report.findings
        ),
    )


def _try_cures(
    subject: Subject, report: FileReport, settings: LintSettings, known: Mapping[str, Rule]
) -> tuple[Graph, dict[Finding, str]]:
    """What cures make of a graph, and the findings that they remove, each with what removes it.

    What has no cure of its own may be gone with its node, or that has become a placeholder.
    """
    cures = set(_cures(report, settings))
    codes = {f.code for f in report.findings if f.cure in cures}
    if not codes:
        return subject.graph, {}
    rules = {code: rule for code, rule in known.items() if code in codes}
    graph, found = _cured(subject, report, settings, rules)
    if not found.fixes:
        return graph, {}
    after = _with_graph(subject, graph)
    swept = {
        f.code for f in report.findings if subject.op_of(f.node) == f.op != after.op_of(f.node)
    } - codes
    left = found.findings
    if swept:
        rules = {code: rule for code, rule in known.items() if code in swept}
        left += look_at(after, settings, rules).findings
    applied = [fix.cure for fix in found.fixes]
    gone = _gone([f for f in report.findings if f.code in codes | swept], left)
    return graph, {f: f.cure if f.cure in applied else " ".join(applied) for f in gone}


def _gone(before: Sequence[Finding], after: Sequence[Finding]) -> set[Finding]:
    """The findings that are gone: of each rule as many as it finds less."""
    found: set[Finding] = set()
    same = {(f.code, f.node, f.message) for f in after}
    there = {(f.code, f.node) for f in after}
    for code in {f.code for f in before}:
        own = [f for f in before if f.code == code]
        fewer = len(own) - sum(f.code == code for f in after)
        missing = [f for f in own if (code, f.node, f.message) not in same]
        missing.sort(key=lambda f: (not f.cure, (f.code, f.node) in there))
        found.update(missing[: max(fewer, 0)])
    return found


def without_cures(report: FileReport) -> FileReport:
    """A report of a file that `--fix` cannot write."""
    return dataclasses.replace(
        report,
        findings=tuple(
            dataclasses.replace(f, cure="", is_safe_cure=False) for f in report.findings
        ),
    )


def can_be_fixed(model: Model, graph: Graph) -> bool:
    """Whether a file can be written again as it was: a GraphDef that is not standard input.

    Args:
        model: The file.
        graph: The graph that is looked at; it is another one where it has a checkpoint's values.
    """
    from graphtools.formats.graphdef import GraphFile
    from graphtools.formats.source import STANDARD_NAME

    is_own = isinstance(model, GraphFile) and model.graph is graph
    return is_own and model.path != STANDARD_NAME


def fix_file(
    model: Model, subject: Subject, settings: LintSettings, rules: Mapping[str, Rule] | None = None
) -> FileReport:
    """Cure the graph in a file, and write it in the same format, or only say what would change.

    Args:
        model: The file.
        subject: Its graph.
        settings: Which cures are applied, and whether the file is written.
        rules: All rules by code; those of this package if None.

    Raises:
        FileProblem: The file cannot be written.
    """
    from graphtools.formats import save
    from graphtools.formats.graphdef import GraphFile

    if not isinstance(model, GraphFile) or not can_be_fixed(model, subject.graph):
        report = look_at(subject, settings, rules)
        curable = _cures(report, settings)
        report = without_cures(report)
        if not curable:
            return report
        what = "what comes from standard input" if isinstance(model, GraphFile) else model.kind
        how = "write a frozen graph first: " + step("freeze", "FILE", output="graph.pb")
        if settings.checkpoint and isinstance(model, GraphFile):
            what = "a graph with the values of a checkpoint"
        elif subject.input_shapes:
            what = "a graph that is judged with other shapes of its inputs"
            strip = step("strip", "FILE", output="graph.pb", input_shapes="...")
            how = f"write it with them first: {strip}"
        problem = Problem(f"{what} cannot be fixed in its place", how)
        return dataclasses.replace(report, problems=(*report.problems, problem))
    cured, report = cure_graph(subject, settings, rules)
    report = with_proven_cures(_with_graph(subject, cured), report, settings, rules)
    if not report.fixes:
        return report
    if settings.is_dry_run:
        from graphtools.analysis.graph_diff import diff_graphs

        return dataclasses.replace(report, changes=diff_graphs(subject.graph, cured))
    save(cured, subject.path, as_text=model.encoding == "text")
    return report
