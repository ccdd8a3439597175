"""A layered layout (after Sugiyama, Tagawa and Toda, 1981), for where graphviz is not installed.

1. Edges that close cycles are turned around.
2. Each item gets the layer behind the last one it depends on; then those move down to their readers
   that have no more sources than readers.
3. Edges that cross layers get a narrow stand-in in each of these.
4. Items are ordered by the mean place of their neighbours, in sweeps down and up.
5. Layers that are too wide become several rows.
6. Items move towards the mean of their neighbours as far as their order and sizes allow.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Size = tuple[float, float]
Point = tuple[float, float]

#: Space between items of a layer, and between layers, in points.
GAP, LAYER_GAP = 16.0, 38.0
_STAND_IN: Size = (6.0, 0.0)
#: Of a layer that is wider, in points, several rows are made.
_WIDEST = 2000.0
_SWEEPS = 6
_MOVES = 8
#: With more stand-ins than these, long edges do without.
_MOST_STAND_INS = 20_000


class Layout(NamedTuple):
    """Where items are.

    Attributes:
        places: By item, its left upper corner.
        bends: By edge, the points that it passes, from its source to its target.
        size: Width and height of all.
    """

    places: dict[int, Point]
    bends: dict[tuple[int, int], list[Point]]
    size: Size


def lay_out(sizes: Mapping[int, Size], edges: Sequence[tuple[int, int]]) -> Layout:
    """Lay out items in layers, from top to bottom."""
    if not sizes:
        return Layout({}, {}, (0.0, 0.0))
    forward = _without_cycles(list(sizes), edges)
    layer = _layers(list(sizes), forward)
    all_sizes = dict(sizes)
    chains = _stand_ins(forward, layer, all_sizes)
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    rows = _wrapped(_ordered(layer, links), all_sizes)
    row_of = {item: n for n, row in enumerate(rows) for item in row}
    x = _across(rows, links, all_sizes)
    top, height = _down(rows, all_sizes)
    left = min(x[item] for row in rows for item in row)
    # items of a row stand on its middle line
    high = [max(all_sizes[i][1] for i in row) for row in rows]
    places = {i: (x[i] - left, top[row_of[i]] + (high[row_of[i]] - sizes[i][1]) / 2) for i in sizes}
    bends: dict[tuple[int, int], list[Point]] = {}
    for source, target in edges:
        turned = (target, source) in chains and (source, target) not in chains
        chain = chains.get((target, source) if turned else (source, target), [])
        # upright past the items of each row
        points = [
            (x[i] - left + _STAND_IN[0] / 2, top[row_of[i]] + down)
            for i in chain[1:-1]
            for down in (0.0, high[row_of[i]])
        ]
        bends[source, target] = points[::-1] if turned else points
    width = max(x[item] + all_sizes[item][0] for row in rows for item in row) - left
    return Layout(places, bends, (width, height))


def _without_cycles(items: list[int], edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges, each once, those turned around that lead back in a walk through the graph."""
    readers: dict[int, list[int]] = {item: [] for item in items}
    for source, target in dict.fromkeys(edges):
        readers[source].append(target)
    found: dict[tuple[int, int], None] = {}
    state: dict[int, int] = {}  # 1 while it is on the way, 2 when it is done
    has_source = {target for _, target in edges}
    for start in [*(i for i in items if i not in has_source), *items]:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(readers[start]))]
        while stack:
            item, rest = stack[-1]
            for target in rest:
                found[(target, item) if state.get(target) == 1 else (item, target)] = None
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(readers[target])))
                    break
            else:
                state[item] = 2
                stack.pop()
    return [pair for pair in found if pair[0] != pair[1]]


def _layers(items: list[int], edges: Sequence[tuple[int, int]]) -> dict[int, int]:
    readers: dict[int, list[int]] = {item: [] for item in items}
    waits = dict.fromkeys(items, 0)
    for source, target in edges:
        readers[source].append(target)
        waits[target] += 1
    order = [item for item in items if not waits[item]]
    layer = dict.fromkeys(items, 0)
    for item in order:  # grows while it is walked
        for target in readers[item]:
            layer[target] = max(layer[target], layer[item] + 1)
            waits[target] -= 1
            if not waits[target]:
                order.append(target)
    sources = Counter(target for _, target in edges)
    for item in reversed(order):
        if readers[item] and sources[item] <= len(readers[item]):
            layer[item] = min(layer[t] for t in readers[item]) - 1
    return layer


