"""Summaries of TFLite models as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphtools.analysis.tflite_summary import DescribedModel, PortRow, TFLiteSummary
from graphtools.report.document import (
    Block,
    Document,
    Facts,
    Heading,
    Items,
    Table,
    Text,
    shape,
    size,
)
from graphtools.wording import and_more, counted

if TYPE_CHECKING:
    from graphtools.convert.editing.edit_tflite import EditedTFLite

_MAX_SUBGRAPHS = 6
_MAX_NAMES = 3


def tflite_blocks(summary: TFLiteSummary) -> list[Block]:
    """What is in a TFLite model."""
    blocks: list[Block] = [Facts(_facts(summary))]
    if summary.obstacles:
        blocks += [Heading("An interpreter may not take it"), Items(summary.obstacles)]
    for number, subgraph in enumerate(summary.subgraphs[:_MAX_SUBGRAPHS]):
        name = f" {subgraph.name!r}" if subgraph.name else ""
        title = f"Subgraph {number}{name}: " if len(summary.subgraphs) > 1 else ""
        blocks += [
            Heading(f"{title}inputs" if title else "Inputs"),
            _ports(subgraph.inputs),
            Heading(f"{title}outputs" if title else "Outputs"),
            _ports(subgraph.outputs),
        ]
    more = len(summary.subgraphs) - _MAX_SUBGRAPHS
    if more > 0:
        blocks.append(Text(f"  and {counted(more, 'more subgraph')}"))
    if summary.named:
        sides = [
            (row.key, side, name, tensor)
            for row in summary.named
            for side, names in (("input", row.inputs), ("output", row.outputs))
            for name, tensor in names.items()
        ]
        columns = ("signature", "", "name", "tensor")
        blocks += [Heading("Signatures"), Table(columns, sides)]
    if summary.described is not None:
        blocks += [Heading("Metadata"), *_metadata(summary.described)]
    rows = [(o.op, f"{o.version}", f"{o.count:,}", o.kind) for o in summary.operators]
    blocks += [Heading("Operators"), Table(("op", "version", "number", "kind"), rows, (1, 2))]
    return blocks


def _facts(summary: TFLiteSummary) -> list[tuple[str, str]]:
    """What is said in a line each."""
    operators = sum(o.count for o in summary.operators)
    facts = [
        ("schema", f"version {summary.version}"),
        ("made by", summary.description or "not recorded"),
        ("subgraphs", f"{len(summary.subgraphs):,}"),
        ("operators", f"{operators:,} of {counted(len(summary.operators), 'kind')}"),
        ("tensors", ", ".join(f"{d} ({n:,})" for d, n in summary.dtypes.items()) or "none"),
        ("quantized", _quantized(summary)),
        (
            "constants",
            ", ".join(f"{d} {size(n)}" for d, n in summary.constant_bytes.items()) or "none",
        ),
    ]
    if summary.minimum_runtime:
        facts.append(("runtime", f"{summary.minimum_runtime} or later"))
    if summary.dynamic:
        names = ", ".join(summary.dynamic[:_MAX_NAMES])
        rest = and_more(len(summary.dynamic) - _MAX_NAMES)
        facts.append(("dynamic", f"{counted(len(summary.dynamic), 'tensor')}: {names}{rest}"))
    if summary.signatures:
        facts.append(("signatures", ", ".join(summary.signatures)))
    if summary.metadata:
        facts.append(
            ("metadata", ", ".join(f"{n} ({size(b)})" for n, b in summary.metadata.items()))
        )
    return facts


def _metadata(described: DescribedModel) -> list[Block]:
    if described.problem:
        return [Text(described.problem)]
    texts = ("name", "description", "version", "author", "license")
    facts = [(text, getattr(described, text)) for text in texts if getattr(described, text)]
    files = ", ".join(f"{name} ({size(count)})" for name, count in described.files.items())
    if files:
        facts.append(("files", files))
    rows = [
        (
            side,
            p.name,
            p.content,
            p.normalization,
            ", ".join(f"{n} {k}" for n, k in p.files.items()),
        )
        for side, ports in (("input", described.inputs), ("output", described.outputs))
        for p in ports
    ]
    columns = ("", "name", "content", "normalization", "files")
    return [Facts(facts), *([Table(columns, rows)] if rows else [])]


def _quantized(summary: TFLiteSummary) -> str:
    if not summary.quantized:
        return "no tensor"
    inner = f", {summary.per_channel:,} of them by channel" if summary.per_channel else ""
    return counted(summary.quantized, "tensor") + inner


def _ports(ports: tuple[PortRow, ...]) -> Table:
    rows = [
        (
            p.name,
            p.dtype,
            shape(p.shape),
            "" if p.scale is None else f"{p.scale:.6g} * (q - {p.zero_point or 0})",
        )
        for p in ports
    ]
    return Table(("name", "dtype", "shape", "real value"), rows)


def edited_document(edited: EditedTFLite) -> Document:
    """What was changed in a TFLite model."""
    sizes = f"{size(edited.bytes_after)} (before: {size(edited.bytes_before)})"
    return [Items(edited.changes), Facts([("file", sizes)])]
