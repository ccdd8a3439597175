"""Applies the rules: to a graph, or to a file that holds a graph or a training configuration."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.errors import GraphtoolsError, UnknownFormat
from graphtools.findings.finding import SEVERITIES, Finding
from graphtools.findings.rule import Rule
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.selection import (
    check_selectors,
    is_meant,
    is_node_ignored,
    selected_rules,
)
from graphtools.lint.settings import Settings, check_settings
from graphtools.lint.subject import Subject
from graphtools.lint.tables import GRAPH_RULES, all_rules

if TYPE_CHECKING:
    from graphtools.formats.metagraph import Signature
    from graphtools.graph.shape import Shape

CONFIGURATION = "pipeline configuration"
#: First fields of training configurations.
SECTIONS = frozenset(
    {
        "model",
        "train_config",
        "train_input_reader",
        "eval_config",
        "eval_input_reader",
        "graph_rewriter",
    }
)


def lint_graph(
    graph: Graph,
    *,
    target: str = "tflite",
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    input_shapes: Mapping[str, Shape] | None = None,
    signatures: Sequence[Signature] = (),
    tf_version: str = "",
    select: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> FileReport:
    """Apply the rules to a graph.

    Args:
        graph: The graph; it is not changed.
        target: What it is meant for: `tflite`, `tflite-select`, `edgetpu`, `gpu` or
            `tensorflow-cpu`.
        inputs: Names of the inputs; the likely ones if None.
        outputs: Names of the outputs; the likely ones if None.
        input_shapes: By input, shapes that take the place of those in the graph.
        signatures: Signatures that came with it.
        tf_version: The TensorFlow whose converter is meant, as `2.21`; the newest known if empty.
        select: The rules to apply, by code, beginning of a code, or name; if empty, those that are
            on by default.
        extend_select: Rules to apply besides.
        ignore: Rules not to apply.

    Raises:
        UnknownName: An input, an output, a node of `input_shapes` or a rule is not there.
        InvalidValue: The target is none, nothing is known of the TensorFlow version, or a shape
            contradicts the graph.
    """
    settings = check_settings(
        Settings(
            target=target,
            tf_version=tf_version,
            select=tuple(select),
            extend_select=tuple(extend_select),
            ignore=tuple(ignore),
        )
    )
    check_selectors(settings.selectors, all_rules() if settings.selectors else {})
    subject = Subject(
        graph,
        target,
        inputs=inputs,
        outputs=outputs,
        input_shapes=input_shapes,
        signatures=signatures,
        tf_version=tf_version,
    )
    check_subject(subject)
    return look_at(subject, settings)


def check_subject(subject: Subject) -> None:
    """Check that what the user says of a graph is so.

    Raises:
        UnknownName: An input, an output or a node whose shape is given is not there.
        InvalidValue: A given shape contradicts the graph.
    """
    from graphtools.rewrite.transform import check_ends

    inputs = subject.inputs if subject.has_given_inputs else ()
    check_ends(subject.graph, inputs, subject.outputs if subject.has_given_outputs else ())
    if subject.input_shapes:
        from graphtools.analysis.shape_list import disagreements
        from graphtools.errors import InvalidValue

        found = disagreements(subject.graph, subject.input_shapes)
        if found:
            raise InvalidValue(found[0], "give a shape that fits, or leave it out")


def look_at(
    subject: Subject, settings: Settings, rules: Mapping[str, Rule] | None = None
) -> FileReport:
    """Apply the selected rules to a subject.

    Args:
        subject: The graph.
        settings: What is selected and ignored.
        rules: All rules by code; those of this package if None.
    """
    start = time.perf_counter()
    chosen = selected_rules(
        GRAPH_RULES.rules() if rules is None else rules,
        subject.target,
        settings.select,
        settings.extend_select,
        settings.ignore,
    )
    found: list[Finding] = []
    problems: list[Problem] = []
    for rule in chosen:
        try:
            found += rule.run(subject)
        except GraphtoolsError as error:  # the other rules can still be applied
            message = f"the rule {rule.code} {rule.name} could not be applied: {error.message}"
            problems.append(Problem(message, error.remedy))
    kept, ignored = _kept(found, settings, subject.path)
    place = {node.name: number for number, node in enumerate(subject.graph)}
    kept.sort(
        key=lambda f: (
            SEVERITIES.index(f.severity),
            place.get(f.node, len(place)) if f.node else -1,
            f.code,
        )
    )
    return FileReport(
        subject.path,
        "GraphDef",
        tuple(kept),
        tuple(problems),
        ignored,
        0,
        subject.inputs,
        subject.outputs,
        len(subject.graph),
        time.perf_counter() - start,
    )


def _kept(found: Iterable[Finding], settings: Settings, path: str) -> tuple[list[Finding], int]:
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


def lint_file(
    path: str, settings: Settings | None = None, rules: Mapping[str, Rule] | None = None
) -> FileReport:
    """Apply the rules to a file, and the cures if that is set.

    Args:
        path: A graph, MetaGraph, SavedModel or training configuration; `-` for a graph on standard
            input.
        settings: What is looked for; what is usual if None.
        rules: All rules by code; those of this package if None.

    Returns:
        What was found; where the file cannot be read, why.
    """
    start = time.perf_counter()
    settings = (settings or Settings()).for_file(path)
    try:
        report = _lint(path, settings, rules)
    except GraphtoolsError as error:
        report = FileReport(path, problems=(Problem(error.message, error.remedy),))
    except MemoryError:
        report = FileReport(path, problems=(Problem("there is not enough memory for this file"),))
    return dataclasses.replace(report, seconds=time.perf_counter() - start)


def _lint(path: str, settings: Settings, rules: Mapping[str, Rule] | None) -> FileReport:
    from graphtools.formats import graph_of, open_model, signatures_of

    try:
        model = open_model(path)
    except UnknownFormat:
        if not _is_configuration(path):
            raise
        return _lint_configuration(path, settings)
    graph = graph_of(model, settings.tags)
    signatures = signatures_of(model, settings.tags)
    subject = Subject(
        graph,
        settings.target,
        path=path,
        inputs=settings.inputs,
        outputs=settings.outputs,
        input_shapes=_input_shapes(graph, settings),
        signatures=signatures,
        tf_version=settings.tf_version,
    )
    check_subject(subject)
    if settings.fix == "none":
        report = look_at(subject, settings, rules)
    else:
        from graphtools.lint.fixing import fix_file

        report = fix_file(model, subject, settings, rules)
    return dataclasses.replace(report, kind=model.kind)


def _input_shapes(graph: Graph, settings: Settings) -> dict[str, Shape]:
    """The shapes of inputs that the settings give."""
    if not settings.input_shapes:
        return {}
    from graphtools.analysis.inputs_outputs import inputs_and_outputs
    from graphtools.analysis.shape_list import parse_input_shapes

    inputs = list(settings.inputs or ())
    if not inputs and any("=" not in text for text in settings.input_shapes):
        inputs = [c.name for c in inputs_and_outputs(graph).likely_inputs]
    return parse_input_shapes(settings.input_shapes, list(map(producer, inputs)))


def _is_configuration(path: str) -> bool:
    """Whether a file, which is no model, is or is meant to be a training configuration."""
    from graphtools.formats.source import STANDARD, open_source
    from graphtools.formats.text import first_text_field

    if path == STANDARD:
        return False
    return path.endswith(".config") or first_text_field(open_source(path)) in SECTIONS


def _lint_configuration(path: str, settings: Settings) -> FileReport:
    """Hold a training configuration against the checks that are selected."""
    from graphtools.lint.tables import config_rules
    from graphtools.restore.check_config import check_config

    selected = selected_rules(
        config_rules(), settings.target, settings.select, settings.extend_select, settings.ignore
    )
    codes = {rule.code for rule in selected}
    found = [
        Finding(f.code, f.name, f.severity, f.message, f.remedy, node=f.field, line=f.line)
        for f in check_config(path).findings
        if f.code in codes
    ]
    kept, ignored = _kept(found, settings, path)
    return FileReport(path, CONFIGURATION, tuple(kept), ignored=ignored)
