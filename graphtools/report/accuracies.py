"""How often two models are right as a document."""

from __future__ import annotations

from graphtools.report.document import Document, Facts, Items, Table, Text
from graphtools.verify.accuracy import AccuracyComparison
from graphtools.wording import counted


def accuracy_document(found: AccuracyComparison) -> Document:
    """The top-1 of two models, and how often they agree."""
    rows = [
        [label, f"{100 * share:.2f} %", output]
        for label, share, output in (
            ("A", found.top1_a, found.output_a),
            ("B", found.top1_b, found.output_b),
        )
    ]
    change = f"loses {found.lost:.2f}" if found.lost >= 0 else f"wins {-found.lost:.2f}"
    data = f"{found.source}, {counted(found.samples, 'image')}"
    document: Document = [
        Facts([("A", found.a), ("B", found.b), ("data", data)]),
        Table(["model", "top-1", "output"], rows, (1,)),
        Facts([("same answer", f"{100 * found.agreement:.2f} %")]),
    ]
    if found.notes:
        document.append(Items(found.notes))
    verdict = "no more than" if found.sound else "MORE than"
    limit = f"{verdict} the {found.most_lost:g} that it may lose"
    return [*document, Text(f"B {change} percentage points, {limit}")]
