"""One node as the rules see it, and what they say of it.

A rule is a function of a `Site`, declared by `@rule("Op", ...)` in a module of
`graphtools.compat.rules`. It gives `BUILTIN` where it knows that the node converts to builtin
operators or vanishes; a text, the reason why it does not, or an `Early` one; a `Failure` where the
conversion fails altogether; or None, which leaves the decision to the table of types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.compat.judgement import Judgement
from graphtools.compat.types import fitting
from graphtools.graph.dtypes import DType
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.call import MOST_INTEGERS, Call
from graphtools.ops.definitions import argument_starts, op_definition
from graphtools.ops.dims import Dims, elements
from graphtools.ops.handing_on import CHECKED, SAME_TENSOR, source_of
from graphtools.registry import Registry

if TYPE_CHECKING:
    from graphtools.compat.scope import CompatBody
    from graphtools.compat.table import OpEntry, OpTable


#: Ops that the converter drops before it looks for patterns.
_DROPPED = SAME_TENSOR | CHECKED | {"PlaceholderWithDefault"}
#: Constants with more elements are not looked into.
MOST_ELEMENTS = 1 << 16

RuleFunction = Callable[["Site"], Judgement]

rule: Registry[RuleFunction] = Registry("graphtools.compat.rules")


class Site(Call):
    """A node that is left to convert, with what the converter knows of its inputs.

    Attributes:
        scope: The graph or function body in which it is.
        known: The table of the TensorFlow whose converter is meant.
        entry: What the table says of its op, None where the op is not in it.
    """

    __slots__ = ("entry", "known", "scope")

    def __init__(self, scope: CompatBody, node: Node, known: OpTable, becomes: str = "") -> None:
        """Look at a node of a scope.

        Args:
            scope: The graph or function body.
            node: One of its nodes.
            known: The table of the TensorFlow whose converter is meant.
            becomes: The op that the converter makes of it, where that is another one.
        """
        call = scope.inference.call(node)
        super().__init__(scope.inference, node, call.inputs, call.sources)
        self.scope = scope
        self.known = known
        self.entry: OpEntry | None = known.ops.get(becomes or node.op)

    def of(self, node: Node) -> Site:
        """Another node of the same scope."""
        return Site(self.scope, node, self.known)

    def origin(self, position: int = 0) -> Ref:
        """The tensor that an input is, behind the nodes that only pass it on.

        Of an input that a damaged node lacks it is a node without a name, which no graph has.
        """
        if position >= len(self.sources):
            return Ref("")
        text = str(Ref(*self.sources[position]))
        return source_of(self.scope.graph, text, _DROPPED, self.scope.fed)

    def source(self, position: int = 0) -> Site | None:
        """The node whose tensor an input is; None for one that is fed, or is not there."""
        node = self.scope.graph.get(self.origin(position).node)
        return None if node is None or node.name in self.scope.fed else self.of(node)

    def maker(self, position: int) -> Call | None:
        """The node that an input comes from, also outside of a body that takes a call's place."""
        found = super().maker(position)
        argument = found.attr("index") if found is not None and found.node.op == "_Arg" else None
        if self.scope.caller is None or not isinstance(argument, int):
            return found
        site, first = self.scope.caller
        return site.maker(first + argument)

    def users(self) -> list[tuple[Node, int]]:
        """The live nodes that read the node, each with the number of the input, once for each."""
        name, scope = self.node.name, self.scope
        return [
            (user, position)
            for user in scope.graph.consumers(name)
            if user.name in scope.needed and user.name not in scope.fed
            for position, text in enumerate(user.data_inputs)
            if producer(text) == name
        ]

    def is_constant(self, position: int) -> bool:
        """Whether the converter knows the value of an input."""
        return position < len(self.sources) and self.scope.is_constant(self.sources[position][0])

    def rank(self, position: int) -> int | None:
        """The rank of an input, None where it is unknown."""
        dims = self.inputs[position] if position < len(self.inputs) else None
        return None if dims is None else len(dims)

    def dims_of(self, position: int) -> Dims:
        """The shape of an input, None where it is unknown."""
        return self.inputs[position] if position < len(self.inputs) else None

    def type_name(self, position: int) -> str:
        """The name of the type of an input; empty where it is not known."""
        kind = self.dtype(position)
        return kind.base.name if kind else ""

    def type_attr(self, name: str) -> str:
        """The name of the type that an attribute gives; empty where there is none."""
        value = self.attr(name)
        return value.base.name if isinstance(value, DType) else ""

    def reads_output(self, index: int) -> bool:
        """Whether something reads one of the node's outputs, or it is an output of the graph."""
        return (self.node.name, index) in self.scope.read_outputs

    @property
    def output_shape(self) -> Dims:
        """The shape of the first output."""
        return self.output_dims(0)

    def keeps_shape(self, position: int) -> bool:
        """Whether the first output is known to have the shape of an input, as far as it is told."""
        dims = self.dims_of(position)
        return dims is not None and dims == self.output_shape

    def constant_values(self, position: int) -> Sequence[Any] | None:
        """The elements of an input of numbers that the converter knows, in order; None where it is
        large, or not known.
        """
        if not self.is_constant(position):
            return None
        if (elements(self.dims_of(position)) or 0) > MOST_ELEMENTS:
            return None
        # most are small constants, which need no numpy and its time to load
        ref = self.origin(position)
        tensor = self.scope.graph[ref.node].tensor if ref.index == 0 else None
        if tensor is not None:
            held = tensor.integers(MOST_INTEGERS) or tensor.floats(MOST_INTEGERS)
            if held is not None:
                return held
        array = self.scope.inference.value(ref.node, ref.index)
        return None if array is None or array.dtype.kind not in "biufc" else array.ravel().tolist()

    def all_equal(self, position: int, value: float) -> bool:
        """Whether an input is a constant all elements of which have a value."""
        values = self.constant_values(position)
        return values is not None and all(element == value for element in values)

    def positions_of(self, argument: str) -> range:
        """The positions of the inputs that stand for an argument of the op."""
        definition = op_definition(self.node.op)
        if definition is None:
            return range(0)
        starts = argument_starts(self.node, definition.inputs)
        if starts is None or argument not in starts:
            return range(0)
        later = [start for start in starts.values() if start > starts[argument]]
        return range(starts[argument], min(later, default=len(self.sources)))

    def types_fit(self) -> bool:
        """Whether the table has builtin operators for the types of the node."""
        return self.entry is not None and any(fitting(self, t) for t in self.entry.builtin)
