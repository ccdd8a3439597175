"""Signatures as documents."""

from __future__ import annotations

from graphtools.analysis.signatures import SignatureList
from graphtools.formats.metagraph import TensorInfo
from graphtools.report.document import Document, Heading, Table, Text, shape


def signatures_document(signatures: SignatureList, *, everything: bool) -> Document:
    """The signatures of a model, by meta graph; internal ones (`__...`) only if wanted."""
    document: Document = []
    for meta in signatures.meta_graphs:
        tags = f"Meta graph {{{','.join(meta.tags)}}}"
        document.append(Heading(tags if meta.tags else "Signatures"))
        shown = [s for s in meta.signatures if everything or not s.is_internal]
        if not shown:
            document.append(Text("  no signatures"))
        for signature in shown:
            document.append(Text(f"  {signature.key}: {signature.method or 'no method name'}"))
            rows = [
                (side, i.key, _dtype(i), shape(i.shape.to_json()), i.name)
                for side, infos in (("input", signature.inputs), ("output", signature.outputs))
                for i in infos
            ]
            document.append(Table(("", "key", "dtype", "shape", "tensor"), rows))
    return document


def _dtype(info: TensorInfo) -> str:
    """The dtype of an input or output; a signature may name an op, which has none."""
    return info.dtype.name if info.dtype.number else "?"
