"""Edits of many nodes at once: they stand where they are to, and the indices stay true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtools.errors import InvalidGraph, UnknownName
from graphtools.formats.graphdef import parse_graph
from graphtools.graph import Graph, Node, Shape, Tensor, dtype
from tests.transforms.graphs import graph, text_of

BEFORE = """
    a = A
    b = B(a, a:1)
    c = C(b, ^a)
    d = D(c)
"""


def lines(edited: Graph) -> list[str]:
    return text_of(edited).splitlines()


def reread(edited: Graph) -> Graph:
    raw = b"".join(edited.pieces())
    return parse_graph(raw, 0, len(raw))


def consumers(edited: Graph) -> dict[str, list[str]]:
    return {n.name: sorted(c.name for c in edited.consumers(n.name)) for n in edited}


def check(edited: Graph) -> None:
    """The indices say what a graph that is read anew says, and what is written is what is there."""
    again = reread(edited)
    assert lines(again) == lines(edited)
    assert consumers(again) == consumers(edited)
    assert all(edited[n.name] is n for n in edited)


def test_nodes_are_added_before_others() -> None:
    edited = graph(BEFORE)
    last = edited["d"]
    for name in ("x", "y"):
        edited.add(Node(name, "X", ("a",)), before=last)
    edited.add(Node("z", "X"), before=edited["x"])
    edited.add(Node("end", "X"))
    assert [n.name for n in edited] == ["a", "b", "c", "z", "x", "y", "d", "end"]
    check(edited)


def test_a_node_is_added_at_the_end_where_the_other_is_gone() -> None:
    edited = graph(BEFORE)
    gone = edited["d"]
    edited.remove("d")
    edited.add(Node("x", "X"), before=gone)
    edited.add(Node("y", "X"), before=Node("stranger", "X"))
    assert [n.name for n in edited] == ["a", "b", "c", "x", "y"]
    edited.add(gone)
    assert [n.name for n in edited] == ["a", "b", "c", "x", "y", "d"]
    check(edited)


def test_a_name_that_is_taken_is_refused() -> None:
    edited = graph(BEFORE)
    with pytest.raises(InvalidGraph, match="has a node 'a' already"):
        edited.add(Node("a", "X"))
    assert edited.edits == 0


def test_a_node_is_replaced_in_its_place() -> None:
    edited = graph(BEFORE)
    edited.replace(edited["b"], [Node("b/in", "X", ("a",)), Node("b", "Y", ("b/in",))])
    assert [n.name for n in edited] == ["a", "b/in", "b", "c", "d"]
    assert edited["b"].op == "Y"
    assert consumers(edited) == {"a": ["b/in", "c"], "b/in": ["b"], "b": ["c"], "c": ["d"], "d": []}
    check(edited)


def test_a_node_that_is_read_is_replaced_by_one_of_its_name_only() -> None:
    edited = graph(BEFORE)
    with pytest.raises(InvalidGraph, match="'c' needs it"):
        edited.replace(edited["b"], [Node("x", "X")])
    edited = graph(BEFORE)
    edited.replace(edited["d"], [Node("x", "X", ("c",))])
    assert [n.name for n in edited] == ["a", "b", "c", "x"]
    check(edited)


def test_nodes_that_read_each_other_are_removed_together() -> None:
    edited = graph(BEFORE)
    edited.remove_all(["c", "d"])
    assert lines(edited) == ["a = A", "b = B(a, a:1)"]
    check(edited)
    with pytest.raises(InvalidGraph, match="node 'a' cannot be removed: 'b' needs it"):
        edited.remove_all(["a"])
    with pytest.raises(UnknownName, match="no node 'c'"):
        edited.remove_all(["b", "c"])
    assert lines(edited) == ["a = A", "b = B(a, a:1)"]
    edited.remove_all([])
    edited.remove_all(["a", "b"])
    assert not len(edited)


def test_a_cycle_can_be_removed() -> None:
    edited = graph("a = A(b)\n b = B(a)\n c = C")
    edited.remove_all(["b", "a"])
    assert lines(edited) == ["c = C"]


def test_a_duplicate_takes_the_place_of_the_first() -> None:
    edited = graph("a = First\n a = Second\n b = B")
    second = edited.nodes[1]
    assert edited.duplicates == [second]
    edited.remove("a")
    assert edited["a"] is second
    assert not edited.duplicates


def test_a_free_name_is_free() -> None:
    edited = graph("a = A\n a_1 = A\n a_2 = A")
    assert edited.free_name("b") == "b"
    assert edited.free_name("a") == "a_3"


def test_a_copy_is_edited_by_itself() -> None:
    source = reread(graph(BEFORE))
    twin = source.copy()
    twin.remove("d")
    twin.set_inputs(twin["c"], ["a"])
    twin.set_attr(twin["a"], "kept", True)
    twin.add(Node("new", "X"), before=twin["a"])
    assert lines(source) == lines(graph(BEFORE))
    assert source.edits == 0
    assert lines(twin) == ["new = X", "a = A kept=true", "b = B(a, a:1)", "c = C(a)"]
    check(twin)


def test_a_copy_without_edits_is_written_as_it_was_read() -> None:
    source = graph(BEFORE)
    raw = b"".join(source.pieces())
    read = parse_graph(raw, 0, len(raw))
    read.remember_source(raw, 0, len(raw))
    assert b"".join(read.copy().pieces()) == raw


def test_the_written_size_is_that_of_the_bytes_near_enough() -> None:
    value = Tensor.from_array(np.arange(5000, dtype=np.float32))
    large = Node("w", "Const", (), {"dtype": dtype("float"), "value": value})
    for node in [large, *reread(Graph([large, Node("x", "X", ("w",), {"n": 1})]))]:
        assert abs(node.written_size - len(node.to_bytes())) < 40
        twin = Graph([node.copy()]).nodes[0]
        twin.set_encoded_attr("shape", None)
        assert abs(twin.written_size - len(twin.to_bytes())) < 40


def test_a_tensor_of_bytes_in_memory_copies_nothing() -> None:
    raw = np.arange(100_000, dtype=np.float32)
    tensor = Tensor.from_content(dtype("float"), Shape([100, 1000]), raw.data.cast("B"))
    assert tensor.array().base is not None
    np.testing.assert_array_equal(tensor.array(), raw.reshape(100, 1000))
    node = Node("w", "Const", (), {"dtype": dtype("float"), "value": tensor})
    assert any(isinstance(p, memoryview) and len(p) == raw.nbytes for p in node.pieces())
    again = reread(Graph([node])).nodes[0].tensor
    assert again is not None
    np.testing.assert_array_equal(again.array(), tensor.array())


@pytest.mark.parametrize("kind", ["int32", "int64", "uint8", "int8", "uint16", "uint64", "bool"])
def test_small_integers_are_read_without_numpy(kind: str) -> None:
    array = np.array([[0, 1], [1, 1]]).astype(kind)
    tensor = Tensor.from_array(array)
    assert tensor.integers(4) == (0, 1, 1, 1)
    assert tensor.integers(3) is None
    assert Tensor.from_array(np.full((2, 3), 1).astype(kind)).integers(6) == (1,) * 6
    assert Tensor.from_array(np.zeros(2, "f4")).integers(6) is None


def test_small_strings_are_read_without_numpy() -> None:
    tensor = Tensor.from_array(np.array([b"a", b"", "ö".encode()], object))
    assert tensor.strings(3) == [b"a", b"", "ö".encode()]
    assert tensor.strings(2) is None
    assert Tensor.from_array(np.array([b"a"] * 5, object)).strings(9) == [b"a"] * 5
    assert Tensor.from_array(np.array([1])).strings(9) is None


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), max_size=25))
def test_any_edits_keep_the_indices_true(steps: list[tuple[int, int]]) -> None:
    edited = graph(BEFORE)
    for number, (what, which) in enumerate(steps):
        there = edited.nodes
        node = there[which % len(there)] if there else None
        if node is None or what == 0:
            inputs = (node.name,) if node else ()
            edited.add(Node(f"n{number}", "N", inputs), before=node)
        elif what == 1 and not edited.consumers(node.name):
            edited.remove(node.name)
        elif what == 2:
            edited.replace(node, [Node(f"m{number}", "M"), Node(node.name, "R", (f"m{number}",))])
        elif what == 3:
            edited.rename(node.name, f"r{number}")
        elif what == 4:
            edited.set_inputs(node, node.inputs[:1])
    check(edited)
