from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from graphtools import load
from graphtools.analysis.graph_diff import GraphDiff, diff_graphs
from graphtools.errors import UnknownName
from graphtools.graph import Attr, Graph, Node, Versions
from graphtools.graph.dtypes import FLOAT32
from tests.analysis.graphs import const, function, graph
from tests.support import BINARY_GRAPHS, FIXTURES, shared_models

CHAIN = (
    "x Placeholder",
    "y Placeholder",
    "layer/add AddV2 x y",
    "layer/relu Relu layer/add",
    "out Identity layer/relu",
)


def counts(a: Graph, b: Graph, **options: Any) -> dict[str, int]:
    found = diff_graphs(a, b, **options)
    assert found.same == (found.nodes.counts.keys() <= {"unchanged"})
    return found.nodes.counts


def renamed(source: Graph, names: dict[str, str], seed: int | None = None) -> Graph:
    """A copy of a graph with other names, and in another order."""

    def text(name: str) -> str:
        control = name[:1] == "^"
        node, colon, rest = name.lstrip("^").partition(":")
        return "^" * control + names.get(node, node) + colon + rest

    made = []
    for node in source:
        name = names.get(node.name, node.name)
        made.append(node.variant(name=name, inputs=[text(i) for i in node.inputs]))
    if seed is not None:
        random.Random(seed).shuffle(made)
    return Graph(made, source.versions, source.functions.values())


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_a_graph_is_the_same_in_any_order(name: str) -> None:
    source = load(FIXTURES / name)
    found = diff_graphs(source, renamed(source, {}, seed=1))
    assert found.same
    assert found.nodes.counts.get("unchanged", 0) == len(source)


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_obfuscated_names_are_matched_by_structure(name: str) -> None:
    source = load(FIXTURES / name)
    names = {n.name: f"n{i}" for i, n in enumerate(source)}
    found = diff_graphs(source, renamed(source, names))
    assert not (found.nodes.removed)
    assert not (found.nodes.added)
    assert not (found.nodes.changed)
    assert found.nodes.counts == {"renamed": len(source)}


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_a_prefix_of_all_names_is_one_move(name: str) -> None:
    source = load(FIXTURES / name)
    names = {n.name: f"import/{n.name}" for n in source}
    found = diff_graphs(source, renamed(source, names, seed=2)).nodes
    assert not (found.removed)
    assert not (found.added)
    assert not (found.changed)
    assert sum(len(m.variables) for m in found.moves) == len(source)
    assert all(y == f"import/{x}" for m in found.moves for x, y in m.variables)


def test_nodes_that_are_on_one_side_only() -> None:
    found = diff_graphs(graph(*CHAIN), graph(*CHAIN, "more Neg out")).nodes
    assert [(n.name, n.op) for n in found.added] == [("more", "Neg")]
    assert not found.changed


def test_another_op() -> None:
    other = graph(*CHAIN[:3], "layer/relu Relu6 layer/add", CHAIN[4])
    (change,) = diff_graphs(graph(*CHAIN), other).nodes.changed
    assert change.kinds == ("op",)
    assert change.ops is not None
    assert (change.ops.before, change.ops.after) == ("Relu", "Relu6")


def test_other_inputs() -> None:
    other = graph(*CHAIN[:2], "layer/add AddV2 y x", *CHAIN[3:])
    (change,) = diff_graphs(graph(*CHAIN), other).nodes.changed
    assert change.kinds == ("rewired",)
    assert change.inputs is not None
    assert (change.inputs.before, change.inputs.after) == (["x", "y"], ["y", "x"])


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("n Neg x ^y ^z", "n Neg x ^z ^y", True),
        ("n Neg x", "n Neg x:0", True),
        ("n Neg x", "n Neg x:1", False),
        ("n Neg x ^y", "n Neg x", False),
    ],
)
def test_how_inputs_are_written_makes_no_difference(a: str, b: str, same: bool) -> None:
    rest = ("x Placeholder", "y Placeholder", "z Placeholder")
    assert diff_graphs(graph(*rest, a), graph(*rest, b)).same == same


def test_other_attributes_and_devices() -> None:
    a, b = graph(*CHAIN), graph(*CHAIN)
    b.set_attr(b["layer/relu"], "_alpha", 0.5)
    b.remove_attr(b["layer/add"], "T")
    b.set_device(b["out"], "/gpu:0")
    by_name = {c.a: c for c in diff_graphs(a, b).nodes.changed}
    assert by_name["layer/relu"].attrs["_alpha"].after == 0.5
    assert by_name["layer/relu"].attrs["_alpha"].before is None
    assert by_name["layer/add"].attrs["T"].before == "float32"
    assert by_name["out"].kinds == ("device",)


