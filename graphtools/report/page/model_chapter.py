"""What a page says of one model file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphtools.analysis.histogram import Histogram, value_histogram
from graphtools.errors import GraphtoolsError
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.tflite.model import TFLiteModel, TFLiteTensor
from graphtools.graph.graph import Graph
from graphtools.ops.inference import Inference
from graphtools.report.document import Document, Heading, Items, Table, Text, by_heading, size
from graphtools.report.html import fill, render_html
from graphtools.report.model_report import Gathered, ModelReport, verdict_line, verdict_rows
from graphtools.report.page.assemble import Chapter, Section
from graphtools.report.page.explorer_data import costs_data, explorer_data
from graphtools.report.page.functions import function_section
from graphtools.report.sizes import whole_document
from graphtools.report.summaries import summary_document

#: Histograms of a checkpoint: of its largest tensors, as far as reading them is quick.
_MOST_HISTOGRAMS, _MOST_BYTES = 40, 1 << 27
_MOST_OPS, _MOST_FINDINGS = 60, 1000
#: Parts of a summary that the page shows in another way.
_SHOWN_OTHERWISE = ("Ops", "Next")
_ENDS = ("Likely inputs", "Likely outputs")
#: What the verdicts on ops mean.
_VERDICTS = (
    "builtin: TFLite has an operator. folded: computed when it is converted. flex: runs only with "
    "TensorFlow's own kernels (Select TF ops). Others keep the graph from being converted."
)


def model_chapter(gathered: Gathered) -> Chapter:
    """What a page says of a file."""
    report = gathered.report
    document = summary_document(report.summary)
    before, behind = _summary_sections(gathered, document)
    sections = []
    data: dict[str, Any] = {}
    inference = gathered.inference
    if gathered.graph is not None and inference is not None:
        data = _graph_data(gathered.graph, inference, report)
        sections = _graph_sections(gathered, gathered.graph)
        if gathered.graph.functions:
            place = 1 + next(n for n, s in enumerate(sections) if s.title == "Graph")
            functions, data["functions"] = function_section(gathered.graph, inference)
            sections.insert(place, functions)
        sections += behind
    elif isinstance(gathered.model, Checkpoint):
        more, data = _checkpoint_sections(gathered.model)
        sections = behind + more
    elif isinstance(gathered.model, TFLiteModel):
        more, data = _tflite_sections(gathered.model)
        sections = behind + more
    lead = by_heading(document)[0][0].removeprefix(f"{report.summary.path}: ")
    return Chapter(gathered.path, lead, before + sections, data)


def _summary_sections(
    gathered: Gathered, document: Document
) -> tuple[list[Section], list[Section]]:
    """What a summary says: what a file is and takes and gives, and the rest.

    All that is said of a meta graph is one section.
    """
    (_, facts), *parts = by_heading(document)
    before = [Section("What it is", render_html(facts))] if facts else []
    behind: list[Section] = []
    for title, body in parts:
        if title in _SHOWN_OTHERWISE:
            continue
        html = render_html(body, nodes=gathered.graph is not None and title.startswith("Likely"))
        if title.startswith("Meta graph"):
            before.append(Section(title, html))
        elif gathered.report.summary.meta_graphs:
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
    if report.problems:
        sections.append(Section("Not found out", render_html([Items(report.problems)])))
    body = fill("shown.html", source="graph", remark=_which_meta_graph(gathered))
    sections.append(Section("Graph", body, f"{len(graph):,}"))
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


def _which_meta_graph(gathered: Gathered) -> str:
    """Of several meta graphs, which one the page shows."""
    metas = gathered.model.meta_graphs if isinstance(gathered.model, SavedModel) else ()
    if len(metas) < 2:
        return ""
    shown = next((m for m in metas if m.graph is gathered.graph), metas[0])
    return f"Of the meta graph {{{','.join(shown.tags)}}}; --tag-set takes another."


def _graph_data(graph: Graph, inference: Inference, report: ModelReport) -> dict[str, Any]:
    findings: dict[str, list[tuple[str, str]]] | None = None
    if report.lint is not None:
        findings = {}
        for f in report.lint.findings:
            findings.setdefault(f.node, []).append((f.severity, f"{f.code}: {f.message}"))
    rows = report.costs.rows if report.costs is not None else ()
    return {
        "graph": explorer_data(graph, inference, findings, rows),
        "costs": costs_data(graph, rows),
    }


def _checkpoint_sections(checkpoint: Checkpoint) -> tuple[list[Section], dict[str, Any]]:
    tensors = list(checkpoint.values())
    names = [t.name for t in tensors]
    data = {
        "measures": ["elements", "bytes"],
        "names": names,
        "rows": [[n, t.shape.elements or 0, t.nbytes] for n, t in enumerate(tensors)],
    }
    shown: list[tuple[str, str, Histogram | None, str]] = []
    left = _MOST_BYTES
    for tensor in sorted(tensors, key=lambda t: -t.nbytes)[:_MOST_HISTOGRAMS]:
        left -= tensor.nbytes
        if left < 0 or not tensor.shape.elements:
            break
        what = f"{tensor.dtype.name} {tensor.shape}, {size(tensor.nbytes)}"
        try:
            shown.append((tensor.name, what, value_histogram(tensor.array()), ""))
        except GraphtoolsError as error:
            shown.append((tensor.name, what, None, error.message))
    sections = [Section("Where the bytes are", fill("shown.html", source="costs", remark=""))]
    if shown:
        body = fill("values.html", tensors=shown)
        sections.append(Section("Values of the largest tensors", body, str(len(shown))))
    return sections, {"costs": data}


def _tflite_sections(model: TFLiteModel) -> tuple[list[Section], dict[str, Any]]:
    operators, quantized, rows = [], [], []
    names: list[str] = []
    for number, subgraph in enumerate(model.subgraphs):
        tensors = subgraph.tensors
        prefix = f"{number}:" if len(model.subgraphs) > 1 else ""
        for op in subgraph.operators:
            gives = ", ".join(_described(tensors[i]) for i in op.outputs if i >= 0)
            reads = ", ".join(_short_name(tensors[i]) for i in op.inputs if i >= 0)
            operators.append((f"{prefix}{op.index}", op.op, f"{op.version}", gives, reads))
        for tensor in tensors:
            if tensor.quantization is not None and tensor.quantization.scale:
                quantized.append(_quantization_row(tensor))
            if tensor.buffer_bytes:
                rows.append([len(names), tensor.shape.elements or 0, tensor.buffer_bytes])
                # slashes and semicolons of fused names would make scopes of their own
                names.append(tensor.name.split(";")[0] or f"tensor {tensor.index}")
    document: Document = [Table(("", "operator", "version", "gives", "reads"), operators, (0, 2))]
    sections = [
        Section("Where the bytes are", fill("shown.html", source="costs", remark="")),
        Section("Operators in order", render_html(document), str(len(operators))),
    ]
    if quantized:
        columns = ("tensor", "dtype", "shape", "scale", "zero point", "range")
        body = render_html([Table(columns, quantized, (3, 4))])
        sections.append(Section("Quantization", body, str(len(quantized))))
    return sections, {"costs": {"measures": ["elements", "bytes"], "names": names, "rows": rows}}


def _described(tensor: TFLiteTensor) -> str:
    return f"{_short_name(tensor)} {tensor.dtype} {tensor.shape}"


def _short_name(tensor: TFLiteTensor) -> str:
    """The name of a tensor; of a fused one, which has the names of all that it was, the first."""
    first, more, _ = tensor.name.partition(";")
    return f"{first};…" if more else first


_LIMITS = {"uint8": (0, 255), "int8": (-128, 127), "int16": (-32768, 32767)}


def _quantization_row(tensor: TFLiteTensor) -> Sequence[str]:
    q = tensor.quantization
    assert q is not None
    if len(q.scale) > 1:
        scale = f"{min(q.scale):.4g} to {max(q.scale):.4g}, {len(q.scale)} channels"
        return (tensor.name, tensor.dtype, str(tensor.shape), scale, "", "")
    zero = q.zero_point[0] if q.zero_point else 0
    limits = _LIMITS.get(tensor.dtype)
    span = " to ".join(f"{(limit - zero) * q.scale[0]:.4g}" for limit in limits) if limits else ""
    return (tensor.name, tensor.dtype, str(tensor.shape), f"{q.scale[0]:.6g}", f"{zero}", span)
