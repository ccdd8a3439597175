"""Walking over encoded messages: against protobuf itself, and over damage."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphtools.errors import Damaged
from graphtools.schema import message_class
from graphtools.schema.wire import (
    FIXED32,
    FIXED64,
    LEN,
    SMALL,
    VARINT,
    WireField,
    abridge_node,
    encode_field,
    encode_varint,
    fields,
    varint,
)


@given(st.integers(0, (1 << 64) - 1), st.binary(max_size=3))
@example(0, b"")
@example((1 << 64) - 1, b"")
def test_varint_round_trip(value: int, behind: bytes) -> None:
    encoded = encode_varint(value)
    assert varint(encoded + behind, 0, len(encoded)) == (value, len(encoded))


@pytest.mark.parametrize("raw", [b"", b"\x80", b"\xff" * 9, b"\xff" * 11])
def test_a_varint_without_end_is_damage(raw: bytes) -> None:
    with pytest.raises(Damaged, match="does not end"):
        varint(raw, 0, len(raw))


def test_a_varint_does_not_read_behind_its_message() -> None:
    with pytest.raises(Damaged):
        varint(b"\x80\x01", 0, 1)


def test_a_negative_number_has_ten_bytes() -> None:
    raw = message_class("TensorShapeProto.Dim")(size=-1).SerializeToString()
    assert varint(raw, 1, len(raw)) == ((1 << 64) - 1, 11)


def test_fields_of_every_wire_type() -> None:
    raw = b"\x08\x05" + b"\x11" + b"8" * 8 + b"\x1a\x02ab" + b"\x25" + b"4" * 4
    assert list(fields(raw, 0, len(raw))) == [
        WireField(1, VARINT, 0, 1, 2),
        WireField(2, FIXED64, 2, 3, 11),
        WireField(3, LEN, 11, 13, 15),
        WireField(4, FIXED32, 15, 16, 20),
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\x00\x01", "starts no field"),
        (b"\x0b", "wire type 3"),
        (b"\x0c", "wire type 4"),
        (b"\x0f", "wire type 7"),
        (b"\x0a\x05abc", "wants 5 bytes, 3 are left"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "wants 18,446,744,073,709,551,615 bytes"),
        (b"\x09abc", "wants 8 bytes, 3 are left"),
        (b"\x0d", "wants 4 bytes"),
        (b"\x08\x80", "does not end"),
        (b"\xff\xff\xff\xff\xff\xff\x01", "starts no field"),
    ],
    ids=range(10),
)
def test_fields_that_do_not_fit_are_damage(raw: bytes, message: str) -> None:
    with pytest.raises(Damaged, match=message):
        list(fields(raw, 0, len(raw)))


# abridge_node


def node(**tensors: dict[str, Any]) -> Any:
    message = message_class("NodeDef")(name="n", op="Const", input=["a", "^b"])
    for name, tensor in tensors.items():
        message.attr[name].tensor.CopyFrom(message_class("TensorProto")(**tensor))
    return message


def restored(raw: bytes) -> Any:
    """What `abridge_node` made of a node, with the payloads put back by protobuf's merging."""
    encoded, payloads = abridge_node(raw, 0, len(raw))
    message = message_class("NodeDef").FromString(encoded)
    for name, payload in payloads.items():
        field = encode_field(payload.field, raw[payload.start : payload.end])
        message.attr[name].tensor.MergeFromString(field)
    return message


BIG = SMALL + 8
LARGE_FIELDS: dict[str, Any] = {
    "tensor_content": b"x" * BIG,
    "float_val": [1.5] * BIG,
    "double_val": [1.5] * BIG,
    "scomplex_val": [1.5] * BIG,
    "dcomplex_val": [1.5] * BIG,
}


@pytest.mark.parametrize("field", LARGE_FIELDS)
def test_large_payloads_of_tensors_are_left_out(field: str) -> None:
    raw = node(value={"dtype": 1, field: LARGE_FIELDS[field]}).SerializeToString()
    encoded, payloads = abridge_node(raw, 0, len(raw))
    number = message_class("TensorProto").DESCRIPTOR.fields_by_name[field].number
    assert {name: p.field for name, p in payloads.items()} == {"value": number}
    assert len(encoded) < 100
    assert restored(raw) == message_class("NodeDef").FromString(raw)


def test_small_nodes_are_not_changed() -> None:
    raw = node(value={"tensor_content": b"x" * 100}).SerializeToString()
    assert abridge_node(raw, 0, len(raw)) == (raw, {})


