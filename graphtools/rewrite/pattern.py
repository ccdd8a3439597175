"""Patterns of nodes, as data.

    Op("Relu|Relu6", Op("BiasAdd", Op("Conv2D", ANY, CONST, name="conv"), CONST), name="root")

A pattern stands for a node by its op and, from the first on, its data inputs. Inputs that are not
mentioned may be anything, or absent. Names give the nodes of a match to whoever rewrites them; a
name that stands in a pattern twice is the same tensor in both places. What a construct looks like
in practice is told by

| pattern | is |
|---|---|
| `either("Mul", a, b)` | a node that reads the two in this order or the other |
| `through(ops, a)` | `a`, or what is handed on by nodes with these ops |
| `one_of(a, b)` | the first of these that fits |
| `scalar("rate")` | a constant with one value, without axes |
| `Op("Split", output=1)` | the second output of a node |
| `Op("Const", leaf=True, sole=True)` | what stays, and is read by nobody else |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.ops.handing_on import way_to_source


class Pattern(NamedTuple):
    """What a tensor must come from; made by `Op` and the functions beside it.

    Attributes:
        ops: The ops of its node; any if empty.
        inputs: Patterns of the node's first data inputs.
        name: Name in a match; empty if nobody asks for it.
        leaf: Whether the node is only looked at: it stays, and may be used elsewhere.
        sole: Whether a leaf must not be used elsewhere.
        either: Whether the two inputs may be exchanged.
        output: Which output of the node is read; any if None.
        scalar: Whether it has a value of one element, without axes.
        passing: Ops that may stand between, each of which hands its first input on.
        choices: Patterns of which one has to fit; the rest then does not count but the name.
    """

    ops: frozenset[str] = frozenset()
    inputs: tuple[Pattern, ...] = ()
    name: str = ""
    leaf: bool = False
    sole: bool = False
    either: bool = False
    output: int | None = 0
    scalar: bool = False
    passing: frozenset[str] = frozenset()
    choices: tuple[Pattern, ...] = ()

    @property
    def roots(self) -> frozenset[str]:
        """The ops that the node may have at which the pattern begins; any if empty."""
        if not self.choices:
            return self.ops
        found = [choice.roots for choice in self.choices]
        return frozenset().union(*found) if all(found) else frozenset()


def Op(
    ops: str | Iterable[str],
    *inputs: Pattern,
    name: str = "",
    leaf: bool = False,
    sole: bool = False,
    output: int | None = 0,
) -> Pattern:
    """A pattern for a node.

    Args:
        ops: Names of ops, or these as a text with `|` between them.
        inputs: Patterns of its data inputs.
        name: Its name in a match.
        leaf: Whether the node stays where it is and may be used elsewhere, too.
        sole: Whether a leaf must not be used elsewhere.
        output: Which of its outputs is read; any if None.
    """
    known = frozenset(ops.split("|") if isinstance(ops, str) else ops)
    return Pattern(known, inputs, name, leaf, sole, output=output)


def either(ops: str | Iterable[str], first: Pattern, second: Pattern, name: str = "") -> Pattern:
    """A pattern for a node that reads two things in any order.

    Example:
        >>> either("Mul", Op("Conv2D"), CONST)  # conv * c and c * conv
    """
    return Op(ops, first, second, name=name)._replace(either=True)


def through(ops: Iterable[str], inner: Pattern) -> Pattern:
    """A pattern for something, directly or handed on by nodes with some ops.

    These belong to the match like what they hand on; where that is a leaf they stay.
    """
    return inner._replace(passing=frozenset(ops))


def one_of(*choices: Pattern, name: str = "") -> Pattern:
    """A pattern for what one of several patterns fits, the first that does."""
    return Pattern(name=name, leaf=all(c.leaf for c in choices), choices=choices)


def tensor(name: str) -> Pattern:
    """Anything, also a further output of a node; it stays where it is."""
    return Pattern(name=name, leaf=True, output=None)


def constant(name: str) -> Pattern:
    """A constant with a name; it stays where it is."""
    return CONST._replace(name=name)


def scalar(name: str = "") -> Pattern:
    """A constant with a single value; it stays where it is."""
    return CONST._replace(name=name, scalar=True)


#: Anything, also a further output of a node, or of one that is not there.
ANY = tensor("")
#: A constant, which stays where it is.
CONST = Op("Const", leaf=True)


class Match:
    """Nodes that a pattern stands for.

    Attributes:
        root: The node that the whole pattern stands for.
        interior: The other nodes that the pattern consumes, those that are no leaves.
        sole: The leaves that must not be used elsewhere.
    """

    def __init__(
        self,
        root: Node,
        interior: tuple[Node, ...] = (),
        sole: tuple[Node, ...] = (),
        named: dict[str, tuple[Ref, Node]] | None = None,
    ) -> None:
        """A match; one of which only the root is known to begin with."""
        self.root = root
        self.interior = interior
        self.sole = sole
        self._named = named or {}

    def __getitem__(self, name: str) -> Node:
        return self._named[name][1]

    def __contains__(self, name: str) -> bool:
        return name in self._named

    def get(self, name: str) -> Node | None:
        """The node of a name, None where that part of the pattern is not there."""
        return self._named[name][1] if name in self._named else None

    def tensor(self, name: str) -> str:
        """What a name stands for, as it stands in the inputs of a node."""
        return str(self._named[name][0])

    def extended(self, pattern: Pattern, ref: Ref, node: Node) -> Match | None:
        """The match with one more node, None if its name stands for another tensor."""
        named = self._named
        if pattern.name:
            if named.get(pattern.name, (ref, node))[0] != ref:
                return None
            named = {**named, pattern.name: (ref, node)}
        interior, sole = self.interior, self.sole
        if node is not self.root and not pattern.leaf and node not in interior:
            interior = (*interior, node)
        if pattern.sole:
            sole = (*sole, node)
        return Match(self.root, interior, sole, named)


def match(graph: Graph, pattern: Pattern, root: Node) -> Match | None:
    """The nodes that a pattern stands for at a node, None if it does not fit.

    What `through` and `output` say of the root itself does not count.
    """
    pattern = pattern._replace(passing=frozenset(), output=None)
    return next(_ways(graph, pattern, Ref(root.name), root, Match(root)), None)


def _ways(graph: Graph, pattern: Pattern, ref: Ref, node: Node, found: Match) -> Iterator[Match]:
    """All ways in which a pattern fits a tensor, added to what was found before."""
    if pattern.choices:
        for choice in pattern.choices:
            for way in _of_input(graph, choice, str(ref), found):
                yield from _added(way, pattern, ref, node)
    elif (pattern.ops and node.op not in pattern.ops) or pattern.output not in (None, ref.index):
        return
    elif not pattern.scalar or _is_scalar(node):
        for now in _added(found, pattern, ref, node):
            yield from _of_inputs(graph, pattern, node, now)


def _added(found: Match, pattern: Pattern, ref: Ref, node: Node) -> Iterator[Match]:
    now = found.extended(pattern, ref, node)
    if now is not None:
        yield now


def _is_scalar(node: Node) -> bool:
    value = node.tensor
    return value is not None and value.shape.dims == ()


def _of_inputs(graph: Graph, pattern: Pattern, node: Node, found: Match) -> Iterator[Match]:
    inputs = node.data_inputs
    if len(inputs) < len(pattern.inputs):
        return
    orders = [pattern.inputs, pattern.inputs[::-1]] if pattern.either else [pattern.inputs]
    for order in orders:
        ways = [found]
        for inner, text in zip(order, inputs, strict=False):
            ways = [w for way in ways for w in _of_input(graph, inner, text, way)]
        yield from ways


def _of_input(graph: Graph, pattern: Pattern, text: str, found: Match) -> Iterator[Match]:
    """All ways in which a pattern fits an input, or what is handed on to it."""
    if pattern == ANY:
        yield found
        return
    for ref, node in way_to_source(graph, text, pattern.passing):
        yield from _ways(graph, pattern, ref, node, found)
        found = found.extended(Pattern(leaf=pattern.leaf), ref, node) or found


def matches(graph: Graph, pattern: Pattern) -> Iterator[Match]:
    """All places where a pattern fits, in the order of the nodes when it begins."""
    roots = pattern.roots
    for node in list(graph.nodes):
        if not roots or node.op in roots:
            found = match(graph, pattern, node) if graph.get(node.name) is node else None
            if found is not None:
                yield found
