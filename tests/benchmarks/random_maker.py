"""Makes random graphs node by node, valid for TensorFlow.

Shapes come from graphtools' own inference; what that refuses is not added.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphtools.errors import GraphtoolsError
from graphtools.graph import Graph, Node, Shape, Tensor, Versions, dtype
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import DType
from graphtools.ops.definitions import OpDefinition, op_definition
from graphtools.ops.inference import infer_shapes

FLOATS = ("float32", "float16", "float64")
INTS = ("int32", "int64", "int8", "int16", "uint8", "uint16", "uint32", "uint64")
#: Types of a graph's inputs, the frequent ones often.
INPUT_TYPES = (*["float32"] * 12, *["int32"] * 4, *["int64"] * 2, "float16", "float64", "int8",
               "int16", "uint8", "bool", "complex64", "uint32", "uint64", "string")  # fmt: skip


class Made(NamedTuple):
    """A random graph.

    Attributes:
        kind: How it was made.
        tested: The op it is about, or how it was made.
        graph: The graph.
        inputs: Names of its inputs.
        outputs: Names of its outputs.
    """

    kind: str
    tested: str
    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Value(NamedTuple):
    """A tensor of a graph.

    Attributes:
        ref: What consumers write: `name` or `name:1`.
        dtype: Name of its element type.
        dims: Dimensions, None for unknown ones; None for an unknown rank.
    """

    ref: str
    dtype: str
    dims: tuple[int | None, ...] | None

    @property
    def rank(self) -> int:
        """Rank; -1 if it is unknown."""
        return -1 if self.dims is None else len(self.dims)

    @property
    def static(self) -> bool:
        """Whether all dimensions are known."""
        return self.dims is not None and None not in self.dims


class Maker:
    """Makes one graph.

    Attributes:
        random: Where all choices come from.
        graph: The graph so far.
        pool: Tensors that can be used.
        unknown: How often an input's dimension is unknown.
        fed: How often an operand that mostly is constant is an input.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.graph = Graph([], Versions(134))
        self.pool: list[Value] = []
        self.unknown = self.random.choice([0.0, 0.0, 0.0, 0.15, 0.5])
        self.fed = self.random.choice([0.0, 0.05, 0.3])
        self._numbers = np.random.default_rng(seed)

    # what graphs are made of

    def input(self, kind: str, dims: Sequence[int | None] | None) -> Value:
        """A placeholder; some of its dimensions may become unknown."""
        if dims is not None and self.random.random() < self.unknown:
            count = self.random.choice([1, 1, len(dims)])
            dims = [None if i < count else d for i, d in enumerate(dims)]
            if self.random.random() < 0.1:
                dims = None
        attrs: dict[str, Attr] = {"dtype": dtype(kind), "shape": Shape(dims)}
        name = self.graph.free_name("input")
        self.graph.add(Node(name, "Placeholder", (), attrs))
        return self._known(name)[0]

    def const(self, values: Any, kind: str = "int32") -> Value:
        """A constant, some of them behind an Identity."""
        array = np.asarray(values, object if kind == "string" else None)
        if kind not in ("string", "bfloat16"):
            array = array.astype(kind)
        name = self.graph.free_name("const")
        attrs: dict[str, Attr] = {
            "dtype": dtype(kind),
            "value": Tensor.from_array(array, kind),
        }
        self.graph.add(Node(name, "Const", (), attrs))
        value = self._known(name)[0]
        if self.random.random() < 0.1:
            return self.add("Identity", [value])[0]
        return value

    def weights(self, *dims: int, kind: str = "float32") -> Value:
        """A constant of random numbers."""
        if kind == "string":
            return self.const(np.full(dims, b"w", object), kind)
        if kind == "bool":
            return self.const(self._numbers.random(dims) < 0.5, kind)
        values = self._numbers.standard_normal(dims)
        return self.const(values if "int" not in kind else np.abs(values * 3) + 1, kind)

    def operand(self, values: Any, kind: str = "int32") -> Value:
        """An operand that mostly is constant: a shape, an axis; sometimes it is fed."""
        if self.random.random() < self.fed:
            attrs: dict[str, Attr] = {"dtype": dtype(kind), "shape": Shape(np.shape(values))}
            name = self.graph.free_name("operand")
            self.graph.add(Node(name, "Placeholder", (), attrs))
            return self._known(name)[0]
        return self.const(values, kind)

    def add(self, op: str, inputs: Sequence[Value], after: str = "", **attrs: Any) -> list[Value]:
        """Add a node, unless an input has a type or shape that the op does not take.

        Args:
            op: Its op.
            inputs: Its inputs.
            after: Name of a node that has to run before.
            attrs: Its attributes, but those of types and numbers that its inputs decide. Strings
                stand for types where the op has an attribute of types, else for bytes.

        Returns:
            Its outputs; none if it was not added.
        """
        definition = op_definition(op)
        assert definition is not None, op
        if definition.deprecated_since:
            return []
        typed = _decided(definition, inputs)
        if typed is None:
            return []
        for name, value in attrs.items():
            typed[name] = _encoded(definition, name, value)
        if not _allowed(definition, typed):
            return []
        name = self.graph.free_name(op)
        refs = (*[i.ref for i in inputs], *([f"^{after}"] if after else []))
        self.graph.add(Node(name, op, refs, typed))
        try:
            found = self._known(name)
        except GraphtoolsError:
            found = []
        if not found and definition.outputs:
            self.graph.remove(name)
        if any(v.rank > 8 or math.prod(d or 0 for d in v.dims or ()) > 1e5 for v in found):
            self.graph.remove(name)
            return []
        return found

    def _known(self, name: str) -> list[Value]:
        inference = infer_shapes(self.graph, targets=[name])
        if any(f.node == name for f in inference.findings):
            return []
        outputs = []
        for index, (dims, kind) in enumerate(
            zip(inference.shapes(name), inference.dtypes(name), strict=False)
        ):
            ref = f"{name}:{index}" if index else name
            outputs.append(Value(ref, kind.base.name if kind else "", dims))
        return outputs

    # what is chosen

    def chance(self, share: float) -> bool:
        """Whether something happens that does in a share of the cases."""
        return self.random.random() < share

    def choice(self, values: Sequence[Any]) -> Any:
        """One of some values."""
        return self.random.choice(values)

    def dims(self, rank: int) -> list[int]:
        """Dimensions for an input."""
        if rank == 4:
            return [self.choice([1, 1, 2]), *[self.choice([4, 6, 8])] * 2, self.choice([1, 3, 4])]
        return [self.choice([1, 2, 3, 4, 6]) for _ in range(rank)]

    def pick(
        self, kinds: Sequence[str] = (), ranks: Sequence[int] = (), *, fresh: float = 0.15
    ) -> Value:
        """A tensor of the pool of a type and rank, or a new input.

        Args:
            kinds: Types to choose from; any if empty.
            ranks: Ranks to choose from; any if empty.
            fresh: How often it is a new input although there is one.
        """
        fitting = [
            v for v in self.pool
            if (not kinds or v.dtype in kinds) and (not ranks or v.rank in ranks)
            and v.dtype not in ("variant", "resource")
        ]  # fmt: skip
        if fitting and not self.chance(fresh):
            # the newest are taken more often, so that graphs become deep
            return fitting[-1] if self.chance(0.5) else self.choice(fitting)
        kind = self.choice([k for k in INPUT_TYPES if not kinds or k in kinds] or list(kinds))
        rank = self.choice([r for r in ranks if r >= 0] or [0, 1, 2, 2, 3, 4, 4, 4, 5])
        if self.chance(0.12):
            value = self.weights(*self.dims(rank), kind=kind)
        else:
            value = self.input(kind, self.dims(rank))
        self.pool.append(value)
        return value

    def keep(self, values: Sequence[Value]) -> Value | None:
        """Put outputs of a node into the pool, mostly the first one only."""
        if not values:
            return None
        self.pool.append(values[0])
        if len(values) > 1 and self.chance(0.3):
            self.pool.extend(values[1:])
        return values[0]

    def finish(self, kind: str, tested: str = "") -> Made:
        """The graph with its ends: nodes that nobody reads, a few of them dead."""
        ends = [
            n.name for n in self.graph
            if n.op not in ("Placeholder", "Const", "NoOp") and not self.graph.is_read(n.name)
            and self._is_feedable(n.name)
        ]  # fmt: skip
        count = self.choice([1, 1, 2, 3, len(ends)])
        outputs = (
            ends[-count:] if self.chance(0.7) else self.random.sample(ends, min(count, len(ends)))
        )
        if not outputs:
            outputs = [self.add("Identity", [self.pick()])[0].ref]
        for name in list(outputs):
            second = next(iter(self._known(name)[1:]), None)
            if second and self.chance(0.3) and second.dtype not in ("variant", "resource"):
                outputs.append(second.ref)
        needed = _ancestors(self.graph, outputs)
        inputs = [n.name for n in self.graph if n.op == "Placeholder" and n.name in needed]
        ops = [n.op for n in self.graph if n.op not in ("Placeholder", "Const", "Identity")]
        return Made(
            kind, tested or (ops[-1] if ops else kind), self.graph, tuple(inputs), tuple(outputs)
        )

    def _is_feedable(self, name: str) -> bool:
        values = self._known(name)
        return bool(values) and values[0].dtype not in ("variant", "resource", "")


