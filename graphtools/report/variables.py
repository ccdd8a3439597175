"""Variables as documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphtools.report.document import Document, Table, Text, shape, size
from graphtools.wording import counted

if TYPE_CHECKING:
    from graphtools.analysis.saved_arrays import SavedArrays
    from graphtools.analysis.variables import ScopeRow, VariableList, VariableRow

#: What is said where there are none.
_NONE = {
    "checkpoint": "the checkpoint has no tensors",
    "TFLite model": "no constants that layers compute with",
    "graph": "no variables",
    "frozen graph": "no variables, and no constants that look like some: graphtools nodes FILE "
    "--op Const --long",
}


def variables_document(variables: VariableList) -> Document:
    """Variables, one a line, with statistics where there are any."""
    rows = variables.variables
    if not rows:
        return [Text(_NONE[variables.source])]
    with_paths = any(r.object_path for r in rows)
    with_statistics = any(r.statistics or r.problem for r in rows)
    columns = ["name", "dtype", "shape", "bytes"]
    if with_paths:
        columns.append("object")
    if with_statistics:
        columns += ["min", "max", "mean", "std", "zeros", "NaN/Inf"]
    cells = [
        [
            r.name,
            r.dtype or "?",
            shape(r.shape),
            size(r.bytes),
            *([r.object_path] if with_paths else []),
            *(_statistics_cells(r) if with_statistics else []),
        ]
        for r in rows
    ]
    right = [3, *range(4 + with_paths, len(columns))]
    total = f"{counted(len(rows), 'variable')}, {size(sum(r.bytes for r in rows))}"
    if variables.source in ("checkpoint", "TFLite model"):
        total = total.replace("variable", "tensor")
    elif variables.source == "frozen graph":
        total = f"{total}, now constants"
    return [Table(columns, cells, right), Text(total)]


def saved_document(saved: SavedArrays) -> Document:
    """What was saved, and what was not."""
    skipped = [Text(f"left out {name!r}: {why}") for name, why in saved.skipped.items()]
    numbers = f"{counted(saved.tensors, 'tensor')}, {counted(saved.elements, 'element')}"
    return [*skipped, Text(f"{saved.path}: {numbers}, {size(saved.bytes)}")]


def _statistics_cells(row: VariableRow) -> list[str]:
    s = row.statistics
    if s is None:
        return ["-"] * 6
    numbers = ["-" if v is None else f"{v:.4g}" for v in (s.min, s.max, s.mean, s.std)]
    return [*numbers, f"{s.zeros:,}", f"{s.nan:,}/{s.inf:,}" if s.nan or s.inf else "0"]


def tree_document(rows: Sequence[ScopeRow]) -> Document:
    """The tree of variables, indented by scope."""
    cells = []
    for row in rows:
        indent = "  " * row.depth
        if row.leaf:
            name = row.scope.rsplit("/", 1)[-1]
            cells.append(
                (indent + name, row.leaf.dtype or "?", shape(row.leaf.shape), "", size(row.bytes))
            )
        else:
            name = row.scope.rsplit("/", 1)[-1] + "/"
            cells.append((indent + name, "", "", f"{row.count:,}", size(row.bytes)))
    return [Table(("scope", "dtype", "shape", "tensors", "bytes"), cells, (3, 4))]
