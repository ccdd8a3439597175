"""Shapes of tensors as documents."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.analysis.shape_list import ShapeList
from graphtools.ops.inference import ShapeDefect
from graphtools.report.document import Document, Heading, Items, Table, Text, shape
from graphtools.wording import counted


def shapes_document(found: ShapeList) -> Document:
    """Each tensor's dtype and shape, and what contradicts itself."""
    rows = [(t.name, t.op, t.dtype or "?", shape(t.shape)) for t in found.tensors]
    document: Document = [Table(("tensor", "op", "dtype", "shape"), rows)]
    if found.known < found.total:
        document.append(Text(f"{found.known:,} of {counted(found.total, 'shape')} wholly known"))
    return document + findings_blocks(found.findings)


def findings_blocks(findings: Sequence[ShapeDefect]) -> Document:
    """What contradicts itself, if anything does."""
    if not findings:
        return []
    return [
        Heading("Contradictions"),
        Items([f"{f.node} ({f.op}): {f.message}" for f in findings]),
    ]
