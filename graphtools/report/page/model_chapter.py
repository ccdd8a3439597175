"""What a page says of one model file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from graphtools.analysis.model_costs import CostRow
from graphtools.analysis.tflite_summary import TFLiteSummary
from graphtools.compat.verdict import Verdict
from graphtools.findings.finding import SEVERITIES
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.front_end import param
from graphtools.graph.graph import Graph
from graphtools.ops.inference import Inference
from graphtools.report.document import Document, Facts, Heading, Items, Table, Text, by_heading
from graphtools.report.html import fill, render_html
from graphtools.report.model_report import Gathered, verdict_line, verdict_rows
from graphtools.report.page.assemble import Chapter, Section, first_section
from graphtools.report.page.checkpoint_chapter import checkpoint_sections
from graphtools.report.page.explorer_data import costs_data, explorer_data
from graphtools.report.page.functions import function_section
from graphtools.report.page.tflite_chapter import areas_section, rows_of_nodes, tflite_sections
from graphtools.report.sizes import whole_document
from graphtools.report.summaries import summary_document

#: Findings and ops that the first screen names.
_MOST_WORST = 4
_MOST_OPS, _MOST_FINDINGS = 60, 1000
#: Parts of a summary that the page shows in another way.
_SHOWN_OTHERWISE = ("Ops", "Next")
_ENDS = ("Likely inputs", "Likely outputs", "Inputs", "Outputs")
#: What the verdicts on ops mean.
_VERDICTS = (
    "builtin: TFLite has an operator. folded: computed when it is converted. flex: runs only with "
    "TensorFlow's own kernels (Select TF ops). Others keep the graph from being converted."
)


def model_chapter(
    gathered: Gathered, name: str = "", answers: Sequence[tuple[str, Markup]] = ()
) -> Chapter:
    """What a page says of a file.

    Args:
        gathered: What is known of it.
        name: What it is called; its path if empty.
        answers: What the first screen says; what is usual if nothing is given.
    """
    report, model = gathered.report, gathered.model
    document = summary_document(report.summary)
    before, behind = _summary_sections(gathered, document)
    sections: list[Section] = []
    data: dict[str, Any] = {}
    picture, note, inference = "", "", gathered.inference
    if gathered.graph is not None and inference is not None:
        picture, note = "graph", f"{len(gathered.graph):,}"
        data = _graph_data(gathered.graph, inference, gathered)
        sections = _graph_sections(gathered, gathered.graph)
        if gathered.graph.functions:
            functions, data["functions"] = function_section(gathered.graph, inference)
            sections.insert(1, functions)
    elif isinstance(model, Checkpoint):
        picture = "costs"
        sections, data = checkpoint_sections(model)
    first = first_section(answers or _answers(gathered, document), picture, note)
    where = os.path.dirname(os.path.normpath(gathered.path))
    lead = by_heading(document)[0][0].removeprefix(f"{report.summary.path}: ")
    lead += f", in {where}" if where else ""
    return Chapter(name or gathered.path, lead, [first, *before, *sections, *behind], data)


def _answers(gathered: Gathered, document: Document) -> list[tuple[str, Markup]]:
    """What is asked first: what is it, does it convert, what is wrong."""
    report, parts = gathered.report, by_heading(document)
    tags, others = _shown_meta_graph(gathered)
    facts = parts[0][1] or next((body for t, body in parts if t == f"Meta graph {tags}"), [])
    what: Document = [b for b in facts if isinstance(b, Facts)]
    if others:
        what.append(Text(f"of the meta graph {tags}; {param('tags')} takes another"))
    answers = [("What it is", render_html(what))]
    if report.verdict is not None:
        answers.append(("Does it convert?", render_html(_convertible(report.verdict))))
    if report.summary.tflite is not None:
        answers.append(("What does it need?", render_html([Text(_runtime(report.summary.tflite))])))
    if report.lint is not None:
        found = report.lint.findings
        counts = Counter(f.severity for f in found)
        told = ", ".join(f"{counts[s]:,} {s}" for s in SEVERITIES if counts[s]) or "nothing found"
        body = fill("wrong.html", told=told, findings=found[:_MOST_WORST])
        answers.append(("What is wrong?", body))
    if report.problems:
        answers.append(("Not found out", render_html([Items(report.problems)])))
    return answers


def _convertible(verdict: Verdict) -> Document:
    ops = Counter(b.op for b in verdict.blockers).most_common(_MOST_WORST)
    told: Document = [Text(verdict_line(verdict))]
    if ops:
        told.append(Text("because of " + ", ".join(f"{op} ({n:,})" for op, n in ops)))
    return told


def _runtime(summary: TFLiteSummary) -> str:
    """Which kernels a model needs beside TFLite's own."""
    foreign = {
        kind: sorted({o.op for o in summary.operators if o.kind == kind})
        for kind in ("flex", "custom")
    }
    told = [
        f"{what}: {', '.join(foreign[kind])}"
        for kind, what in (("flex", "TensorFlow's kernels (Flex)"), ("custom", "custom operators"))
        if foreign[kind]
    ]
    return "; ".join(told) or "nothing but TFLite's own operators"


