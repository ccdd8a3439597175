"""Which functions of the library a graph uses, and by which ops."""

from __future__ import annotations

from collections.abc import Iterable

from graphtools.graph.attributes import FunctionRef
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node

#: Ops that do nothing but call a function, run one of several, or one again and again.
CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})
CONDITIONALS = frozenset({"If", "StatelessIf"})
CASES = frozenset({"Case", "StatelessCase"})
LOOPS = frozenset({"While", "StatelessWhile"})


def called_functions(graph: Graph) -> set[str]:
    """Names of the functions that a graph's nodes call, by whatever attribute, and these in turn.

    The library of gradients is not looked at.
    """
    library = graph.functions
    if not library:
        return set()
    first = called_by(graph.nodes) & library.keys()
    return set(reach(first, lambda name: called_by(library[name].nodes) & library.keys()))


def called_by(nodes: Iterable[Node]) -> set[str]:
    """Names that nodes may call functions by: their ops, and those that their attributes hold."""
    found = set()
    for node in nodes:
        found.add(node.op)
        for value in node.attrs.values():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, FunctionRef):
                    found.add(item.name)
    return found
