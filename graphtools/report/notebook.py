"""Graphs and results as a notebook displays them."""

from __future__ import annotations

from graphtools.analysis.graph_diff import GraphDiff
from graphtools.analysis.graph_view import view_graph
from graphtools.analysis.model_diff import ModelDiff
from graphtools.analysis.summary import Summary
from graphtools.graph.graph import Graph
from graphtools.ops.inference import infer_shapes
from graphtools.report.diffs import diff_document, graph_diff_document
from graphtools.report.document import Text
from graphtools.report.drawing.style import style_by_family
from graphtools.report.drawing.svg import svg_picture
from graphtools.report.html import render_html
from graphtools.report.summaries import summary_document
from graphtools.wording import counted

_HEIGHT = "40em"


def html_of(shown: object) -> str:
    """What a notebook displays of a graph, a summary or a difference, as HTML.

    Raises:
        TypeError: It is none of these.
    """
    if isinstance(shown, Graph):
        return _graph_html(shown)
    if isinstance(shown, Summary):
        return str(render_html(summary_document(shown), level=4))
    if isinstance(shown, ModelDiff):
        return str(render_html(diff_document(shown), level=4))
    if isinstance(shown, GraphDiff):
        return str(render_html(graph_diff_document(shown, "A", "B"), level=4))
    raise TypeError(f"{type(shown).__name__} has no picture")


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
