"""Times of TFLite models as a document."""

from __future__ import annotations

from collections.abc import Callable

from graphtools.analysis.tflite_costs import OperatorKind
from graphtools.report.document import Document, Facts, Heading, Items, Table, size
from graphtools.run.bench import Bench, ModelTimes
from graphtools.wording import counted

_ROWS: tuple[tuple[str, Callable[[ModelTimes], str], Callable[[ModelTimes], float | None]], ...] = (
    ("median", lambda t: _milliseconds(t.median), lambda t: t.median),
    ("90 % below", lambda t: _milliseconds(t.p90), lambda t: t.p90),
    ("fastest", lambda t: _milliseconds(t.min), lambda t: t.min),
    ("first run", lambda t: _milliseconds(t.first), lambda t: t.first),
    ("loading", lambda t: _milliseconds(t.loading), lambda t: t.loading),
    ("memory", lambda t: "?" if t.memory is None else size(t.memory), lambda t: t.memory),
    ("file", lambda t: size(t.size), lambda t: t.size),
    ("multiply-accumulates", lambda t: f"{t.macs:,}", lambda t: t.macs),
    ("runs", lambda t: f"{t.runs:,}", lambda _t: None),
    ("kind", lambda t: t.kind, lambda _t: None),
)


def bench_document(found: Bench) -> Document:
    """What one or two models take."""
    where = f"{found.machine}, {counted(found.processors, 'processor')}"
    facts = [("machine", f"{where}; {counted(found.threads, 'thread')}"), ("A", found.model.path)]
    if found.against is not None:
        facts.append(("B", found.against.path))
    document: Document = [Facts(facts)]
    models = [m for m in (found.model, found.against) if m is not None]
    columns = ["", *"AB"[: len(models)], *(["A / B"] if found.against else [])]
    rows = []
    for name, show, number in _ROWS:
        row = [name, *(show(m) for m in models)]
        if found.against is not None:
            row.append(_ratio(number(found.model), number(found.against)))
        rows.append(row)
    document.append(Table(columns, rows, tuple(range(1, len(columns)))))
    document += [Heading("Operators"), _operators(models)]
    remark = "LiteRT's Python API does not tell the times of single operators"
    return [*document, Items([*found.notes, remark])]


def _operators(models: list[ModelTimes]) -> Table:
    known = [{kind.op: kind for kind in m.operators} for m in models]
    names = list(dict.fromkeys(op for kinds in known for op in kinds))
    rows = []
    for name in names:
        row = [name]
        for kinds, model in zip(known, models, strict=True):
            row += _operator(kinds.get(name), model)
        rows.append(row)
    labels = [f" {name}" for name in "AB"] if len(models) > 1 else [""]
    columns = ["operator"]
    for label in labels:
        columns += [f"{what}{label}" for what in ("count", "MACs", "share")]
    return Table(columns, rows, tuple(range(1, len(columns))))


def _operator(kind: OperatorKind | None, model: ModelTimes) -> list[str]:
    if kind is None:
        return ["", "", ""]
    if not kind.macs:
        return [f"{kind.count:,}", "", ""]
    return [f"{kind.count:,}", f"{kind.macs:,}", f"{100 * kind.macs / model.macs:.1f} %"]


def _milliseconds(number: float) -> str:
    return f"{number:.3f} ms" if number < 100 else f"{number:,.0f} ms"


def _ratio(a: float | None, b: float | None) -> str:
    return f"{a / b:.2f}" if a is not None and b else ""