def _shown_meta_graph(gathered: Gathered) -> tuple[str, bool]:
    """The tags of the meta graph that the page shows, and whether there are others."""
    metas = gathered.model.meta_graphs if isinstance(gathered.model, SavedModel) else ()
    shown = next((m for m in metas if m.graph is gathered.graph), metas[0] if metas else None)
    return f"{{{','.join(shown.tags)}}}" if shown else "", len(metas) > 1


def _summary_sections(
    gathered: Gathered, document: Document
) -> tuple[list[Section], list[Section]]:
    """What a summary says: what a file is and takes and gives, and the rest.

    All that is said of a meta graph is one section.
    """
    _, *parts = by_heading(document)
    before: list[Section] = []
    behind: list[Section] = []
    for title, body in parts:
        if title in _SHOWN_OTHERWISE:
            continue
        html = render_html(body, nodes=gathered.graph is not None and title in _ENDS)
        if title.startswith("Meta graph"):
            before.append(Section(title, html))
        elif before and gathered.report.summary.meta_graphs:
            of = before[-1]
            before[-1] = of._replace(html=of.html + render_html([Heading(title)]) + html)
        else:
            (before if title in _ENDS else behind).append(Section(title, html))
    return before, behind


def _graph_sections(gathered: Gathered, graph: Graph) -> list[Section]:
    report = gathered.report
    sections = []
    if report.lint is not None:
        found = report.lint.findings
        body = fill("findings.html", findings=found, most=_MOST_FINDINGS)
        sections.append(Section("Findings", body, str(len(found))))
    if isinstance(gathered.model, TFLiteModel):
        return [*sections, areas_section(), *tflite_sections(gathered.model)]
    if report.costs is not None and report.costs.total.parameters:
        body = render_html(whole_document(report.costs)) + fill(
            "shown.html", source="costs", remark=""
        )
        sections.append(Section("Where the weights are", body))
    if report.verdict is not None:
        table = Table(("op", "verdict", "nodes", "why"), verdict_rows(report.verdict), (2,))
        body = render_html([Text(verdict_line(report.verdict)), table])
        body += fill("shown.html", source="", remark=_VERDICTS)
        sections.append(Section("Conversion to TFLite", body))
    ops = Counter(node.op for node in graph).most_common()
    body = fill("bars.html", rows=ops, most=_MOST_OPS, ops=True)
    sections.append(Section("Ops", body, str(len(ops))))
    return sections


def _graph_data(graph: Graph, inference: Inference, gathered: Gathered) -> dict[str, Any]:
    report = gathered.report
    findings: dict[str, list[tuple[str, str]]] | None = None
    if report.lint is not None:
        findings = {}
        for f in report.lint.findings:
            findings.setdefault(f.node, []).append((f.severity, f"{f.code}: {f.message}"))
    rows: Sequence[CostRow] = report.costs.rows if report.costs is not None else ()
    if isinstance(gathered.model, TFLiteModel):
        rows = rows_of_nodes(gathered.model, graph)
    return {
        "graph": explorer_data(graph, inference, findings, rows),
        "costs": costs_data(graph, rows),
    }
