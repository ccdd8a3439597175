"""All that is known of a model file, gathered for a report."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from graphtools.analysis.model_costs import ModelCosts, model_costs
from graphtools.analysis.summary import Summary, summarize
from graphtools.compat.verdict import Verdict
from graphtools.errors import GraphtoolsError
from graphtools.formats import open_model, shown_graph
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.graphdef import GraphFile
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.graph import Graph
from graphtools.lint.applying import look_at
from graphtools.lint.engine import read_subject
from graphtools.lint.file_report import FileReport
from graphtools.lint.fixing import with_proven_cures
from graphtools.lint.settings import LintSettings
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.report.document import Document, Heading, Items, Table, Text
from graphtools.report.sizes import size_document
from graphtools.report.summaries import summary_document
from graphtools.wording import counted

TARGETS = ("tflite", "tflite-select", "edgetpu", "gpu", "tensorflow-cpu")
_ROWS = 30


@dataclasses.dataclass(frozen=True)
class ModelReport:
    """What is known of a file.

    Attributes:
        summary: What it is and what is in it.
        costs: Parameters, bytes and multiply-accumulates by node; None where there is no graph.
        lint: What lint finds; None where there is no graph.
        verdict: What TFLite's converter would do with it; None where there is no graph.
        problems: What could not be found out, and why.
    """

    summary: Summary
    costs: ModelCosts | None = None
    lint: FileReport | None = None
    verdict: Verdict | None = None
    problems: tuple[str, ...] = ()


class Gathered(NamedTuple):
    """A file that is reported.

    Attributes:
        path: As it was named.
        model: The file.
        graph: Its graph, of a TFLite model its operators; None where it has none.
        inference: The shapes of the graph.
        report: What is known of it.
    """

    path: str
    model: Checkpoint | Model
    graph: Graph | None
    inference: Inference | None
    report: ModelReport


def gather(path: str, settings: LintSettings | None = None) -> Gathered:
    """Find out what a report says of a file.

    Args:
        path: The file.
        settings: How it is read, and what is looked for; what is usual if None.

    Raises:
        GraphtoolsError: The file cannot be read.
    """
    model = open_model(path)
    if isinstance(model, TFLiteModel):
        shown = shown_graph(model) if model.subgraphs else Graph()
        return Gathered(path, model, shown, infer_shapes(shown), ModelReport(summarize(model)))
    if isinstance(model, Checkpoint):
        return Gathered(path, model, None, None, ModelReport(summarize(model)))
    settings = (settings or LintSettings()).for_file(path)
    # shapes and verdict are worked out once, for lint, for the page and where nothing was put into
    # the graph of the file for its summary
    subject, read = read_subject(path, model, settings)
    is_as_stored = isinstance(model, GraphFile) and read.graph is model.graph
    shares = is_as_stored and not subject.input_shapes
    summary = summarize(model, subject.inference if shares else None)
    graph, problems = read.graph, [read.unfrozen] if read.unfrozen else []
    costs = lint = verdict = None
    # a graph that TensorFlow would refuse is reported as far as it can be
    try:
        costs = model_costs(
            graph,
            subject.input_shapes,
            by="node",
            io=subject.ends,
            variables=read.variables,
            inference=subject.inference,
        )
    except GraphtoolsError as error:
        problems.append(f"costs: {error.message}")
    try:
        lint = with_proven_cures(subject, look_at(subject, settings), settings)
        verdict = subject.verdict
    except GraphtoolsError as error:
        problems.append(f"lint: {error.message}")
    report = ModelReport(summary, costs, lint, verdict, tuple(problems))
    return Gathered(path, model, graph, subject.inference, report)


def report_document(report: ModelReport) -> Document:
    """A report in words and tables, for a comment on a pull request."""
    document = list(summary_document(report.summary))
    if report.lint is not None:
        document += findings_document(report.lint)
    if report.verdict is not None:
        document += verdict_document(report.verdict)
    if report.costs is not None and report.costs.total.parameters:
        document += [Heading("Where the weights are"), *size_document(report.costs, _ROWS)]
    if report.problems:
        document += [Heading("Not found out"), Items(report.problems)]
    return document


def findings_document(lint: FileReport) -> Document:
    """What lint finds, the worst first."""
    if not lint.findings:
        return [Heading("Findings"), Text("nothing found")]
    rows = [(f.severity, f.code, f.node, f.message, f.remedy) for f in lint.findings]
    return [
        Heading("Findings"),
        Table(("severity", "code", "node", "message", "remedy"), rows),
    ]


def verdict_document(verdict: Verdict) -> Document:
    """Which ops TFLite takes, and why not the others."""
    return [
        Heading("Conversion to TFLite"),
        Text(verdict_line(verdict)),
        Table(("op", "verdict", "nodes", "why"), verdict_rows(verdict), (2,)),
    ]


def verdict_line(verdict: Verdict) -> str:
    """What the converter would do, in a line."""
    if verdict.builtins:
        line = "converts with builtin operators"
    elif verdict.select:
        line = f"needs Select TF ops, for {counted(len(verdict.blockers), 'node')}"
    else:
        line = f"does not convert: {counted(len(verdict.blockers), 'node')} in the way"
    if not verdict.allocates:
        line += "; the result would not load"
    return f"{line} (TensorFlow {verdict.tf_version})"


def verdict_rows(verdict: Verdict) -> list[tuple[str, str, str, str]]:
    """Op, verdict, number of nodes and reason, what is in the way first."""
    numbers: dict[tuple[str, str, str], int] = {}
    for node in verdict.nodes:
        key = (node.op, node.verdict, node.reason)
        numbers[key] = numbers.get(key, 0) + 1
    fine = ("builtin", "folded")
    ordered = sorted(numbers.items(), key=lambda item: (item[0][1] in fine, -item[1], item[0]))
    return [(op, word, f"{number:,}", why) for (op, word, why), number in ordered]
