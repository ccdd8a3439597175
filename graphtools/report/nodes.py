"""Lists of nodes and of ops as documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.wording import printable

if TYPE_CHECKING:
    from graphtools.analysis.node_list import NodeRow, OpCounts
    from graphtools.graph.node import Node
    from graphtools.report.document import Document


def node_lines(nodes: Sequence[Node]) -> Iterator[str]:
    """Nodes as `name ===> op`, one a line."""
    for node in nodes:
        line = f"{node.name} ===> {node.op}"
        yield line if line.isprintable() else printable(line)


def scope_lines(scopes: Mapping[str, int]) -> Iterator[str]:
    """Scopes with their numbers of nodes, one a line."""
    for scope, nodes in scopes.items():
        yield f"{nodes:>8,}  {printable(scope)}"


def node_table(rows: Sequence[NodeRow]) -> Document:
    """Nodes with what is known of their first output, their inputs and devices."""
    from graphtools.report.document import Table, shape, size

    devices = any(row.device for row in rows)
    scales = any("scale" in row.attrs for row in rows)
    cells = [
        (
            row.name,
            row.op,
            row.dtype or "?",
            shape(row.shape),
            size(row.bytes) if row.bytes else "",
            *((_quantization(row.attrs),) if scales else ()),
            ", ".join(row.inputs),
            *((row.device,) if devices else ()),
        )
        for row in rows
    ]
    columns = ["name", "op", "dtype", "shape", "bytes", "inputs"]
    if scales:
        columns.insert(5, "real value")
    return [Table((*columns, *(("device",) if devices else ())), cells, (4,))]


def _quantization(attrs: Mapping[str, object]) -> str:
    """What stored integers of a TFLite model stand for; empty for a node of another graph."""
    scale, zero_point = attrs.get("scale"), attrs.get("zero_point")
    if not isinstance(scale, list) or not scale or "_tensors" not in attrs:
        return ""
    if len(scale) > 1:
        return f"{len(scale):,} scales along dimension {attrs.get('quantized_dimension', 0)}"
    zero = zero_point[0] if isinstance(zero_point, list) and zero_point else 0
    return f"{scale[0]:.6g} * (q - {zero})"


def ops_document(counts: OpCounts) -> Document:
    """How often each op occurs."""
    from graphtools.report.document import Heading, Table

    document: Document = [
        Table(("op", "nodes"), [(op, f"{n:,}") for op, n in counts.ops.items()], (1,))
    ]
    if counts.function_ops:
        rows = [(op, f"{n:,}") for op, n in counts.function_ops.items()]
        document += [Heading("In functions"), Table(("op", "nodes"), rows, (1,))]
    return document
