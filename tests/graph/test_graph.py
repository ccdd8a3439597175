"""Edits of graphs: the index and the consumers stay true, and the file says what was edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphtools
from graphtools.errors import InvalidGraph, InvalidValue, UnknownName
from graphtools.formats.graphdef import parse_graph
from graphtools.graph import Attr, FunctionRef, Graph, Node, Placeholder, Shape, Tensor, dtype
from graphtools.graph.attributes import attr_json, decode_attr, describe_attr, encode_attr
from graphtools.graph.graph import Versions
from graphtools.graph.ref import producer
from graphtools.schema import message_class
from graphtools.schema.wire import encode_field
from tests.support import BINARY_GRAPHS, FIXTURES


def encoded(graph: Graph) -> bytes:
    return b"".join(graph.pieces())


def message(graph: Graph) -> Any:
    return message_class("GraphDef").FromString(encoded(graph))


def read(raw: bytes) -> Graph:
    return parse_graph(raw, 0, len(raw))


def graph_of(text: str) -> Graph:
    """A graph read from lines as `c = Add(a, b:1, ^d)`."""
    out = []
    for line in text.split(";"):
        name, _, call = line.strip().partition(" = ")
        op, _, inputs = call.rstrip(")").partition("(")
        given_inputs = tuple(i.strip() for i in inputs.split(",") if i.strip())
        out.append(Node(name, op, given_inputs, {"kept": 1}))
    return read(encoded(Graph(out, Versions(1882, 12))))


def text_of(graph: Graph) -> str:
    return "; ".join(f"{n.name} = {n.op}({', '.join(n.inputs)})" for n in graph)


SMALL = "a = A(); b = B(a, a:1); c = C(b, ^a); d = D(c, b:1, ^b)"


# Reading


def test_nodes_are_found_by_name() -> None:
    graph = graph_of(SMALL)
    assert [n.name for n in graph] == list("abcd")
    assert len(graph) == 4
    assert "a" in graph
    assert "x" not in graph
    assert graph["b"].inputs == graph["b"].data_inputs == ("a", "a:1")
    assert graph["d"].control_inputs == ("b",)
    assert graph.get("x") is None
    with pytest.raises(UnknownName, match="no node 'bb'"):
        graph["bb"]


@pytest.mark.parametrize("text", ["b", "b:0", " 'b:1' ", "^b", '"b"'])
def test_nodes_are_found_as_people_name_them(text: str) -> None:
    assert graph_of(SMALL).find(text).name == "b"


def test_a_name_with_blanks_around_is_found_as_it_is() -> None:
    graph = Graph([Node(" a", "NoOp"), Node("a", "NoOp"), Node("b ", "NoOp")])
    assert [graph.find(text).name for text in (" a", "a ", "b ")] == [" a", "a", "b "]


def test_an_unknown_name_gets_a_suggestion() -> None:
    graph = Graph([Node("Predictions/Softmax", "Softmax")])
    with pytest.raises(UnknownName) as caught:
        graph.find("Predictions/softmax:0")
    assert caught.value.remedy == "did you mean 'Predictions/Softmax'?"


def test_consumers() -> None:
    graph = graph_of(SMALL)
    assert {n: [c.name for c in graph.consumers(n)] for n in "abcd"} == {
        "a": ["b", "c"],
        "b": ["c", "d"],
        "c": ["d"],
        "d": [],
    }


def test_the_first_of_several_nodes_of_one_name_is_found() -> None:
    graph = graph_of("a = A(); b = B(a); a = Other(b); a = Third()")
    assert graph["a"].op == "A"
    assert [n.op for n in graph.duplicates] == ["Other", "Third"]
    assert len(graph) == 4


def test_a_duplicate_takes_the_name_that_is_free() -> None:
    graph = graph_of("a = A(); a = Other(); b = B(a)")
    graph.rename("a", "first")
    assert graph["a"].op == "Other"
    assert graph.duplicates == []
    assert text_of(graph) == "first = A(); a = Other(); b = B(first)"
    graph.remove("a")
    assert text_of(graph) == "first = A(); b = B(first)"


# Editing


def test_add() -> None:
    graph = graph_of(SMALL)
    graph.add(Node("e", "E", ("d", "^a")))
    assert text_of(graph) == f"{SMALL}; e = E(d, ^a)"
    assert [c.name for c in graph.consumers("d")] == ["e"]
    with pytest.raises(InvalidGraph, match="a node 'e' already"):
        graph.add(Node("e", "E"))
    assert graph.edits == 1


def test_remove() -> None:
    graph = graph_of(SMALL)
    with pytest.raises(InvalidGraph, match="'c' cannot be removed: 'd' needs it"):
        graph.remove("c")
    with pytest.raises(UnknownName):
        graph.remove("x")
    assert graph.edits == 0
    graph.remove("d")
    graph.remove("c")
    assert text_of(graph) == "a = A(); b = B(a, a:1)"
    assert graph.edits == 2


def test_a_node_that_only_feeds_itself_can_be_removed() -> None:
    graph = graph_of("a = A(a, ^a); b = B()")
    graph.remove("a")
    assert text_of(graph) == "b = B()"


def test_a_removed_name_can_be_given_again() -> None:
    graph = graph_of("a = A(); b = B()")
    graph.remove("a")
    graph.rename("b", "a")
    graph.add(Node("b", "New", ("a",)))
    assert text_of(graph) == "a = B(); b = New(a)"


def test_rename() -> None:
    graph = graph_of(SMALL)
    graph.rename("a", "scope/a")
    assert text_of(graph) == (
        "scope/a = A(); b = B(scope/a, scope/a:1); c = C(b, ^scope/a); d = D(c, b:1, ^b)"
    )
    with pytest.raises(InvalidGraph, match="'b' already"):
        graph.rename("c", "b")
    edits = graph.edits
    graph.rename("b", "b")
    assert graph.edits == edits


def test_rename_keeps_what_it_does_not_understand() -> None:
    graph = graph_of("a = A(); b = B(a:b:c, a:out:1)")
    graph.rename("a", "z")
    assert graph["b"].inputs == ("z:b:c", "z:out:1")


def test_redirect() -> None:
    graph = graph_of(SMALL)
    assert graph.redirect("a:1", "c:2") == 1
    assert graph.redirect("b", "a") == 1
    assert graph.redirect("^b", "^a") == 1
    assert graph.redirect("nobody", "a") == 0
    assert text_of(graph) == "a = A(); b = B(a, c:2); c = C(a, ^a); d = D(c, b:1, ^a)"
    assert graph.edits == 3


def test_set_inputs_and_replace_input() -> None:
    graph = graph_of(SMALL)
    graph.set_inputs(graph["d"], ["a", "^c"])
    graph.replace_input(graph["d"], 0, "b:1")
    graph.replace_input(graph["d"], 0, "b:1")
    assert graph["d"].inputs == ("b:1", "^c")
    assert [c.name for c in graph.consumers("a")] == ["b", "c"]
    assert graph.edits == 2


def test_op_device_and_attributes() -> None:
    graph = graph_of(SMALL)
    a = graph["a"]
    graph.set_op(a, "Z")
    graph.set_op(a, "Z")
    graph.set_device(a, "/cpu:0")
    graph.set_attr(a, "T", dtype("float32"))
    graph.set_attr(a, "T", dtype("int32"))
    graph.remove_attr(a, "kept")
    graph.remove_attr(a, "never there")
    assert (a.op, a.device, dict(a.attrs)) == ("Z", "/cpu:0", {"T": dtype("int32")})
    assert graph.edits == 5
    again = read(encoded(graph))["a"]
    assert (again.op, again.device, dict(again.attrs)) == ("Z", "/cpu:0", {"T": dtype("int32")})
    assert again.attr("T") is dtype("int32")
    assert again.attr("kept") is None


def test_a_copy_shares_nothing_that_changes() -> None:
    graph = graph_of(SMALL)
    graph.set_attr(graph["b"], "x", 1)
    twin = graph["b"].copy()
    other = Graph([twin])
    other.set_attr(twin, "x", 2)
    other.rename("b", "twin")
    assert (graph["b"].name, graph["b"].attr("x"), twin.attr("x")) == ("b", 1, 2)


def consistent(graph: Graph) -> None:
    """Compare the index and the consumers with those of a graph made anew of the same nodes."""
    fresh = Graph(graph.nodes)
    assert [n.name for n in graph.duplicates] == [n.name for n in fresh.duplicates]
    # the indices themselves are compared: they hold nothing more than they should
    (index, consumers), (fresh_index, fresh_consumers) = (
        (g._index, g._consumer_map())  # noqa: SLF001
        for g in (graph, fresh)
    )
    assert {n.name for n in fresh} == {n.name for n in graph} == set(index)
    for name in fresh_index:
        assert graph[name] is fresh[name]
    assert consumers.keys() == fresh_consumers.keys()
    for name in fresh_consumers:
        assert set(graph.consumers(name)) == set(fresh.consumers(name))


@settings(max_examples=150)
@given(st.data())
def test_random_edits_keep_the_indices_true(data: st.DataObject) -> None:
    names = st.sampled_from("abcdefgh")
    inputs = st.lists(
        st.builds(lambda n, form: form.format(n), names, st.sampled_from(["{}", "{}:1", "^{}"])),
        max_size=3,
    )
    nodes = [
        Node(name, "Op", tuple(data.draw(inputs)), {"x": 1})
        for name in data.draw(st.lists(names, max_size=8))
    ]
    graph = read(encoded(Graph(nodes)))
    if data.draw(st.booleans()):
        graph.consumers("a")  # the map is made before the edits, or behind them
    for _ in range(data.draw(st.integers(1, 12))):
        before, before_text = graph.edits, text_of(graph)
        name = data.draw(names)
        action = data.draw(st.sampled_from("add remove rename inputs redirect attr".split()))
        try:
            if action == "add":
                graph.add(Node(name, "New", tuple(data.draw(inputs))))
            elif action == "remove":
                graph.remove(name)
            elif action == "rename":
                graph.rename(name, data.draw(names))
            elif action == "inputs":
                graph.set_inputs(graph[name], data.draw(inputs))
            elif action == "attr":
                graph.set_attr(graph[name], "x", data.draw(st.integers(0, 3)))
            else:
                kind = data.draw(st.sampled_from(["{}", "{}:1", "^{}"]))
                graph.redirect(kind.format(name), kind.format(data.draw(names)))
        except (InvalidGraph, UnknownName):
            assert graph.edits == before
            assert text_of(graph) == before_text
        if text_of(graph) != before_text:
            assert graph.edits > before
        consistent(graph)
    again = read(encoded(graph))
    assert text_of(again) == text_of(graph)
    assert [dict(n.attrs) for n in again] == [dict(n.attrs) for n in graph]


# Writing


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_an_unedited_graph_is_written_as_it_was_read(name: str) -> None:
    assert encoded(graphtools.load(FIXTURES / name)) == (FIXTURES / name).read_bytes()


@pytest.mark.parametrize("name", BINARY_GRAPHS)
def test_an_edit_changes_nothing_else(name: str) -> None:
    graph = graphtools.load(FIXTURES / name)
    expected = message_class("GraphDef").FromString((FIXTURES / name).read_bytes())
    old = graph.nodes[0].name
    graph.rename(old, "renamed")
    graph.set_attr(graph.nodes[-1], "_added", b"x")
    for node in expected.node:
        node.name = "renamed" if node.name == old else node.name
        for number, text in enumerate(node.input):
            if producer(text) == old:
                node.input[number] = text.replace(old, "renamed", 1)
        together = node.attr["_class"].list.s if "_class" in node.attr else []
        for number, entry in enumerate(together):
            together[number] = b"loc:@renamed" if entry == b"loc:@" + old.encode() else entry
    expected.node[-1].attr["_added"].s = b"x"
    assert message(graph) == expected
    assert message(read(encoded(graph))) == expected


def test_everything_beside_the_nodes_survives_an_edit() -> None:
    raw = message_class("GraphDef")(
        node=[{"name": "a", "op": "A", "experimental_debug_info": {"original_node_names": ["z"]}}],
        version=7,
        versions={"producer": 1882, "min_consumer": 12, "bad_consumers": [13, 14]},
        library={
            "function": [
                {"signature": {"name": "f", "input_arg": [{"name": "x", "type": 1}]}},
                {"signature": {"name": "g"}, "node_def": [{"name": "n", "op": "N"}]},
            ],
            "gradient": [{"function_name": "f", "gradient_func": "g"}],
            "registered_gradients": [{"gradient_func": "g", "registered_op_type": "F"}],
        },
        debug_info={"files": ["a.py"]},
    ).SerializeToString()
    raw += encode_field(1, b"\x0a\x01b\x12\x01B" + encode_field(77, b"unknown in a node"))
    raw += encode_field(99, b"unknown in the graph")
    graph = read(raw)
    assert graph.versions == Versions(1882, 12, (13, 14))
    assert list(graph.functions) == ["f", "g"]
    assert graph.functions["f"].inputs == ("x",)
    assert [n.op for n in graph.functions["g"].nodes] == ["N"]
    for name in ("a", "b"):
        graph.rename(name, f"{name}_renamed")
    expected = message_class("GraphDef").FromString(raw)
    for node in expected.node:
        node.name += "_renamed"
    edited = encoded(graph)
    assert message_class("GraphDef").FromString(edited) == expected
    assert b"unknown in a node" in edited
    assert b"unknown in the graph" in edited


def test_functions_of_a_real_library() -> None:
    graph = graphtools.load(FIXTURES / "control_flow/functional/graph.pb")
    assert graph.functions
    for function in graph.functions.values():
        known = {n.name for n in function.nodes} | set(function.inputs)
        assert all(producer(i) in known for n in function.nodes for i in n.inputs)
        assert all(producer(t) in known for t in function.outputs.values())


def test_a_renamed_constant_keeps_its_payload(tmp_path: Path) -> None:
    values = np.arange(50_000, dtype="float32")
    large = Node("w", "Const", (), {"dtype": dtype("float32"), "value": Tensor.from_array(values)})
    path = tmp_path / "large.pb"
    graphtools.save(Graph([large, Node("r", "Relu", ("w",))]), path)
    graph = graphtools.load(path)
    graph.rename("w", "weights")
    graph.set_attr(graph["weights"], "_note", b"x")
    graphtools.save(graph, path)
    again = graphtools.load(path)
    tensor = again["weights"].tensor
    assert tensor is not None
    assert np.array_equal(tensor.array(), values)
    assert again["weights"].attr("_note") == b"x"
    assert again["r"].inputs == ("weights",)
    assert values.tobytes() in path.read_bytes()


def test_a_replaced_constant_has_the_new_value(tmp_path: Path) -> None:
    big = Tensor.from_array(np.arange(50_000))
    path = tmp_path / "large.pb"
    graphtools.save(Graph([Node("w", "Const", (), {"value": big})]), path)
    graph = graphtools.load(path)
    graph.set_attr(graph["w"], "value", Tensor.from_array(np.array(7)))
    for each in (graph, read(encoded(graph))):
        tensor = each["w"].tensor
        assert tensor is not None
        assert tensor.array().item() == 7
    assert len(encoded(graph)) < 200


# Attributes

ATTRS = [
    b"bytes",
    b"\xff\x00",
    -3,
    (1 << 63) - 1,
    0.5,
    True,
    False,
    dtype("float32"),
    dtype("float32_ref"),
    Shape((1, None)),
    Shape(None),
    FunctionRef("f", {"T": dtype("int32"), "n": [1, 2]}),
    Placeholder("T"),
    None,
    [],
    [b"a", b""],
    [1, 2, -3],
    [0.5, float("inf")],
    [True, False],
    [dtype("int8"), dtype("string")],
    [Shape(()), Shape(None), Shape((2,))],
    [FunctionRef("f", {}), FunctionRef("g", {"x": 1})],
]


@pytest.mark.parametrize("value", ATTRS, ids=repr)
def test_attributes_round_trip(value: Any) -> None:
    again = decode_attr(message_class("AttrValue").FromString(encode_attr(value)))
    assert again == value
    assert type(again) is type(value)
    assert isinstance(describe_attr(value), str)
    attr_json(value)


def test_tensors_as_attributes() -> None:
    tensor = Tensor.from_array(np.array([1, 2]))
    values: list[Attr] = [tensor, [tensor, tensor]]
    for value in values:
        again: Any = decode_attr(message_class("AttrValue").FromString(encode_attr(value)))
        for each in again if isinstance(again, list) else [again]:
            assert each.array().tolist() == [1, 2]


@pytest.mark.parametrize("value", [object(), 1 << 63, [1 << 63], {"a": 1}, "\ud800", [None]])
def test_what_no_attribute_can_hold_is_refused(value: Any) -> None:
    graph = graph_of(SMALL)
    with pytest.raises(InvalidValue):
        graph.set_attr(graph["a"], "x", value)
    assert graph.edits == 0


def test_names_of_attributes_are_sorted() -> None:
    node = Node("a", "A", (), {"z": 1, "b": 2, "m": 3})
    assert list(node.attrs) == ["b", "m", "z"]
    assert len(node.attrs) == 3
