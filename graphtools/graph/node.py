"""One node of a graph.

A node read from a file keeps the position of its bytes. Name, op, inputs and device are decoded
when the graph is read; attributes when somebody asks for them. A node that was not edited is
written back as the bytes that were read; of an edited one, the attributes that were not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import InvalidValue, ReadOnly
from graphtools.graph.attribute_values import in_file
from graphtools.graph.attributes import Attr, decode_attr, encode_attr
from graphtools.graph.dtypes import DType
from graphtools.graph.shared_attributes import shared_attributes
from graphtools.graph.tensor import Tensor
from graphtools.schema import Message, message_class
from graphtools.schema.wire import (
    LEN,
    SMALL,
    Buffer,
    Payload,
    WireField,
    abridge_node,
    encode_field,
    encode_varint,
    fields,
)

_NAME, _OP, _INPUT, _DEVICE, _ATTR = 1, 2, 3, 4, 5
_ATTR_TENSOR = 8  # in AttrValue
#: Nodes up to this many bytes are decoded whole.
SMALL_NODE = 4 * SMALL
#: Stands for attributes that nobody has asked for.
_NOT_ASKED: Mapping[str, Attr] = {}


def decode_node(buffer: Buffer, start: int, end: int) -> tuple[Message, dict[str, Payload]]:
    """Decode a NodeDef, leaving large payloads of tensors in the buffer.

    Returns:
        The message, and by attribute the place of what was left out.

    Raises:
        google.protobuf.message.DecodeError: The bytes are no NodeDef.
        Damaged: They are none, seen while walking over a large one.
    """
    if end - start <= SMALL_NODE:
        return message_class("NodeDef").FromString(buffer[start:end]), {}
    encoded, payloads = abridge_node(buffer, start, end)
    return message_class("NodeDef").FromString(encoded), payloads


class _NodeFields:
    """What a node is made of, which is set here, and refused to be set on a `Node`."""

    __slots__ = (
        *("_abridged", "_buffer", "_edited", "_end", "_set", "_shared", "_size", "_start"),
        "_tensor",
        *("device", "inputs", "name", "op"),
    )

    if TYPE_CHECKING:
        name: str
        op: str
        inputs: tuple[str, ...]
        device: str
        _buffer: Buffer
        _start: int
        _end: int
        _shared: Mapping[str, Attr] | None
        _tensor: Tensor | None
        #: Whether it is not what was read any more.
        _edited: bool
        #: The decoded node, where large payloads were left out of it.
        _abridged: tuple[Message, dict[str, Payload]] | None
        #: What `written_size` has counted since the last edit.
        _size: int | None
        #: Attributes that were set or removed (None) since the node was read; encoded, but for
        #: tensors, which may be large and are encoded when the node is written.
        _set: dict[str, bytes | Tensor | None] | None


def _setter(field: str) -> Callable[[Any, Any], None]:
    """What sets a field of a node without being asked whether it may."""
    return _NodeFields.__dict__[field].__set__  # type: ignore[no-any-return]


_put_edited, _put_size = _setter("_edited"), _setter("_size")
_put_shared, _put_tensor = _setter("_shared"), _setter("_tensor")
#: By what is assigned to, the method of its graph that is meant.
_METHODS = {
    "name": "graph.rename({name!r}, {value!r})",
    "op": "graph.set_op({name!r}, {value!r})",
    "inputs": "graph.set_inputs({name!r}, {value!r})",
    "device": "graph.set_device({name!r}, {value!r})",
    "attrs": "graph.set_attr({name!r}, NAME, VALUE)",
    "tensor": "graph.set_value({name!r}, ARRAY)",
}


class Node(_NodeFields):
    """A node. Its graph edits it, so that the graph's indices stay true: nothing is assigned to it.

    A node that belongs to no graph yet is made as it is to be, or is a `variant` of another.

    Attributes:
        name: Name, unique in the graph.
        op: Name of the operation.
        inputs: Inputs as they stand in the file: `name`, `name:1`, `^name`; control inputs last.
        device: Device, empty if none is set.

    Example:
        >>> node = Node("y", "Relu", ("x",), {"T": "float32"})
        >>> node.attr("T")
        float32
        >>> node.op = "Relu6"
        Traceback (most recent call last):
        ...
        graphtools.errors.ReadOnly: the op of a node is not changed by assigning to it
          use graph.set_op('y', 'Relu6')
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def name(self) -> str:  # type: ignore[override]
            """Name, unique in the graph."""

        @property
        def op(self) -> str:  # type: ignore[override]
            """Name of the operation."""

        @property
        def inputs(self) -> tuple[str, ...]:  # type: ignore[override]
            """Inputs as they stand in the file."""

        @property
        def device(self) -> str:  # type: ignore[override]
            """Device, empty if none is set."""

    def __new__(
        cls,
        name: str,
        op: str,
        inputs: Sequence[str] = (),
        attrs: Mapping[str, object] | None = None,
        device: str = "",
    ) -> Node:
        """A new node, to be added to a graph with `Graph.add`.

        Args:
            name: Its name.
            op: Its op.
            inputs: Its inputs.
            attrs: Its attributes, as `Graph.set_attr` takes them.
            device: Where it runs.

        Raises:
            InvalidValue: A value cannot be that of its attribute.
        """
        if isinstance(inputs, str):
            raise InvalidValue(f"the inputs of {name!r} are a text", f"write [{inputs!r}]")
        node: Any = _NodeFields.__new__(_NodeFields)
        node.name = name
        node.op = op
        node.inputs = tuple(inputs)
        node.device = device
        node._buffer = b""
        node._start = node._end = 0
        node._shared = node._tensor = node._abridged = node._size = None
        node._edited = True
        node._set = None
        if attrs:
            node._set = {key: as_set(in_file(op, key, value)) for key, value in attrs.items()}
        node.__class__ = Node
        return node  # type: ignore[no-any-return]

    @classmethod
    def constant(cls, name: str, value: object, type_: object = None, device: str = "") -> Node:
        """A new Const.

        Args:
            name: Its name.
            value: A tensor, or an array, a number, a text or lists of these; see `Tensor.of`.
            type_: Element type of what is no tensor.
            device: Where it is.

        Raises:
            InvalidValue: The value has no counterpart, or would lose something by that type.

        Example:
            >>> Node.constant("mean", [0.5, 0.25]).tensor
            Tensor(float32 [2])
        """
        tensor = value if isinstance(value, Tensor) else Tensor.of(value, type_)
        return cls(name, "Const", (), {"dtype": tensor.dtype, "value": tensor}, device)

    def __setattr__(self, name: str, value: object) -> None:
        method = _METHODS.get(name)
        if method is not None:
            raise ReadOnly(
                f"the {name} of a node is not changed by assigning to it",
                f"use {method.format(name=self.name, value=value)}",
            )
        object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[object, ...]:
        return Node.from_bytes, (self.to_bytes(),)

    def __copy__(self) -> Node:
        return self.copy()

    def __deepcopy__(self, _memo: object) -> Node:
        return self.copy()

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Node:
        """Decode a NodeDef.

        Raises:
            google.protobuf.message.DecodeError: The bytes are none.
        """
        message, payloads = decode_node(encoded, 0, len(encoded))
        return cls.from_message(message, encoded, 0, len(encoded), payloads)

    @classmethod
    def from_message(
        cls,
        message: Message,
        buffer: Buffer,
        start: int,
        end: int,
        payloads: dict[str, Payload] | None = None,
    ) -> Node:
        """A node that stands at a place of a buffer, where it was decoded from.

        Args:
            message: The decoded node.
            buffer: Holds the encoded one.
            start: Where that begins.
            end: Where it ends.
            payloads: By attribute, the place of what was left out of the message.
        """
        node: Any = _NodeFields.__new__(_NodeFields)
        node.name = message.name
        node.op = message.op
        node.inputs = tuple(message.input)
        node.device = message.device
        node._buffer = buffer
        node._start = start
        node._end = end
        node._shared = _NOT_ASKED
        node._tensor = None
        node._edited = False
        node._set = None
        node._abridged = (message, payloads) if payloads else None
        node._size = None
        node.__class__ = cls
        return node  # type: ignore[no-any-return]

    def _decoded(self) -> tuple[Message, dict[str, Payload]]:
        """What `decode_node` gives; kept of a large node, which takes long to walk over."""
        if self._abridged is not None:
            return self._abridged
        found = decode_node(self._buffer, self._start, self._end)
        if found[1]:
            self._abridged = found
        return found

    @property
    def attrs(self) -> Attributes:
        """The attributes, decoded anew by each call: keep the result to read several."""
        return Attributes(self)

    def attr(self, name: str) -> Attr:
        """The value of one attribute, None where the node does not have it."""
        if self._set and name in self._set:
            value = self._set[name]
            if value is None or isinstance(value, Tensor):
                return value
            return decode_attr(message_class("AttrValue").FromString(value))
        if not self._end:
            return None
        if not self._shared and self._lacks(name):
            return None
        shared = self._read_attributes()
        if shared is not None:
            found = shared.get(name)
            return found.copy() if type(found) is list else found
        message, payloads = self._decoded()
        if name not in message.attr:
            return None
        return decode_attr(message.attr[name], self._buffer, payloads.get(name))

    def has_attr(self, name: str) -> bool:
        """Whether the node has an attribute."""
        if self._set and name in self._set:
            return self._set[name] is not None
        if not self._end or (not self._shared and self._lacks(name)):
            return False
        return name in self.attrs

    def _lacks(self, name: str) -> bool:
        """Whether the bytes tell, without being decoded, that there is no such attribute."""
        start, end = self._start, self._end
        if end - start <= SMALL_NODE:
            return name.encode() not in self._buffer[start:end]
        entries = (f for f in fields(self._buffer, start, end) if f.number == _ATTR)
        return all(self._entry_key(f.start, f.end) != name for f in entries)

    def shared_attributes(self) -> Mapping[str, Attr] | None:
        """All attributes, if other nodes may share them; not to be changed."""
        return None if self._set else self._read_attributes()

    def _read_attributes(self) -> Mapping[str, Attr] | None:
        """The attributes as they were read, if other nodes may share them."""
        if self._shared is _NOT_ASKED:
            _put_shared(self, None)
            if self.op != "Const" and not self._edited:
                head = [(_NAME, self.name), (_OP, self.op), *((_INPUT, i) for i in self.inputs)]
                head.append((_DEVICE, self.device))
                filled = [field for field in head if field[1]]
                found = shared_attributes(filled, self._buffer, self._start, self._end)
                _put_shared(self, found)
        return self._shared

    @property
    def tensor(self) -> Tensor | None:
        """The value of a constant, None for any other node."""
        if self.op != "Const":
            return None
        if self._set or not self._end:
            value = self.attr("value")
            return value if isinstance(value, Tensor) else None
        if self._tensor is None:
            # the way of `attr`, for an attribute that is asked for more often than all others
            self._keep_tensor(*self._decoded())
        return self._tensor

    def _keep_tensor(self, message: Message, payloads: Mapping[str, Payload]) -> None:
        encoded = message.attr.get("value")
        if encoded is not None and encoded.HasField("tensor"):
            _put_tensor(self, Tensor(encoded.tensor, self._buffer, payloads.get("value")))

    @property
    def plain_dtype(self) -> DType | None:
        """The dtype of a constant that tells nothing but this and a value of it.

        None for any other node, and for one that was edited.
        """
        if self.op != "Const" or self._set or not self._end:
            return None
        message, payloads = self._decoded()
        if len(message.attr) != 2 or "dtype" not in message.attr:
            return None
        if self._tensor is None:
            self._keep_tensor(message, payloads)
        found = self._tensor.dtype if self._tensor is not None else None
        return found if found and found.number == message.attr["dtype"].type else None

    @property
    def data_inputs(self) -> tuple[str, ...]:
        """The inputs that carry tensors."""
        for text in self.inputs:
            if "^" in text:
                return tuple(i for i in self.inputs if i[:1] != "^")
        return self.inputs

    @property
    def control_inputs(self) -> tuple[str, ...]:
        """Names of the nodes that have to run before."""
        return tuple(i[1:] for i in self.inputs if i[:1] == "^")

    @property
    def encoded_size(self) -> int:
        """Bytes of the node in the file it was read from; 0 for a new one."""
        return self._end - self._start

    @property
    def written_size(self) -> int:
        """Bytes of the node as `to_bytes` would write it; the values themselves are not copied."""
        if not self._edited:
            return self._end - self._start
        if self._size is None:
            _put_size(self, self._counted_size())
        return self._size or 0

    def _counted_size(self) -> int:
        changed = self._set or {}
        total = len(self.name) + len(self.op) + len(self.device) + sum(map(len, self.inputs))
        for key, value in changed.items():
            if value is not None:
                size = value.encoded_size if isinstance(value, Tensor) else len(value)
                total += len(key) + size
        return total + sum(field.end - field.start for field in self._unchanged())

    def _unchanged(self) -> Iterator[WireField]:
        """The attributes, and what is behind them, that still are as they were read."""
        changed = self._set or {}
        for field in fields(self._buffer, self._start, self._end) if self._end else ():
            if field.number > _ATTR or (
                field.number == _ATTR
                and not (changed and self._entry_key(field.start, field.end) in changed)
            ):
                yield field

    def encoded_attributes(self) -> Iterator[bytes | list[bytes | memoryview]]:
        """The attributes in no certain order, each as the encoded entry of a map, or its pieces."""
        for key, value in (self._set or {}).items():
            if isinstance(value, Tensor):
                yield _tensor_entry(key, value)
            elif value is not None:
                yield encode_field(1, key.encode()) + encode_field(2, value)
        for field in self._unchanged():
            if field.number == _ATTR:
                yield self._buffer[field.start : field.end]

    def copy(self) -> Node:
        """A copy that belongs to no graph and shares the bytes in the file."""
        return self._twin(self.name, self.op, self.inputs, self.device)

    def _twin(self, name: str, op: str, inputs: tuple[str, ...], device: str) -> Node:
        """A copy with another head, which is noted by the caller."""
        twin: Any = _NodeFields.__new__(_NodeFields)
        twin.name = name
        twin.op = op
        twin.inputs = inputs
        twin.device = device
        twin._buffer = self._buffer
        twin._start = self._start
        twin._end = self._end
        twin._shared = self._shared
        twin._tensor = self._tensor
        twin._edited = self._edited
        twin._abridged = self._abridged
        twin._size = self._size
        twin._set = self._set.copy() if self._set else None
        twin.__class__ = Node
        return twin  # type: ignore[no-any-return]

    def variant(
        self,
        *,
        name: str | None = None,
        op: str | None = None,
        inputs: Sequence[str] | None = None,
        attrs: Mapping[str, object] | None = None,
        device: str | None = None,
    ) -> Node:
        """A copy that belongs to no graph, with another name, op, inputs, attributes or device.

        Args:
            name: Its name; that of this node if None.
            op: Its op; so for it.
            inputs: Its inputs; so for them.
            attrs: Attributes that differ, as `Graph.set_attr` takes them; None for one that it does
                not have.
            device: Its device; that of this node if None.

        Example:
            >>> Node("y", "Relu", ("x",), {"T": "float32"}).variant(name="z", op="Relu6")
            Node('z', 'Relu6', ['x'])
        """
        twin = self._twin(
            self.name if name is None else name,
            self.op if op is None else op,
            self.inputs if inputs is None else tuple(inputs),
            self.device if device is None else device,
        )
        for key, value in (attrs or {}).items():
            new = None if value is None else as_set(in_file(twin.op, key, value))
            twin.set_encoded_attr(key, new)
        twin.change()
        return twin

    def to_bytes(self) -> bytes:
        """The encoded NodeDef: the bytes that were read, if nothing was edited."""
        return b"".join(self.pieces())

    def pieces(self) -> list[bytes | memoryview]:
        """The encoded NodeDef in pieces, so that large values are not copied."""
        if not self._edited:
            return [self._buffer[self._start : self._end]]
        out: list[bytes | memoryview]
        out = [encode_field(_NAME, self.name.encode()), encode_field(_OP, self.op.encode())]
        out += [encode_field(_INPUT, i.encode()) for i in self.inputs]
        if self.device:
            out.append(encode_field(_DEVICE, self.device.encode()))
        for key, value in (self._set or {}).items():
            if isinstance(value, Tensor):
                entry = _tensor_entry(key, value)
                size = sum(map(len, entry))
                out += [encode_varint(_ATTR << 3 | LEN) + encode_varint(size), *entry]
            elif value is not None:
                encoded = encode_field(1, key.encode()) + encode_field(2, value)
                out.append(encode_field(_ATTR, encoded))
        out += [self._buffer[field.key : field.end] for field in self._unchanged()]
        return out

    def _entry_key(self, start: int, end: int) -> str:
        key = ""
        for field in fields(self._buffer, start, end):
            if field.number == 1 and field.kind == LEN:
                key = self._buffer[field.start : field.end].decode()
        return key

    def set_encoded_attr(self, name: str, value: bytes | Tensor | None) -> None:
        """Set (an encoded AttrValue, or a tensor) or remove (None) one. For use by `Graph`."""
        if self._set is None:
            self._set = {}
        self._set[name] = value
        _put_edited(self, True)
        _put_size(self, None)

    def change(self, **fields: str | tuple[str, ...]) -> None:
        """Set name, op, inputs or device. For use by `Graph`, and on what belongs to no graph."""
        for field, value in fields.items():
            object.__setattr__(self, field, value)
        _put_edited(self, True)
        _put_size(self, None)

    def __repr__(self) -> str:
        return f"Node({self.name!r}, {self.op!r}, {list(self.inputs)})"