def _stand_ins(
    edges: Sequence[tuple[int, int]], layer: dict[int, int], sizes: dict[int, Size]
) -> dict[tuple[int, int], list[int]]:
    """By edge, the items it passes, ends included."""
    many = sum(layer[b] - layer[a] - 1 for a, b in edges) > _MOST_STAND_INS
    chains = {}
    next_item = max(sizes) + 1
    for source, target in edges:
        chain = [source]
        for level in range(layer[source] + 1, layer[target]):
            if many:
                break
            chain.append(next_item)
            layer[next_item] = level
            sizes[next_item] = _STAND_IN
            next_item += 1
        chains[source, target] = [*chain, target]
    return chains


def _ordered(layer: Mapping[int, int], links: Sequence[tuple[int, int]]) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(max(layer.values()) + 1)]
    for item, level in layer.items():
        rows[level].append(item)
    above: dict[int, list[int]] = {item: [] for item in layer}
    below: dict[int, list[int]] = {item: [] for item in layer}
    for source, target in links:
        above[target].append(source)
        below[source].append(target)
    place = {item: float(i) for row in rows for i, item in enumerate(row)}
    for sweep in range(_SWEEPS):
        neighbours, wanted = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for row in wanted:
            mean = {
                item: sum(place[n] for n in neighbours[item]) / len(neighbours[item])
                if neighbours[item]
                else place[item]
                for item in row
            }
            row.sort(key=mean.__getitem__)
            for number, item in enumerate(row):
                place[item] = float(number)
    return rows


def _wrapped(rows: list[list[int]], sizes: Mapping[int, Size]) -> list[list[int]]:
    """The rows, those that are too wide as several of about the same width."""
    found: list[list[int]] = []
    for row in rows:
        total = sum(sizes[item][0] + GAP for item in row)
        widest = total / math.ceil(total / _WIDEST)
        found.append([])
        width = 0.0
        for item in row:
            if found[-1] and width + sizes[item][0] / 2 > widest:
                found.append([])
                width = 0.0
            found[-1].append(item)
            width += sizes[item][0] + GAP
    return found


def _across(
    rows: list[list[int]], links: Sequence[tuple[int, int]], sizes: Mapping[int, Size]
) -> dict[int, float]:
    """The left edge of each item."""
    near: dict[int, list[int]] = {item: [] for row in rows for item in row}
    for source, target in links:
        near[source].append(target)
        near[target].append(source)
    x: dict[int, float] = {}
    for row in rows:
        position = 0.0
        for item in row:
            x[item] = position
            position += sizes[item][0] + GAP
        for item in row:  # around a common middle
            x[item] -= position / 2
    for move in range(_MOVES):
        for row in rows if move % 2 == 0 else reversed(rows):
            _move(row, x, near, sizes)
    return x


def _move(
    row: list[int],
    x: dict[int, float],
    near: Mapping[int, list[int]],
    sizes: Mapping[int, Size],
) -> None:
    wanted = {}
    for item in row:
        half = sizes[item][0] / 2
        middles = [x[n] + sizes[n][0] / 2 for n in near[item]]
        wanted[item] = sum(middles) / len(middles) - half if middles else x[item]
    to_right: dict[int, float] = {}
    edge = float("-inf")
    for item in row:
        to_right[item] = max(wanted[item], edge)
        edge = to_right[item] + sizes[item][0] + GAP
    to_left: dict[int, float] = {}
    edge = float("inf")
    for item in reversed(row):
        to_left[item] = min(wanted[item], edge - sizes[item][0])
        edge = to_left[item] - GAP
    # both keep the order and the gaps, so their mean does
    for item in row:
        x[item] = (to_right[item] + to_left[item]) / 2


def _down(rows: list[list[int]], sizes: Mapping[int, Size]) -> tuple[dict[int, float], float]:
    """The upper edge of each layer, and the height of all."""
    top: dict[int, float] = {}
    position = 0.0
    for number, row in enumerate(rows):
        top[number] = position
        position += max(sizes[item][1] for item in row) + LAYER_GAP
    return top, position - LAYER_GAP
