"""v1 control flow: loops and conditionals of Enter, Switch and Merge, which become functions.

The converter makes functions of the bodies, conditions and branches. It names them
`_functionalize_body_0`, `_functionalize_if_then_branch_1` and so on, and messages name the nodes in
them `name@function`. Loops are numbered from the inside, the last first; conditionals from the
inside, the first first. Source: measured with TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from graphtools.compat.judgement import Failure
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.idioms.control_flow import Construct, Within, find_constructs, within_of
from graphtools.ops.control_flow import (
    CONTROL_FLOW,
    ENTERS,
    MERGES,
    NEXT_ITERATIONS,
    SWITCHES,
)

#: Ops of which nothing is left.
VANISHES = (CONTROL_FLOW - {"_SwitchN"}) | {"LoopCond"}
_REMEDY = "rewrite it with functions (tf.while_loop, tf.cond with control flow v2)"


class ControlFlow:
    """Where the nodes of a graph with v1 control flow run.

    Attributes:
        failure: Why the converter fails, with the name of the node; None if it does not.
        dead: Names of nodes on branches that are never taken.
    """

    def __init__(self, graph: Graph, order: Sequence[Node], reached: Collection[str]) -> None:
        """Find the loops and conditionals.

        Args:
            graph: The graph.
            order: Its nodes in the order in which they can run.
            reached: Names of the nodes that its outputs need.
        """
        self.failure: tuple[str, Failure] | None = None
        self.dead: frozenset[str] = frozenset()
        self._graph = graph
        self._places: dict[str, Within] = {}
        self._numbers: dict[Within, int] = {}
        self._conditions: set[str] = set()
        self._bodies: set[str] = set()
        self._order = [n for n in order if n.name in reached]
        self.is_there = any(n.op in VANISHES for n in self._order)
        if not self.is_there:
            return
        self._places = find_constructs(graph, self._order)
        self._check()
        self._number()
        self._find_roles()

    def prune(self, constant: Callable[[str], bool | None]) -> None:
        """Find the branches that are never taken.

        Args:
            constant: Gives the value of a node that is a constant predicate, None for any other.
        """
        dead = set()
        known = {
            construct.key: constant(construct.key)
            for place in self._places.values()
            for construct in place
            if construct.kind != "loop"
        }
        for name, place in self._places.items():
            for construct in place:
                value = known.get(construct.key)
                decided = construct.kind != "loop" and value is not None
                if decided and value != (construct.kind == "then"):
                    dead.add(name)
        self.dead = frozenset(dead)

    def functions(self, name: str) -> list[str]:
        """The functions in which a node will be; empty outside of all."""
        place = self._places.get(name, ())
        if not place:
            return []
        number = self._numbers.get(_construct(place), 0)
        kind = place[-1].kind
        if kind != "loop":
            return [f"_functionalize_if_{kind}_branch_{number}"]
        found = []
        if name in self._conditions:
            found.append(f"_functionalize_cond_{number}")
        if name in self._bodies or not found:
            found.append(f"_functionalize_body_{number}")
        return found

    def _check(self) -> None:
        """Find what the converter cannot make functions of."""
        ops = {n.op for n in self._order}
        for node in self._order:
            inputs = [self._graph.get(producer(text)) for text in node.data_inputs]
            closes = [n for n in inputs if n is not None and n.op in NEXT_ITERATIONS]
            if node.op not in MERGES and node.op not in ENTERS and self._mixes_frames(node):
                self._fail(node, "error", "it reads from inside and from outside of a loop")
            if node.op in NEXT_ITERATIONS and not ops & ENTERS:
                self._fail(node, "crash", "a NextIteration without a loop")
            elif node.op in ENTERS and "LoopCond" not in ops:
                self._fail(node, "error", "a loop without LoopCond")
            elif node.op == "LoopCond" and not ops & ENTERS:
                self._fail(node, "error", "a LoopCond without a loop")
            elif node.op in MERGES and not closes:
                if len(inputs) != 2:
                    self._fail(node, "error", f"a Merge of {len(inputs)} inputs, not of two")
                elif not any(len(self._places[n.name]) for n in inputs if n) and not any(
                    n is not None and n.op in SWITCHES for n in inputs
                ):
                    self._fail(node, "error", "a Merge of what no Switch decides")

    def _mixes_frames(self, node: Node) -> bool:
        """Whether a node in a loop reads what was not brought into the loop."""
        refs = [Ref.parse(text) for text in node.data_inputs]
        places = [
            within_of(self._graph, ref, self._places) for ref in refs if ref.node in self._places
        ]
        loops = {tuple(c for c in place if c.kind == "loop") for place in places}
        return len(loops) > 1

    def _fail(self, node: Node, kind: str, reason: str) -> None:
        self.failure = self.failure or (node.name, Failure(kind, reason, _REMEDY))

    def _number(self) -> None:
        """Number loops and conditionals as the converter does."""
        loops: dict[Within, None] = {}
        conditionals: dict[Within, None] = {}
        for node in self._order:
            place = self._places[node.name]
            for depth in range(1, len(place) + 1):
                construct = _construct(place[:depth])
                found = loops if construct[-1].kind == "loop" else conditionals
                found[construct] = None
        inmost_last_first = sorted(loops, key=_loop_depth)[::-1]
        for places in (inmost_last_first, sorted(conditionals, key=len, reverse=True)):
            self._numbers.update({place: number for number, place in enumerate(places)})

    def _find_roles(self) -> None:
        """Find which nodes of loops are part of the condition, and which of the body."""
        for ops, found in (({"LoopCond"}, self._conditions), (NEXT_ITERATIONS, self._bodies)):
            stack = [
                producer(text) for n in self._order if n.op in ops for text in n.data_inputs[:1]
            ]
            while stack:
                name = stack.pop()
                node = self._graph.get(name)
                if name in found or node is None or node.op in ENTERS or node.op in NEXT_ITERATIONS:
                    continue
                if node.op == "LoopCond":
                    continue  # what decides is part of the condition alone
                found.add(name)
                if node.op not in MERGES:
                    stack += [producer(text) for text in node.inputs]
                    continue
                closes = [self._graph.get(producer(t)) for t in node.data_inputs]
                if not any(n is not None and n.op in NEXT_ITERATIONS for n in closes):
                    stack += [producer(text) for text in node.inputs]


def _construct(place: Within) -> Within:
    """A place with both branches of its innermost conditional taken for one."""
    if not place or place[-1].kind == "loop":
        return place
    return (*place[:-1], Construct("if", place[-1].key))


def _loop_depth(place: Within) -> int:
    return sum(c.kind == "loop" for c in place)
