"""Constants that nodes read, also through nodes that only pass them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.ops.handing_on import way_to_source
from graphtools.rewrite.unfit import Unfit

if TYPE_CHECKING:
    from graphtools.graph.tensor import Array
    from graphtools.rewrite.transform import Job

#: Constants up to so many bytes are computed with.
_MOST_BYTES = 1 << 30


class Constant(NamedTuple):
    """A constant that a node reads.

    Attributes:
        node: The Const.
        way: The nodes that pass it on, the reader's own input first.
        tensor: Its value.
    """

    node: Node
    way: tuple[Node, ...]
    tensor: Tensor

    @property
    def controls(self) -> tuple[str, ...]:
        """Control inputs as they stand in nodes: what has to run before the constant is there.

        In a loop they tell in which loop it is.
        """
        found = (f"^{c}" for n in (*self.way, self.node) for c in n.control_inputs)
        return tuple(dict.fromkeys(found))

    def array(self) -> Array:
        """The values.

        Raises:
            Unfit: They are damaged, or too large to be computed with.
        """
        count = self.tensor.shape.elements
        if count is None or count * max(self.tensor.dtype.size, 1) > _MOST_BYTES:
            raise Unfit(f"{self.node.name!r} is too large a constant: {self.tensor.shape}")
        try:
            return self.tensor.array()
        except (Damaged, InvalidValue) as problem:
            raise Unfit(f"{self.node.name!r}: {problem.message}") from None

    def integers(self) -> list[int]:
        """The values of a tensor of integers, flat.

        Raises:
            Unfit: It is no small one.
        """
        if self.tensor.dtype.name in ("int32", "int64") and (self.tensor.shape.elements or 0) < 65:
            return [int(v) for v in self.array().ravel().tolist()]
        raise Unfit(f"{self.node.name!r} is no small tensor of integers")

    def floats(self) -> Array:
        """The values of a tensor of floats, as float32 at least.

        Raises:
            Unfit: It is of another type.
        """
        if not self.tensor.dtype.is_floating:
            raise Unfit(f"{self.node.name!r} is of type {self.tensor.dtype}")
        array = self.array()
        return array if array.dtype.itemsize >= 4 else array.astype("float32")

    def is_shared(self, graph: Graph, job: Job, reader: Node) -> str:
        """Why its value is not the reader's own affair; empty if it is."""
        from graphtools.rewrite.driver import foreign_reader

        last = reader
        for node in (*self.way, self.node):
            if job.is_kept(node.name):
                return f"{node.name!r} is an input or output"
            other = foreign_reader(graph, node, {last.name})
            if other:
                return f"{node.name!r} is used by {other!r}, too"
            last = node
        if sum(Ref.parse(i).node == (*self.way, self.node)[0].name for i in reader.inputs) > 1:
            return f"{self.node.name!r} is read twice by {reader.name!r}"
        return ""


def find_constant(graph: Graph, text: str) -> Constant | None:
    """The constant that an input of a node stands for, None if it is none."""
    way: list[Node] = []
    for ref, node in way_to_source(graph, text):
        tensor = node.tensor
        if tensor is not None and not ref.index:
            return Constant(node, tuple(way), tensor)
        way.append(node)
    return None


def require_constant(graph: Graph, reader: Node, position: int, what: str) -> Constant:
    """The constant that is one of the data inputs of a node.

    Raises:
        Unfit: It is none, or not there.
    """
    inputs = reader.data_inputs
    if position >= len(inputs):
        raise Unfit(f"{reader.name!r} has no input for its {what}")
    return constant_behind(graph, reader, inputs[position], what)


def constant_behind(graph: Graph, reader: Node, text: str, what: str) -> Constant:
    """The constant that a tensor is.

    Args:
        graph: The graph.
        reader: A node that needs it, for the reason why not.
        text: The tensor, as it stands in the inputs of a node.
        what: What it is; so for it.

    Raises:
        Unfit: It is none, or not there.
    """
    found = find_constant(graph, text)
    if found is None:
        source = graph.get(Ref.parse(text).node)
        raise Unfit(
            f"the {what} of {reader.name!r} is no constant, but comes from "
            f"{text!r} ({source.op if source else 'which is not there'})"
        )
    return found


def with_value(old: Node, tensor: Tensor) -> Node:
    """A constant with another value, to take the place of one."""
    return Node(old.name, "Const", old.inputs, {"dtype": tensor.dtype, "value": tensor}, old.device)


def own_weights(graph: Graph, name: str, shared: Constant, tensor: Tensor) -> Node:
    """A constant beside one that is shared, for one of its readers.

    Args:
        graph: The graph.
        name: The name it is to have, if no node has it.
        shared: The constant.
        tensor: The value.
    """
    attrs: dict[str, Attr] = {"dtype": tensor.dtype, "value": tensor}
    return Node(graph.free_name(name), "Const", shared.controls, attrs, shared.node.device)


def twin(node: Node, name: str, inputs: tuple[str, ...], **attrs: Attr | None) -> Node:
    """A node like another, with another name and other data inputs.

    Args:
        node: The other.
        name: Its name.
        inputs: Its data inputs; its control inputs are those of the other.
        attrs: Attributes that differ; None for one that it does not have.
    """
    controls = (f"^{c}" for c in node.control_inputs)
    return node.variant(name=name, inputs=(*inputs, *controls), attrs=attrs)
