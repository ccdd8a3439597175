"""What transforms did, and their manuals, as documents."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphtools.report.document import (
    Block,
    Commands,
    Document,
    Facts,
    Heading,
    Items,
    Table,
    Text,
    size,
)
from graphtools.wording import and_others, counted

if TYPE_CHECKING:
    from graphtools.rewrite.transform import Transform
    from graphtools.transforms.freeze import FreezeReport
    from graphtools.transforms.pipeline import PipelineReport, StepReport


def pipeline_document(report: PipelineReport, *, skips: bool) -> Document:
    """What each transform did; with all that was skipped, or only how much."""
    rows = [_row(step) for step in report.steps]
    columns = ("transform", "nodes", "after", "bytes", "after", "edits", "skipped")
    document: Document = [Table(columns, rows, (1, 2, 3, 4, 5, 6))]
    remarks = []
    for step in report.steps:
        name = step.step.partition("(")[0]
        if step.error:
            remarks.append(f"{name} failed and was left out: {step.error}")
        if step.warning:
            remarks.append(f"{name}: {step.warning}")
        remarks += [f"{name}: {note}" for note in step.notes]
    if remarks:
        document.append(Items(remarks))
    if skips:
        document += _skips(report.steps)
    return document


def _row(step: StepReport) -> tuple[str, ...]:
    return (
        step.step if len(step.step) <= 48 else step.step[:45] + "...",
        f"{step.nodes_before:,}",
        f"{step.nodes_after:,}",
        size(step.bytes_before),
        size(step.bytes_after),
        f"{step.edits:,}",
        f"{len(step.skipped):,}" if step.skipped else "",
    )


def _skips(steps: Iterable[StepReport]) -> list[Block]:
    blocks: list[Block] = []
    for step in steps:
        if step.skipped:
            rows = [(s.node, s.reason) for s in step.skipped]
            blocks += [Heading(f"Skipped by {step.step}"), Table(("node", "reason"), rows)]
    return blocks


def freeze_document(report: FreezeReport) -> Document:
    """What freezing did."""
    facts = [
        ("nodes", f"{report.nodes_before:,} before, {report.nodes_after:,} after"),
        (
            "frozen",
            f"{counted(report.variables, 'variable')} with {counted(report.elements, 'element')}, "
            f"{size(report.bytes)}",
        ),
    ]
    if report.kept:
        names = ", ".join(report.kept[:5]) + and_others(report.kept, 5)
        facts.append(("kept as variables", names))
    document: Document = [Facts(facts)]
    if report.notes:
        document.append(Items(report.notes))
    return document


def transforms_document(transforms: Iterable[Transform]) -> Document:
    """All transforms, a line each."""
    rows = [(t.name, first_line(t)) for t in transforms]
    return [Table(("transform", "what it does"), rows)]


def first_line(transform: Transform) -> str:
    """What a transform does, in a line."""
    return inspect.cleandoc(transform.manual).splitlines()[0]


def manual_document(transform: Transform) -> Document:
    """The manual of a transform."""
    document: Document = [Heading(transform.name), *_paragraphs(transform.manual)]
    facts = [("keeps the outputs", "yes, up to rounding" if transform.keeps_meaning else "no")]
    if transform.aliases:
        facts.append(("also known as", ", ".join(transform.aliases)))
    document.append(Facts(facts))
    rows = [
        (
            p.name,
            p.kind,
            "required" if p.required else p.default if p.default is not None else "",
            p.meaning + ("; repeatable" if p.repeated else ""),
        )
        for p in transform.parameters
    ]
    rows.append(("ignore_errors", "flag", "false", "report an error and leave the transform out"))
    document += [Heading("Parameters"), Table(("name", "value", "default", "meaning"), rows)]
    document += [Heading("Example"), Commands([f"--transforms '{transform.example}'"])]
    return document


def _paragraphs(manual: str) -> list[Block]:
    paragraphs = inspect.cleandoc(manual).split("\n\n")
    return [Text(" ".join(p.split()), wrapped=True) for p in paragraphs]


def manuals_json(transforms: Iterable[Transform]) -> dict[str, object]:
    """The manuals as plain data."""
    return {
        "transforms": [
            {
                "name": t.name,
                "manual": inspect.cleandoc(t.manual),
                "aliases": list(t.aliases),
                "keeps_meaning": t.keeps_meaning,
                "example": t.example,
                "parameters": [p._asdict() for p in t.parameters],
            }
            for t in transforms
        ]
    }
