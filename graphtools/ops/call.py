"""One node as its functions see it: attributes with defaults, and what is known of its inputs.

A shape function takes a `Call` and gives the shapes of the outputs, as `Dims`: a single one, or a
list with one entry an output. It is declared by `@shape_function("Op", ...)` in its family, see
`graphtools.ops.families`. What it does not know it leaves unknown; what cannot be it raises as a
`Contradiction`. Functions for the values of integer tensors, `@integer_function`, give `Integers`,
None where nothing is known, or a list of these.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Union

from graphtools.graph.attributes import Attr, FunctionRef
from graphtools.graph.dtypes import DType
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import default_value
from graphtools.ops.dims import Contradiction, Dim, Dims
from graphtools.ops.handing_on import (
    INTO_BRANCHES,
    INTO_FRAMES,
    REFERENCES,
    SAME_TENSOR,
    source_node,
    source_of,
)
from graphtools.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphtools.graph.graph import Graph
    from graphtools.ops.constness import Constness

#: What a resource or variant holds: dtype and shape of each of its tensors.
Handle = tuple[tuple[DType | None, Dims], ...]


class Integers(NamedTuple):
    """The values of a small tensor of integers or booleans, as far as they are known.

    Attributes:
        dims: Shape.
        items: Values in row-major order, None where one is not known; booleans as 0 and 1.
    """

    dims: tuple[int, ...]
    items: tuple[int | None, ...]


class KnownArgument(NamedTuple):
    """What is known of an argument of a function: shape, what it holds, values."""

    shape: Dims
    handle: Handle | None = None
    integers: Integers | None = None


class FunctionResult(NamedTuple):
    """What a function gives.

    Attributes:
        shapes: Shapes of its results.
        handles: What those hold that are resources or variants.
        integers: The values of those that are small integer tensors, as far as they are known.
    """

    shapes: list[Dims]
    handles: list[Handle | None]
    integers: list[Integers | None]


#: Tensors with more elements are not followed as `Integers`.
MOST_INTEGERS = 1024

ShapeFunction = Callable[["Call"], Union[Dims, list[Dims]]]
IntegerFunction = Callable[["Call"], Union[Integers, list["Integers | None"], None]]

shape_function: Registry[ShapeFunction] = Registry("graphtools.ops.families", file="shapes")
integer_function: Registry[IntegerFunction] = Registry("graphtools.ops.families", file="integers")


class Inferred(Protocol):
    """What is known of a graph, as far as nodes are asked about it: see `Inference`."""

    graph: Graph
    constness: Constness
    trusts_attributes: bool

    def call(self, node: Node) -> Call:
        """A node with what is known of its inputs."""

    def dims(self, name: str, index: int = 0) -> Dims:
        """The shape of an output."""

    def dtype(self, name: str, index: int = 0) -> DType | None:
        """The dtype of an output, None where it is not known."""

    def dtypes(self, name: str) -> list[DType | None]:
        """The dtypes of all outputs."""

    def integers(self, name: str, index: int = 0) -> Integers | None:
        """The values of a small integer tensor."""

    def value(self, name: str, index: int = 0) -> NDArray[Any] | None:
        """The value of a constant tensor."""

    def handle(self, name: str, index: int = 0) -> Handle | None:
        """What a resource or variant holds."""

    def set_handle(self, name: str, index: int, handle: Handle | None) -> None:
        """State what a resource or variant holds."""

    def passed_through(self, function: FunctionRef) -> dict[int, int]:
        """By result of a function, the argument that it is."""

    def run_function(
        self, name: str, function: FunctionRef, arguments: Sequence[KnownArgument]
    ) -> FunctionResult | None:
        """What a function gives for some arguments."""


class Call:
    """One node with what is known of its inputs.

    Attributes:
        node: The node.
        inputs: Shapes of its data inputs.
        sources: Producer and output number of its data inputs.
    """

    __slots__ = ("_attrs", "_inference", "inputs", "node", "sources")

    def __init__(
        self,
        inference: Inferred,
        node: Node,
        inputs: list[Dims],
        sources: list[tuple[str, int]],
    ) -> None:
        self.node = node
        self.inputs = inputs
        self.sources = sources
        self._inference = inference
        self._attrs: Mapping[str, Attr] | None = None

    # Attributes

    def attr(self, name: str) -> Attr:
        """An attribute; where the node leaves it out, the op's default, or None."""
        attrs = self._attrs
        if attrs is None:
            attrs = self.node.shared_attributes()
            self._attrs = attrs = self.node.attrs if attrs is None else attrs
        value = attrs.get(name)
        return default_value(self.node.op, name) if value is None else value

    def int_attr(self, name: str) -> int:
        """An attribute that is an integer.

        Raises:
            Contradiction: It is missing or another type; so for all that follow.
        """
        value = self.attr(name)
        if isinstance(value, int):
            return value
        raise self._wrong(name, "an integer")

    def ints_attr(self, name: str, count: int | None = None) -> list[int]:
        """An attribute that is a list of integers, of so many where a count is given."""
        value = self.attr(name)
        if isinstance(value, list) and count in (None, len(value)):
            return [v for v in value if isinstance(v, int)]
        raise self._wrong(name, f"a list of {count or ''} integers".replace("  ", " "))

    def text_attr(self, name: str) -> bytes:
        """An attribute that is a text."""
        value = self.attr(name)
        if isinstance(value, bytes):
            return value
        raise self._wrong(name, "a text")

    def bool_attr(self, name: str) -> bool:
        """An attribute that is true or false."""
        return bool(self.attr(name))

    def shape_attr(self, name: str) -> Dims:
        """An attribute that is a shape; unknown where it is missing."""
        value = self.attr(name)
        return value.dims if isinstance(value, Shape) else None

    def shapes_attr(self, name: str) -> list[Dims]:
        """An attribute that is a list of shapes; empty where it is missing."""
        value = self.attr(name)
        if not isinstance(value, list):
            return []
        return [s.dims if isinstance(s, Shape) else None for s in value]

    def dtype_attr(self, name: str) -> DType | None:
        """An attribute that is a dtype, None where it is missing."""
        value = self.attr(name)
        return value if isinstance(value, DType) else None

    def dtypes_attr(self, name: str) -> list[DType]:
        """An attribute that is a list of dtypes; empty where it is missing."""
        value = self.attr(name)
        return [t for t in value if isinstance(t, DType)] if isinstance(value, list) else []

    def function_attr(self, name: str) -> FunctionRef | None:
        """An attribute that names a function, None where it is missing."""
        value = self.attr(name)
        return value if isinstance(value, FunctionRef) else None

    def _wrong(self, name: str, kind: str) -> Contradiction:
        return Contradiction(f"the attribute {name!r} must be {kind}")

    # Inputs

    def input(self, position: int) -> Dims:
        """The shape of an input.

        Raises:
            Contradiction: The node has fewer inputs.
        """
        try:
            return self.inputs[position]
        except IndexError:
            raise Contradiction(
                f"{len(self.inputs)} inputs are too few for {self.node.op}"
            ) from None

    def dtype(self, position: int) -> DType | None:
        """The dtype of an input, None where it is not known."""
        if position >= len(self.sources):
            return None
        return self._inference.dtype(*self.sources[position])

    def output_dtypes(self) -> list[DType | None]:
        """The dtypes of the outputs; empty where their number is not known."""
        return self._inference.dtypes(self.node.name)

    # Values

    def integers(self, position: int) -> Integers | None:
        """The values of an input that is a small integer tensor, None where none is known."""
        if position >= len(self.sources):
            return None
        return self._inference.integers(*self.sources[position])

    def integer(self, position: int) -> int | None:
        """The value of an input that is a single integer, None where it is not known."""
        found = self.integers(position)
        return found.items[0] if found is not None and len(found.items) == 1 else None

    def vector(self, position: int) -> tuple[int | None, ...] | None:
        """The values of an input that is a list of integers, None where not even its length is
        known.
        """
        found = self.integers(position)
        if found is not None:
            return found.items
        dims = self.input(position)
        if dims is None or len(dims) != 1 or dims[0] is None or dims[0] > MOST_INTEGERS:
            return None
        return (None,) * dims[0]

    def dims(self, position: int) -> Dims:
        """The shape that an input holds as its value; -1 is an unknown dimension there.

        A scalar -1 is an unknown rank, as in TensorFlow.

        Raises:
            Contradiction: The input is no list of integers, or one is below -1.
        """
        shape = self.input(position)
        found = self.integers(position)
        if shape is not None and len(shape) > 1:
            raise Contradiction(f"a shape is a list of integers, not a tensor of shape {shape}")
        if shape == () or (found is not None and found.dims == ()):
            if found is not None and found.items[0] not in (None, -1):
                raise Contradiction("a shape that is a single number must be -1")
            return None
        values = self.vector(position)
        if values is None:
            return None
        if any(v is not None and v < -1 for v in values):
            raise Contradiction(f"a shape cannot be {list(values)}")
        return tuple([None if v == -1 else v for v in values])

    def array(self, position: int) -> NDArray[Any] | None:
        """The value of an input that is constant, None for any other."""
        if position >= len(self.sources):
            return None
        return self._inference.value(*self.sources[position])

    def strings(self, position: int) -> list[bytes] | None:
        """The values of an input that is a small constant of strings, None for any other."""
        maker = self.maker(position)
        tensor = maker.node.tensor if maker is not None else None
        return tensor.strings(MOST_INTEGERS) if tensor is not None else None

    def tensor(self) -> Tensor | None:
        """The value of this node, if it is a Const."""
        return self.node.tensor

    def output_dims(self, output: int) -> Dims:
        """The shape of an output, for what is asked after the shapes were inferred."""
        return self._inference.dims(self.node.name, output)

    def maker(self, position: int) -> Call | None:
        """The node that an input comes from, behind those that only pass it on."""
        if position >= len(self.sources):
            return None
        text = str(Ref(*self.sources[position]))
        through = SAME_TENSOR | REFERENCES | INTO_FRAMES | INTO_BRANCHES
        node = source_node(self._inference.graph, text, through)
        return self._inference.call(node) if node is not None else None

    def has_value(self, position: int) -> bool:
        """Whether the value of an input is there before the graph runs."""
        return self._inference.constness.is_constant(self.sources[position][0])

    def dims_before(self, position: int, ops: Container[str]) -> Dims:
        """The shape that an input has before some ops that hand it on."""
        text = str(Ref(*self.sources[position]))
        ref = source_of(self._inference.graph, text, ops)
        return self._inference.dims(ref.node, ref.index)

    # Resources and variants

    def handle(self, position: int) -> Handle | None:
        """What an input that is a resource or variant holds, None where it is not known."""
        if position >= len(self.sources):
            return None
        return self._inference.handle(*self.sources[position])

    def give_handle(self, output: int, handle: Handle | None) -> None:
        """State what an output that is a resource or variant holds."""
        self._inference.set_handle(self.node.name, output, handle)

    # Functions

    def argument(self, position: int) -> KnownArgument:
        """What is known of an input, to be handed to a function."""
        return KnownArgument(self.input(position), self.handle(position), self.integers(position))

    def run(self, function: FunctionRef | None, positions: Iterable[int]) -> FunctionResult | None:
        """What a function of the library gives for some of the inputs, None where it is unknown."""
        return self.run_with(function, [self.argument(p) for p in positions])

    def run_with(
        self, function: FunctionRef | None, arguments: Sequence[KnownArgument]
    ) -> FunctionResult | None:
        """What a function of the library gives for some arguments, None where it is unknown."""
        if function is None:
            return None
        return self._inference.run_function(self.node.name, function, arguments)

    @property
    def producer(self) -> int:
        """The GraphDef version of the graph, on which the meaning of a few ops depends."""
        return self._inference.graph.versions.producer

    def passed_through(self, function: FunctionRef | None) -> dict[int, int]:
        """By result, the argument that a function of the library gives unchanged as this result."""
        return {} if function is None else self._inference.passed_through(function)

    @property
    def trusts_attributes(self) -> bool:
        """Whether shapes that were stored in attributes of nodes still hold."""
        return self._inference.trusts_attributes


def known(values: tuple[Dim, ...] | None) -> tuple[int, ...] | None:
    """A list of integers if all of them are known, else None."""
    if values is None:
        return None
    found = [v for v in values if v is not None]
    return tuple(found) if len(found) == len(values) else None
