"""What pages say of differences."""

from __future__ import annotations

from graphtools.analysis.graph_diff import diff_graphs
from graphtools.analysis.model_diff import ModelDiff
from graphtools.graph.graph import Graph
from graphtools.report.page.diff_chapter import changes_of, diff_chapter
from tests.analysis.graphs import graph

BEFORE = graph("x Placeholder", "a Relu x", "gone Tanh a", "b Neg a")
AFTER = graph("x Placeholder", "a Relu6 x", "b Neg a", "more Exp b")


def chapter(a: Graph, b: Graph) -> tuple[str, dict[str, str]]:
    diff = diff_graphs(a, b)
    found = diff_chapter(ModelDiff("a.pb", "b.pb", diff.same, (), None, diff), (a, b))
    return found.lead, {section.title: section.html for section in found.sections}


def test_each_side_knows_what_happened_to_its_nodes() -> None:
    a, b = changes_of(diff_graphs(BEFORE, AFTER))
    assert a == {"a": "changed", "gone": "only in A"}
    assert b == {"a": "changed", "more": "only in B"}


def test_the_lead_counts_what_has_changed() -> None:
    lead, _ = chapter(BEFORE, AFTER)
    assert lead == "1 node only in A; 1 node only in B; 1 node changed"
    lead, sections = chapter(BEFORE, BEFORE)
    assert lead == "no difference"
    assert "The changed parts" not in sections


def test_pictures_stand_behind_what_has_changed() -> None:
    _, sections = chapter(BEFORE, AFTER)
    assert [*sections][:2] == ["What has changed", "The changed parts"]
    pictures = sections["The changed parts"]
    assert pictures.count("<svg ") == 2
    assert ">only in A</text>" in pictures


def test_what_is_only_in_one_graph_is_shown_by_its_neighbours_in_the_other() -> None:
    _, sections = chapter(
        graph("x Placeholder", "far Exp x"), graph("x Placeholder", "far Exp x", "a Relu x")
    )
    before, after = sections["The changed parts"].split("<h3>B</h3>")
    assert ">x</text>" in before
    assert after.count(">only in B</text>") > before.count(">only in B</text>")


def test_a_side_on_which_nothing_has_changed_says_so() -> None:
    _, sections = chapter(graph("x Placeholder"), graph("x Placeholder", "z Placeholder"))
    pictures = sections["The changed parts"]
    assert pictures.count("<svg ") == 1
    assert pictures.index("nothing has changed on this side") < pictures.index("<svg ")


def test_names_are_texts_in_pictures() -> None:
    hostile = '<img/src=x>"&{{1}}'
    (node,) = graph("y Relu x").nodes
    evil = Graph([*BEFORE.nodes, type(node)(hostile, "Relu", ("x",), {})])
    _, sections = chapter(BEFORE, evil)
    pictures = sections["The changed parts"]
    assert "<img" not in pictures
    assert "&lt;img/src=x&gt;" in pictures
    assert "{{1}}" in pictures
