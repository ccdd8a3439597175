"""TensorFlow's wire schema: the only module that hands out message classes.

The schema is our own `.proto` files in the private package `graphtools.schema`, held in a private
descriptor pool, so that TensorFlow may be imported in the same process. `graph.proto` is enough to
read a graph; the others are loaded when one of their messages is asked for.
"""

from __future__ import annotations

import functools
import os.path
from typing import Any

#: A message class or instance of the private pool. Its fields are made at run time, so that no
#: type checker knows them.
Message = Any

_PACKAGE = "graphtools.schema"
#: Files of the pool in the order in which they depend on each other.
FILES = ("graph", "saved_model", "checkpoint")


@functools.cache
def _compiled() -> Any:
    """Protobuf's compiled module, None where it is another one than that of today.

    `descriptor_pool` and `message_factory`, which hand out its classes, import the whole of
    protobuf's other form, in Python: that takes longer than a graph of some thousand nodes.
    """
    from google.protobuf.internal import api_implementation

    is_known = api_implementation.Type() == "upb"
    return getattr(api_implementation, "_c_module", None) if is_known else None


@functools.cache
def _pool() -> Any:
    compiled = _compiled()
    if compiled is not None:
        return compiled.DescriptorPool()
    from google.protobuf import descriptor_pool

    return descriptor_pool.DescriptorPool()


#: The classes that were made, by full name.
_classes: dict[str, Message] = {}


def _class_of(descriptor: Any) -> Message:
    """The class of a message; those of the messages in it are made, too, as protobuf does it."""
    found = _classes.get(descriptor.full_name)
    if found is not None:
        return found
    compiled = _compiled()
    if compiled is None:
        from google.protobuf import message_factory

        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        # protobuf before 4.22
        return message_factory.MessageFactory(_pool()).GetPrototype(descriptor)  # type: ignore[attr-defined]
    from google.protobuf.message import Message as Base

    content = {"DESCRIPTOR": descriptor, "__module__": None}
    made = _classes[descriptor.full_name] = compiled.MessageMeta(descriptor.name, (Base,), content)
    for field in descriptor.fields:
        if field.message_type:
            _class_of(field.message_type)
    return made


@functools.cache
def _load(stem: str) -> None:
    pool = _pool()
    if stem == "graph":
        pass
    elif stem == "saved_model":
        from google.protobuf import any_pb2, wrappers_pb2

        pool.AddSerializedFile(any_pb2.DESCRIPTOR.serialized_pb)
        pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
        _load("graph")
    else:
        _load("graph")
    with open(os.path.join(os.path.dirname(__file__), f"{stem}.binpb"), "rb") as file:
        pool.AddSerializedFile(file.read())


@functools.cache
def message_class(name: str) -> Message:
    """The class of a message of the schema, by its TensorFlow name, as `GraphDef`.

    Args:
        name: Name without package; nested messages with dots (`AttrValue.ListValue`).

    Raises:
        KeyError: No file of the schema has such a message.
    """
    pool = _pool()
    for stem in FILES:
        _load(stem)
        try:
            descriptor = pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")
        except KeyError:
            continue
        return _class_of(descriptor)
    raise KeyError(f"the schema has no message {name}")


def decode_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """For an `except`: what protobuf raises for bytes that are no message, and other errors.

    The second is that of its pure Python form for text that is not UTF-8.
    """
    from google.protobuf.message import DecodeError

    return (DecodeError, UnicodeDecodeError, *others)


class PublicNames:
    """A descriptor pool for the text format: an `Any` names its content as TensorFlow does."""

    def FindMessageTypeByName(self, name: str) -> Any:
        """The descriptor of a message by its full TensorFlow name, as `tensorflow.AssetFileDef`.

        Raises:
            KeyError: No file of the schema has such a message.
        """
        return message_class(name.removeprefix("tensorflow.")).DESCRIPTOR
