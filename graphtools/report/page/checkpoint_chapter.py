"""What a page says of a checkpoint: scopes, sizes, values, what an optimizer keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphtools.analysis.checkpoint_costs import checkpoint_costs
from graphtools.analysis.histogram import Histogram, value_histogram
from graphtools.errors import GraphtoolsError
from graphtools.formats.checkpoint import OBJECT_GRAPH, Checkpoint
from graphtools.graph.variables import is_optimizer_slot
from graphtools.idioms.moving_average import is_moving_average
from graphtools.report.document import Table, size
from graphtools.report.html import fill, render_html
from graphtools.report.page.assemble import Section
from graphtools.report.sizes import checkpoint_size_document

#: Histograms: of the largest tensors, as far as reading them is quick.
_MOST_HISTOGRAMS, _MOST_BYTES = 40, 1 << 27
_ROWS = 30
#: What a tensor is for, with what the areas of the page call it.
_KINDS = {"": "other elements", "optimizer slot": "slots", "moving average": "averages"}


def checkpoint_sections(checkpoint: Checkpoint) -> tuple[list[Section], dict[str, Any]]:
    """What is in a checkpoint, and what the script shows of it."""
    tensors = [t for t in checkpoint.values() if t.name != OBJECT_GRAPH]
    kinds = [_kind(t.name) for t in tensors]
    told = [kind for kind in _KINDS if kind in kinds] if any(kinds) else []
    rows = []
    for n, (tensor, kind) in enumerate(zip(tensors, kinds, strict=True)):
        elements = tensor.shape.elements or 0
        shares = [elements if kind == wanted else 0 for wanted in told]
        rows.append([n, elements, tensor.nbytes, *shares])
    measures = ["elements", "bytes", *(_KINDS[kind] for kind in told)]
    data = {"measures": measures, "names": [t.name for t in tensors], "rows": rows}
    whole = render_html(checkpoint_size_document(checkpoint_costs(checkpoint), _ROWS))
    sections = [Section("Where the parameters are", whole)]
    table = [
        (t.name, kind, t.dtype.name, str(t.shape), size(t.nbytes))
        for t, kind in zip(tensors, kinds, strict=True)
    ]
    listed = Table(("tensor", "what for", "dtype", "shape", "bytes"), table, (4,))
    values = _values(checkpoint)
    if values:
        body = fill("values.html", tensors=values)
        sections.append(Section("Values of the largest tensors", body, str(len(values))))
    sections.append(Section("Tensors", render_html([listed]), str(len(table))))
    return sections, {"costs": data}


def _kind(name: str) -> str:
    if is_optimizer_slot(name):
        return "optimizer slot"
    return "moving average" if is_moving_average(name) else ""


def _values(checkpoint: Checkpoint) -> Sequence[tuple[str, str, Histogram | None, str]]:
    shown: list[tuple[str, str, Histogram | None, str]] = []
    left = _MOST_BYTES
    for tensor in sorted(checkpoint.values(), key=lambda t: -t.nbytes)[:_MOST_HISTOGRAMS]:
        left -= tensor.nbytes
        if left < 0 or not tensor.shape.elements:
            break
        what = f"{tensor.dtype.name} {tensor.shape}, {size(tensor.nbytes)}"
        try:
            shown.append((tensor.name, what, value_histogram(tensor.array()), ""))
        except GraphtoolsError as error:
            shown.append((tensor.name, what, None, error.message))
    return shown
