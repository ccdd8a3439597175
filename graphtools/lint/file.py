"""Lints a file: a graph, or a training configuration."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphtools.errors import GraphtoolsError, UnknownFormat
from graphtools.findings.rule import Rule
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.lint.configuration import is_configuration
from graphtools.lint.engine import check_config, check_subject, look_at
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.fixing import fix_file
from graphtools.lint.settings import Settings
from graphtools.lint.subject import Subject

if TYPE_CHECKING:
    from graphtools.graph.shape import Shape


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
        if not is_configuration(path):
            raise
        return check_config(path, settings=settings)
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