def as_set(value: Attr) -> bytes | Tensor:
    """An attribute as a node keeps it until it is written.

    Raises:
        InvalidValue: The value cannot be the value of an attribute.
    """
    return value if isinstance(value, Tensor) else encode_attr(value)


def _tensor_entry(key: str, tensor: Tensor) -> list[bytes | memoryview]:
    """The encoded entry of a map that a tensor is, in pieces."""
    pieces = tensor.pieces()
    size = sum(map(len, pieces))
    value = encode_varint(_ATTR_TENSOR << 3 | LEN) + encode_varint(size)
    head = encode_field(1, key.encode()) + encode_varint(2 << 3 | LEN)
    head += encode_varint(len(value) + size) + value
    return [head, *pieces]


class Attributes(Mapping[str, Attr]):
    """The attributes of a node, by name; not to be assigned to."""

    def __init__(self, node: Node) -> None:
        """Decode the attributes of a node."""
        self._owner = node.name
        self._shared = node.shared_attributes()
        if self._shared is not None:
            return
        self._messages: dict[str, Message] = {}
        self._payloads: dict[str, Payload] = {}
        self._buffer = node._buffer
        if node._end:
            message, payloads = node._decoded()
            self._messages, self._payloads = dict(message.attr), payloads.copy()
        for name, value in (node._set or {}).items():
            self._payloads.pop(name, None)
            if value is None:
                self._messages.pop(name, None)
            elif isinstance(value, Tensor):
                self._messages[name] = value
            else:
                self._messages[name] = message_class("AttrValue").FromString(value)

    def __getitem__(self, name: str) -> Attr:
        if self._shared is not None:
            value = self._shared[name]
            return value.copy() if type(value) is list else value
        found = self._messages[name]
        if isinstance(found, Tensor):
            return found
        return decode_attr(found, self._buffer, self._payloads.get(name))

    if not TYPE_CHECKING:  # type checkers refuse it by themselves

        def __setitem__(self, name: str, value: object) -> None:
            raise self._read_only(f"use graph.set_attr({self._owner!r}, {name!r}, {value!r})")

        def __delitem__(self, name: str) -> None:
            raise self._read_only(f"use graph.remove_attr({self._owner!r}, {name!r})")

    def _read_only(self, remedy: str) -> ReadOnly:
        return ReadOnly("attributes of a node are not changed by assigning to them", remedy)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __iter__(self) -> Iterator[str]:
        return iter(self._shared if self._shared is not None else sorted(self._messages))

    def __len__(self) -> int:
        return len(self._messages if self._shared is None else self._shared)
