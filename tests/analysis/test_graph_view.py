"""What a picture shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.analysis.graph_view import MOST_BOXES, describe_tensor, view_graph
from graphtools.analysis.neighbourhood import around, between
from graphtools.analysis.op_families import FAMILIES, family_of
from graphtools.analysis.picture import Box, GraphView, named_weights
from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats import load
from graphtools.graph import Graph
from graphtools.ops.inference import infer_shapes
from tests.analysis.graphs import const, graph
from tests.support import BINARY_GRAPHS, FIXTURES


def view(shown: Graph, **options: object) -> GraphView:
    return view_graph(shown, infer_shapes(shown), **options)  # type: ignore[arg-type]


def box(found: GraphView, name: str) -> Box:
    return next(b for b in found.boxes if b.name == name)


def edges(found: GraphView) -> set[tuple[str, str, bool]]:
    names = {b.id: b.name for b in found.boxes}
    return {(names[e.source], names[e.target], e.is_control) for e in found.edges}


NET = graph(
    "x Placeholder",
    const("conv/weights", np.zeros((3, 3, 3, 8), np.float32)),
    "conv/weights/read Identity conv/weights",
    "conv/Conv2D Conv2D x conv/weights/read",
    const("conv/axis", np.int32(3)),
    "conv/Relu Relu conv/Conv2D",
    "head/a/Add AddV2 conv/Relu conv/Conv2D",
    "head/a/Exp Exp head/a/Add",
    "head/b/Exp Exp head/a/Add ^x",
    "out ConcatV2 head/a/Exp head/b/Exp conv/axis",
)


def test_constants_hang_on_the_nodes_that_read_them() -> None:
    found = view(NET)
    assert "conv/weights" not in {b.name for b in found.boxes}
    conv = box(found, "conv/Conv2D")
    assert [(w.name, w.text, w.nbytes) for w in conv.weights] == [
        ("conv/weights", "weights [3,3,3,8]", 864)
    ]
    assert named_weights(box(found, "out")) == ("axis = 3",)
    assert ("x", "conv/Conv2D", False) in edges(found)


def test_a_constant_that_nothing_reads_is_a_box() -> None:
    found = view(graph(const("c", 1.0)))
    assert [(b.name, b.family) for b in found.boxes] == [("c", "constant")]


def test_below_a_depth_scopes_are_boxes_and_edges_are_joined() -> None:
    found = view(NET, depth=1)
    assert [(b.kind, b.name, b.nodes) for b in found.boxes] == [
        ("node", "x", ("x",)),
        ("scope", "conv", ("conv/Conv2D", "conv/Relu")),
        ("scope", "head", ("head/a/Add", "head/a/Exp", "head/b/Exp")),
        ("node", "out", ("out",)),
    ]
    assert edges(found) == {
        ("x", "conv", False),
        ("conv", "head", False),
        ("x", "head", True),
        ("head", "out", False),
    }
    labels = {e.tensors: e.label for e in found.edges}
    assert labels["conv/Relu", "conv/Conv2D"] == "2 tensors"
    assert labels["x",] in ("float32", "")


def test_a_scope_of_one_node_is_that_node() -> None:
    found = view(NET, depth=2)
    assert {(b.kind, b.name, b.scope) for b in found.boxes} >= {
        ("scope", "head/a", ("head",)),
        ("node", "head/b/Exp", ("head", "b")),
    }


def test_of_a_scope_others_are_shown_outside() -> None:
    found = view(NET, scope="head/a/", depth=1)
    kinds = {(b.kind, b.label) for b in found.boxes}
    assert kinds == {("node", "Add"), ("node", "Exp"), ("outside", "conv"), ("outside", "b"),
                     ("outside", "out")}  # fmt: skip
    with pytest.raises(UnknownName, match="head/c"):
        view(NET, scope="head/c")
    with pytest.raises(InvalidValue):
        view(NET, depth=0)


def test_without_a_depth_there_are_as_many_boxes_as_a_person_takes_in() -> None:
    layers = [f"net/block{b}/layer{n} Relu x" for b in range(30) for n in range(4)]
    found = view(graph("x Placeholder", *layers))
    assert found.depth == 2
    assert len(found.boxes) == 31
    assert view(graph("x Placeholder", *layers[:19])).depth is None


def test_a_crowd_of_scopes_is_one_box() -> None:
    lines = ["x Placeholder"]
    for n in range(300):
        lines += [f"net/s{n}/a Relu x", f"net/s{n}/b Exp net/s{n}/a"]
    (_, box) = view(graph(*lines), scope="net").boxes[::-1]
    assert (box.kind, box.label, box.scope, len(box.nodes)) == (
        "scopes",
        "300 scopes",
        ("net",),
        600,
    )
    assert box.is_several


def test_a_crowd_in_one_scope_is_grouped_by_op() -> None:
    lines = ["x Placeholder", *(f"all/n{i} {'Relu' if i % 2 else 'Exp'} x" for i in range(1000))]
    found = view(graph(*lines), depth=2)
    groups = [(b.kind, b.label, len(b.nodes)) for b in found.boxes]
    assert groups == [("node", "x", 1), ("group", "500 Exp", 500), ("group", "500 Relu", 500)]


def test_names_of_thousands_of_scopes_stand_in_few_clusters() -> None:
    deep = "/".join(["s"] * 3000)
    found = view(graph(f"{deep}/n Placeholder", f"{deep}/m Relu {deep}/n"))
    assert all(len(b.scope) <= 8 for b in found.boxes)


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_each_node_of_a_fixture_is_in_one_box(name: str) -> None:
    shown = load(FIXTURES / name)
    for depth in (None, 1, 3):
        found = view(shown, depth=depth)
        members = [n for b in found.boxes for n in b.nodes]
        assert len(members) == len(set(members))
        hung = {n.name for n in shown} - set(members)
        assert {shown[n].op for n in hung} <= {"Const", "Identity", "Enter"}
        assert all(e.source != e.target for e in found.edges)
        assert depth is not None or len(found.boxes) <= MOST_BOXES


def test_around_a_node() -> None:
    near = around(NET, ["head/a/Add"], 1)
    assert near == {"head/a/Add", "conv/Relu", "conv/Conv2D", "head/a/Exp", "head/b/Exp",
                    "conv/weights", "conv/weights/read"}  # fmt: skip
    assert around(NET, ["out"], 0) == {"out", "conv/axis"}


def test_constants_are_no_way_to_other_readers() -> None:
    shared = graph(const("c", 1.0), "a Neg c", "b Neg c")
    assert around(shared, ["a"], 5) == {"a", "c"}
    assert around(shared, ["c"], 1) == {"a", "b", "c"}


def test_between_two_nodes() -> None:
    assert between(NET, "conv/Relu", "out") == {
        "conv/Relu", "head/a/Add", "head/a/Exp", "head/b/Exp", "out", "conv/axis"
    }  # fmt: skip
    assert "head/b/Exp" in between(NET, "x", "head/b/Exp")
    with pytest.raises(UnknownName, match="it leads from 'x' to 'out'"):
        between(NET, "out", "x")


def test_families() -> None:
    wanted = {
        "Conv2D": "convolution", "FusedBatchNormV3": "normalization", "Placeholder": "input",
        "Const": "constant", "Relu6": "activation", "AddV2": "arithmetic",
        "MatMul": "matrix product",
        "Merge": "control flow", "FakeQuantWithMinMaxVars": "quantization", "Identity": "shape",
        "NonMaxSuppressionV3": "detection", "NoSuchOp": "custom", "DecodeJpeg": "image",
    }  # fmt: skip
    assert {op: family_of(op) for op in wanted} == wanted
    assert set(wanted.values()) <= set(FAMILIES)


def test_tensors_are_described_as_far_as_they_are_known() -> None:
    assert describe_tensor(None, None) == ""
    assert describe_tensor(None, (None, 3)) == "[?,3]"


@given(st.lists(st.text("ab/é<", min_size=1, max_size=12), min_size=1, max_size=20, unique=True))
def test_any_names(names: list[str]) -> None:
    shown = graph(*(f"{n} Relu {names[i - 1]}" for i, n in enumerate(names)))
    for depth in (None, 1, 2):
        found = view(shown, depth=depth)
        assert sorted(n for b in found.boxes for n in b.nodes) == sorted(names)
