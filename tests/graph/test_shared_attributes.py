"""Attributes that nodes share: the same as those decoded from the node alone."""

from __future__ import annotations

import pytest

from graphtools.graph import shared_attributes
from graphtools.graph.attributes import Attr, decode_attr
from graphtools.graph.dtypes import dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.schema import message_class
from graphtools.schema.wire import encode_field


def node_of(encoded: bytes) -> Node:
    """A node that is read from bytes, which stand between others."""
    buffer = b"before" + encoded + b"behind"
    message = message_class("NodeDef").FromString(encoded)
    return Node.from_message(message, buffer, 6, 6 + len(encoded))


def encoded(name: str = "x", op: str = "Conv2D", inputs: tuple[str, ...] = ("a", "b:1")) -> bytes:
    message = message_class("NodeDef")(name=name, op=op, input=inputs, device="/cpu:0")
    message.attr["T"].type = 1
    message.attr["strides"].list.i.extend([1, 2, 2, 1])
    message.attr["shape"].shape.dim.add(size=3)
    message.attr["padding"].s = b"SAME"
    return bytes(message.SerializeToString(deterministic=True))


EXPECTED: dict[str, Attr] = {
    "T": dtype("float32"),
    "padding": b"SAME",
    "shape": Shape((3,)),
    "strides": [1, 2, 2, 1],
}


@pytest.mark.parametrize("name", ["x", "a/" * 70 + "x", "gr\u00fcn"])
def test_a_node_has_its_attributes(name: str) -> None:
    node = node_of(encoded(name))
    assert node.shared_attributes() is not None
    assert dict(node.attrs) == EXPECTED
    assert list(node.attrs) == sorted(EXPECTED)
    assert len(node.attrs) == len(EXPECTED)
    assert {key: node.attr(key) for key in EXPECTED} == EXPECTED
    assert node.attr("gone") is None
    assert node.attrs.get("gone") is None
    assert "gone" not in node.attrs
    assert "T" in node.attrs


def test_nodes_with_the_same_attributes_share_them() -> None:
    a, b = node_of(encoded("a")), node_of(encoded("b", "Relu", ()))
    assert a.shared_attributes() is b.shared_attributes()


def test_a_list_belongs_to_who_asked_for_it() -> None:
    a, b = node_of(encoded("a")), node_of(encoded("b"))
    for strides in (a.attr("strides"), a.attrs["strides"]):
        assert isinstance(strides, list)
        strides[1] = 7
    assert a.attr("strides") == b.attr("strides") == b.attrs["strides"] == [1, 2, 2, 1]


def test_an_edited_node_has_what_was_set() -> None:
    graph = Graph([node_of(encoded("x", inputs=()))])
    assert graph["x"].attr("T") == dtype("float32")
    graph.set_attr(graph["x"], "T", dtype("int8"))
    assert graph["x"].attr("T") == graph["x"].attrs["T"] == dtype("int8")
    assert graph["x"].attr("padding") == b"SAME"
    graph.rename("x", "y")
    assert dict(graph["y"].attrs) == {**EXPECTED, "T": dtype("int8")}


def test_a_renamed_node_keeps_its_attributes() -> None:
    graph = Graph([node_of(encoded("x", inputs=()))])
    graph.rename("x", "y")
    assert graph["y"].shared_attributes() is None
    assert dict(graph["y"].attrs) == EXPECTED


def another_order() -> bytes:
    return encode_field(5, b"\n\x01k\x12\x02\x18\x05") + encoded()


def an_input_behind() -> bytes:
    return encoded() + encode_field(3, b"late")


def a_second_name() -> bytes:
    return encoded() + encode_field(1, b"other")


def an_empty_input() -> bytes:
    return encode_field(1, b"x") + encode_field(3, b"") + encoded("", "", ())


@pytest.mark.parametrize("make", [another_order, an_input_behind, a_second_name, an_empty_input])
def test_a_node_in_another_order_shares_nothing(make: object) -> None:
    assert callable(make)
    content = make()
    node = node_of(content)
    assert node.shared_attributes() is None
    message = message_class("NodeDef").FromString(content)
    assert dict(node.attrs) == {key: decode_attr(value) for key, value in message.attr.items()}


def test_tensors_and_functions_are_not_shared() -> None:
    for field, part in (("tensor", {"dtype": 1}), ("func", {"name": "f"})):
        message = message_class("NodeDef")(name="x", op="Op")
        message.attr["value"].CopyFrom(message_class("AttrValue")(**{field: part}))
        node = node_of(message.SerializeToString())
        assert node.shared_attributes() is None
        assert type(node.attr("value")).__name__ in ("Tensor", "FunctionRef")


def test_what_is_kept_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_attributes, "_MOST", 3)
    for number in range(10):
        message = message_class("NodeDef")(name="x", op="Op")
        message.attr["n"].i = number
        assert node_of(message.SerializeToString()).attr("n") == number
        assert len(shared_attributes._kept) <= 3  # noqa: SLF001 - memory, seen nowhere else


def test_long_attributes_are_not_kept() -> None:
    message = message_class("NodeDef")(name="x", op="Op")
    message.attr["text"].s = b"y" * 5000
    node = node_of(message.SerializeToString())
    assert node.shared_attributes() is None
    assert node.attr("text") == b"y" * 5000
