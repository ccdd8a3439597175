"""What is told of transforms that ran, and of what each does."""

from __future__ import annotations

import dataclasses

from graphtools.report.document import Commands, Facts, Heading, Items, Table
from graphtools.report.transforms import manual_document, pipeline_document
from graphtools.rewrite.transform import Skipped
from graphtools.transforms.pipeline import PipelineReport, StepReport, find_transform

LONG = f"fold_constants(clear_output_shapes={'x' * 40})"
STEP = StepReport(LONG, 1200, 1100, 2_000, 1_000, 7, 0.0126)
REFUSED = Skipped("conv", "it is read twice")


def test_each_transform_has_a_row() -> None:
    (table,) = pipeline_document(PipelineReport((STEP,)), skips=False)
    assert isinstance(table, Table)
    ((name, *rest),) = table.rows
    assert (len(name), name[-4:]) == (48, "x...")
    assert rest == ["1,200", "1,100", "2.0 kB", "1.0 kB", "7", ""]


def test_remarks_name_the_transform_without_its_parameters() -> None:
    step = dataclasses.replace(STEP, notes=("a", "b"), warning="strip first", error="bad shape")
    remarks = pipeline_document(PipelineReport((step,)), skips=False)[-1]
    assert remarks == Items(
        [
            "fold_constants failed and was left out: bad shape",
            "fold_constants: strip first",
            "fold_constants: a",
            "fold_constants: b",
        ]
    )


def test_what_was_skipped_is_counted_and_listed_where_it_is_asked_for() -> None:
    report = PipelineReport((STEP, dataclasses.replace(STEP, step="other", skipped=(REFUSED,) * 2)))
    document = pipeline_document(report, skips=False)
    assert len(document) == 1
    told = pipeline_document(report, skips=True)
    assert told[1:] == [
        Heading("Skipped by other"),
        Table(("node", "reason"), [("conv", "it is read twice")] * 2),
    ]
    table = told[0]
    assert isinstance(table, Table)
    assert [row[6] for row in table.rows] == ["", "2"]


def test_a_manual_has_parameters_and_an_example() -> None:
    found = find_transform("remove_nodes")
    document = manual_document(found)
    assert document[0] == Heading("remove_nodes")
    (table,) = (block for block in document if isinstance(block, Table))
    rows = {row[0]: row for row in table.rows}
    assert set(rows) == {*(p.name for p in found.parameters), "ignore_errors"}
    assert "repeatable" in rows["op"][3]
    (facts,) = (block for block in document if isinstance(block, Facts))
    kept = "yes, up to rounding" if found.keeps_meaning else "no"
    assert ("keeps the outputs", kept) in [*facts.items]
    assert document[-1] == Commands([f"--transforms '{found.example}'"])
