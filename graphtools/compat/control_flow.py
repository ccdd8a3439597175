"""v1 control flow: loops and conditionals of Enter, Switch and Merge, which become functions.

The converter makes functions of the bodies, conditions and branches. It names them
`_functionalize_body_0`, `_functionalize_if_then_branch_1` and so on, and messages name the nodes in
them `name@function`. Loops are numbered from the inside, the last first; conditionals from the
inside, the first first. Source: measured with TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from graphtools.compat.site import Failure
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import ENTERS, EXITS, MERGES, SWITCHES

LOOP_ENDS = frozenset({"NextIteration", "RefNextIteration"})
#: Ops of which nothing is left.
CONTROL_FLOW = ENTERS | EXITS | MERGES | LOOP_ENDS | {"Switch", "RefSwitch", "LoopCond"}
_REMEDY = "rewrite it with functions (tf.while_loop, tf.cond with control flow v2)"


class Construct(NamedTuple):
    """A loop, or a branch of a conditional.

    Attributes:
        kind: `loop`, `then` or `else`.
        key: The frame's name, or the tensor that decides.
    """

    kind: str
    key: str


Place = tuple[Construct, ...]


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
        self._places: dict[str, Place] = {}
        self._numbers: dict[Place, int] = {}
        self._conditions: set[str] = set()
        self._bodies: set[str] = set()
        self._order = [n for n in order if n.name in reached]
        self.is_there = any(n.op in CONTROL_FLOW for n in self._order)
        if not self.is_there:
            return
        for node in self._order:
            self._places[node.name] = self._place(node)
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

    def _place(self, node: Node) -> Place:
        sources = [Ref.parse(text) for text in node.inputs]
        places = [self._after(ref) for ref in sources if ref.node in self._places]
        if node.op in MERGES and len(places) > 1 and len(node.data_inputs) > 1:
            return _common(places)
        place = max(places, key=len, default=())
        if node.op in ENTERS:
            frame = node.attr("frame_name")
            name = frame.decode("utf-8", "replace") if isinstance(frame, bytes) else ""
            return (*place, Construct("loop", name))
        if node.op in EXITS:
            loops = [i for i, c in enumerate(place) if c.kind == "loop"]
            return place[: loops[-1]] if loops else place
        return place

    def _after(self, ref: Ref) -> Place:
        """Where a node runs that reads a tensor."""
        place = self._places[ref.node]
        node = self._graph[ref.node]
        if node.op not in SWITCHES or ref.index < 0 or len(node.data_inputs) < 2:
            return place
        predicate = producer(node.data_inputs[1])
        source = self._graph.get(predicate)
        if source is not None and source.op == "LoopCond":
            return place
        while source is not None and source.op == "Identity" and source.data_inputs:
            predicate = producer(source.data_inputs[0])
            source = self._graph.get(predicate)
        return (*place, Construct("then" if ref.index == 1 else "else", predicate))

    def _check(self) -> None:
        """Find what the converter cannot make functions of."""
        ops = {n.op for n in self._order}
        for node in self._order:
            inputs = [self._graph.get(producer(text)) for text in node.data_inputs]
            closes = [n for n in inputs if n is not None and n.op in LOOP_ENDS]
            if node.op not in MERGES and node.op not in ENTERS and self._mixes_frames(node):
                self._fail(node, "error", "it reads from inside and from outside of a loop")
            if node.op in LOOP_ENDS and not ops & ENTERS:
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
        places = [self._after(ref) for ref in refs if ref.node in self._places]
        loops = {tuple(c for c in place if c.kind == "loop") for place in places}
        return len(loops) > 1

    def _fail(self, node: Node, kind: str, reason: str) -> None:
        self.failure = self.failure or (node.name, Failure(kind, reason, _REMEDY))

    def _number(self) -> None:
        """Number loops and conditionals as the converter does."""
        loops: list[Place] = []
        conditionals: list[Place] = []
        for node in self._order:
            place = self._places[node.name]
            for depth in range(1, len(place) + 1):
                construct = _construct(place[:depth])
                found = loops if construct[-1].kind == "loop" else conditionals
                if construct not in found:
                    found.append(construct)
        loops.sort(key=_loop_depth, reverse=True)
        by_depth = sorted(set(map(_loop_depth, loops)), reverse=True)
        ordered = [p for d in by_depth for p in reversed([q for q in loops if _loop_depth(q) == d])]
        conditionals.sort(key=len, reverse=True)
        for places in (ordered, conditionals):
            self._numbers.update({place: number for number, place in enumerate(places)})

    def _find_roles(self) -> None:
        """Find which nodes of loops are part of the condition, and which of the body."""
        for ops, found in (({"LoopCond"}, self._conditions), (LOOP_ENDS, self._bodies)):
            stack = [
                producer(text) for n in self._order if n.op in ops for text in n.data_inputs[:1]
            ]
            while stack:
                name = stack.pop()
                node = self._graph.get(name)
                if name in found or node is None or node.op in ENTERS or node.op in LOOP_ENDS:
                    continue
                if node.op == "LoopCond":
                    continue  # what decides is part of the condition alone
                found.add(name)
                if node.op not in MERGES:
                    stack += [producer(text) for text in node.inputs]
                    continue
                closes = [self._graph.get(producer(t)) for t in node.data_inputs]
                if not any(n is not None and n.op in LOOP_ENDS for n in closes):
                    stack += [producer(text) for text in node.inputs]


def _common(places: Sequence[Place]) -> Place:
    """What places have in common from the outside."""
    found = []
    for parts in zip(*places, strict=False):
        if any(part != parts[0] for part in parts):
            break
        found.append(parts[0])
    return tuple(found)


def _construct(place: Place) -> Place:
    """A place with both branches of its innermost conditional taken for one."""
    if not place or place[-1].kind == "loop":
        return place
    return (*place[:-1], Construct("if", place[-1].key))


def _loop_depth(place: Place) -> int:
    return sum(c.kind == "loop" for c in place)
