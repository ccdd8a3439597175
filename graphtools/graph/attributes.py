"""Attributes of nodes as Python values.

| in the file | in Python |
|---|---|
| s | bytes |
| i, f, b | int, float, bool |
| type | DType |
| shape | Shape |
| tensor | Tensor |
| func | FunctionRef |
| placeholder | Placeholder |
| list | list of these |
| nothing set | None |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Union

from graphtools.errors import InvalidValue
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.schema import Message, message_class
from graphtools.schema.wire import Buffer, Payload, encode_field, encode_varint


class FunctionRef(NamedTuple):
    """A function that an attribute names, with the attributes it is called with.

    Example:
        >>> FunctionRef("body", {"T": dtype("float32")})
        FunctionRef(name='body', attrs={'T': float32})
    """

    name: str
    attrs: dict[str, Attr]


class Placeholder(str):
    """In a function body: the name of the function's attribute to be put in.

    Example:
        >>> Placeholder("T")
        'T'
    """

    __slots__ = ()


Scalar = Union[bytes, int, float, bool, DType, Shape, Tensor, FunctionRef, Placeholder]
Attr = Union[Scalar, "list[Scalar]", None]

_LIST_FIELDS = ("s", "i", "f", "b", "type", "shape", "tensor", "func")


def decode_attr(message: Message, buffer: Buffer = b"", payload: Payload | None = None) -> Attr:
    """The Python value of an AttrValue.

    Args:
        message: An AttrValue.
        buffer: Where the large field of its tensor stands, if it was left out of the message.
        payload: The place in the buffer.
    """
    kind = message.WhichOneof("value")
    if kind is None:
        return None
    if kind == "tensor":
        return Tensor(message.tensor, buffer, payload)
    if kind == "list":
        for name in _LIST_FIELDS:
            values = getattr(message.list, name)
            if len(values):
                return [_scalar(name, v) for v in values]
        return []
    return _scalar(kind, getattr(message, kind))


def _scalar(kind: str, value: Message) -> Scalar:
    if kind == "type":
        return dtype(value)
    if kind == "shape":
        return Shape.from_proto(value)
    if kind == "tensor":
        return Tensor(value)
    if kind == "func":
        return FunctionRef(value.name, {k: decode_attr(v) for k, v in value.attr.items()})
    if kind == "placeholder":
        return Placeholder(value)
    return value  # type: ignore[no-any-return]


def rename_called(message: Message, names: Mapping[str, str]) -> None:
    """Give the functions that an AttrValue calls other names, those of their attributes, too.

    Args:
        message: The AttrValue, which is changed.
        names: The new names by the old ones.
    """
    calls = [*message.list.func] if message.HasField("list") else []
    calls += [message.func] if message.HasField("func") else []
    for call in calls:
        call.name = names.get(call.name, call.name)
        for inner in call.attr.values():
            rename_called(inner, names)


def with_new_functions(value: Attr, names: Mapping[str, str]) -> Attr:
    """An attribute in which functions have other names; the same object where none has."""
    items = value if isinstance(value, list) else [value]
    if not any(isinstance(item, FunctionRef) for item in items):
        return value
    message = message_class("AttrValue").FromString(encode_attr(value))
    rename_called(message, names)
    return decode_attr(message)


def encode_attr(value: Attr) -> bytes:
    """The encoded AttrValue of a Python value; the inverse of `decode_attr`.

    Raises:
        InvalidValue: The value has no counterpart.
    """
    # the most frequent kinds, as protobuf would encode them: fields 6, 5 and 2 of AttrValue
    if isinstance(value, DType):
        return b"\x30" + encode_varint(value.number)
    if value is True or value is False:
        return b"\x28\x01" if value else b"\x28\x00"
    if isinstance(value, bytes):
        return encode_field(2, value)
    message = message_class("AttrValue")()
    try:
        if isinstance(value, list):
            message.list.SetInParent()
            for item in value:
                _put(message.list, item, repeated=True)
        elif value is not None:
            _put(message, value, repeated=False)
    except (ValueError, OverflowError) as error:  # a number that is too large, a broken name
        raise InvalidValue(f"{value!r} cannot be the value of an attribute: {error}") from None
    return message.SerializeToString(deterministic=True)  # type: ignore[no-any-return]


def _put(message: Message, value: Scalar, *, repeated: bool) -> None:
    field: str
    plain: object = value
    if isinstance(value, bool):
        field = "b"
    elif isinstance(value, int):
        field = "i"
    elif isinstance(value, float):
        field = "f"
    elif isinstance(value, Placeholder):
        field, plain = "placeholder", str(value)
    elif isinstance(value, bytes):
        field = "s"
    elif isinstance(value, str):
        field, plain = "s", value.encode()
    elif isinstance(value, DType):
        field, plain = "type", value.number
    else:
        _put_message(message, value, repeated=repeated)
        return
    if repeated:
        getattr(message, field).append(plain)
    else:
        setattr(message, field, plain)


def _put_message(message: Message, value: Scalar, *, repeated: bool) -> None:
    def target(field: str) -> Message:
        return getattr(message, field).add() if repeated else getattr(message, field)

    if isinstance(value, Shape):
        value.to_proto(target("shape"))
    elif isinstance(value, Tensor):
        target("tensor").ParseFromString(value.to_bytes())
    elif isinstance(value, FunctionRef):
        func = target("func")
        func.name = value.name
        for name, attr in value.attrs.items():
            func.attr[name].ParseFromString(encode_attr(attr))
    else:
        raise InvalidValue(f"{value!r} cannot be the value of an attribute")


def describe_attr(value: Attr, limit: int = 80) -> str:
    """An attribute's value as a short text for people."""
    if isinstance(value, list):
        text = "[" + ", ".join(describe_attr(v, limit) for v in value[:20])
        text += ", ...]" if len(value) > 20 else "]"
    elif isinstance(value, bytes):
        text = repr(value.decode("utf-8", "backslashreplace"))
    elif isinstance(value, FunctionRef):
        text = f"function {value.name}"
    elif isinstance(value, Placeholder):
        text = f"${value}"
    elif isinstance(value, Tensor):
        text = f"{value.dtype} {value.shape}"
    elif value is None:
        text = "(not set)"
    else:
        text = str(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def attr_json(value: Attr) -> object:
    """An attribute's value as JSON: dtypes by name, shapes as lists, tensors by dtype and shape."""
    if isinstance(value, list):
        return [attr_json(v) for v in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, DType):
        return value.name
    if isinstance(value, Shape):
        return value.to_json()
    if isinstance(value, Tensor):
        return {"dtype": value.dtype.name, "shape": value.shape.to_json()}
    if isinstance(value, FunctionRef):
        return {"function": value.name, "attrs": attrs_json(value.attrs)}
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return str(value)
    return value


def attrs_json(attrs: Mapping[str, Attr]) -> dict[str, object]:
    """All attributes of a node as JSON."""
    return {name: attr_json(value) for name, value in attrs.items()}