def test_a_node_may_have_several_large_tensors() -> None:
    raw = node(a={"tensor_content": b"x" * BIG}, b={"float_val": [1] * BIG}).SerializeToString()
    assert abridge_node(raw, 0, len(raw))[1].keys() == {"a", "b"}
    assert restored(raw) == message_class("NodeDef").FromString(raw)


def entry(name: bytes, value: bytes) -> bytes:
    return encode_field(5, encode_field(1, name) + encode_field(2, value))


def tensor(*parts: bytes) -> bytes:
    return encode_field(8, b"".join(parts))


CONTENT = encode_field(4, b"x" * BIG)
UNUSUAL = {
    "content in two pieces": entry(b"v", tensor(CONTENT, encode_field(4, b"short"))),
    "content twice": entry(b"v", tensor(CONTENT, CONTENT)),
    "floats packed and not": entry(b"v", tensor(encode_field(5, b"1234" * BIG), b"\x2d1234")),
    "two kinds of payload": entry(b"v", tensor(CONTENT, encode_field(5, b"1234" * BIG))),
    "tensor twice in its value": entry(b"v", tensor(CONTENT) + tensor(b"\x08\x01")),
    "value before the key": encode_field(5, encode_field(2, tensor(CONTENT)) + b"\x0a\x01v"),
    "key twice": encode_field(5, b"\x0a\x01u\x0a\x01v" + encode_field(2, tensor(CONTENT))),
    "a large string": entry(b"v", encode_field(2, b"x" * BIG)),
    "large ints": entry(b"v", tensor(encode_field(7, b"\x01" * BIG))),
    "a large unknown field": encode_field(99, b"x" * BIG),
    "a large name": encode_field(1, b"x" * BIG),
    "a large attribute name": entry(b"x" * BIG, tensor(CONTENT)),
    "the attribute twice, large": entry(b"v", tensor(CONTENT)) * 2,
    "the attribute replaced": entry(b"v", tensor(CONTENT)) + entry(b"v", b"\x18\x07"),
}


@pytest.mark.parametrize("raw", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_unusual_encodings_are_returned_whole(raw: bytes) -> None:
    assert abridge_node(raw, 0, len(raw)) == (raw, {})


def test_an_attribute_that_is_replaced_by_a_large_one_is_abridged() -> None:
    raw = entry(b"v", b"\x18\x07") + entry(b"v", tensor(CONTENT))
    assert abridge_node(raw, 0, len(raw))[1].keys() == {"v"}
    assert restored(raw) == message_class("NodeDef").FromString(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (entry(b"\xff", tensor(CONTENT)), "not UTF-8"),
        (entry(b"v", tensor(encode_field(5, b"x" * (BIG + 1)))), "whole element"),
        (entry(b"v", tensor(CONTENT))[:-1], "wants"),
        (encode_field(5, b"\x0a\x01v\x12\xff\xff\x7f" + b"x" * BIG), "wants"),
    ],
    ids=range(4),
)
def test_damage_in_a_large_node_is_seen(raw: bytes, message: str) -> None:
    with pytest.raises(Damaged, match=message):
        abridge_node(raw, 0, len(raw))


TENSORS = st.one_of(
    *(
        st.builds(
            lambda key, value, size: {"dtype": 1, key: (value * size)[:size]},
            st.just(key),
            st.just(LARGE_FIELDS[key][:1]),
            st.sampled_from([0, 1, 500, SMALL // 8, SMALL, SMALL + 1, 3 * SMALL]),
        )
        for key in LARGE_FIELDS
    )
)
ATTRIBUTES = st.one_of(
    st.builds(lambda t: ("tensor", message_class("TensorProto")(**t)), TENSORS),
    st.tuples(st.just("s"), st.binary(max_size=20) | st.just(b"s" * BIG)),
    st.tuples(st.just("i"), st.integers(-(1 << 63), (1 << 63) - 1)),
)


@given(st.lists(st.tuples(st.sampled_from("abcd"), ATTRIBUTES), max_size=5))
def test_abridged_node_and_payloads_are_the_node(attrs: list[tuple[str, Any]]) -> None:
    raw = b"\x0a\x01n\x12\x01o"
    for name, (kind, value) in attrs:  # in this order, with repetitions
        attr = message_class("AttrValue")()
        if kind == "tensor":
            attr.tensor.CopyFrom(value)
        else:
            setattr(attr, kind, value)
        raw += entry(name.encode(), attr.SerializeToString())
    assert restored(raw) == message_class("NodeDef").FromString(raw)
