"""Where parameters, bytes and multiply-accumulates are, as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphtools.analysis.model_costs import Concentration, CostRow, ModelCosts
from graphtools.analysis.sizes import Size
from graphtools.report.document import Document, Facts, Items, Table, shape, size
from graphtools.report.shapes import findings_blocks
from graphtools.wording import and_more, counted

if TYPE_CHECKING:
    from graphtools.analysis.checkpoint_costs import CheckpointCosts, RunCost

_MOST_NAMES = 3
_NO_GRAPH = "what a run costs is told by a graph, and no .meta file lies beside"


def whole_document(costs: ModelCosts) -> Document:
    """What the whole costs, and where most of it is."""
    total = costs.total
    facts = [
        ("parameters", f"{total.parameters:,} ({size(total.parameter_bytes)})"),
        ("multiply-accumulates", _work(costs, total.macs)),
        ("FLOPs", _work(costs, total.flops)),
        ("peak activation memory", _peak(costs)),
    ]
    inputs = costs.input_shapes | costs.open_inputs
    facts += [(f"input {name}", shape(dims)) for name, dims in inputs.items()]
    document: Document = [Facts(facts)]
    notes = [_sentence(c) for c in costs.concentrations]
    if costs.assumed:
        notes.append(f"a batch of 1 is assumed for {', '.join(costs.assumed)} (--input-shape)")
    if costs.unknown:
        notes.append(_unknown(costs))
    return [*document, Items(notes)] if notes else document


def size_document(costs: ModelCosts, top: int) -> Document:
    """What the whole costs, where most of it is, and the rows with the most."""
    document, total = whole_document(costs), costs.total
    rows = [_cells(row, total) for row in costs.rows[:top]]
    rest = costs.rows[top:]
    if rest:
        name = f"({len(rest):,} more)"
        rows.append((name, *_cells(sum(rest, CostRow()), total)[1:]))
    columns = (costs.by, "parameters", "", "bytes", "MACs", "", "activations")
    document.append(Table(columns, rows, (1, 2, 3, 4, 5, 6)))
    return document + findings_blocks(costs.findings)


def checkpoint_size_document(costs: CheckpointCosts, top: int) -> Document:
    """What is in a checkpoint beside weights, and the scopes or tensors with the most of these."""
    parts = [
        ("parameters", costs.parameters),
        ("optimizer slots", costs.optimizer_slots),
        ("moving averages", costs.moving_averages),
        ("steps and others", costs.other),
    ]
    facts = [
        (name, f"{part.elements:,} ({size(part.bytes)}) in {counted(part.count, 'tensor')}")
        for name, part in parts
        if part.count or part is costs.parameters
    ]
    notes = _work_facts(costs.work, facts) if costs.work else _NO_GRAPH
    total = costs.parameters.elements
    rows = [
        (name, f"{row.elements:,}", _share(row.elements, total), size(row.bytes))
        for name, row in list(costs.rows.items())[:top]
    ]
    rest = sum(list(costs.rows.values())[top:], Size())
    if rest.count:
        left, share = len(costs.rows) - top, _share(rest.elements, total)
        rows.append((f"({left:,} more)", f"{rest.elements:,}", share, size(rest.bytes)))
    what = "tensor" if costs.by == "node" else costs.by
    return [Facts(facts), Items([notes]), Table((what, "parameters", "", "bytes"), rows, (1, 2, 3))]


def _work_facts(work: RunCost, facts: list[tuple[str, str]]) -> str:
    """Add what a run costs to the facts, and say by which graph."""
    least = "" if work.is_whole else "at least "
    if work.is_whole or work.macs:
        facts.append(("multiply-accumulates", f"{least}{work.macs:,}"))
        facts.append(("FLOPs", f"{least}{work.flops:,}"))
        batch = f", a batch of 1 assumed for {', '.join(work.assumed)}" if work.assumed else ""
        return f"one run by {work.graph}{batch}: graphtools size {work.graph} says where"
    return f"the work of {work.graph} depends on shapes that are not known: give --input-shape"


def _work(costs: ModelCosts, number: int) -> str:
    if not costs.unknown:
        return f"{number:,}"
    return f"at least {number:,}" if number else "not known"


def _peak(costs: ModelCosts) -> str:
    if not costs.peak_node:
        return "not known" if costs.peak_unknown else "none"
    least = "at least " if costs.peak_unknown else ""
    return f"{least}{size(costs.peak_activation_bytes)}, at {costs.peak_node}"


def _unknown(costs: ModelCosts) -> str:
    """Which layers have no figures, and what would give them some."""
    names = ", ".join(costs.unknown[:_MOST_NAMES])
    known = (
        f"the work of {counted(len(costs.unknown), 'node')} is not known, as it depends on shapes "
        f"that are not: {names}{and_more(len(costs.unknown) - _MOST_NAMES)}"
    )
    if not costs.open_inputs:
        return known
    name, dims = next(iter(costs.open_inputs.items()))
    return (
        f"{known}; state the shape of {name}, {shape(dims)}, for example: "
        f"--input-shape {_example(name, dims)}"
    )


def _example(name: str, dims: Sequence[int | None] | None) -> str:
    """What could be stated: a batch of 1, and 224 for other dimensions, as of an image."""
    if dims is None:
        return f"{name}=1,224,224,3"
    filled = [(1 if i == 0 else 224) if d is None else d for i, d in enumerate(dims)]
    return f"{name}={','.join(map(str, filled))}"


def _sentence(found: Concentration) -> str:
    layers = counted(found.layers, f"{found.kind} layer")
    return f"{found.share:.0%} of the {found.what} are in {layers}"


def _cells(row: CostRow, total: CostRow) -> tuple[str, ...]:
    return (
        row.name,
        f"{row.parameters:,}",
        _share(row.parameters, total.parameters),
        size(row.parameter_bytes),
        f"{row.macs:,}",
        _share(row.macs, total.macs),
        size(row.activation_bytes),
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if part and whole else ""
