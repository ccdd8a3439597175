"""What a probe of the converter has found, as a document."""

from __future__ import annotations

from graphtools.probe.probe import ProbedTable
from graphtools.report.document import Document, Facts, Items, Text

#: Cases that are listed of many.
_MOST_CASES = 20


def probe_document(found: ProbedTable) -> Document:
    """What a table holds that was written, and the cases that ended the converter."""
    document: Document = [
        Facts(
            [
                ("TensorFlow", found.tensorflow),
                ("ops", f"{len(found.ops):,}"),
                ("with builtin operators", f"{found.builtin:,}"),
                ("allowed in Select TF", f"{found.flex:,}"),
                ("cases", f"{found.cases:,}"),
            ]
        )
    ]
    if found.earlier:
        document.append(Text(f"{found.earlier:,} cases were known from an interrupted probe."))
    for title, cases in (
        ("Cases that crash the converter", found.crashes),
        ("Cases in which it did not end in time", found.hangs),
    ):
        if cases:
            shown = list(cases[:_MOST_CASES])
            if len(cases) > len(shown):
                shown.append(f"and {len(cases) - len(shown):,} more")
            document += [Text(f"{title}:"), Items(shown)]
    return [*document, Text(f"written to {found.target}")]
