"""One node, paths and reach as documents."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.analysis.node_detail import Neighbour, NodeDetail
from graphtools.analysis.paths import PathResult, Reach
from graphtools.analysis.statistics import Statistics
from graphtools.report.document import Block, Document, Facts, Heading, Table, Text, shape
from graphtools.wording import counted

#: More inputs or consumers are counted, not listed.
_MAX_EDGES = 40


def node_document(node: NodeDetail) -> Document:
    """Everything about one node."""
    facts = [
        ("op", node.op),
        ("dtype", node.dtype or "?"),
        ("shape", shape(node.shape)),
        ("device", node.device or "not set"),
    ]
    document: Document = [Heading(node.name), Facts(facts)]
    if node.described:
        document += [Heading("Attributes"), Facts(list(node.described.items()))]
    document += _edges("Inputs", node.inputs)
    document += _edges("Consumers", node.consumers)
    if node.value:
        value = [("first values", node.value), ("bytes", f"{node.value_bytes:,}")]
        if node.statistics:
            value.append(("statistics", statistics_text(node.statistics)))
        document += [Heading("Value"), Facts(value)]
    return document


def _edges(title: str, edges: Sequence[Neighbour]) -> list[Block]:
    if not edges:
        return [Heading(title), Text("  none")]
    rows = [
        (
            e.input if title == "Inputs" else e.node,
            e.op or "(not in the graph)",
            "control" if e.control else f"input {e.position}",
        )
        for e in edges[:_MAX_EDGES]
    ]
    blocks: list[Block] = [Heading(title), Table(("name", "op", "as"), rows)]
    if len(edges) > _MAX_EDGES:
        blocks.append(Text(f"  and {len(edges) - _MAX_EDGES:,} more"))
    return blocks


def statistics_text(statistics: Statistics) -> str:
    """Statistics in one line."""
    parts = []
    if statistics.min is not None:
        parts += [
            f"min {statistics.min:.6g}",
            f"max {statistics.max:.6g}",
            f"mean {statistics.mean:.6g}",
            f"std {statistics.std:.6g}",
        ]
    parts.append(f"{statistics.zeros:,} zeros")
    if statistics.nan or statistics.inf:
        parts.append(f"{statistics.nan:,} NaN, {statistics.inf:,} Inf")
    return ", ".join(parts)


def path_document(result: PathResult) -> Document:
    """A path, one node a line."""
    if not result.found:
        return [Text("no path")]
    rows = [(s.name, s.op, f"reads {s.via}" if s.via else "") for s in result.steps]
    return [Table(("node", "op", ""), rows), Text(counted(len(result.steps) - 1, "edge"))]


def reach_document(reach: Reach) -> Document:
    """Ancestors or descendants with their distance."""
    rows = [(f"{n.distance}", n.name, n.op) for n in reach.nodes]
    return [
        Table(("edges", "node", "op"), rows, (0,)),
        Text(f"{counted(len(rows), reach.direction[:-1])} of {reach.node}"),
    ]
