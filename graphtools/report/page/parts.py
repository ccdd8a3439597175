"""Pieces of pages that documents do not have: bars, histograms, links to nodes, findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.analysis.histogram import Histogram, value_histogram
from graphtools.findings.finding import Finding
from graphtools.report.document import Document, Heading
from graphtools.report.html import text_html

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_FINDINGS = 1000


def node_link(name: str) -> str:
    """A link that shows a node in the graph of the page; plain text without a name."""
    text = text_html(name)
    return f'<a href="#" data-name="{text}">{text}</a>' if name else ""


def op_link(op: str) -> str:
    """A link that searches the graph of the page for the nodes of an op."""
    text = text_html(op)
    return f'<a href="#" data-op="{text}">{text}</a>'


def bars(rows: Iterable[tuple[str, int]], name_html: Callable[[str], str] = text_html) -> str:
    """Names with numbers, as bars; as HTML."""
    rows = list(rows)
    most = max((number for _, number in rows), default=0) or 1
    lines = [
        f'<span class="name">{name_html(name)}</span>'
        f'<span class="bar" style="width:{100 * number / most:.1f}%"></span>'
        f'<span class="number">{number:,}</span>'
        for name, number in rows
    ]
    return f'<div class="bars">{"".join(lines)}</div>'


def values_html(array: NDArray[Any]) -> str:
    """The values of an array: their histogram, range, and how many are none; as HTML."""
    histogram = value_histogram(array)
    if histogram is None:
        return '<span class="quiet">no numbers with a range</span>'
    told = f"{histogram.low:.6g} to {histogram.high:.6g}"
    if histogram.not_finite:
        told += f'<br><span class="error">{histogram.not_finite:,} NaN or infinite</span>'
    return _histogram_svg(histogram) + told


def _histogram_svg(histogram: Histogram) -> str:
    most = max(histogram.counts) or 1
    width = 100 / len(histogram.counts)
    rects = "".join(
        f'<rect x="{n * width:.2f}" y="{40 - 38 * c / most:.2f}" width="{width * 0.9:.2f}" '
        f'height="{38 * c / most:.2f}"><title>{c:,}</title></rect>'
        for n, c in enumerate(histogram.counts)
    )
    return (
        '<svg class="histogram" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" '
        f'aria-label="Histogram of the values">{rects}</svg>'
    )


def findings_table(findings: Sequence[Finding]) -> str:
    """Findings as a table with links to the nodes; as HTML."""
    rows = []
    for f in findings[:_MOST_FINDINGS]:
        cure = ""
        if f.cure and f.cure not in f.remedy:
            cure = f"<br><code>transform --transforms '{text_html(f.cure)}'</code>"
        rows.append(
            f'<tr><td class="{text_html(f.severity)}">{text_html(f.severity)}</td>'
            f'<td title="{text_html(f.name)}">{text_html(f.code)}</td><td>{node_link(f.node)}</td>'
            f'<td>{text_html(f.message)}<br><span class="quiet">{text_html(f.remedy)}</span>'
            f"{cure}</td></tr>"
        )
    more = len(findings) - _MOST_FINDINGS
    rest = f"<p>and {more:,} more</p>" if more > 0 else ""
    head = "<tr><th>severity</th><th>rule</th><th>node</th><th>what, and what to do</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="table findings">{table}</div>{rest}'


def by_heading(document: Document) -> list[tuple[str, Document]]:
    """The parts of a document with their headings; what stands before the first has none."""
    parts: list[tuple[str, Document]] = [("", [])]
    for block in document:
        if isinstance(block, Heading):
            parts.append((block.text, []))
        else:
            parts[-1][1].append(block)
    return [(title, blocks) for title, blocks in parts if title or blocks]
