"""Signatures as documents."""

from __future__ import annotations

from graphtools.analysis.signatures import SignatureList
from graphtools.report.document import Document, Heading, Table, Text, shape


def signatures_document(signatures: SignatureList) -> Document:
    """The signatures of a SavedModel, by meta graph."""
    document: Document = []
    for meta in signatures.meta_graphs:
        document.append(Heading(f"Meta graph {{{','.join(meta.tags)}}}"))
        if not meta.signatures:
            document.append(Text("  no signatures"))
        for signature in meta.signatures:
            document.append(Text(f"  {signature.key}: {signature.method or 'no method name'}"))
            rows = [
                (side, i.key, i.dtype.name, shape(i.shape.to_json()), i.name)
                for side, infos in (("input", signature.inputs), ("output", signature.outputs))
                for i in infos
            ]
            document.append(Table(("", "key", "dtype", "shape", "tensor"), rows))
    return document
