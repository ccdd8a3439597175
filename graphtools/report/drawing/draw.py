"""Draws a graph, or a part of it: `draw`."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple

from graphtools.analysis.graph_view import view_graph
from graphtools.analysis.neighbourhood import around, between
from graphtools.analysis.picture import GraphView
from graphtools.display import Displayed
from graphtools.errors import GraphtoolsError, InvalidValue
from graphtools.graph.graph import Graph
from graphtools.ops.inference import infer_shapes
from graphtools.report.drawing.dot import dot_source, has_dot, run_dot
from graphtools.report.drawing.style import Style, style_by_family, style_by_findings, style_by_size
from graphtools.report.drawing.svg import svg_picture
from graphtools.wording import printable

KINDS = ("svg", "png", "pdf", "dot")
#: Nodes of a part that are shown one by one.
_MOST_SINGLE = 250
#: A picture of a large graph with no more boxes than these tells little.
_FEW = 4
#: dot is slow on more boxes than these; they are laid out here.
_MOST_FOR_DOT = 2500
#: Seconds that dot may take.
TIME_LIMIT = 120.0
_INSTALL = "install graphviz (apt install graphviz, brew install graphviz, winget install graphviz)"


class PicturePart(NamedTuple):
    """What of a graph is drawn.

    Attributes:
        scope: Only this scope; empty for all.
        depth: How many scopes deep nodes are told apart; None for as deep as there are few boxes.
        around: Only nodes near this one; empty for all.
        hops: How near, in edges.
        start: Only nodes on the ways from this one; empty for all.
        end: The node that these ways lead to.

    Example:
        >>> PicturePart(around="MobilenetV1/Logits/SpatialSqueeze", hops=1).hops
        1
    """

    scope: str = ""
    depth: int | None = None
    around: str = ""
    hops: int = 2
    start: str = ""
    end: str = ""


@dataclasses.dataclass(frozen=True)
class Picture(Displayed):
    """A picture.

    Attributes:
        content: The file.
        kind: `svg`, `png`, `pdf` or `dot`.
        drawn_by: `dot`, or `graphtools` for a layout of its own; empty for graphviz's language.
        boxes: Number of boxes.
        edges: Number of edges.
        nodes: Number of nodes that these stand for.
        depth: Scopes of this depth are one box; None if none is.
        note: What would make it better; empty if nothing.
    """

    content: bytes = dataclasses.field(repr=False)
    kind: str
    drawn_by: str
    boxes: int
    edges: int
    nodes: int
    depth: int | None
    note: str = ""


def draw(
    graph: Graph,
    kind: str = "svg",
    part: PicturePart | None = None,
    *,
    highlight: str = "op",
    found: Mapping[str, list[str]] | None = None,
    title: str = "",
    time_limit: float = TIME_LIMIT,
) -> Picture:
    """Draw a graph.

    Args:
        graph: The graph.
        kind: `svg`, `png`, `pdf` or `dot`. Where the program `dot` is not installed, SVG is laid
            out here.
        part: What of it; all if None.
        highlight: What the colours tell: `op` (what ops are for), `size` (bytes of weights), `lint`
            (the worst finding).
        found: For `lint`, the severities of what was found, by node.
        title: What is written above it.
        time_limit: Seconds that dot may take.

    Raises:
        InvalidValue: A part is asked for that cannot be, or a kind that is not known.
        UnknownName: A node or scope is not there.
        GraphtoolsError: dot is needed and not installed, fails, or takes longer.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> picture = graphtools.draw(graph, "svg", graphtools.PicturePart(depth=2))
        >>> picture.content[:4], picture.nodes
        (b'<?xm', 53)
    """
    if kind not in KINDS:
        raise InvalidValue(f"no picture of the kind {kind!r}", f"there are {', '.join(KINDS)}")
    view = _view(graph, part or PicturePart())
    style = _style(view, highlight, found or {})
    shown = f"{title}: {len(view.boxes)} boxes for {view.nodes:,} nodes" if title else ""
    hint = _hint(view, part or PicturePart())
    if graph.functions and not len(graph):
        hint = "the graph has only functions; graphtools report shows their bodies"
    report = _reporter(view, kind, hint)
    if kind == "dot":
        return report(dot_source(view, style, shown).encode(), "", "")
    if not has_dot():
        if kind != "svg":
            raise GraphtoolsError(
                f"a {kind} is drawn by graphviz's program dot, which is not installed",
                f"{_INSTALL}; or draw an .svg, which needs nothing",
            )
        note = f"laid out without graphviz; {_INSTALL} for tighter pictures, .png and .pdf"
        return report(svg_picture(view, style, shown).encode(), "graphtools", note)
    if kind == "svg" and len(view.boxes) > _MOST_FOR_DOT:
        note = f"laid out without graphviz, which is slow on {len(view.boxes):,} boxes"
        return report(svg_picture(view, style, shown).encode(), "graphtools", note)
    return report(run_dot(dot_source(view, style, shown), kind, time_limit), "dot", "")


def _hint(view: GraphView, part: PicturePart) -> str:
    """What to ask for where the picture has few boxes, as the next depth would have too many."""
    several = [box for box in view.boxes if box.kind in ("scope", "scopes")]
    large = max(several, key=lambda box: len(box.nodes), default=None)
    if part.depth is not None or view.depth is None or large is None or len(view.boxes) > _FEW:
        return ""
    inside, opened = large.name, "it"
    if large.kind == "scopes":
        inside, opened = "/".join(large.name.split("/")[: len(large.scope) + 1]), "one of them"
    told = f"{printable(large.label)}: one box for {len(large.nodes):,} nodes"
    return f"{told}; --scope {shlex.quote(inside)} opens {opened}"


def _reporter(view: GraphView, kind: str, hint: str) -> Callable[[bytes, str, str], Picture]:
    def report(content: bytes, drawn_by: str, note: str) -> Picture:
        counts = (len(view.boxes), len(view.edges), view.nodes, view.depth)
        return Picture(content, kind, drawn_by, *counts, "; ".join(filter(None, (note, hint))))

    return report


def _view(graph: Graph, part: PicturePart) -> GraphView:
    if bool(part.start) != bool(part.end):
        raise InvalidValue("only one end of the way is given", "give both: --from A --to B")
    names = None
    if part.around:
        names = around(graph, [part.around], part.hops)
    if part.start:
        way = between(graph, part.start, part.end)
        names = way if names is None else names & way
    inference = infer_shapes(graph)
    single = names is not None and part.depth is None and len(names) <= _MOST_SINGLE
    return view_graph(
        graph, inference, names=names, scope=part.scope, depth=part.depth, collapse=not single
    )


def _style(view: GraphView, highlight: str, found: Mapping[str, list[str]]) -> Style:
    if highlight == "size":
        return style_by_size(view)
    if highlight == "lint":
        return style_by_findings(view, found)
    return style_by_family(view)


@dataclasses.dataclass(frozen=True)
class WrittenPicture:
    """A picture that was written; for the fields see `Picture`."""

    path: str
    kind: str
    drawn_by: str
    boxes: int
    edges: int
    nodes: int
    depth: int | None
    note: str


def written(picture: Picture, path: str) -> WrittenPicture:
    """What is said of a picture that was written."""
    return WrittenPicture(
        path,
        picture.kind,
        picture.drawn_by,
        picture.boxes,
        picture.edges,
        picture.nodes,
        picture.depth,
        picture.note,
    )


def kind_of(path: str) -> str:
    """The kind of picture that a path asks for; of standard output, SVG.

    Raises:
        InvalidValue: Its suffix is that of none.
    """
    if path == "-":
        return "svg"
    suffix = path.rpartition(".")[2].lower()
    kind = {"gv": "dot"}.get(suffix, suffix)
    if kind not in KINDS:
        raise InvalidValue(
            f"{path}: its suffix tells no kind of picture", "end it with .svg, .png, .pdf or .dot"
        )
    return kind
