"""A picture as SVG, laid out here: what `draw` gives where graphviz is not installed.

Each scope is laid out by itself and then is one item of the scope around it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from graphtools.analysis.picture import Box, Edge, GraphView
from graphtools.report.drawing.layered import Layout, Point, Size, lay_out
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

_LINE_HEIGHT = 13.0
_PADDING = 8.0
_CLUSTER_PADDING = 12.0
_CLUSTER_HEAD = 18.0
_MARGIN = 16.0
_LEGEND_WIDTH, _LEGEND_HEIGHT = 118.0, 20.0
#: Mean width of a character of a proportional font, as a share of its size.
_CHARACTER = 0.58

Scope = tuple[str, ...]


class _Cluster(NamedTuple):
    """A scope that is laid out.

    Attributes:
        layout: Where its items are.
        items: By scope that stands in it, its item; a box is the item of its number.
        size: Its own size, with head and padding.
    """

    layout: Layout
    items: dict[Scope, int]
    size: Size


def svg_picture(view: GraphView, style: Style, title: str) -> str:
    """Draw a picture as SVG."""
    return "\n".join(_Drawing(view, style).parts(title)) + "\n"


def text_width(text: str, font_size: float) -> float:
    """The width of a text, about; wide characters (as Chinese ones) count as two."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return (len(text) * _CHARACTER + wide * (1 - _CHARACTER)) * font_size


