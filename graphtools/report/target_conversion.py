"""Conversions to other targets than TFLite as documents."""

from __future__ import annotations

from graphtools.convert.target import TargetConversion, TargetPort, TargetVerdict
from graphtools.report.conversion import blocked_document
from graphtools.report.document import Document, Facts, Heading, Items, Table, Text, shape, size
from graphtools.wording import and_more, counted

_MOST_OPERATORS = 12


def target_document(found: TargetConversion) -> Document:
    """What came of a conversion."""
    share = found.size / found.source_size if found.source_size else 0
    shown = [f"{count} {name}" for name, count in found.operators[:_MOST_OPERATORS]]
    total = sum(count for _, count in found.operators)
    more = and_more(len(found.operators) - _MOST_OPERATORS, "kind")
    facts = [
        ("format", found.format),
        ("size", f"{size(found.size)}, {share:.0%} of the graph's {size(found.source_size)}"),
        ("operators", f"{total:,}: {', '.join(shown)}{more}"),
        ("libraries", ", ".join(f"{name} {version}" for name, version in found.versions.items())),
    ]
    if len(found.files) > 1:
        facts.insert(1, ("files", ", ".join(found.files)))
    document: Document = [
        Heading(found.target),
        Facts(facts),
        _ports("input", found.inputs),
        _ports("output", found.outputs),
        Text(f"Error against TensorFlow ({found.error_data})"),
        Table(
            ("output", "largest value", "max error"),
            [
                (e.name, f"{e.largest:.4g}", "" if e.max_abs is None else f"{e.max_abs:.3g}")
                for e in found.errors
            ],
            (1, 2),
        ),
    ]
    if found.notes:
        document.append(Items([f"note: {n}" for n in found.notes]))
    return document


def verdict_document(found: TargetVerdict) -> Document:
    """Whether a graph converts to a target."""
    nodes = counted(found.nodes, "node")
    if not found.blockers:
        return [Text(f"{nodes}: none is known that does not convert to {found.target}")]
    shown = Text(f"{len(found.blockers)} of {nodes} do not convert to {found.target}")
    return [shown, *blocked_document(found.blockers)]


def _ports(what: str, ports: tuple[TargetPort, ...]) -> Table:
    rows = [(p.name, p.tensor, p.dtype, shape(p.shape), p.layout) for p in ports]
    return Table((what, "in the model", "dtype", "shape", "layout"), rows)
