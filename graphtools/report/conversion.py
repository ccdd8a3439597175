"""Conversions to TFLite as documents."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.report import Conversion, ConvertedPort, OutputError
from graphtools.report.document import Document, Facts, Heading, Items, Table, Text, shape, size
from graphtools.wording import and_more

_MOST_OPERATORS = 12


def conversion_document(found: Conversion) -> Document:
    """What came of a conversion."""
    share = found.size / found.source_size if found.source_size else 0
    document: Document = [
        Heading(found.target),
        Facts(
            [
                ("quantization", found.quantize),
                (
                    "size",
                    f"{size(found.size)}, {share:.0%} of the graph's {size(found.source_size)}",
                ),
                ("operators", _operators(found)),
                ("run in LiteRT", _run(found)),
                ("converter", f"TensorFlow {found.tensorflow}"),
            ]
        ),
        _ports("input", found.inputs),
        _ports("output", found.outputs),
    ]
    if found.errors:
        document += _errors(found)
    if found.notes:
        document.append(Items([f"note: {n}" for n in found.notes]))
    if found.findings:
        document.append(Heading("This is not what was asked for"))
        document.append(Items(found.findings))
    return document


def blocked_document(blockers: Sequence[Blocker]) -> Document:
    """The nodes that keep a graph from being converted."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for b in blockers:
        alike.setdefault((b.op, b.kind, b.reason, b.remedy), []).append(b.node)
    rows = []
    for (op, kind, reason, remedy), names in alike.items():
        rows.append((names[0] + and_more(len(names) - 1), op, kind, reason, remedy))
    return [Table(("node", "op", "kind", "why", "cure"), rows)]


def _operators(found: Conversion) -> str:
    shown = [f"{o.count} {o.op} v{o.version}" for o in found.operators[:_MOST_OPERATORS]]
    total = sum(o.count for o in found.operators)
    more = and_more(len(found.operators) - _MOST_OPERATORS, "kind")
    return f"{total:,}: {', '.join(shown)}{more}" if total else "none"


def _run(found: Conversion) -> str:
    return {"ran": "loads and runs", "skipped": "not run"}.get(
        found.litert.status, found.litert.status.upper()
    )


def _ports(what: str, ports: Sequence[ConvertedPort]) -> Table:
    rows = [(p.name, p.dtype, shape(p.shape), _quantization(p)) for p in ports]
    return Table((what, "dtype", "shape", "quantization"), rows)


def _quantization(port: ConvertedPort) -> str:
    if port.scale is None:
        return ""
    zero = port.zero_point or 0
    return f"{port.scale:.6g} * (stored {'-' if zero >= 0 else '+'} {abs(zero)})"


def _errors(found: Conversion) -> Document:
    columns = ("output", "float values", "max error", "mean error", "signal to noise")
    rows = [
        (e.name, f"{e.low:.4g} to {e.high:.4g}", _number(e.max_abs), _number(e.mean_abs), _snr(e))
        for e in found.errors
    ]
    return [
        Text(f"Error against the float graph ({found.error_data})"),
        Table(columns, rows, (2, 3, 4)),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _snr(error: OutputError) -> str:
    if error.not_finite:
        return f"{error.not_finite} not finite"
    if error.snr is None:
        return "no error" if error.max_abs == 0 else ""
    return f"{error.snr:.1f} dB"
