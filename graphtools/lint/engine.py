"""Applies the rules: to a graph, or to a file that holds a graph or a training configuration."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.errors import GraphtoolsError, UnknownFormat
from graphtools.findings.rule import Rule
from graphtools.formats.format import Model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.graph import Graph
from graphtools.lint.applying import apply_rules, look_at
from graphtools.lint.file_report import FileReport, Problem
from graphtools.lint.fixing import can_be_fixed, fix_file, with_proven_cures, without_cures
from graphtools.lint.selection import check_selectors
from graphtools.lint.settings import LintSettings, check_settings
from graphtools.lint.subject import Subject
from graphtools.lint.tables import CONFIG_RULES, TFLITE_RULES, all_rules
from graphtools.model.loading import ModelGraph, load_model

if TYPE_CHECKING:
    from graphtools.formats.metagraph import Signature
    from graphtools.graph.shape import Shape

CONFIGURATION = "pipeline configuration"
LABEL_MAP = "label map"
#: The rules that a label map, and records beside it, are enough for.
_OF_LABEL_MAPS = ("GTC203", "GTC204", "GTC205", "GTC206", "GTC7")


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

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> [finding.name for finding in graphtools.lint_graph(graph).findings]
        ['unfolded-batch-norm']
    """
    settings = check_settings(
        LintSettings(
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
    return with_proven_cures(subject, look_at(subject, settings), settings)


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
    path: str,
    checkpoint: str = "",
    label_map: str = "",
    settings: LintSettings | None = None,
    *,
    records: Sequence[str] = (),
) -> FileReport:
    """Apply the rules for training configurations, or those for label maps.

    Args:
        path: The pipeline configuration, or a label map.
        checkpoint: The checkpoint to hold it against, in any form of its path; without one, the
            configuration's `fine_tune_checkpoint`, if that is there.
        label_map: The label map to hold it against; without one, that of the configuration, if it
            is there.
        settings: What is selected and ignored; what is usual if None.
        records: TFRecord files to hold against the classes of both.

    Raises:
        UnknownName: The settings name a rule that is not there.
        GraphtoolsError: A file that was given cannot be read, or is of another kind.

    Example:
        >>> report = graphtools.check_config("fixtures/ssd/pipeline.config")
        >>> report.path
        'fixtures/ssd/pipeline.config'
    """
    settings = settings or LintSettings()
    check_selectors(settings.selectors, all_rules() if settings.selectors else {})
    from graphtools.lint.configuration import read_configuration

    subject = read_configuration(path, checkpoint, label_map, records)
    rules = CONFIG_RULES.rules()
    if subject.is_label_map:
        rules = {code: rule for code, rule in rules.items() if code.startswith(_OF_LABEL_MAPS)}
    report = apply_rules(rules, subject, settings, path)
    return dataclasses.replace(
        report,
        kind=LABEL_MAP if subject.is_label_map else CONFIGURATION,
        checkpoint=subject.checkpoint.path if subject.checkpoint else "",
        label_map=subject.label_map.path if subject.label_map else "",
    )


def lint_file(
    path: str, settings: LintSettings | None = None, rules: Mapping[str, Rule] | None = None
) -> FileReport:
    """Apply the rules to a file, and the cures if that is set.

    Args:
        path: A graph, MetaGraph, SavedModel, TFLite model or training configuration; `-` for a
            graph on standard input.
        settings: What is looked for; what is usual if None.
        rules: All rules by code; those of this package if None.

    Returns:
        What was found; where the file cannot be read, why.
    """
    start = time.perf_counter()
    settings = (settings or LintSettings()).for_file(path)
    try:
        report = _lint(path, settings, rules)
    except GraphtoolsError as error:
        report = FileReport(path, problems=(Problem(error.message, error.remedy),))
    except MemoryError:
        report = FileReport(path, problems=(Problem("there is not enough memory for this file"),))
    return dataclasses.replace(report, seconds=time.perf_counter() - start)


def _lint(path: str, settings: LintSettings, rules: Mapping[str, Rule] | None) -> FileReport:
    from graphtools.formats import open_model

    try:
        file = open_model(path)
    except UnknownFormat:
        from graphtools.lint.configuration import is_configuration

        if not is_configuration(path):
            raise
        return check_config(path, settings=settings)
    if isinstance(file, TFLiteModel):
        return _lint_tflite(path, file, settings)
    subject, model = read_subject(path, file, settings)
    check_subject(subject)
    if settings.fix == "none":
        report = look_at(subject, settings, rules)
        if can_be_fixed(file, model.graph):
            report = with_proven_cures(subject, report, settings, rules)
        else:
            report = without_cures(report)
    else:
        report = fix_file(file, subject, settings, rules)
    return dataclasses.replace(report, kind=file.kind, notes=(*model.remarks, *report.notes))


def _lint_tflite(path: str, model: TFLiteModel, settings: LintSettings) -> FileReport:
    from graphtools.lint.tflite_subject import TFLiteSubject

    subject = TFLiteSubject(model, settings.target, settings.runtime)
    report = apply_rules(TFLITE_RULES.rules(), subject, settings, path)
    notes = []
    if not any(settings.target in rule.targets for rule in TFLITE_RULES.rules().values()):
        notes.append(f"nothing is looked for in a TFLite model that is for {settings.target}")
    if settings.fix != "none":
        notes.append("nothing was fixed: findings in a TFLite model have no cure")
    return dataclasses.replace(
        report,
        kind=model.kind,
        inputs=subject.inputs,
        outputs=subject.outputs,
        nodes=len(subject.operators),
        notes=tuple(notes),
    )


def read_subject(path: str, file: Model, settings: LintSettings) -> tuple[Subject, ModelGraph]:
    """The graph of a file that is to be linted: the one that a conversion gets.

    Args:
        path: The file, as it was named.
        file: What `open_model` returned.
        settings: How it is read.

    Returns:
        What the rules look at, and the graph with what was chosen.

    Raises:
        GraphtoolsError: See `load_model`.
    """
    options = settings.model_options
    loaded = load_model(path, options, file=file)
    model = loaded.examined
    subject = Subject.of_model(
        model, options, settings.target, tf_version=settings.tf_version, loaded=loaded
    )
    return subject, model
