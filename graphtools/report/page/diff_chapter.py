"""What a page says of the difference of two files."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from markupsafe import Markup

from graphtools.analysis.graph_diff import GraphDiff
from graphtools.analysis.graph_view import view_graph
from graphtools.analysis.model_diff import ModelDiff
from graphtools.analysis.neighbourhood import around
from graphtools.graph.graph import Graph
from graphtools.ops.inference import infer_shapes
from graphtools.report.diffs import diff_document, variables_line
from graphtools.report.document import Text, by_heading
from graphtools.report.drawing.style import Mark, Style
from graphtools.report.drawing.svg import svg_picture
from graphtools.report.html import fill, render_html
from graphtools.report.page.assemble import Chapter, Section, short_names
from graphtools.wording import counted

#: What happened to a node, with its colour, the most telling first.
COLOURS = {
    "only in A": "#ffa8a8",
    "only in B": "#8ce99a",
    "changed": "#ffe066",
    "renamed": "#a5d8ff",
}
_WHITE = "#ffffff"
#: Up to so many changed nodes, what is around them is drawn node by node.
_MOST_SINGLE = 60


def diff_chapter(diff: ModelDiff, graphs: tuple[Graph, Graph] | None) -> Chapter:
    """What a page says of two files."""
    parts = by_heading(diff_document(diff))
    sections = [Section(title or "What has changed", render_html(body)) for title, body in parts]
    if graphs is not None and diff.graph is not None and not diff.graph.same:
        sections.insert(1, _pictures(diff.graph, graphs, (diff.a, diff.b)))
    lead = "no difference" if diff.same else _lead(diff)
    return Chapter(" and ".join(short_names((diff.a, diff.b))), lead, sections)


def _lead(diff: ModelDiff) -> str:
    if diff.graph is None:
        return variables_line(diff.variables) if diff.variables is not None else ""
    nodes = diff.graph.nodes
    told = [
        (len(nodes.removed), "only in A"),
        (len(nodes.added), "only in B"),
        (len(nodes.changed), "changed"),
        (sum(len(m.variables) for m in nodes.moves) + len(nodes.renamed), "under another name"),
    ]
    return "; ".join(f"{counted(number, 'node')} {what}" for number, what in told if number)


def changes_of(diff: GraphDiff) -> tuple[dict[str, str], dict[str, str]]:
    """By node of A, and by node of B, what happened to it; one of `COLOURS`."""
    nodes = diff.nodes
    a: dict[str, str] = {}
    b: dict[str, str] = {}
    for left, right in nodes.renamed:
        a[left] = b[right] = "renamed"
    for change in nodes.changed:
        a[change.a] = b[change.b] = "changed"
    a.update((n.name, "only in A") for n in nodes.removed)
    b.update((n.name, "only in B") for n in nodes.added)
    return a, b


def _pictures(diff: GraphDiff, graphs: tuple[Graph, Graph], paths: tuple[str, str]) -> Section:
    changes = changes_of(diff)
    sides = []
    for n, path in enumerate(paths):
        graph, other = graphs[n], graphs[1 - n]
        names = [name for name in changes[n] if name in graph]
        if not names:  # what is only in the other graph is shown by what it stands beside
            changed = [name for name in changes[1 - n] if name in other]
            names = [name for name in around(other, changed, 1) if name in graph]
        sides.append(("AB"[n], _picture(graph, changes[n], names, f"{'AB'[n]}: {path}")))
    return Section("The changed parts", fill("sides.html", sides=sides, pictures=True))


def _picture(
    graph: Graph, changes: Mapping[str, str], names: Collection[str], title: str
) -> Markup:
    if not names:
        return render_html([Text("nothing has changed on this side")])
    inference = infer_shapes(graph)
    if len(names) <= _MOST_SINGLE:
        view = view_graph(graph, inference, names=around(graph, names, 1), collapse=False)
    else:
        view = view_graph(graph, inference)
    marks = {}
    for box in view.boxes:
        members = [*box.nodes, *(w.name for w in box.weights)]
        found = [changes[name] for name in members if name in changes]
        kinds = [what for what in COLOURS if what in found]
        if kinds:
            each = [f"{found.count(what):,} {what}" for what in kinds]
            note = kinds[0] if len(members) == 1 else ", ".join(each)
            marks[box.id] = Mark(COLOURS[kinds[0]], note)
    style = Style(marks, (("unchanged", _WHITE), *COLOURS.items()))
    return Markup(svg_picture(view, style, title))  # a picture escapes its texts
