"""Where parameters, bytes and multiply-accumulates are, as a document."""

from __future__ import annotations

from graphtools.analysis.model_costs import Concentration, CostRow, ModelCosts
from graphtools.report.document import Document, Facts, Items, Table, count, shape, size
from graphtools.report.shapes import findings_blocks

_MOST_NAMES = 3


def size_document(costs: ModelCosts, top: int) -> Document:
    """What the whole costs, where most of it is, and the rows with the most."""
    total = costs.total
    facts = [
        ("parameters", f"{total.parameters:,} ({size(total.parameter_bytes)})"),
        ("multiply-accumulates", f"{total.macs:,}" + (", at least" if costs.unknown else "")),
        ("peak activation memory", _peak(costs)),
    ]
    facts += [(f"input {name}", shape(dims)) for name, dims in costs.input_shapes.items()]
    document: Document = [Facts(facts)]
    notes = [_sentence(c) for c in costs.concentrations]
    if costs.assumed:
        notes.append(f"a batch of 1 is assumed for {', '.join(costs.assumed)} (--input-shape)")
    if costs.unknown:
        names = ", ".join(costs.unknown[:_MOST_NAMES])
        more = len(costs.unknown) - _MOST_NAMES
        notes.append(
            f"the work of {count(len(costs.unknown), 'layer')} depends on shapes that are not "
            f"known (--input-shape): {names}" + (f" (and {more:,} more)" if more > 0 else "")
        )
    document.append(Items(notes))
    rows = [_cells(row, total) for row in costs.rows[:top]]
    rest = costs.rows[top:]
    if rest:
        name = f"({len(rest):,} more)"
        rows.append((name, *_cells(sum(rest, CostRow()), total)[1:]))
    columns = (costs.by, "parameters", "", "bytes", "MACs", "", "activations")
    document.append(Table(columns, rows, (1, 2, 3, 4, 5, 6)))
    return document + findings_blocks(costs.findings)


def _peak(costs: ModelCosts) -> str:
    if not costs.peak_node:
        return "not known"
    return f"{size(costs.peak_activation_bytes)}, at {costs.peak_node}"


def _sentence(found: Concentration) -> str:
    layers = count(found.layers, f"{found.kind} layer")
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
