"""What a page says of a conversion to TFLite, and of the comparison of two models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphtools.analysis.summary import Summary, summarize
from graphtools.convert.conversion.report import Conversion, ConversionFailure
from graphtools.errors import GraphtoolsError
from graphtools.formats import open_model
from graphtools.formats.source import STANDARD_NAME
from graphtools.report.conversion import blocked_document, conversion_document
from graphtools.report.document import Document, Table, Text, by_heading, size
from graphtools.report.html import fill, render_html
from graphtools.report.model_report import gather
from graphtools.report.model_verification import model_verification_document, outcome_line
from graphtools.report.page.assemble import Chapter, Section, first_section, short_names
from graphtools.report.page.model_chapter import model_chapter
from graphtools.verify.verify_models import ModelVerification

_MOST_OPS = 40
#: What is said of the new file that is said of its conversion, too.
_SAID_OF_CONVERSION = ("Inputs", "Outputs", "Operators")


def conversion_chapter(source: str, found: Conversion) -> Chapter:
    """What a page says of a model that was converted."""
    (_, outcome), *rest = by_heading(conversion_document(found))
    wrong = [Section(title, render_html(body), str(len(found.findings))) for title, body in rest]
    sections: list[Section] = []
    came_out = ("What came out", render_html(outcome))
    if not _is_stream(source, found.target):
        titles = ("Before", "After")
        sections.append(_side_by_side("Before and after", source, found.target, titles))
    lead = "converted, but this is not what was asked for" if found.findings else "converted"
    name = " to ".join(short_names((source, found.target)))
    if _is_stream(found.target):
        return Chapter(name, lead, [*wrong, first_section([came_out], ""), *sections])
    model = model_chapter(gather(found.target), answers=[came_out])
    first, *more = [s for s in model.sections if s.title not in _SAID_OF_CONVERSION]
    return Chapter(name, lead, [*wrong, first, *sections, *more], model.data)


def failure_chapter(failure: ConversionFailure) -> Chapter:
    """What a page says of a graph that was not converted: why not, and what there is to see."""
    why: Document = [Text(failure.message)]
    if failure.remedy:
        why.append(Text(failure.remedy))
    if failure.blockers:
        why += blocked_document(failure.blockers)
    sections = [Section("Why not", render_html(why))]
    (name,) = short_names([failure.source])
    data: Mapping[str, object] = {}
    if not _is_stream(failure.source):
        try:
            model = model_chapter(gather(failure.source))
        except GraphtoolsError:  # the file cannot be read, which is why it was not converted
            return Chapter(name, "not converted", sections)
        sections += model.sections
        data = model.data
    return Chapter(name, "not converted", sections, data)


def verification_chapter(found: ModelVerification) -> Chapter:
    """What a page says of the comparison of what two models compute."""
    parts = by_heading(model_verification_document(found)[:-1])  # the last is the lead
    sections = [Section(title or "What was compared", render_html(body)) for title, body in parts]
    if not _is_stream(found.a, found.b):
        sections.append(_side_by_side("A and B", found.a, found.b, ("A", "B")))
    return Chapter(" and ".join(short_names((found.a, found.b))), outcome_line(found), sections)


def _is_stream(*paths: str) -> bool:
    """Whether one of them is standard input or output, which cannot be read again."""
    return any(path in ("-", STANDARD_NAME) for path in paths)


class _Side(NamedTuple):
    """A model beside another one.

    Attributes:
        bytes: Size of its file.
        ops: Number of nodes or operators by name, the most frequent first.
        weights: Bytes of constants and variables by dtype.
    """

    bytes: int
    ops: Sequence[tuple[str, int]]
    weights: Mapping[str, int]


def _side_by_side(heading: str, a: str, b: str, titles: tuple[str, str]) -> Section:
    sides = [_side(summarize(open_model(path))) for path in (a, b)]
    rows = [("file", *(size(s.bytes) for s in sides))]
    rows.append(("nodes or operators", *(f"{sum(n for _, n in s.ops):,}" for s in sides)))
    rows.append(("kinds of them", *(f"{len(s.ops):,}" for s in sides)))
    for dtype in dict.fromkeys(d for s in sides for d in s.weights):
        weights = (size(s.weights[dtype]) if dtype in s.weights else "" for s in sides)
        rows.append((f"weights in {dtype}", *weights))
    table = render_html([Table(("", *titles), rows, (1, 2))])
    shown = [
        (f"{title}: {path}", fill("bars.html", rows=side.ops, most=_MOST_OPS, ops=False))
        for title, path, side in zip(titles, (a, b), sides, strict=True)
    ]
    return Section(heading, table + fill("sides.html", sides=shown, pictures=False))


def _side(summary: Summary) -> _Side:
    if summary.tflite is not None:
        counts: dict[str, int] = {}
        for operator in summary.tflite.operators:
            counts[operator.op] = counts.get(operator.op, 0) + operator.count
        ranked = sorted(counts.items(), key=lambda item: -item[1])
        return _Side(summary.bytes, ranked, summary.tflite.constant_bytes)
    graphs = [summary.graph] if summary.graph else [meta.graph for meta in summary.meta_graphs]
    ops: dict[str, int] = {}
    weights: dict[str, int] = {}
    for graph in graphs:
        for op, number in graph.ops.items():
            ops[op] = ops.get(op, 0) + number
        for dtype, found in graph.by_dtype.items():
            weights[dtype] = weights.get(dtype, 0) + found.bytes
    return _Side(summary.bytes, sorted(ops.items(), key=lambda item: -item[1]), weights)
