"""Where the nodes of v1 loops and conditionals run: in which frame, and on which branches.

A loop's nodes run in a frame, which Enter opens and Exit leaves; what Switch gives runs on a branch
only, until Merge brings the branches together. A node without inputs runs always and outside of all
loops; so a constant in a loop or branch has a control input that puts it there, and a rewrite must
neither take that away nor put a node there without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import (
    CONTROL_FLOW,
    ENTERS,
    EXITS,
    MERGES,
    NEXT_ITERATIONS,
    SWITCHES,
)
from graphtools.ops.handing_on import source_of


class Construct(NamedTuple):
    """A loop, or a branch of a conditional.

    Attributes:
        kind: `loop`, `then` or `else`.
        key: The frame's name, or the tensor that decides.
    """

    kind: str
    key: str


#: The loops and branches that a node is in, from the outside.
Within = tuple[Construct, ...]


class LoopVariable(NamedTuple):
    """A variable of a loop: the Merge that holds it, where it enters and where it comes back."""

    merge: str
    enters: Ref
    returns: Ref


class Place(NamedTuple):
    """Where a node runs.

    Attributes:
        loops: Number of loops it is in.
        branches: Number of Switches in a row that decide whether it runs.
    """

    loops: int = 0
    branches: int = 0

    @property
    def is_bound(self) -> bool:
        """Whether a node that is to run there needs an input that puts it there."""
        return self != ALWAYS


#: Of a node that runs once in each run of the graph.
ALWAYS = Place()


def find_places(graph: Graph) -> dict[str, Place]:
    """Where nodes run, by name: those that do not run always.

    Nodes on cycles that are no loops, and what needs them, are not among them.
    """
    if not any(node.op in CONTROL_FLOW for node in graph):
        return {}
    places: dict[str, Place] = {}
    for node in runnable_order(graph)[0]:
        place = _place(node, places)
        if place.is_bound:
            places[node.name] = place
    return places


def place_of_inputs(inputs: tuple[str, ...], places: dict[str, Place]) -> Place:
    """Where a node runs that has these inputs."""
    known = [places[name] for name in map(producer, inputs) if name in places]
    if not known:
        return ALWAYS
    return Place(max(p.loops for p in known), max(p.branches for p in known))


def _place(node: Node, places: dict[str, Place]) -> Place:
    place = place_of_inputs(node.inputs, places)
    if node.op in ENTERS:
        return Place(place.loops + 1, place.branches)
    if node.op in EXITS:
        return Place(max(place.loops - 1, 0), max(place.branches - 1, 0))
    if node.op in SWITCHES:
        return Place(place.loops, place.branches + 1)
    if node.op in MERGES:
        # of a loop's Merge only the Enter is known here, which is on no branch of the loop
        whole = all(producer(i) in places for i in node.data_inputs)
        return Place(place.loops, max(place.branches - 1, 0) if whole else place.branches)
    return place


def find_constructs(graph: Graph, order: Iterable[Node]) -> dict[str, Within]:
    """The loops and branches of conditionals that nodes are in, by name.

    A loop is known by the name of its frame, a branch by the tensor that decides.

    Args:
        graph: The graph.
        order: The nodes that count, in the order in which they can run.
    """
    found: dict[str, Within] = {}
    for node in order:
        found[node.name] = _within(graph, node, found)
    return found


def _within(graph: Graph, node: Node, known: Mapping[str, Within]) -> Within:
    refs = [Ref.parse(text) for text in node.inputs]
    places = [within_of(graph, ref, known) for ref in refs if ref.node in known]
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


def within_of(graph: Graph, ref: Ref, known: Mapping[str, Within]) -> Within:
    """The loops and branches in which a node is that reads a tensor.

    Args:
        graph: The graph.
        ref: The tensor.
        known: Those of the node that it comes from, by name.
    """
    place = known[ref.node]
    node = graph[ref.node]
    if node.op not in SWITCHES or ref.index < 0 or len(node.data_inputs) < 2:
        return place
    decides = source_of(graph, node.data_inputs[1]).node
    if (source := graph.get(decides)) is not None and source.op == "LoopCond":
        return place
    return (*place, Construct("then" if ref.index == 1 else "else", decides))


def _common(places: Sequence[Within]) -> Within:
    """What places have in common from the outside."""
    found = []
    for parts in zip(*places, strict=False):
        if any(part != parts[0] for part in parts):
            break
        found.append(parts[0])
    return tuple(found)


def loop_variable(graph: Graph, node: Node) -> LoopVariable | None:
    """The variable that a Merge at the start of a loop holds; None for any other node."""
    refs = [Ref.parse(text) for text in node.data_inputs] if node.op in MERGES else []
    ops = [source.op if (source := graph.get(ref.node)) else "" for ref in refs]
    if len(refs) != 2 or ops[0] not in ENTERS or ops[1] not in NEXT_ITERATIONS:
        return None
    return LoopVariable(node.name, refs[0], refs[1])
