"""Graphs and results as a notebook displays them."""

from __future__ import annotations

import base64

from graphtools.analysis.graph_diff import GraphDiff
from graphtools.analysis.graph_view import view_graph
from graphtools.analysis.summary import Summary
from graphtools.graph.graph import Graph
from graphtools.lint.file_report import FileReport
from graphtools.lint.running import LintReport
from graphtools.ops.inference import infer_shapes
from graphtools.report.diffs import graph_diff_document
from graphtools.report.document import Document, Text
from graphtools.report.documents import DOCUMENTS, document_of
from graphtools.report.drawing.draw import Picture
from graphtools.report.drawing.style import style_by_family
from graphtools.report.drawing.svg import svg_picture
from graphtools.report.html import render_html
from graphtools.report.lint_formats.text import lint_document
from graphtools.report.model_report import findings_document
from graphtools.report.summaries import summary_document
from graphtools.report.text import render_text
from graphtools.report.transforms import pipeline_document
from graphtools.report.verification import verification_document
from graphtools.transforms.pipeline import PipelineReport
from graphtools.verify.verify_rewrite import Verification
from graphtools.wording import counted

_HEIGHT = "40em"
#: Columns of what is printed.
_WIDTH = 100
#: What documents are to be told, as the commands tell it where nothing is asked for.
_HOW: dict[str, dict[str, object]] = {
    "CheckpointCosts": {"top": 20},
    "ExportReport": {"path": "OUT.pb"},
    "InputsOutputs": {"everything": False},
    "ModelCosts": {"top": 20},
    "SignatureList": {"everything": True},
}


def html_of(shown: object) -> str:
    """What a notebook displays of a graph, a picture or a result, as HTML.

    Raises:
        TypeError: It is none of these.
    """
    if isinstance(shown, Graph):
        return _graph_html(shown)
    if isinstance(shown, Picture):
        return _picture_html(shown)
    return str(render_html(_document(shown), level=4))


def text_of(shown: object) -> str:
    """A result as the command line shows it.

    Raises:
        TypeError: It is none.
    """
    if isinstance(shown, Picture):
        return repr(shown)
    return render_text(_document(shown), width=_WIDTH).rstrip("\n")


def _document(shown: object) -> Document:
    if isinstance(shown, Summary):
        return summary_document(shown)
    if isinstance(shown, GraphDiff):
        return graph_diff_document(shown, "A", "B")
    if isinstance(shown, FileReport):
        return findings_document(shown)
    if isinstance(shown, LintReport):
        return lint_document(shown)
    if isinstance(shown, PipelineReport):
        return pipeline_document(shown, skips=True)
    if isinstance(shown, Verification):
        return verification_document(shown)
    name = type(shown).__name__
    if name not in DOCUMENTS:
        raise TypeError(f"{name} has no picture")
    return document_of(shown, **_HOW.get(name, {}))


def _picture_html(picture: Picture) -> str:
    """A picture within the page; one of a kind that no page shows is told."""
    if picture.kind == "svg":
        svg = picture.content.decode()
        return svg[svg.index("<svg") :]
    if picture.kind == "png":
        encoded = base64.b64encode(picture.content).decode("ascii")
        return f'<img src="data:image/png;base64,{encoded}">'
    return str(render_html([Text(repr(picture))]))


def _graph_html(graph: Graph) -> str:
    """The picture of a graph at its default depth, below a line that says what it is."""
    view = view_graph(graph, infer_shapes(graph))
    functions = f", {counted(len(graph.functions), 'function')}" if graph.functions else ""
    line = f"{counted(len(graph), 'node')}{functions}"
    if len(view.boxes) < view.nodes:
        line += f", shown as {counted(len(view.boxes), 'box', 'boxes')}"
    picture = svg_picture(view, style_by_family(view), "")
    return (
        f"{render_html([Text(line)])}"
        f'<div style="max-height:{_HEIGHT};overflow:auto;background:#fff">{picture}</div>'
    )
