"""What a notebook displays."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

import graphtools
from graphtools.analysis.model_diff import diff_models
from graphtools.report.notebook import html_of
from tests.analysis.graphs import graph
from tests.support import FIXTURES

FROZEN = FIXTURES / "classifier/frozen.pb"


def displayed(thing: object) -> str:
    html = thing._repr_html_()  # type: ignore[attr-defined]
    assert isinstance(html, str)
    return html


def test_a_graph_is_a_picture() -> None:
    html = displayed(graphtools.load(FROZEN))
    assert html.startswith("<p>53 nodes")
    svg = html[html.index("<svg") : html.index("</svg>") + len("</svg>")]
    assert "Placeholder" in "".join(ElementTree.fromstring(svg).itertext())


def test_a_summary_and_differences_are_tables() -> None:
    model = graphtools.open_model(FROZEN)
    assert "<table>" in displayed(graphtools.summarize(model))
    other = graph("x Placeholder", "y Relu x")
    assert "only in B" in displayed(graphtools.diff_graphs(graphtools.load(FROZEN), other))
    train = graphtools.open_model(FIXTURES / "classifier/train.pb")
    assert "Nodes" in displayed(diff_models(model, train))


def test_names_are_texts() -> None:
    assert "<script" not in displayed(graph("<script>x Placeholder"))


def test_other_things_have_no_picture() -> None:
    with pytest.raises(TypeError, match="int has no picture"):
        html_of(3)
