"""What each op takes and gives: TensorFlow's OpDefs, without TensorFlow.

`definitions.bin` beside this module holds the OpDefs of a current TensorFlow, and of earlier ones
those of the ops that are gone since; `tests/builders/op_definitions.py` makes it. An op is decoded
when somebody asks for it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from graphtools.declared import Declared
from graphtools.graph.attributes import Attr, decode_attr
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.node import Node
from graphtools.schema import Message, message_class

FILE = os.path.join(os.path.dirname(__file__), "definitions.bin")
#: More tensors than this are not taken for one argument: the number must be damaged.
_MOST_TENSORS = 1_000_000


class Argument(NamedTuple):
    """An input or output argument of an op: one tensor, or a list of them.

    Attributes:
        name: Name.
        dtype: Element type where it is fixed, else None.
        type_attr: Attribute that holds the element type, else empty.
        number_attr: For a list of tensors of one type, the attribute that holds how many; else
            empty.
        type_list_attr: For a list of tensors of several types, the attribute that holds these;
            else empty.
        is_ref: Whether it is a reference to a variable.
    """

    name: str
    dtype: DType | None
    type_attr: str
    number_attr: str
    type_list_attr: str
    is_ref: bool

    @property
    def is_list(self) -> bool:
        """Whether it stands for any number of tensors."""
        return bool(self.number_attr or self.type_list_attr)


class Attribute(NamedTuple):
    """An attribute of an op.

    Attributes:
        name: Name.
        type: Its type in TensorFlow's words: `int`, `shape`, `list(type)`.
        has_default: Whether a node may leave it out.
        default: The value where a node leaves it out.
        minimum: Least value of an int, least length of a list; None where there is none.
        allowed: The values that it may have; empty where there is no such list.
    """

    name: str
    type: str
    has_default: bool
    default: Attr
    minimum: int | None
    allowed: tuple[Attr, ...]


class OpDefinition(NamedTuple):
    """What an op takes and gives.

    Attributes:
        name: Name.
        inputs: Input arguments.
        outputs: Output arguments.
        attributes: Attributes.
        is_stateful: Whether running it may have an effect, or give another result each time.
        is_commutative: Whether the order of its inputs does not matter.
        is_aggregate: Whether it adds up any number of inputs.
        deprecated_since: GraphDef version from which on it is refused; 0 if it is not deprecated.
        deprecation: What TensorFlow advises instead.
        last_seen: The TensorFlow version that the definition is from: the newest known one, or for
            an op that is gone the last in which it was found.
        is_gone: Whether newer TensorFlow versions do not have it.
    """

    name: str
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    attributes: tuple[Attribute, ...]
    is_stateful: bool
    is_commutative: bool
    is_aggregate: bool
    deprecated_since: int
    deprecation: str
    last_seen: str
    is_gone: bool

    def attribute(self, name: str) -> Attribute | None:
        """An attribute by its name."""
        return next((a for a in self.attributes if a.name == name), None)


@functools.cache
def _data() -> tuple[str, bytes]:
    """The index, a line `name start end version` an op behind a first line, and the OpDefs."""
    with open(FILE, "rb") as file:
        index, _, definitions = file.read().partition(b"\n\n")
    return index.decode("ascii") + "\n", definitions


def op_names() -> Iterator[str]:
    """The names of all ops, sorted."""
    for line in _data()[0].splitlines()[1:]:
        yield line.partition(" ")[0]


def newest_version() -> str:
    """The newest TensorFlow version whose ops are known."""
    return _data()[0].partition("\n")[0]


def _stored(op: str) -> tuple[Message, str] | None:
    """The OpDef of an op and the version that it is from, None where there is none."""
    index, definitions = _data()
    place = index.find(f"\n{op} ")
    if place < 0 or not op or "\n" in op or " " in op:
        return None
    start, end, version = index[place + len(op) + 2 : index.index("\n", place + 1)].split(" ")
    return message_class("OpDef").FromString(definitions[int(start) : int(end)]), version


@functools.cache
def op_definition(op: str) -> OpDefinition | None:
    """The definition of an op by its name, None where no known TensorFlow has it.

    Example:
        >>> [argument.name for argument in graphtools.op_definition("Conv2D").inputs]
        ['input', 'filter']
    """
    found = _stored(op)
    if found is None:
        return None
    message, version = found
    return from_proto(message, version, is_gone=version != newest_version())


@functools.cache
def declared_attributes_of(op: str) -> dict[str, Declared]:
    """What an op declares of its attributes, for `graphtools.declared`."""
    definition = op_definition(op)
    attributes = definition.attributes if definition else ()
    return {a.name: Declared(a.type, a.allowed) for a in attributes}


@functools.cache
def fewest_inputs(op: str) -> int:
    """The number of tensors that an op takes at the least; quicker than its whole definition."""
    found = _stored(op)
    arguments = found[0].input_arg if found else ()
    return sum(not (a.number_attr or a.type_list_attr) for a in arguments)


def from_proto(message: Message, version: str = "", *, is_gone: bool = False) -> OpDefinition:
    """The definition that an OpDef gives, that of an op or the signature of a function."""
    return OpDefinition(
        message.name,
        tuple(_argument(a) for a in message.input_arg),
        tuple(_argument(a) for a in message.output_arg),
        tuple(_attribute(a) for a in message.attr),
        message.is_stateful,
        message.is_commutative,
        message.is_aggregate,
        message.deprecation.version,
        message.deprecation.explanation,
        version,
        is_gone,
    )


def _argument(message: Message) -> Argument:
    return Argument(
        message.name,
        dtype(message.type) if message.type else None,
        message.type_attr,
        message.number_attr,
        message.type_list_attr,
        message.is_ref,
    )


def _attribute(message: Message) -> Attribute:
    has_default = message.HasField("default_value")
    allowed = decode_attr(message.allowed_values) if message.HasField("allowed_values") else []
    return Attribute(
        message.name,
        message.type,
        has_default,
        decode_attr(message.default_value) if has_default else None,
        message.minimum if message.has_minimum else None,
        tuple(allowed) if isinstance(allowed, list) else (),
    )


# What a definition says of a node


def attribute_value(node: Node, name: str) -> Attr:
    """An attribute of a node; where the node leaves it out, the op's default, or None."""
    value = node.attr(name)
    return default_value(node.op, name) if value is None else value


