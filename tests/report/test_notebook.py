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


def test_results_are_displayed_and_printed_as_the_command_line_shows_them() -> None:
    shown = graphtools.load(FROZEN)
    done = graphtools.transform(
        shown, "fold_constants", outputs=["MobilenetV1/Logits/SpatialSqueeze"]
    )
    results = [
        graphtools.model_costs(shown),
        graphtools.inputs_and_outputs(shown),
        graphtools.lint_graph(shown),
        graphtools.lint_files([FROZEN]),
        graphtools.count_ops(shown),
        graphtools.node_detail(shown, "input"),
        graphtools.ancestors(shown, "MobilenetV1/Logits/SpatialSqueeze"),
        graphtools.predict_conversion(shown, ["input"], ["MobilenetV1/Logits/SpatialSqueeze"]),
        graphtools.summarize(graphtools.open_model(FROZEN)),
        graphtools.list_signatures(graphtools.open_model(FIXTURES / "saved_model/v1")),
        graphtools.diff_graphs(shown, done.graph),
        done.report,
    ]
    for result in results:
        assert "<" in displayed(result)
        text = str(result)
        assert text
        assert not text.startswith(type(result).__name__)
        assert repr(result).startswith(type(result).__name__)
    picture = graphtools.draw(shown)
    assert displayed(picture).startswith("<svg")
    assert str(picture).startswith("Picture(")
    assert str(shown) == "Graph(53 nodes, 0 functions)"


def test_what_is_displayed_is_escaped() -> None:
    shown = graph("<script>x Placeholder", "<b>y Relu <script>x")
    for result in (
        graphtools.lint_graph(shown, inputs=["<script>x"], outputs=["<b>y"]),
        graphtools.inputs_and_outputs(shown),
        graphtools.model_costs(shown, by="op"),
        graphtools.node_detail(shown, "<b>y"),
        graphtools.draw(shown),
    ):
        html = displayed(result)
        assert "<script>x" not in html
        assert "<b>y" not in html
