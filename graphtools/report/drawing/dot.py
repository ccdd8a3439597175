"""A picture in graphviz's language, and drawn by its program `dot`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from graphtools.analysis.picture import Box, GraphView
from graphtools.errors import GraphtoolsError
from graphtools.report.drawing.style import (
    CLUSTER_FILLS,
    CLUSTER_LINE,
    EDGE_FONT_SIZE,
    FONT,
    FONT_SIZE,
    INK,
    LINE,
    OUTSIDE_FILL,
    QUIET,
    Style,
    edge_tip,
    fill_of,
    lines_of,
    shorten,
    signs,
    tip_of,
)

#: Above these many edges, dot gets rules by which it ends in time: fewer rounds, straight lines.
_MANY_EDGES = 1500


def dot_source(view: GraphView, style: Style, title: str) -> str:
    """A picture in graphviz's language."""
    import graphviz

    many = len(view.edges) > _MANY_EDGES
    picture = graphviz.Digraph(
        graph_attr={
            "rankdir": "TB",
            "fontname": FONT,
            "fontsize": "12",
            "fontcolor": INK,
            "label": graphviz.escape(title),
            "labelloc": "t",
            "labeljust": "l",
            "nodesep": "0.2",
            "ranksep": "0.3",
            "newrank": "true",
            **(
                {"splines": "line", "nslimit": "2", "nslimit1": "2", "mclimit": "0.5"}
                if many
                else {}
            ),
        },
        node_attr={
            "shape": "box",
            "style": "rounded,filled",
            "fontname": FONT,
            "fontsize": str(FONT_SIZE),
            "fontcolor": INK,
            "color": LINE,
            "margin": "0.08,0.04",
            "height": "0.3",
        },
        edge_attr={
            "fontname": FONT,
            "fontsize": str(EDGE_FONT_SIZE),
            "fontcolor": QUIET,
            "color": LINE,
            "arrowsize": "0.6",
        },
    )
    _put_scope(picture, (), _by_scope(view.boxes), style)
    for edge in view.edges:
        picture.edge(
            f"b{edge.source}",
            f"b{edge.target}",
            label=graphviz.escape(f" {edge.label}" if edge.label else ""),  # beside the line
            tooltip=graphviz.escape(edge_tip(edge)),
            style="dashed" if edge.is_control else "solid",
        )
    _put_legend(picture, style, signs(view))
    return str(picture.source)


def _by_scope(boxes: Sequence[Box]) -> dict[tuple[str, ...], list[Box]]:
    """The boxes of each scope; scopes in which there are only others are there, too."""
    scopes: dict[tuple[str, ...], list[Box]] = {(): []}
    for box in boxes:
        for end in range(1, len(box.scope) + 1):
            scopes.setdefault(box.scope[:end], [])
        scopes[box.scope].append(box)
    return scopes


def _put_scope(
    picture: Any, scope: tuple[str, ...], scopes: dict[tuple[str, ...], list[Box]], style: Style
) -> None:
    import graphviz

    for box in scopes[scope]:
        dashed = {"style": "rounded,dashed", "fillcolor": OUTSIDE_FILL, "fontcolor": QUIET}
        picture.node(
            f"b{box.id}",
            label="\n".join(graphviz.escape(line) for line in lines_of(box, style)),
            tooltip=graphviz.escape(tip_of(box)),
            **(dashed if box.kind == "outside" else {"fillcolor": fill_of(box, style)}),
            **({"peripheries": "2"} if box.is_several else {}),
        )
    for number, child in enumerate(scopes):
        if len(child) != len(scope) + 1 or child[:-1] != scope:
            continue
        with picture.subgraph(name=f"cluster_{number}") as cluster:
            cluster.attr(
                label=graphviz.escape(shorten(child[-1])),
                tooltip=graphviz.escape(shorten("/".join(child), 300)),
                style="rounded,filled",
                fillcolor=CLUSTER_FILLS[len(child) % 2],
                color=CLUSTER_LINE,
                fontcolor=QUIET,
                labeljust="l",
            )
            _put_scope(cluster, child, scopes, style)


def _put_legend(picture: Any, style: Style, texts: Sequence[str]) -> None:
    with picture.subgraph(name="cluster_legend") as legend:
        legend.attr(label="Legend", style="rounded", color=CLUSTER_LINE, fontcolor=QUIET)
        legend.attr(rank="same")
        names = []
        for number, (text, fill) in enumerate(style.legend):
            names.append(f"l{number}")
            legend.node(names[-1], label=text, fillcolor=fill, fontsize="8", height="0.2")
        for number, text in enumerate(texts, len(names)):
            names.append(f"l{number}")
            legend.node(names[-1], label=text, shape="plaintext", style="", fontsize="8")
        for left, right in pairwise(names):
            legend.edge(left, right, style="invis")


def has_dot() -> bool:
    """Whether the program `dot` is there."""
    import shutil

    return shutil.which("dot") is not None


def run_dot(source: str, kind: str, time_limit: float) -> bytes:
    """Draw with the program `dot`.

    Args:
        source: The picture in graphviz's language.
        kind: `svg`, `png` or `pdf`.
        time_limit: Seconds that it may take.

    Raises:
        GraphtoolsError: It fails, or takes longer.
    """
    import subprocess

    try:
        done = subprocess.run(
            ["dot", f"-T{kind}"],
            input=source.encode(),
            capture_output=True,
            timeout=time_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GraphtoolsError(
            f"dot did not end within {time_limit:g} seconds",
            "draw less: --depth 1, --scope or --around; or give it time: --time-limit",
        ) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it says nothing"]
        raise GraphtoolsError(
            f"dot failed (exit code {done.returncode}): {said[0]}",
            "the picture can be had in its language: -o out.dot",
        )
    return done.stdout
