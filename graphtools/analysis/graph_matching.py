"""Which node of one graph is which of another.

By name where names mean the same on both sides; by moves of whole scopes; and by structure, for
what is left or where names differ wholesale (all prefixed, or obfuscated).

By structure, each node gets a label of its op, its attributes without names and the labels of what
it reads (forward), and one that adds the labels of what reads it (backward). Nodes whose label is
the only one of its kind on both sides are a pair. From each pair the match spreads: to what stands
at the same input, and to readers that are the only ones of their kind. Nodes that cannot be told
apart are paired in file order. Labels are numbers given out by one table for both graphs, so that
equal numbers are equal structures and not only equal hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from graphtools.errors import Damaged, InvalidGraph, InvalidValue
from graphtools.graph.attributes import Attr, FunctionRef
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import topological_order
from graphtools.graph.ref import producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor, once
from graphtools.idioms.scope_moves import Move, find_moves

#: Attributes that hold names of nodes, scopes and resources, or repeat what is known.
NAME_ATTRS = frozenset(
    {
        "_class",
        "_output_shapes",
        "_output_types",
        "_tensors",
        "container",
        "frame_name",
        "shared_name",
        "stack_name",
        "tensor_array_name",
    }
)


class Matching(NamedTuple):
    """Which node of A is which of B.

    Attributes:
        pairs: Name in B by name in A.
        moves: Moves of scopes that explain changed names.
        by_name: Whether names mean the same on both sides.
    """

    pairs: dict[str, str]
    moves: tuple[Move, ...]
    by_name: bool


def match_nodes(a: Graph, b: Graph) -> Matching:
    """Find which node of A is which of B."""
    common = [n.name for n in a if n.name in b]
    # a short name may be on both sides by accident, as those of two obfuscated graphs are
    agreeing = sum("/" in n or a[n].op == b[n].op for n in common)
    smaller = min(len(a), len(b))
    reliable = 2 * agreeing >= smaller and 10 * agreeing >= 7 * len(common)
    pairs = {n: n for n in common} if reliable else {}
    if len(pairs) == len(a) or len(pairs) == len(b):
        return Matching(pairs, (), True)
    matcher = _Matcher(a, b, pairs)
    moves, _ = find_moves(
        [n.name for n in a if n.name not in matcher.pairs],
        [n.name for n in b if n.name not in matcher.reverse],
        lambda x, y: matcher.looks(a[x]) == matcher.looks(b[y]),
        taken=(a.__contains__, b.__contains__),
        unlike_too=False,
    )
    for move in moves:
        if reliable or 4 * len(move.variables) >= smaller:
            for x, y in move.variables:
                matcher.put(x, y)
    moves = [m for m in moves if m.variables[0][0] in matcher.pairs]
    matcher.match_by_structure(thorough=not reliable)
    if not reliable:
        for name in common:
            if name not in matcher.pairs and name not in matcher.reverse:
                matcher.put(name, name)
    return Matching(matcher.pairs, tuple(moves), reliable)


class _Labels(NamedTuple):
    """Forward, backward and combined label of each node, by name."""

    forward: dict[str, int]
    backward: dict[str, int]
    both: dict[str, int]


class _Matcher:
    """The state of a match."""

    def __init__(self, a: Graph, b: Graph, pairs: dict[str, str]) -> None:
        self.a, self.b = a, b
        self.pairs = pairs
        self.reverse = {y: x for x, y in pairs.items()}
        self._numbers: dict[Hashable, int] = {}
        self._looks: dict[Node, int] = {}
        self._values: dict[Node, int] = {}
        self._orders: dict[int, list[Node]] = {}

    def put(self, x: str, y: str) -> None:
        self.pairs[x] = y
        self.reverse[y] = x

    def match_by_structure(self, thorough: bool) -> None:
        """Match what is left.

        Args:
            thorough: Whether likeness in one direction is enough, and likeness without the values
                of constants; where most nodes are matched by name already, only what is like in
                all is taken for a renamed node.
        """
        self._spread(list(self.pairs.items()) if thorough else [])
        while self._anything_left():
            before = len(self.pairs)
            for with_values in (True, False) if thorough else (True,):
                left = self._labels(self.a, self.pairs, with_values)
                right = self._labels(self.b, self.reverse, with_values)
                self._unique(left.both, right.both, thorough)
                if thorough:
                    self._unique(left.forward, right.forward, thorough)
                    self._unique(left.backward, right.backward, thorough)
            if len(self.pairs) == before:
                self._indistinct(left.both, right.both, thorough)
            if len(self.pairs) == before:
                break

    def _anything_left(self) -> bool:
        return len(self.pairs) < min(len(self.a), len(self.b))

    def _unique(self, left: dict[str, int], right: dict[str, int], spread: bool) -> None:
        """Match nodes whose label only one node of each side has."""
        mine, others = _by_label(left, self.pairs), _by_label(right, self.reverse)
        new = []
        for label, names in mine.items():
            partners = others.get(label, ())
            if len(names) == 1 and len(partners) == 1:
                self.put(names[0], partners[0])
                new.append((names[0], partners[0]))
        if spread:
            self._spread(new)

    def _indistinct(self, left: dict[str, int], right: dict[str, int], spread: bool) -> None:
        """Match nodes that cannot be told apart, in file order, if both sides have as many."""
        mine, others = _by_label(left, self.pairs), _by_label(right, self.reverse)
        for label, names in mine.items():
            partners = others.get(label, [])
            if len(names) != len(partners):
                continue
            for x, y in zip(names, partners, strict=True):
                if x not in self.pairs and y not in self.reverse:
                    self.put(x, y)
                    if spread:
                        self._spread([(x, y)])

    def _spread(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Go on from matched pairs to what they read and what reads them."""
        queue = list(pairs)
        while queue:
            x, y = queue.pop()
            left, right = self.a.get(x), self.b.get(y)
            if left is None or right is None:
                continue
            found = []
            ins, others = left.data_inputs, right.data_inputs
            if len(ins) == len(others):
                found += [(producer(i), producer(j)) for i, j in zip(ins, others, strict=True)]
            readers, partners = self._readers(self.a, x, True), self._readers(self.b, y, False)
            for role, names in readers.items():
                twins = partners.get(role, ())
                if len(names) == 1 and len(twins) == 1:
                    found.append((names[0], twins[0]))
            for m, n in found:
                if m in self.pairs or n in self.reverse:
                    continue
                one, other = self.a.get(m), self.b.get(n)
                if one is not None and other is not None and one.op == other.op:
                    self.put(m, n)
                    queue.append((m, n))

    def _readers(self, graph: Graph, name: str, of_a: bool) -> dict[Hashable, list[str]]:
        """The unmatched readers of a node by op and by what they read of it where."""
        found: dict[Hashable, list[str]] = {}
        matched = self.pairs if of_a else self.reverse
        for reader in graph.consumers(name):
            if reader.name in matched:
                continue
            role = (
                reader.op,
                tuple(
                    (i if t[:1] != "^" else -1, t[len(name) :] if t[:1] != "^" else "")
                    for i, t in enumerate(reader.inputs)
                    if producer(t) == name
                ),
            )
            found.setdefault(role, []).append(reader.name)
        return found

    def _labels(self, graph: Graph, matched: dict[str, str], with_values: bool) -> _Labels:
        order = self._order(graph)
        of_a = graph is self.a
        forward: dict[str, int] = {}
        describe = self._with_value if with_values else self.looks
        for node in order:
            if node.name in matched:
                forward[node.name] = self._anchor(node.name, of_a)
                continue
            reads = []
            controls = []
            for text in node.inputs:
                name = producer(text)
                if text[:1] == "^":
                    controls.append(forward.get(name, -1))
                else:
                    reads.append((forward.get(name, -1), text.partition(":")[2]))
            key = ("f", describe(node), tuple(reads), tuple(sorted(controls)))
            forward[node.name] = self._number(key)
        backward, both = self._backward(order, forward, matched, of_a, describe)
        return _Labels(forward, backward, both)

    def _backward(
        self,
        order: Sequence[Node],
        forward: dict[str, int],
        matched: dict[str, str],
        of_a: bool,
        describe: Callable[[Node], int],
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Labels by what reads a node; and by that and what it reads."""
        backward: dict[str, int] = {}
        both: dict[str, int] = {}
        read_by: dict[str, list[tuple[int, int, int, str]]] = {}
        for node in reversed(order):
            readers = sorted(read_by.pop(node.name, []))
            plain = tuple((label, i, out) for label, _, i, out in readers)
            full = tuple((label, i, out) for _, label, i, out in readers)
            if node.name in matched:
                backward[node.name] = both[node.name] = self._anchor(node.name, of_a)
            else:
                backward[node.name] = self._number(("b", describe(node), tuple(sorted(plain))))
                key = ("fb", forward[node.name], tuple(sorted(full)))
                both[node.name] = self._number(key)
            for position, text in enumerate(node.inputs):
                control = text[:1] == "^"
                place, output = (-1, "") if control else (position, text.partition(":")[2])
                entry = (backward[node.name], both[node.name], place, output)
                read_by.setdefault(producer(text), []).append(entry)
        return backward, both

    def _order(self, graph: Graph) -> list[Node]:
        order = self._orders.get(id(graph))
        if order is None:
            try:
                order = topological_order(graph)
            except InvalidGraph:
                order = [n for n in graph if graph[n.name] is n]
            self._orders[id(graph)] = order
        return order

    def _anchor(self, name: str, of_a: bool) -> int:
        return self._number(("m", name if of_a else self.reverse[name]))

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def looks(self, node: Node) -> int:
        """A number for op and attributes, without names and the values of constants."""
        found = self._looks.get(node)
        if found is None:
            attrs = node.attrs
            parts = tuple((n, attr_key(attrs[n])) for n in attrs if n not in NAME_ATTRS)
            found = self._looks[node] = self._number(("l", node.op, parts))
        return found

    def _with_value(self, node: Node) -> int:
        """The same, with the value of a constant."""
        found = self._values.get(node)
        if found is None:
            found = self.looks(node)
            tensor = node.tensor
            if tensor is not None:
                found = self._number(("v", found, _digest(tensor)))
            self._values[node] = found
        return found


def _by_label(labels: dict[str, int], matched: dict[str, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for name, label in labels.items():
        if name not in matched:
            found.setdefault(label, []).append(name)
    return found


def attr_key(value: Attr) -> Hashable:
    """An attribute as something that can be compared, without names and values of tensors."""
    if isinstance(value, list):
        return tuple(attr_key(v) for v in value)
    if isinstance(value, Tensor):
        return ("tensor", value.dtype.number, value.shape.dims)
    if isinstance(value, FunctionRef):
        inner = tuple((n, attr_key(v)) for n, v in sorted(value.attrs.items()))
        return ("function", inner)
    if isinstance(value, DType):
        return ("dtype", value.number)
    if isinstance(value, Shape):
        return ("shape", value.dims)
    if isinstance(value, float) and value != value:
        return ("float", "nan")
    return (type(value).__name__, value)


def _digest(tensor: Tensor) -> bytes:
    """A checksum of the values, however they are encoded."""
    import numpy as np

    try:
        array = tensor.array()
    except (Damaged, InvalidValue):
        return hashlib.blake2b(tensor.to_bytes(), digest_size=16).digest()
    if array.dtype.kind == "O":
        raw = repr(array.tolist()).encode()
        return hashlib.blake2b(raw, digest_size=16).digest()
    plain = np.ascontiguousarray(once(array)).reshape(-1).view(np.uint8)
    rows = plain.reshape(-1, array.itemsize)
    if len(rows) > 1 and (rows[0] == rows[-1]).all() and (rows == rows[0]).all():
        plain = rows[0]  # written out here, and as one value elsewhere
    return hashlib.blake2b(plain.data, digest_size=16).digest()
