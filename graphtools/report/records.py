"""What is in a TFRecord file, as a document."""

from __future__ import annotations

from graphtools.analysis.record_summary import RecordSummary
from graphtools.report.document import Block, Facts, Heading, Items, Table, size
from graphtools.wording import and_more, counted

_MOST_CLASSES = 30


def record_blocks(found: RecordSummary) -> list[Block]:
    """Features, classes, boxes and images of the samples, and what is wrong with them."""
    facts = [("records", f"{found.records:,}, {size(found.bytes)}")]
    if found.images:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in found.images.items())
        facts.append(("images", kinds))
    if found.is_detection:
        facts.append(("boxes", f"{found.boxes:,}"))
        wanting = ", ".join(found.missing_keys)
        facts.append(("missing", wanting or "nothing that the Object Detection API reads"))
    blocks: list[Block] = [Facts(facts)]
    if found.features:
        rows = [
            (
                row.name,
                row.kind or "-",
                f"{row.records:,}",
                str(row.shortest)
                if row.shortest == row.longest
                else f"{row.shortest:,} to {row.longest:,}",
            )
            for row in found.features
        ]
        table = Table(("feature", "type", "records", "values"), rows, (2, 3))
        blocks += [Heading("Features"), table]
    if found.classes:
        classes = [(name, f"{count:,}") for name, count in found.classes.items()]
        what = "objects" if found.is_detection else "images"
        blocks += [Heading("Classes"), Table(("class", what), classes[:_MOST_CLASSES], (1,))]
        if len(classes) > _MOST_CLASSES:
            blocks.append(Items([and_more(len(classes) - _MOST_CLASSES).strip()]))
    if found.faults:
        lines = [
            f"{counted(fault.count, 'time')}: {fault.what} (record "
            f"{', '.join(map(str, fault.records))}{', ...' if fault.count > 5 else ''}): "
            f"{fault.remedy}"
            for fault in found.faults
        ]
        blocks += [Heading("Wrong"), Items(lines)]
    return blocks
