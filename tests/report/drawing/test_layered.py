"""The layout of our own: nothing overlaps, edges lead downwards, and pages lay out alike."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.report.drawing import layered
from graphtools.report.drawing.layered import Size, lay_out

items = st.integers(1, 25).flatmap(
    lambda count: st.tuples(
        st.lists(
            st.tuples(st.integers(20, 200), st.integers(10, 60)), min_size=count, max_size=count
        ),
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
                lambda pair: pair[0] != pair[1]
            ),
            max_size=40,
        )
        if count > 1
        else st.just([]),
    )
)


@given(items)
def test_nothing_overlaps_and_all_is_inside(drawn: tuple[list, list]) -> None:  # type: ignore[type-arg]
    sizes = {i: (float(w), float(h)) for i, (w, h) in enumerate(drawn[0])}
    layout = lay_out(sizes, drawn[1])
    assert set(layout.places) == set(sizes)
    boxes = [(*layout.places[i], *sizes[i]) for i in sizes]
    for number, (x, y, w, h) in enumerate(boxes):
        assert x >= -1e-6
        assert x + w <= layout.size[0] + 1e-6
        assert y + h <= layout.size[1] + 1e-6
        for ox, oy, ow, oh in boxes[number + 1 :]:
            apart = x + w <= ox + 1e-6 or ox + ow <= x + 1e-6
            assert apart or y + h <= oy + 1e-6 or oy + oh <= y + 1e-6
    assert set(layout.bends) == set(drawn[1])


def test_edges_lead_down_and_long_ones_bend() -> None:
    sizes = dict.fromkeys(range(4), (40.0, 20.0))
    layout = lay_out(sizes, [(0, 1), (1, 2), (2, 3), (0, 3)])
    heights = [layout.places[i][1] for i in range(4)]
    assert heights == sorted(set(heights))
    assert [y for _, y in layout.bends[0, 3]] == [58.0, 78.0, 116.0, 136.0]
    assert layout.bends[0, 1] == []


def test_a_wide_layer_becomes_several_rows() -> None:
    sizes = dict.fromkeys(range(101), (100.0, 20.0))
    layout = lay_out(sizes, [(0, n) for n in range(1, 101)])
    assert layout.size[0] < 2100
    heights = {y for _, y in layout.places.values()}
    assert len(heights) == 7


def test_a_cycle_is_drawn() -> None:
    layout = lay_out(dict.fromkeys(range(3), (40.0, 20.0)), [(0, 1), (1, 2), (2, 0)])
    heights = [layout.places[i][1] for i in range(3)]
    assert heights == sorted(set(heights))
    assert len(layout.bends[2, 0]) == 2


def test_nothing_has_no_size() -> None:
    assert lay_out({}, []).size == (0.0, 0.0)


def graphs_of_all_kinds() -> list[tuple[dict[int, Size], list[tuple[int, int]]]]:
    """Sizes and edges: with cycles, edges given twice, layers beyond the width, long edges."""
    rng = random.Random(5)
    found = []
    for _ in range(60):
        count = rng.randint(1, 40)
        sizes = {i: (float(rng.randint(20, 300)), float(rng.randint(10, 60))) for i in range(count)}
        pairs = [(rng.randrange(count), rng.randrange(count)) for _ in range(rng.randint(0, 80))]
        found.append((sizes, [(a, b) for a, b in pairs if a != b]))
    line = [(n, n + 1) for n in range(199)]
    found.append((dict.fromkeys(range(200), (40.0, 20.0)), line + [(0, n) for n in range(2, 200)]))
    return [*found, ({}, [])]


def flat(points: Sequence[Sequence[float]]) -> list[float]:
    return [number for point in points for number in point]


@pytest.mark.browser
def test_the_script_of_pages_lays_out_alike(chromium: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    script = resources.files("graphtools.report.page").joinpath("script/layout.js").read_text()
    limits = dict(re.findall(r"(WIDEST|MOST_STAND_INS) = (\d+)", script))
    assert set(limits) == {"WIDEST", "MOST_STAND_INS"}
    for name, limit in limits.items():  # a page is narrower than a file of its own
        monkeypatch.setattr(layered, f"_{name}", int(limit))
    graphs = graphs_of_all_kinds()
    page = chromium.new_page()
    page.add_script_tag(content=script)
    drawn = page.evaluate(
        """graphs => graphs.map(([sizes, edges]) => {
          const { places, bends, size } = Layout.layOut(new Map(sizes), edges);
          return [[...places], [...bends], size];
        })""",
        [(list(sizes.items()), edges) for sizes, edges in graphs],
    )
    page.close()
    for (sizes, edges), (places, bends, size) in zip(graphs, drawn, strict=True):
        layout = lay_out(sizes, edges)
        assert size == pytest.approx(layout.size)
        assert {item: pytest.approx(at) for item, at in layout.places.items()} == {
            item: tuple(at) for item, at in places
        }
        assert {f"{a}>{b}": flat(points) for (a, b), points in layout.bends.items()} == {
            edge: pytest.approx(flat(points)) for edge, points in bends
        }
