"""Applies the rules: to a graph, or to a file that holds a graph or a training configuration."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.errors import GraphtoolsError
from graphtools.findings.finding import SEVERITIES, Finding
from graphtools.findings.rule import Checked, Rule
from graphtools.graph.graph import Graph
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.selection import (
    check_selectors,
    is_meant,
    is_node_ignored,
    selected_rules,
)
from graphtools.lint.settings import Settings, check_settings
from graphtools.lint.subject import Subject
from graphtools.lint.tables import CONFIG_RULES, GRAPH_RULES, all_rules

if TYPE_CHECKING:
    from graphtools.formats.metagraph import Signature
    from graphtools.graph.shape import Shape

CONFIGURATION = "pipeline configuration"


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


def check_config(
    path: str, checkpoint: str = "", label_map: str = "", settings: Settings | None = None
) -> FileReport:
    """Apply the rules for training configurations.

    Args:
        path: The pipeline configuration.
        checkpoint: The checkpoint to hold it against, in any form of its path; without one, the
            configuration's `fine_tune_checkpoint`, if that is there.
        label_map: The label map to hold it against; without one, that of the configuration, if it
            is there.
        settings: What is selected and ignored; what is usual if None.

    Raises:
        UnknownName: The settings name a rule that is not there.
        GraphtoolsError: A file that was given cannot be read, or is of another kind.
    """
    from graphtools.lint.configuration import read_configuration

    settings = settings or Settings()
    check_selectors(settings.selectors, all_rules() if settings.selectors else {})
    subject = read_configuration(path, checkpoint, label_map)
    report = _apply(CONFIG_RULES.rules(), subject, settings, path)
    return dataclasses.replace(
        report,
        kind=CONFIGURATION,
        checkpoint=subject.checkpoint.path if subject.checkpoint else "",
        label_map=subject.label_map.path if subject.label_map else "",
    )


def look_at(
    subject: Subject, settings: Settings, rules: Mapping[str, Rule] | None = None
) -> FileReport:
    """Apply the selected rules to a graph.

    Args:
        subject: The graph.
        settings: What is selected and ignored.
        rules: All rules by code; those for graphs if None.
    """
    report = _apply(
        GRAPH_RULES.rules() if rules is None else rules, subject, settings, subject.path
    )
    return dataclasses.replace(
        report,
        kind="GraphDef",
        inputs=subject.inputs,
        outputs=subject.outputs,
        nodes=len(subject.graph),
    )


def _apply(
    rules: Mapping[str, Rule], subject: Checked, settings: Settings, path: str
) -> FileReport:
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
