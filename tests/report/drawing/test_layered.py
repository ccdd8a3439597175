"""The layout of our own: nothing overlaps, edges lead downwards."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphtools.report.drawing.layered import lay_out

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
