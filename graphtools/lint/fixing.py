"""Cures what rules have found: applies the transforms that the findings name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.findings.rule import Rule
from graphtools.formats.format import Model
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.lint.engine import look_at
from graphtools.lint.file_report import FileReport, Fix, Problem
from graphtools.lint.settings import Settings
from graphtools.lint.subject import Subject
from graphtools.transforms.pipeline import transform

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
    subject: Subject, settings: Settings, rules: Mapping[str, Rule] | None = None
) -> Cured:
    """Apply the cures of what the rules find, until nothing is left that they remove.

    A cure is left out where it is not safe, unless the settings say otherwise; where a transform
    refuses; and where outputs that were only assumed to be all would not be: what might be another
    output has to stay.

    Args:
        subject: The graph; it is not changed.
        settings: What is selected, and which cures are applied.
        rules: All rules by code; those of this package if None.
    """
    report = look_at(subject, settings, rules)
    if not subject.outputs:
        note = "nothing was fixed: which nodes are outputs is not known; name them: --outputs"
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
            changed = transform(current.graph, cure, subject.inputs, subject.outputs)
        except GraphtoolsError as error:
            notes.append(f"{cure} was not applied: {error.message}")
            continue
        lost = _lost_candidate(subject, changed.graph) if settings.fix == "safe" else ""
        if lost:
            notes.append(
                f"{cure} was not applied: it would remove {lost!r}, which may be an output; "
                "name the outputs with --outputs, or add --unsafe-fixes"
            )
            continue
        edits = sum(step.edits for step in changed.report.steps)
        if not edits:
            continue
        codes = tuple(sorted({f.code for f in wanted}))
        fixes.append(Fix(cure, codes, edits, all(f.is_safe_cure for f in wanted)))
        current = _with_graph(subject, changed.graph)
        report = look_at(current, settings, rules)
        done -= {f.cure for f in report.findings if f.cure != cure}
    return Cured(
        current.graph,
        dataclasses.replace(report, fixes=tuple(fixes), notes=tuple(dict.fromkeys(notes))),
    )


def _cures(report: FileReport, settings: Settings) -> list[str]:
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
    return Subject(
        graph,
        subject.target,
        path=subject.path,
        inputs=present,
        outputs=subject.outputs,
        input_shapes={n: s for n, s in subject.input_shapes.items() if producer(n) in graph},
        signatures=subject.signatures,
        tf_version=subject.tf_version,
    )


def fix_file(
    model: Model, subject: Subject, settings: Settings, rules: Mapping[str, Rule] | None = None
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
    from graphtools.formats.source import STANDARD_NAME

    if not isinstance(model, GraphFile) or model.path == STANDARD_NAME:
        report = look_at(subject, settings, rules)
        if not _cures(report, settings):
            return report
        what = "what comes from standard input" if isinstance(model, GraphFile) else model.kind
        problem = Problem(
            f"{what} cannot be fixed in its place",
            "write a frozen graph first: graphtools freeze, or graphtools transform -o graph.pb",
        )
        return dataclasses.replace(report, problems=(*report.problems, problem))
    cured = cure_graph(subject, settings, rules)
    if not cured.report.fixes:
        return cured.report
    if settings.is_dry_run:
        from graphtools.analysis.graph_diff import diff_graphs

        return dataclasses.replace(cured.report, changes=diff_graphs(subject.graph, cured.graph))
    save(cured.graph, subject.path, as_text=model.encoding == "text")
    return cured.report