class _Drawing:
    def __init__(self, view: GraphView, style: Style) -> None:
        self.view = view
        self.style = style
        self.lines = {b.id: lines_of(b, style) for b in view.boxes}
        self.clusters: dict[Scope, _Cluster] = {}
        #: By scope, what bends the edges between its items take on the page.
        self.bends: dict[Scope, dict[tuple[int, int], list[Point]]] = {}
        self.places: dict[int, tuple[float, float, float, float]] = {}
        self.frames: list[tuple[Scope, float, float, Size]] = []
        self._lay_out()

    def _lay_out(self) -> None:
        members: dict[Scope, list[Box]] = {(): []}
        inner: dict[Scope, dict[Scope, None]] = {(): {}}
        for box in self.view.boxes:
            for end in range(1, len(box.scope) + 1):
                scope = box.scope[:end]
                members.setdefault(scope, [])
                inner.setdefault(scope, {})
                inner[scope[:-1]][scope] = None
            members[box.scope].append(box)
        flows: dict[Scope, dict[tuple[int | Scope, int | Scope], None]] = {}
        for edge in self.view.edges:
            scope, ends = self._lifted(edge)
            flows.setdefault(scope, {})[ends] = None
        for scope in sorted(members, key=len, reverse=True):
            sizes: dict[int, Size] = {b.id: self._size(b) for b in members[scope]}
            first = len(self.view.boxes)
            items = {s: first + number for number, s in enumerate(inner[scope])}
            sizes.update({item: self.clusters[s].size for s, item in items.items()})
            edges = [_items(ends, items) for ends in flows.get(scope, {})]
            layout = lay_out(sizes, edges)
            width = max(layout.size[0], text_width(shorten(scope[-1]), FONT_SIZE) if scope else 0)
            size = (width + 2 * _CLUSTER_PADDING, layout.size[1] + _CLUSTER_HEAD + _CLUSTER_PADDING)
            self.clusters[scope] = _Cluster(layout, items, size)
        self._place((), 0.0, 0.0)

    def _lifted(self, edge: Edge) -> tuple[Scope, tuple[int | Scope, int | Scope]]:
        """The innermost scope around both ends of an edge, and what it joins there.

        That is boxes by their numbers, and scopes that stand in that scope.
        """
        a, b = self.view.boxes[edge.source].scope, self.view.boxes[edge.target].scope
        shared = 0
        while shared < min(len(a), len(b)) and a[shared] == b[shared]:
            shared += 1
        source = a[: shared + 1] if len(a) > shared else edge.source
        target = b[: shared + 1] if len(b) > shared else edge.target
        return a[:shared], (source, target)

    def _size(self, box: Box) -> Size:
        lines = self.lines[box.id]
        width = max(text_width(line, FONT_SIZE) for line in lines) + 2 * _PADDING
        return max(width, 40.0), len(lines) * _LINE_HEIGHT + _PADDING

    def _place(self, scope: Scope, x: float, y: float) -> None:
        """Find the places on the page of all that stands in a scope."""
        stack = [(scope, x, y)]
        while stack:
            scope, x, y = stack.pop()
            cluster = self.clusters[scope]
            if scope:
                self.frames.append((scope, x, y, cluster.size))
            x, y = x + _CLUSTER_PADDING, y + _CLUSTER_HEAD
            inner = {item: s for s, item in cluster.items.items()}
            for item, (left, top) in cluster.layout.places.items():
                if item in inner:
                    stack.append((inner[item], x + left, y + top))
                else:
                    box = self.view.boxes[item]
                    self.places[item] = (x + left, y + top, *self._size(box))
            self.bends[scope] = {
                pair: [(x + px, y + py) for px, py in points]
                for pair, points in cluster.layout.bends.items()
            }

    def parts(self, title: str) -> Iterator[str]:
        """The lines of the file."""
        width, height = self.clusters[()].size
        heading = shorten(title, 200)
        per_row = max(1, int(width // _LEGEND_WIDTH))
        legend = [*self.style.legend, *((text, "") for text in signs(self.view))]
        rows = -(-len(legend) // per_row)
        top = 30.0
        legend_top = top + height + 10
        width = max(
            width + 2 * _MARGIN, text_width(heading, 12) + 2 * _MARGIN, _LEGEND_WIDTH + 2 * _MARGIN
        )
        total = legend_top + rows * _LEGEND_HEIGHT + _MARGIN
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{total:.0f}" '
            f'viewBox="0 0 {width:.0f} {total:.0f}" font-family="{FONT}" font-size="{FONT_SIZE}">'
        )
        yield (
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" '
            f'markerHeight="6" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{LINE}"/>'
            "</marker></defs>"
        )
        yield f'<rect width="{width:.0f}" height="{total:.0f}" fill="#ffffff"/>'
        yield f'<text x="{_MARGIN}" y="20" font-size="12" fill="{INK}">{escape(heading)}</text>'
        yield f'<g transform="translate({_MARGIN},{top})">'
        yield from self._frame_parts()
        yield from self._edge_parts()
        yield from self._box_parts()
        yield "</g>"
        yield from _legend_parts(legend, legend_top, per_row)
        yield "</svg>"

    def _frame_parts(self) -> Iterator[str]:
        for scope, x, y, (width, height) in self.frames:
            yield (
                f"<g><title>{escape(shorten('/'.join(scope), 300))}</title>"
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="6" '
                f'fill="{CLUSTER_FILLS[len(scope) % 2]}" stroke="{CLUSTER_LINE}"/>'
                f'<text x="{x + 8:.1f}" y="{y + 13:.1f}" fill="{QUIET}">'
                f"{escape(shorten(scope[-1]))}</text></g>"
            )

    def _edge_parts(self) -> Iterator[str]:
        leaving = Counter(edge.source for edge in self.view.edges)
        arriving = Counter(edge.target for edge in self.view.edges)
        drawn: Counter[int] = Counter()  # edges that leave a box, so far
        for edge in self.view.edges:
            x, y, width, height = self.places[edge.source]
            start = (x + width / 2, y + height)
            x, y, width, _ = self.places[edge.target]
            scope, ends = self._lifted(edge)
            pair = _items(ends, self.clusters[scope].items)
            points = [start, *self.bends[scope].get(pair, []), (x + width / 2, y - 1)]
            dash = ' stroke-dasharray="4 3"' if edge.is_control else ""
            yield (
                f"<g><title>{escape(edge_tip(edge))}</title>"
                f'<path d="{_curve(points)}" fill="none" stroke="{LINE}"{dash} '
                'marker-end="url(#arrow)"/>'
            )
            if edge.label:
                # where edges part, labels stand near the targets; where they meet, near the sources
                parting = leaving[edge.source] > arriving[edge.target]
                near, far = points[1::-1] if parting else points[:2]
                label_x = 0.84 * near[0] + 0.16 * far[0]
                label_y = 0.75 * near[1] + 0.25 * far[1]
                if parting:  # above the titles of the frames around the target
                    label_y -= _CLUSTER_HEAD * (
                        len(self.view.boxes[edge.target].scope) - len(scope)
                    )
                else:  # below the frames around the source, and those of one source one by one
                    label_y += EDGE_FONT_SIZE * min(drawn[edge.source], 3)
                    frames = len(self.view.boxes[edge.source].scope) - len(scope)
                    label_y += _CLUSTER_PADDING * frames
                drawn[edge.source] += 1
                yield (
                    f'<text x="{label_x:.1f}" y="{label_y + 3:.1f}" text-anchor="middle" '
                    f'font-size="{EDGE_FONT_SIZE}" fill="{QUIET}" stroke="#ffffff" '
                    f'stroke-width="2" paint-order="stroke">{escape(shorten(edge.label))}</text>'
                )
            yield "</g>"

    def _box_parts(self) -> Iterator[str]:
        for box in self.view.boxes:
            x, y, width, height = self.places[box.id]
            outside = box.kind == "outside"
            fill = OUTSIDE_FILL if outside else fill_of(box, self.style)
            dash = ' stroke-dasharray="4 3"' if outside else ""
            yield f"<g><title>{escape(tip_of(box))}</title>"
            if box.is_several:  # as a stack of sheets
                yield (
                    f'<rect x="{x + 3:.1f}" y="{y + 3:.1f}" width="{width:.1f}" '
                    f'height="{height:.1f}" rx="5" fill="{fill}" stroke="{LINE}"/>'
                )
            yield (
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="5" '
                f'fill="{fill}" stroke="{LINE}"{dash}/>'
            )
            for number, line in enumerate(self.lines[box.id]):
                weight = ' font-weight="bold"' if not number and not outside else ""
                yield (
                    f'<text x="{x + width / 2:.1f}" y="{y + 14 + number * _LINE_HEIGHT:.1f}" '
                    f'text-anchor="middle" fill="{QUIET if outside else INK}"{weight}>'
                    f"{escape(line)}</text>"
                )
            yield "</g>"


def _legend_parts(legend: list[tuple[str, str]], top: float, per_row: int) -> Iterator[str]:
    for number, (text, fill) in enumerate(legend):
        row, column = divmod(number, per_row)
        x, y = _MARGIN + column * _LEGEND_WIDTH, top + row * _LEGEND_HEIGHT
        if fill:
            yield (
                f'<rect x="{x:.1f}" y="{y:.1f}" width="12" height="12" rx="3" fill="{fill}" '
                f'stroke="{LINE}"/>'
            )
            x += 17
        yield f'<text x="{x:.1f}" y="{y + 10:.1f}" font-size="9" fill="{INK}">{escape(text)}</text>'


def _items(ends: tuple[int | Scope, int | Scope], items: dict[Scope, int]) -> tuple[int, int]:
    source, target = (end if isinstance(end, int) else items[end] for end in ends)
    return source, target


def _curve(points: list[Point]) -> str:
    """A smooth path through points, that leaves and arrives upright."""
    (x, y), *rest = points
    path = [f"M{x:.1f},{y:.1f}"]
    for next_x, next_y in rest:
        half = (y + next_y) / 2
        path.append(f"C{x:.1f},{half:.1f} {next_x:.1f},{half:.1f} {next_x:.1f},{next_y:.1f}")
        x, y = next_x, next_y
    return " ".join(path)