def test_constants_are_compared_by_value_however_they_are_encoded() -> None:
    same = Graph([const("c", np.ones(100, "f4"))])
    spelt = Graph([const("c", np.ones(100, "f4"))])
    values = np.ones(100, "f4")
    values[3] = 1.5
    assert diff_graphs(same, spelt).same
    (change,) = diff_graphs(same, Graph([const("c", values)])).nodes.changed
    assert change.kinds == ("constant",)
    assert change.value is not None
    assert (change.value.differing, change.value.max_abs) == (1, 0.5)
    assert diff_graphs(same, Graph([const("c", values)]), atol=0.5).same
    assert diff_graphs(same, Graph([const("c", values)]), values=False).same
    (change,) = diff_graphs(same, Graph([const("c", values[:9])])).nodes.changed
    assert change.kinds == ("constant",)
    assert change.attrs["value"].after == {"dtype": "float32", "shape": [9]}


def test_structure_finds_what_changed_under_other_names() -> None:
    lines = ["x Placeholder"]
    for i in range(9):
        lines += [f"l{i}/w Const", f"l{i}/mul Mul {'x' if not i else f'l{i - 1}/relu'} l{i}/w"]
        lines += [f"l{i}/relu Relu l{i}/mul"]
    a = graph(*lines)
    b = renamed(a, {n.name: f"o{i}" for i, n in enumerate(a)}, seed=3)
    b.set_op(b["o15"], "Relu6")
    found = diff_graphs(a, b)
    assert found.matched_by == "structure"
    assert not (found.nodes.added or found.nodes.removed) or found.nodes.counts["removed"] == 1
    kinds = [k for c in found.nodes.changed for k in c.kinds]
    assert kinds.count("op") <= 1
    assert found.nodes.counts["renamed"] >= len(a) - 1


def test_names_in_attributes_follow_the_nodes() -> None:
    def made(name: str) -> Graph:
        colocated: dict[str, Attr] = {"T": FLOAT32, "_class": [f"loc:@{name}".encode()]}
        nodes = graph(f"{name} Placeholder", "n Neg x" if name == "x" else f"n Neg {name}").nodes
        return Graph([*nodes, Node("z", "Relu", ("n",), colocated)])

    assert diff_graphs(made("x"), made("x")).same
    found = diff_graphs(made("x"), made("scope/x"))
    assert not found.nodes.changed


def test_function_libraries_are_compared_by_function() -> None:
    one = function("f_12", ["a"], "n:y:0", "n Neg a")
    other = function("f_90", ["a"], "n:y:0", "n Abs a")
    extra = function("g", ["a"], "n:y:0", "n Neg a")
    found = diff_graphs(graph(*CHAIN, functions=[one]), graph(*CHAIN, functions=[other, extra]))
    assert not found.same
    assert found.functions.added == ("g",)
    assert found.functions.renamed == (("f_12", "f_90"),)
    (change,) = found.functions.changed
    assert change.nodes.counts == {"op": 1}
    assert diff_graphs(graph(*CHAIN, functions=[one]), graph(*CHAIN, functions=[one])).same


def test_versions_are_a_difference() -> None:
    a, b = graph(*CHAIN), graph(*CHAIN)
    b.set_versions(Versions(1286, 12))
    found = diff_graphs(a, b)
    assert not found.same
    assert found.versions is not None
    assert found.nodes.same


def test_a_scope_restricts_what_is_compared() -> None:
    other = graph(*CHAIN[:3], "layer/relu Relu6 layer/add", CHAIN[4], "more Neg out")
    assert counts(graph(*CHAIN), other, scope="layer") == {"op": 1, "unchanged": 1}
    with pytest.raises(UnknownName, match="no scope 'lauer'"):
        diff_graphs(graph(*CHAIN), other, scope="lauer")


def shared(a: str, b: str) -> GraphDiff:
    return diff_graphs(load(shared_models() / a), load(shared_models() / b))


def test_freezing_turns_variables_into_constants() -> None:
    folder = "slim/mobilenet_v1_0.25_128"
    found = shared(f"{folder}/graph.pb", f"{folder}/frozen.pb")
    assert found.matched_by == "name"
    assert found.nodes.counts == {"removed": 529, "op": 137, "unchanged": 229}


def test_graphs_that_the_graph_transform_tool_obfuscated_are_matched() -> None:
    pairs = {
        "misc/dynamic_rnn_lstm/frozen.pb": "gtt/lstm/obfuscate_names.pb",
        "misc/while_loop/frozen.pb": "gtt/while_loop/obfuscate_names.pb",
    }
    for a, b in pairs.items():
        source, other = load(shared_models() / a), load(shared_models() / b)
        found = diff_graphs(source, other).nodes
        assert found.counts.keys() == {"renamed", "unchanged"}
        # the tool keeps the order of the nodes
        truth = {x.name: y.name for x, y in zip(source, other, strict=True)}
        assert all(truth[x] == y for x, y in found.renamed)


def test_one_value_that_stands_for_many_is_compared_once() -> None:
    shape = (1 << 30, 1 << 30)
    one, two = (graph(const("w", np.broadcast_to(np.float32(v), shape))) for v in (1, 2))
    assert diff_graphs(one, one).same
    (changed,) = diff_graphs(one, two).nodes.changed
    assert changed.value is not None
    assert (changed.value.elements, changed.value.differing) == (1 << 60, 1 << 60)
    assert changed.value.max_abs == 1
