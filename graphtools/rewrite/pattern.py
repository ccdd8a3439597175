"""Patterns of nodes, as data.

    Op("Relu|Relu6", Op("BiasAdd", Op("Conv2D", ANY, CONST, name="conv"), CONST), name="root")

A pattern stands for a node by its op and, from the first on, its data inputs. Inputs that are not
mentioned may be anything, or absent; an input must be the first output of its node, except of
`ANY`. Names give the nodes of a match to whoever rewrites them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref


class Pattern(NamedTuple):
    """What a node must be; made by `Op`.

    Attributes:
        ops: The ops it may have; any if empty.
        inputs: Patterns of its first data inputs.
        name: Name in a match; empty if nobody asks for it.
        leaf: Whether the node is only looked at: it stays, and may be used elsewhere.
        whole: Whether it has no further data inputs.
    """

    ops: frozenset[str]
    inputs: tuple[Pattern, ...] = ()
    name: str = ""
    leaf: bool = False
    whole: bool = False


def Op(ops: str, *inputs: Pattern, name: str = "", leaf: bool = False) -> Pattern:
    """A pattern for a node.

    Args:
        ops: Names of ops with `|` between them.
        inputs: Patterns of its data inputs.
        name: Its name in a match.
        leaf: Whether the node stays where it is and may be used elsewhere, too.
    """
    return Pattern(frozenset(ops.split("|")), inputs, name, leaf)


#: Anything, also a further output of a node.
ANY = Pattern(frozenset(), leaf=True)
#: A constant, which stays where it is.
CONST = Pattern(frozenset({"Const"}), leaf=True)


def constant(name: str) -> Pattern:
    """A constant with a name; it stays where it is."""
    return Pattern(frozenset({"Const"}), name=name, leaf=True)


class Match:
    """Nodes that a pattern stands for.

    Attributes:
        root: The node that the whole pattern stands for.
        interior: The other nodes that the pattern consumes, those that are no leaves.
    """

    def __init__(self, root: Node) -> None:
        """A match of which only the root is known."""
        self.root = root
        self.interior: list[Node] = []
        self._named: dict[str, Node] = {}

    def __getitem__(self, name: str) -> Node:
        return self._named[name]

    def get(self, name: str) -> Node | None:
        """The node of a name, None where that part of the pattern is not there."""
        return self._named.get(name)

    def bind(self, name: str, node: Node) -> None:
        """Give a node a name."""
        self._named[name] = node


def match(graph: Graph, pattern: Pattern, root: Node) -> Match | None:
    """The nodes that a pattern stands for at a node, None if it does not fit."""
    found = Match(root)
    return found if _fits(graph, pattern, root, found) else None


def _fits(graph: Graph, pattern: Pattern, node: Node, found: Match) -> bool:
    if pattern.ops and node.op not in pattern.ops:
        return False
    if pattern.name:
        found.bind(pattern.name, node)
    if node is not found.root and not pattern.leaf:
        found.interior.append(node)
    if not pattern.inputs:
        return True
    inputs = node.data_inputs
    if len(inputs) < len(pattern.inputs):
        return False
    for inner, text in zip(pattern.inputs, inputs, strict=False):
        ref = Ref.parse(text)
        if not inner.ops and not inner.name:
            continue
        source = graph.get(ref.node)
        if source is None or (inner.ops and ref.index):
            return False
        if not _fits(graph, inner, source, found):
            return False
    return True


def matches(graph: Graph, pattern: Pattern) -> Iterator[Match]:
    """All places where a pattern fits, in the order of the nodes when it begins."""
    for node in list(graph.nodes):
        if node.op in pattern.ops or not pattern.ops:
            found = match(graph, pattern, node) if graph.get(node.name) is node else None
            if found is not None:
                yield found
