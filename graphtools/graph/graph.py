"""The graph: nodes in file order, their consumers, the function library and the versions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from graphtools.display import Displayed
from graphtools.errors import InvalidGraph, InvalidValue, ReadOnly, unknown_name
from graphtools.graph.attribute_values import checked
from graphtools.graph.attributes import rename_called, with_new_functions
from graphtools.graph.colocation_entries import ATTRIBUTE, colocated_with, renamed_entries
from graphtools.graph.dtypes import DType
from graphtools.graph.node import Node, as_set
from graphtools.graph.ref import Ref, producer
from graphtools.graph.tensor import Tensor
from graphtools.schema import Message, message_class
from graphtools.schema.wire import LEN, Buffer, encode_field, encode_varint, fields

_GRAPH_NODE, _GRAPH_LIBRARY, _GRAPH_VERSIONS = 1, 2, 4


class Versions(NamedTuple):
    """Which GraphDef version wrote a graph, and which ones may read it.

    Attributes:
        producer: GraphDef version of the TensorFlow that wrote it; 0 where it is not recorded.
        min_consumer: Least version that may read it.
        bad_consumers: Versions that must not.

    Example:
        >>> Versions(producer=987)
        Versions(producer=987, min_consumer=0, bad_consumers=())
    """

    producer: int = 0
    min_consumer: int = 0
    bad_consumers: tuple[int, ...] = ()

    @classmethod
    def from_proto(cls, message: Message) -> Versions:
        """Read a VersionDef."""
        return cls(message.producer, message.min_consumer, tuple(message.bad_consumers))


class Function(NamedTuple):
    """A function of the library.

    Attributes:
        name: Name by which nodes call it.
        inputs: Names of its arguments.
        outputs: By output argument, the tensor in its body that is returned.
        nodes: Nodes of its body; their inputs read `argument`, `node:output:0` or `^node`.
        control_outputs: By name, the node that must run.
        encoded: The whole FunctionDef.

    Example:
        >>> graph = graphtools.load("fixtures/control_flow/functions/graph.pb")
        >>> function = graph.functions["__inference_halve_230"]
        >>> function.inputs, [node.op for node in function.nodes]
        (('values',), ['Const', 'Mul', 'Identity'])
    """

    name: str
    inputs: tuple[str, ...]
    outputs: dict[str, str]
    nodes: tuple[Node, ...]
    control_outputs: dict[str, str]
    encoded: bytes

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Function:
        """Decode a FunctionDef.

        Raises:
            google.protobuf.message.DecodeError: The bytes are none.
        """
        message = message_class("FunctionDef").FromString(encoded)
        nodes = []
        for body_node in message.node_def:
            raw = body_node.SerializeToString(deterministic=True)
            nodes.append(Node.from_message(body_node, raw, 0, len(raw)))
        return cls(
            message.signature.name,
            tuple(a.name for a in message.signature.input_arg),
            {a.name: message.ret.get(a.name, "") for a in message.signature.output_arg},
            tuple(nodes),
            dict(message.control_ret),
            encoded,
        )

    def with_texts(self, attribute: str, texts: Mapping[bytes, bytes]) -> Function:
        """The function with other texts for those of an attribute of the nodes of its body."""
        message = message_class("FunctionDef").FromString(self.encoded)
        for node in message.node_def:
            if attribute in node.attr and node.attr[attribute].s in texts:
                node.attr[attribute].s = texts[node.attr[attribute].s]
        return Function.from_bytes(message.SerializeToString(deterministic=True))


def _with_gradients_of(encoded: bytes, names: Collection[str]) -> bytes:
    """Fields of a GraphDef, with those gradients that are between the named functions."""
    kept = b""
    for field in fields(encoded, 0, len(encoded)):
        if (field.number, field.kind) != (_GRAPH_LIBRARY, LEN):
            kept += encoded[field.key : field.end]
            continue
        library = message_class("FunctionDefLibrary")
        found = library.FromString(encoded[field.start : field.end])
        rest = library(
            gradient=[
                g for g in found.gradient if g.function_name in names and g.gradient_func in names
            ],
            registered_gradients=[
                g for g in found.registered_gradients if g.gradient_func in names
            ],
        )
        raw = rest.SerializeToString(deterministic=True)
        kept += encode_field(_GRAPH_LIBRARY, raw) if raw else b""
    return kept


def _calling(encoded: bytes, names: Mapping[str, str]) -> bytes:
    """An encoded FunctionDef in which functions have other names, its own among them."""
    message = message_class("FunctionDef").FromString(encoded)
    signature = message.signature
    signature.name = names.get(signature.name, signature.name)
    for node in message.node_def:
        node.op = names.get(node.op, node.op)
        for attr in node.attr.values():
            rename_called(attr, names)
    return bytes(message.SerializeToString(deterministic=True))


def _with_renamed_gradients(encoded: bytes, names: Mapping[str, str]) -> bytes:
    """Fields of a GraphDef in which the functions of gradients have other names."""
    kept = b""
    for field in fields(encoded, 0, len(encoded)):
        if (field.number, field.kind) != (_GRAPH_LIBRARY, LEN):
            kept += encoded[field.key : field.end]
            continue
        library = message_class("FunctionDefLibrary").FromString(encoded[field.start : field.end])
        for gradient in (*library.gradient, *library.registered_gradients):
            gradient.gradient_func = names.get(gradient.gradient_func, gradient.gradient_func)
        for gradient in library.gradient:
            gradient.function_name = names.get(gradient.function_name, gradient.function_name)
        kept += encode_field(_GRAPH_LIBRARY, library.SerializeToString(deterministic=True))
    return kept


def _restored(
    nodes: list[Node],
    versions: Versions | None,
    functions: list[bytes],
    other: bytes,
    raw: bytes | None,
) -> Graph:
    """A graph that was pickled; without edits it is still written as the bytes it was read from."""
    graph = Graph(nodes, versions, map(Function.from_bytes, functions), other)
    if raw is not None:
        graph.remember_source(raw, 0, len(raw))
    return graph


def _check_position(node: Node, position: int) -> None:
    if not -len(node.inputs) <= position < len(node.inputs):
        raise InvalidValue(
            f"{node.name!r} has no input {position}", f"its inputs are {list(node.inputs)}"
        )


def _read_instead(text: str, old: Ref, new: str) -> str:
    """An input, or another one where it is the old tensor."""
    return new if producer(text) == old.node and Ref.parse(text) == old else text


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """An input that names a node by its new name."""
    old = producer(text)
    new = names.get(old, old)
    return text if new == old else text.replace(old, new, 1)


class NodesInOrder(list[Node]):
    """The nodes of a graph in file order: a list that its graph alone changes."""

    def _read_only(self, *_given: object, **_named: object) -> NoReturn:
        raise ReadOnly(
            "the list of a graph's nodes is not changed itself",
            "use graph.add(node), graph.remove(name) or graph.replace(node, nodes)",
        )

    if not TYPE_CHECKING:  # type checkers see a sequence
        append = extend = insert = remove = pop = clear = sort = reverse = _read_only
        __setitem__ = __delitem__ = __iadd__ = __imul__ = _read_only


class Graph(Displayed):
    """A TensorFlow graph.

    Nodes stand in file order. All edits go through the methods of this class, which keep the
    index of names and the map of consumers true and count the changes. Where a file holds several
    nodes of one name, which TensorFlow refuses, the first is found by name and the others are in
    `duplicates`. A method that takes a node takes its name, too.

    Attributes:
        duplicates: Nodes whose name an earlier node has.
        edits: Number of changes since the graph was made or read.
        is_tensorflow: Whether its ops are TensorFlow's, so that its rules hold.

    Example:
        >>> graph = Graph([Node("x", "Placeholder", (), {"dtype": "float32", "shape": [None, 4]})])
        >>> graph.add(Node("y", "Relu", ["x"], {"T": "float32"}))
        Node('y', 'Relu', ['x'])
        >>> graph.set_op("y", "Relu6")
        >>> graph.insert_before("y", 0, Node("half", "Identity", ["x"], {"T": "float32"}))
        Node('half', 'Identity', ['x'])
        >>> graph.rename("half", "in")
        >>> graph.nodes
        [Node('x', 'Placeholder', []), Node('in', 'Identity', ['x']), Node('y', 'Relu6', ['in'])]
    """

    is_tensorflow = True

    def __init__(
        self,
        nodes: Iterable[Node] = (),
        versions: Versions | None = None,
        functions: Iterable[Function] = (),
        other_fields: bytes = b"",
    ) -> None:
        """A graph of nodes.

        Args:
            nodes: The nodes; names may repeat, see `duplicates`.
            versions: Version information.
            functions: The function library.
            other_fields: Further encoded fields of the GraphDef, to be carried through.
        """
        self._versions = versions or Versions()
        self._had_versions = versions is not None
        self._functions = {f.name: f for f in functions}
        self.duplicates: list[Node] = []
        self.edits = 0
        self._nodes = NodesInOrder(nodes)
        self._index = {n.name: n for n in reversed(self._nodes)}
        #: Nodes that were removed and still stand in the list, and by node those to be put before.
        self._removed: set[Node] = set()
        self._before: dict[Node, list[Node]] = {}
        if len(self._index) < len(self._nodes):
            self.duplicates = [n for n in self._nodes if self._index[n.name] is not n]
        self._consumers: dict[str, dict[Node, None]] | None = None
        #: By name, the nodes that may be placed with one; None until a node is renamed.
        self._colocated: dict[str, list[Node]] | None = None
        #: By name, the one that a node had first.
        self._first: dict[str, str] = {}
        self._other = other_fields
        self._source: tuple[Buffer, int, int] | None = None

    # Reading

    @property
    def versions(self) -> Versions:
        """Version information, carried through every edit."""
        return self._versions

    @property
    def renamed(self) -> Mapping[str, str]:
        """The names of nodes that were renamed, by those that they had first."""
        return {first: now for now, first in self._first.items() if first != now}

    @property
    def functions(self) -> Mapping[str, Function]:
        """The function library by name."""
        return MappingProxyType(self._functions)

    @property
    def nodes(self) -> Sequence[Node]:
        """All nodes in file order, duplicates among them; edits go through the graph."""
        if self._before:
            self._nodes = NodesInOrder(self._in_order())
            self._before = {}
        if self._removed:
            self._nodes = NodesInOrder([n for n in self._nodes if n not in self._removed])
            self._removed = set()
        return self._nodes

    def _in_order(self) -> Iterator[Node]:
        """The nodes of the list, each behind those that are to be put before it."""
        stack = self._nodes[::-1]
        while stack:
            node = stack.pop()
            inserted = self._before.pop(node, None)
            if inserted:
                stack += [node, *reversed(inserted)]
            else:
                yield node

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __getitem__(self, name: str) -> Node:
        try:
            return self._index[name]
        except KeyError:
            raise unknown_name("node", name, self._index, "the graph") from None

    def get(self, name: str) -> Node | None:
        """The node of a name, None where there is none."""
        return self._index.get(name)

    def find(self, text: str) -> Node:
        """The node that a user means by a node or tensor name, with stray quotes and `:0` allowed.

        Raises:
            UnknownName: No node has the name; similar names are suggested.
            InvalidValue: The text is no name.
        """
        node = self._index.get(text) or self._index.get(text.strip())
        return node or self[Ref.from_user(text).node]

    def _own(self, node: Node | str) -> Node:
        """The node of a name, or a node itself, which has to be one of this graph.

        Raises:
            UnknownName: There is none of the name.
            InvalidGraph: It belongs to another graph, to a function or to none.
        """
        if isinstance(node, str):
            return self[node]
        if self._index.get(node.name) is not node and node not in self.duplicates:
            raise InvalidGraph(
                f"the node {node.name!r} is none of this graph",
                "find it in this graph by its name; what is in a function is changed by "
                "graphtools.edit_function",
            )
        return node

    def consumers(self, name: str) -> list[Node]:
        """The nodes that have an output of a node, or the node itself, as an input."""
        return list(self._consumer_map().get(name, ()))

    def is_read(self, name: str) -> bool:
        """Whether any node has an output of a node, or the node itself, as an input."""
        return name in self._consumer_map()

    def absent_inputs(self) -> set[str]:
        """Names of nodes that others read and that are not there."""
        return self._consumer_map().keys() - self._index.keys()

    def _consumer_map(self) -> dict[str, dict[Node, None]]:
        if self._consumers is None:
            found: dict[str, dict[Node, None]] = {}
            for node in self.nodes:
                for text in node.inputs:
                    found.setdefault(producer(text), {})[node] = None
            self._consumers = found
        return self._consumers

    # Editing

    def add(self, node: Node, before: Node | str | None = None) -> Node:
        """Add a node.

        Args:
            node: The node.
            before: The node before which it is put; at the end if None.

        Raises:
            InvalidGraph: A node of this name is there.
            UnknownName: There is none of the name before which it is to be put.
        """
        before = self[before] if isinstance(before, str) else before
        if node.name in self._index:
            raise InvalidGraph(f"the graph has a node {node.name!r} already")
        if node in self._removed:
            _ = self.nodes  # its old place is given up
        if before is None or not (before in self._removed or self._stands(before)):
            list.append(self._nodes, node)
        else:
            self._before.setdefault(before, []).append(node)
        self._index[node.name] = node
        self._link(node, node.inputs)
        if self._colocated is not None:
            self._note_colocations(node)
        self.edits += 1
        return node

    def _stands(self, node: Node) -> bool:
        return self._index.get(node.name) is node or node in self.duplicates

    def insert_before(self, reader: Node | str, position: int, node: Node) -> Node:
        """Put a new node between a node and what it reads at one place; others still read that.

        Args:
            reader: The node that reads.
            position: Which of its inputs becomes the first output of the new node.
            node: The new node, whose inputs are its own.

        Returns:
            The new node.

        Raises:
            UnknownName: There is no node `reader`.
            InvalidGraph: A node of the new one's name is there.
            InvalidValue: The reader has no such input.

        Example:
            >>> graph = Graph([Node("x", "A"), Node("y", "B", ["x", "x"])])
            >>> graph.insert_before("y", 1, Node("between", "Identity", ["x"]))
            Node('between', 'Identity', ['x'])
            >>> graph["y"]
            Node('y', 'B', ['x', 'between'])
        """
        reader = self._own(reader)
        _check_position(reader, position)
        self.add(node, before=reader)
        self.replace_input(reader, position, node.name)
        return node

    def insert_after(self, tensor: Ref | str, node: Node) -> Node:
        """Put a new node behind a tensor: all that has read the tensor reads the new node.

        Args:
            tensor: The tensor; for `^name`, what waits for that node waits for the new one.
            node: The new node, which may read the tensor itself.

        Returns:
            The new node.

        Raises:
            UnknownName: There is no such node.
            InvalidGraph: A node of the new one's name is there.

        Example:
            >>> graph = Graph([Node("x", "A"), Node("y", "B", ["x"]), Node("z", "C", ["x:0"])])
            >>> graph.insert_after("x", Node("behind", "Identity", ["x"]))
            Node('behind', 'Identity', ['x'])
            >>> graph.nodes[2:]
            [Node('y', 'B', ['behind']), Node('z', 'C', ['behind'])]
        """
        old = Ref.from_user(tensor) if isinstance(tensor, str) else tensor
        source = self[old.node]
        readers = self.consumers(source.name)
        self.add(node, before=readers[0] if readers else None)
        new = Ref(node.name, -1) if old.is_control else Ref(node.name)
        for reader in readers:
            self.set_inputs(reader, (_read_instead(i, old, str(new)) for i in reader.inputs))
        return node

    def remove(self, name: str | Node) -> None:
        """Remove a node.

        Raises:
            UnknownName: There is no such node.
            InvalidGraph: Other nodes have it as an input.
        """
        node = self._own(name)
        used_by = [c for c in self.consumers(node.name) if c is not node]
        if used_by:
            raise InvalidGraph(
                f"node {node.name!r} cannot be removed: {used_by[0].name!r} needs it",
                f"let its readers read another first: graph.redirect({node.name!r}, NAME)",
            )
        self._drop(node)

    def remove_all(self, names: Iterable[str]) -> None:
        """Remove nodes that may read each other.

        Raises:
            UnknownName: One of them is not there.
            InvalidGraph: A node that stays has one of them as an input.
        """
        nodes = {self[name] for name in names}
        for node in nodes:
            for reader in self.consumers(node.name):
                if reader not in nodes:
                    raise InvalidGraph(
                        f"node {node.name!r} cannot be removed: {reader.name!r} needs it"
                    )
        for node in nodes:
            self._drop(node)

    def replace(self, old: Node | str, new: Node | Iterable[Node]) -> None:
        """Put nodes in the place of one; who reads a node of its name reads the new one then.

        Raises:
            InvalidGraph: None of the new nodes has the name, while other nodes read it, or a name
                is taken.
        """
        old = self._own(old)
        new = [new] if isinstance(new, Node) else list(new)
        if all(n.name != old.name for n in new):
            for node in new:
                self.add(node, before=old)
            self.remove(old.name)
            return
        self._drop(old)
        for node in new:
            self.add(node, before=old)

    def _drop(self, node: Node) -> None:
        self._unlink(node, node.inputs)
        self._release(node.name)
        self._removed.add(node)
        self.edits += 1

    def free_name(self, wanted: str) -> str:
        """A name that no node has: the wanted one, or with a number, `wanted_1`."""
        name, number = wanted, 0
        while name in self._index:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def rename(self, old: str, new: str) -> None:
        """Give a node another name, also where others read it or are placed with it.

        Raises:
            UnknownName: There is no node `old`.
            InvalidGraph: There is a node `new` already.
        """
        node = self[old]
        if new == old:
            return
        if new in self._index:
            raise InvalidGraph(f"the graph has a node {new!r} already")
        for consumer in self.consumers(old):
            self.set_inputs(
                consumer,
                (i.replace(old, new, 1) if producer(i) == old else i for i in consumer.inputs),
            )
        self._release(old)
        node.change(name=new)
        self._first[new] = self._first.pop(old, old)
        self._index[new] = node
        for other in self._colocations().pop(old, ()):
            self._follow(other, {old: new})
            self._colocations().setdefault(new, []).append(other)
        self.edits += 1

    def _colocations(self) -> dict[str, list[Node]]:
        if self._colocated is None:
            self._colocated = {}
            for node in self.nodes:
                self._note_colocations(node)
        return self._colocated

    def _note_colocations(self, node: Node) -> None:
        if self._colocated is not None and node.has_attr(ATTRIBUTE):
            for name in colocated_with(node):
                self._colocated.setdefault(name, []).append(node)

    def _follow(self, node: Node, names: Mapping[str, str]) -> None:
        """Let a node be placed with nodes that have other names now."""
        value = node.attr(ATTRIBUTE)
        new = renamed_entries(value, names)
        if new != value:
            node.set_encoded_attr(ATTRIBUTE, as_set(new))

    def rename_all(self, names: Mapping[str, str]) -> None:
        """Give many nodes other names at once, also where others read them or are placed with them.

        Args:
            names: The new name by the old one; nodes may swap their names.

        Raises:
            UnknownName: A node is not there.
            InvalidGraph: Two nodes would have the same name, or have it now.
        """
        nodes = {self[old]: new for old, new in names.items() if old != new}
        if not nodes:
            return
        if self.duplicates:
            twice = self.duplicates[0].name
            raise InvalidGraph(f"the graph has two nodes {twice!r}, which cannot be told apart")
        index: dict[str, Node] = {}
        for node in self.nodes:
            name = nodes.get(node, node.name)
            if name in index:
                raise InvalidGraph(f"two nodes would have the name {name!r}")
            index[name] = node
        for node in self.nodes:
            inputs = tuple(_renamed(text, names) for text in node.inputs)
            if node in nodes or inputs != node.inputs:
                node.change(name=nodes.get(node, node.name), inputs=inputs)
            if node.has_attr(ATTRIBUTE):
                self._follow(node, names)
        self._index = index
        self._consumers = self._colocated = None
        first = {new: self._first.pop(old, old) for old, new in names.items()}
        self._first |= first
        self.edits += len(nodes)

    def set_inputs(self, node: Node | str, inputs: Iterable[str]) -> None:
        """Give a node other inputs."""
        if isinstance(inputs, str):
            raise InvalidValue(f"the inputs {inputs!r} are a text", f"write [{inputs!r}]")
        node = self._own(node)
        inputs = tuple(inputs)
        if inputs == node.inputs:
            return
        self._unlink(node, node.inputs)
        node.change(inputs=inputs)
        self._link(node, inputs)
        self.edits += 1

    def replace_input(self, node: Node | str, position: int, new: str) -> None:
        """Give a node another input at one position.

        Raises:
            InvalidValue: The node has no such input.
        """
        node = self._own(node)
        _check_position(node, position)
        inputs = list(node.inputs)
        inputs[position] = new
        self.set_inputs(node, inputs)

    def redirect(self, old: Ref | str, new: Ref | str) -> int:
        """Let all consumers of a tensor (or, for `^name`, of a control edge) read another one.

        Returns:
            The number of inputs that were changed.
        """
        old = Ref.parse(old) if isinstance(old, str) else old
        new_text = str(new)
        changed = 0
        for consumer in self.consumers(old.node):
            inputs = [_read_instead(i, old, new_text) for i in consumer.inputs]
            changed += sum(a != b for a, b in zip(inputs, consumer.inputs, strict=True))
            self.set_inputs(consumer, inputs)
        return changed

    def set_versions(self, versions: Versions) -> None:
        """Give the graph other version information."""
        if versions != self._versions:
            self._versions = versions
            self._had_versions = True
            self.edits += 1

    def set_function(self, function: Function) -> None:
        """Add a function to the library, or replace the one of its name."""
        self._functions[function.name] = function
        self.edits += 1

    def keep_functions(self, names: Collection[str]) -> None:
        """Remove all functions but some, and what says that one of them is the gradient of another.

        Args:
            names: The functions that stay.
        """
        if any(name not in names for name in self._functions):
            self._functions = {k: f for k, f in self._functions.items() if k in names}
            self._other = _with_gradients_of(self._other, names)
            self.edits += 1

    def absorb(self, other: Graph) -> None:
        """Add the nodes, functions and gradients of another graph, and meet its versions, too.

        Raises:
            InvalidGraph: A name is taken; functions of one name are one where they are equal.
        """
        for function in other.functions.values():
            known = self._functions.get(function.name)
            if known is not None and known.encoded != function.encoded:
                raise InvalidGraph(f"the graph has another function {function.name!r} already")
        for node in other:
            self.add(node.copy())
        self._functions.update(other.functions)
        self._other += other._other
        mine, theirs = self._versions, other.versions
        self._versions = Versions(
            max(mine.producer, theirs.producer),
            max(mine.min_consumer, theirs.min_consumer),
            tuple(sorted({*mine.bad_consumers, *theirs.bad_consumers})),
        )
        self._had_versions = self._had_versions or other._had_versions

    def rename_functions(self, names: Mapping[str, str]) -> None:
        """Give functions other names, also where nodes, functions and gradients call them.

        Args:
            names: The new name by the old one.
        """
        if not names:
            return
        for node in self.nodes:
            if node.op in names:
                self.set_op(node, names[node.op])
            for key, value in node.attrs.items():
                new = with_new_functions(value, names)
                if new is not value:
                    node.set_encoded_attr(key, as_set(new))
        library = (f.encoded for f in self._functions.values())
        renamed = [Function.from_bytes(_calling(encoded, names)) for encoded in library]
        self._functions = {function.name: function for function in renamed}
        self._other = _with_renamed_gradients(self._other, names)
        self.edits += 1

    def set_op(self, node: Node | str, op: str) -> None:
        """Give a node another op; its attributes stay as they are."""
        node = self._own(node)
        if node.op != op:
            node.change(op=op)
            self.edits += 1

    def set_device(self, node: Node | str, device: str) -> None:
        """Place a node on a device; an empty text lets TensorFlow choose."""
        node = self._own(node)
        if node.device != device:
            node.change(device=device)
            self.edits += 1

    def set_attr(self, node: Node | str, name: str, value: object) -> None:
        """Set an attribute.

        Args:
            node: The node.
            name: The attribute.
            value: As the op declares it: a number, a text (also for bytes, types and names of
                functions), a list of these, a list or tuple for a shape, a type of numpy, an array
                for a tensor; or a `DType`, `Shape`, `Tensor`, `FunctionRef`.

        Raises:
            UnknownName: The op has no such attribute; those that begin with `_` are not declared.
            InvalidValue: The value cannot be the value of the attribute.

        Example:
            >>> graph = Graph([Node("conv", "Conv2D", ["x", "w"], {"T": "float32"})])
            >>> graph.set_attr("conv", "strides", (1, 2, 2, 1))
            >>> graph.set_attr("conv", "padding", "SAME")
            >>> graph["conv"].attrs
            {'T': float32, 'padding': b'SAME', 'strides': [1, 2, 2, 1]}
            >>> graph.set_attr("conv", "stride", 2)
            Traceback (most recent call last):
            ...
            graphtools.errors.UnknownName: no attribute 'stride' in the op Conv2D
              did you mean 'strides'?
        """
        node = self._own(node)
        node.set_encoded_attr(name, as_set(checked(node.op, name, value)))
        if name == ATTRIBUTE:
            self._note_colocations(node)
        self.edits += 1

    def set_value(self, node: Node | str, value: object) -> None:
        """Give a constant another value.

        Args:
            node: A Const.
            value: A tensor, whose type becomes that of the constant; or an array, a number, a list
                or a text, which get the type of the constant.

        Raises:
            InvalidValue: The node is no constant, or the value would lose something by that type,
                as fractions that become whole numbers.

        Example:
            >>> graph = Graph([Node("c", "Const", (), {"dtype": "float32", "value": Tensor.of(1)})])
            >>> graph.set_value("c", [0.5, 2])
            >>> graph["c"].tensor, graph["c"].tensor.array().tolist()
            (Tensor(float32 [2]), [0.5, 2.0])
        """
        node = self._own(node)
        kind = node.attr("dtype")
        if node.op != "Const" or not isinstance(kind, DType):
            raise InvalidValue(f"{node.name!r} is no Const but {node.op}, which has no value")
        tensor = value if isinstance(value, Tensor) else Tensor.of(value, kind)
        node.set_encoded_attr("dtype", as_set(tensor.dtype))
        node.set_encoded_attr("value", tensor)
        if node.has_attr("_output_shapes"):
            node.set_encoded_attr("_output_shapes", as_set([tensor.shape]))
        self.edits += 1

    def remove_attr(self, node: Node | str, name: str) -> None:
        """Remove an attribute; nothing happens where the node does not have it."""
        node = self._own(node)
        if node.has_attr(name):
            node.set_encoded_attr(name, None)
            self.edits += 1

    def _release(self, name: str) -> None:
        """Take a name from its node; the first duplicate, if there is one, now has it."""
        del self._index[name]
        for duplicate in self.duplicates:
            if duplicate.name == name:
                self._index[name] = duplicate
                self.duplicates.remove(duplicate)
                break

    def _link(self, node: Node, inputs: Iterable[str]) -> None:
        if self._consumers is not None:
            for text in inputs:
                self._consumers.setdefault(producer(text), {})[node] = None

    def _unlink(self, node: Node, inputs: Iterable[str]) -> None:
        if self._consumers is not None:
            for name in {producer(text) for text in inputs}:
                users = self._consumers[name]
                del users[node]
                if not users:
                    del self._consumers[name]

    def copy(self) -> Graph:
        """A copy that is edited independently; the bytes of a file are shared."""
        twin = Graph(
            (n.copy() for n in self.nodes),
            self._versions if self._had_versions else None,
            self._functions.values(),
            self._other,
        )
        twin._first = self._first.copy()
        if self._source and not self.edits:
            twin._source = self._source
        return twin

    def __copy__(self) -> Graph:
        return self.copy()

    def __deepcopy__(self, _memo: object) -> Graph:
        return self.copy()

    def __reduce__(self) -> tuple[object, ...]:
        raw = b"".join(self.pieces()) if self._source and not self.edits else None
        functions = [f.encoded for f in self._functions.values()]
        versions = self._versions if self._had_versions else None
        return _restored, (list(self.nodes), versions, functions, self._other, raw)

    # Writing

    def remember_source(self, buffer: Buffer, start: int, end: int) -> None:
        """Note where the graph was read from: without edits it is written back as these bytes."""
        self._source = (buffer, start, end)
        self.edits = 0

    @property
    def encoded_size(self) -> int:
        """Bytes of the GraphDef that it is written as."""
        return sum(map(len, self.pieces()))

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The encoded GraphDef, in pieces, so that a large graph is never whole in memory."""
        if self._source and not self.edits:
            buffer, start, end = self._source
            step = 1 << 24
            for pos in range(start, end, step):
                yield buffer[pos : min(pos + step, end)]
            return
        for node in self.nodes:
            pieces = node.pieces()
            yield encode_varint(_GRAPH_NODE << 3 | 2) + encode_varint(sum(map(len, pieces)))
            yield from pieces
        if self.functions:
            library = b"".join(encode_field(1, f.encoded) for f in self.functions.values())
            yield encode_field(_GRAPH_LIBRARY, library)
        versions = message_class("VersionDef")(
            producer=self.versions.producer,
            min_consumer=self.versions.min_consumer,
            bad_consumers=self.versions.bad_consumers,
        ).SerializeToString(deterministic=True)
        if versions or self._had_versions:
            yield encode_field(_GRAPH_VERSIONS, versions)
        if self._other:
            yield self._other

    def to_bytes(self) -> bytes:
        r"""The encoded GraphDef, whole: `tf.compat.v1.GraphDef.FromString` reads it.

        Example:
            >>> Graph([Node("x", "A")]).to_bytes()
            b'\n\x06\n\x01x\x12\x01A'
        """
        return b"".join(self.pieces())

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"Graph({len(self)} nodes, {len(self.functions)} functions)"
