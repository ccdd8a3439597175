"""What a picture looks like, whoever draws it: texts, colours, legend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graphtools.analysis.op_families import FAMILIES
from graphtools.analysis.picture import Box, Edge, GraphView, named_weights
from graphtools.report.document import size
from graphtools.wording import and_more, printable

FONT = "Helvetica,Arial,sans-serif"
FONT_SIZE = 10
EDGE_FONT_SIZE = 8
INK, QUIET, LINE = "#1f2328", "#59636e", "#6e7781"
CLUSTER_FILLS = ("#f6f8fa", "#eef1f4")
CLUSTER_LINE = "#afb8c1"
OUTSIDE_FILL = "#ffffff"
#: Fills by family: light enough for dark text on them.
FAMILY_FILLS = dict(
    zip(
        FAMILIES,
        (
            "#b7e4c7",  # input
            "#ffd6a5",  # quantization
            "#e9ecef",  # constant
            "#d0bfff",  # variable
            "#ffc9c9",  # control flow
            "#a5d8ff",  # convolution
            "#91a7ff",  # matrix product
            "#c5f6fa",  # normalization
            "#ffec99",  # activation
            "#99e9f2",  # pooling
            "#eebefa",  # detection
            "#d8f5a2",  # image
            "#ffdeeb",  # string
            "#fcc2d7",  # random
            "#f1f3f5",  # shape
            "#dbe4ff",  # arithmetic
            "#ffffff",  # other
            "#ff8787",  # custom
        ),
        strict=True,
    )
)
#: Severities of findings, the worst first, with their fills.
SEVERITY_FILLS = {"error": "#ff8787", "warning": "#ffd43b", "info": "#a5d8ff"}
#: From no weights to the most of all boxes.
SIZE_FILLS = ("#ffffff", "#fff3bf", "#ffe066", "#ffa94d", "#ff6b6b")
_PLAIN_FILL = "#ffffff"
_LONGEST_LABEL = 40
_LONGEST_TIP = 300
_NAMED_OPS = 3


class Mark(NamedTuple):
    """What a highlight says of a box.

    Attributes:
        fill: Its colour.
        note: A line that is written on it; empty for none.
    """

    fill: str
    note: str = ""


class Style(NamedTuple):
    """Colours of the boxes.

    Attributes:
        marks: By number of the box; boxes without one are white.
        legend: What the colours mean, as pairs of text and colour.
    """

    marks: Mapping[int, Mark]
    legend: tuple[tuple[str, str], ...]


def style_by_family(view: GraphView) -> Style:
    """Colours by what ops are for."""
    marks = {b.id: Mark(FAMILY_FILLS[b.family]) for b in view.boxes if b.kind != "outside"}
    present = {b.family for b in view.boxes if b.kind != "outside"}
    legend = tuple((f, FAMILY_FILLS[f]) for f in FAMILIES if f in present)
    return Style(marks, legend)


def style_by_size(view: GraphView) -> Style:
    """Colours by bytes of weights, in quarters of the heaviest box."""
    most = max((b.weight_bytes for b in view.boxes), default=0)
    marks = {}
    for box in view.boxes:
        if box.weight_bytes and most:
            level = 1 + min(3, 4 * box.weight_bytes // (most + 1))
            marks[box.id] = Mark(SIZE_FILLS[level], size(box.weight_bytes))
    legend = [("no weights", SIZE_FILLS[0])]
    if most:
        legend += [(f"up to {size(most * level // 4)}", SIZE_FILLS[level]) for level in range(1, 5)]
    return Style(marks, tuple(legend))


def style_by_findings(view: GraphView, found: Mapping[str, list[str]]) -> Style:
    """Colours by the worst finding.

    Args:
        view: The boxes.
        found: By node, the severities of what was found at it.
    """
    marks = {}
    for box in view.boxes:
        names = [*box.nodes, *(w.name for w in box.weights)]
        severities = [s for name in names for s in found.get(name, ())]
        worst = next((s for s in SEVERITY_FILLS if s in severities), "")
        if worst:
            number = len(severities)
            note = worst if number == 1 else f"{number} findings, worst: {worst}"
            marks[box.id] = Mark(SEVERITY_FILLS[worst], note)
    return Style(marks, (("nothing found", _PLAIN_FILL), *SEVERITY_FILLS.items()))


def signs(view: GraphView) -> list[str]:
    """What else a legend says: what boxes and edges look like that are not as the most are."""
    found = []
    if any(box.is_several for box in view.boxes):
        found.append("double: several nodes")
    if any(edge.is_control for edge in view.edges):
        found.append("dashed: control")
    if any(box.kind == "outside" for box in view.boxes):
        found.append("dashed box: not part of it")
    return found


def fill_of(box: Box, style: Style) -> str:
    """The colour of a box."""
    mark = style.marks.get(box.id)
    return mark.fill if mark else _PLAIN_FILL


def lines_of(box: Box, style: Style) -> list[str]:
    """What is written on a box: its name first."""
    if box.kind == "outside":
        return [shorten(box.label)]
    lines = [shorten(box.label)]
    op = box.ops[0][0]
    if box.kind == "node":
        lines += [shorten(op)] if op != box.label else []
    elif box.kind != "group":
        lines.append(f"{len(box.nodes):,} nodes")
        named = [shorten(o) + (f" ({n:,})" if n > 1 else "") for o, n in box.ops[:_NAMED_OPS]]
        lines.append(", ".join(named) + and_more(len(box.ops) - len(named)))
    lines += [shorten(text) for text in named_weights(box)]
    mark = style.marks.get(box.id)
    return lines + ([mark.note] if mark and mark.note else [])


def tip_of(box: Box) -> str:
    """What is shown when a pointer rests on a box: its full name."""
    return shorten(box.name, _LONGEST_TIP)


def edge_tip(edge: Edge) -> str:
    """What is shown when a pointer rests on an edge: the tensors."""
    return shorten(", ".join(edge.tensors), _LONGEST_TIP)


def shorten(text: str, longest: int = _LONGEST_LABEL) -> str:
    """A text that fits a box: its middle left out where it is long, and printable."""
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return printable(text)
