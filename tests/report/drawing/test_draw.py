"""Pictures: graphviz's, and those that are laid out here."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest

from graphtools.errors import GraphtoolsError, InvalidValue, UnknownName
from graphtools.formats import load
from graphtools.graph import Graph
from graphtools.report.drawing import draw as drawing
from graphtools.report.drawing.draw import PicturePart, draw
from graphtools.report.drawing.style import SEVERITY_FILLS, SIZE_FILLS, shorten
from tests.analysis.graphs import const, graph
from tests.support import BINARY_GRAPHS, FIXTURES

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs graphviz")
NASTY = [
    "<script>alert(1)</script>",
    'a"; DROP TABLE nodes; --',
    "back\\slash\\N",
    "n" * 10_000,
    "節点/計算",
    "a&b]]>",
    "with blank",
    "rlo\u202eevil",
]


@pytest.fixture(params=[pytest.param("dot", marks=needs_dot), "own"])
def svg(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Draws SVG, by graphviz and without it."""
    if request.param == "own":
        monkeypatch.setattr(drawing, "has_dot", lambda: False)

    def drawn(shown: Graph, part: PicturePart | None = None, **options: object) -> str:
        picture = draw(shown, "svg", part, **options)  # type: ignore[arg-type]
        assert picture.drawn_by == ("dot" if request.param == "dot" else "graphtools")
        assert ("install graphviz" in picture.note) == (request.param == "own")
        return picture.content.decode()

    return drawn


def texts(picture: str) -> str:
    root = ElementTree.fromstring(picture)
    return "\n".join("".join(e.itertext()) for e in root.iter() if e.tag.endswith("}text"))


@pytest.mark.parametrize("name", BINARY_GRAPHS)
@pytest.mark.slow
def test_each_fixture_is_drawn(svg: Callable[..., str], name: str) -> None:
    assert "boxes for" in texts(svg(load(FIXTURES / name), title="title"))


def test_a_picture_says_what_flows(svg: Callable[..., str]) -> None:
    shown = load(FIXTURES / "classifier/frozen.pb")
    found = texts(svg(shown, PicturePart(around="MobilenetV1/MobilenetV1/Conv2d_0/Conv2D", hops=1)))
    assert "float32 [?,32,32,3]" in found
    assert "weights [3,3,3,8]" in found
    assert "Placeholder" in found
    assert "convolution" in found, "the legend"


def test_control_edges_are_dashed(svg: Callable[..., str]) -> None:
    plain = graph("x Placeholder", "a Neg x", "b Neg x")
    ordered = graph("x Placeholder", "a Neg x", "b Neg x ^a")
    dashes = [svg(g).count("stroke-dasharray") for g in (plain, ordered)]
    assert dashes[0] == 0 < dashes[1]


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_names_are_texts(svg: Callable[..., str], name: str) -> None:
    shown = graph(const("w", np.zeros(9, np.float32)))
    (node,) = graph("n Placeholder").nodes
    twin = type(node)(name, "Placeholder", (), dict(node.attrs))
    reader = type(node)(f"{name}/reader", "Relu", (name, "w"), {})
    picture = svg(Graph([*shown, twin, reader]))
    assert "<script" not in picture
    assert len(picture) < 40_000
    assert shorten(name.split("/")[0]) in texts(picture)


def test_highlights(svg: Callable[..., str]) -> None:
    shown = graph(
        "x Placeholder",
        const("big", np.zeros(1000, np.float32)),
        const("small", np.zeros(10, np.float32)),
        "a AddV2 x big",
        "b AddV2 a small",
    )
    by_size = svg(shown, highlight="size")
    assert SIZE_FILLS[4] in by_size
    assert "4.0 kB" in texts(by_size)
    found = {"b": ["warning", "error"], "small": ["info"]}
    by_findings = svg(shown, highlight="lint", found=found)
    assert SEVERITY_FILLS["error"] in by_findings
    assert "3 findings, worst: error" in texts(by_findings)


@pytest.mark.slow
def test_a_hundred_thousand_nodes_in_one_scope(svg: Callable[..., str]) -> None:
    shown = graph("x Placeholder", *(f"s/n{i} Relu x" for i in range(100_000)))
    assert "100,000 nodes" in texts(svg(shown))
    assert "100,000 Relu" in texts(svg(shown, PicturePart(depth=2)))


def test_cycles_and_missing_inputs(svg: Callable[..., str]) -> None:
    assert svg(graph("a Relu b", "b Relu a", "c Relu nowhere:3"))
    assert svg(Graph())


@needs_dot
@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_other_kinds(kind: str, start: bytes) -> None:
    assert draw(graph("x Placeholder", "y Relu x"), kind).content.startswith(start)


def test_the_language_of_graphviz_needs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "has_dot", lambda: False)
    text = draw(graph("x Placeholder", "s/y Relu x"), "dot").content.decode()
    assert text.startswith("digraph")
    assert re.search(r"subgraph cluster_1 ", text)
    with pytest.raises(GraphtoolsError, match="not installed") as raised:
        draw(graph("x Placeholder"), "png")
    assert "apt install graphviz" in raised.value.remedy


@needs_dot
def test_dot_may_not_take_forever() -> None:
    with pytest.raises(GraphtoolsError, match="did not end within"):
        draw(graph("x Placeholder"), "svg", time_limit=0.0001)


def test_what_cannot_be_drawn() -> None:
    shown = graph("x Placeholder", "y Relu x")
    with pytest.raises(InvalidValue, match="only one end"):
        draw(shown, part=PicturePart(start="x"))
    with pytest.raises(UnknownName, match="nothing leads"):
        draw(shown, part=PicturePart(start="y", end="x"))
    with pytest.raises(UnknownName, match="no node 'z'"):
        draw(shown, part=PicturePart(around="z"))
    with pytest.raises(InvalidValue, match="bmp"):
        draw(shown, "bmp")


@pytest.mark.usefixtures("svg")
def test_a_picture_of_few_boxes_says_what_opens_more() -> None:
    lines = ["x Placeholder"]
    for n in range(300):
        lines += [f"net/s{n}/a Relu x", f"net/s{n}/b Exp net/s{n}/a"]
    shown = graph(*lines)
    assert draw(shown).note.endswith("net: one box for 600 nodes; --scope net opens it")
    found = draw(shown, part=PicturePart(scope="net"))
    assert found.note.endswith(
        "300 scopes: one box for 600 nodes; --scope net/s0 opens one of them"
    )
    assert "opens" not in draw(shown, part=PicturePart(depth=1)).note


def test_functions_alone_have_no_picture() -> None:
    functions = load(FIXTURES / "control_flow/functional/frozen.pb").functions
    assert "only functions" in draw(Graph([], functions=list(functions.values()))).note