def _decided(definition: OpDefinition, inputs: Sequence[Value]) -> dict[str, Any] | None:
    """The attributes that the inputs decide; None where they do not go together."""
    found: dict[str, Any] = {}
    rest = list(inputs)
    singles = sum(not a.is_list for a in definition.inputs)
    for argument in definition.inputs:
        count = 1 if not argument.is_list else max(0, len(inputs) - singles)
        if argument.number_attr and argument.number_attr in found:
            count = found[argument.number_attr]
        elif sum(a.is_list for a in definition.inputs) > 1 and argument.number_attr:
            count = (len(inputs) - singles) // sum(a.is_list for a in definition.inputs)
        taken, rest = rest[:count], rest[count:]
        if argument.number_attr:
            found[argument.number_attr] = count
        kinds = [dtype(v.dtype) for v in taken]
        if argument.type_list_attr:
            found[argument.type_list_attr] = kinds
        elif argument.type_attr:
            if any(found.setdefault(argument.type_attr, k) is not k for k in kinds):
                return None
        elif any(k is not argument.dtype for k in kinds):
            return None
    return None if rest else found


def _encoded(definition: OpDefinition, name: str, value: Any) -> Any:
    attribute = definition.attribute(name)
    kind = attribute.type if attribute else ""
    if kind == "type" and isinstance(value, str):
        return dtype(value)
    if kind == "list(type)":
        return [dtype(v) for v in value]
    if kind == "shape" and not isinstance(value, Shape):
        return Shape(value)
    return value.encode() if isinstance(value, str) else value


def _allowed(definition: OpDefinition, attrs: dict[str, Any]) -> bool:
    for attribute in definition.attributes:
        if attribute.name not in attrs:
            if not attribute.has_default:
                return False
            continue
        value = attrs[attribute.name]
        values = value if isinstance(value, list) else [value]
        if attribute.allowed and any(
            isinstance(v, DType | bytes) and v not in attribute.allowed for v in values
        ):
            return False
        if attribute.minimum is not None and attribute.type == "int" and value < attribute.minimum:
            return False
    return True


def _ancestors(graph: Graph, names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    stack = [n.partition(":")[0] for n in names]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack += [i.lstrip("^").partition(":")[0] for i in graph[name].inputs]
    return found