@functools.cache
def default_value(op: str, name: str) -> Attr:
    """The default of an op's attribute, None where it has none."""
    definition = op_definition(op)
    attribute = definition.attribute(name) if definition else None
    return attribute.default if attribute else None


def output_dtypes(node: Node) -> list[DType | None] | None:
    """The dtypes of a node's outputs, None where an attribute that tells one is missing.

    Returns:
        One entry an output; None where not even their number is known: the op is unknown, or the
        attribute that tells the number is missing.
    """
    definition = op_definition(node.op)
    if definition is None:
        return None
    return argument_dtypes(definition.outputs, functools.partial(attribute_value, node))


def input_dtypes(node: Node) -> list[DType | None] | None:
    """The dtypes that a node's data inputs must have; otherwise as `output_dtypes`."""
    definition = op_definition(node.op)
    if definition is None:
        return None
    return argument_dtypes(definition.inputs, functools.partial(attribute_value, node))


def argument_dtypes(
    arguments: Iterable[Argument], attribute: Callable[[str], Attr]
) -> list[DType | None] | None:
    """The dtypes of the tensors that stand for arguments.

    Args:
        arguments: Input or output arguments.
        attribute: Gives the value of an attribute, or its default.

    Returns:
        As for `output_dtypes`.
    """
    found: list[DType | None] = []
    for argument in arguments:
        if argument.type_list_attr:
            types = attribute(argument.type_list_attr)
            if not isinstance(types, list):
                return None
            found += [t if isinstance(t, DType) else None for t in types]
            continue
        kind = argument.dtype
        if kind is None:
            value = attribute(argument.type_attr)
            kind = value if isinstance(value, DType) else None
        if kind is not None and argument.is_ref and not kind.is_ref:
            kind = dtype(kind.number + 100)
        if argument.number_attr:
            number = attribute(argument.number_attr)
            if not isinstance(number, int) or not 0 <= number <= _MOST_TENSORS:
                return None
            found += [kind] * number
        else:
            found.append(kind)
    return found


def argument_starts(node: Node, arguments: Iterable[Argument]) -> dict[str, int] | None:
    """For each argument, the position of its first tensor among those of all arguments.

    Returns:
        None where the attribute that tells how many tensors an argument has is missing.
    """
    attribute = functools.partial(attribute_value, node)
    found = {}
    position = 0
    for argument in arguments:
        found[argument.name] = position
        dtypes = argument_dtypes((argument,), attribute)
        if dtypes is None:
            return None
        position += len(dtypes)
    return found
