"""Where the nodes of v1 loops and conditionals run: in which frame, and on which branches.

A loop's nodes run in a frame, which Enter opens and Exit leaves; what Switch gives runs on a branch
only, until Merge brings the branches together. A node without inputs runs always and outside of all
loops; so a constant in a loop or branch has a control input that puts it there, and a rewrite must
neither take that away nor put a node there without one.
"""

from __future__ import annotations

from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.order import runnable_order
from graphtools.graph.ref import producer
from graphtools.ops.control_flow import CONTROL_FLOW, ENTERS, EXITS, MERGES, SWITCHES


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
