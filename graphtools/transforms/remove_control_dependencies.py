"""remove_control_dependencies."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.idioms.control_flow import ALWAYS, Place, find_places, place_of_inputs
from graphtools.rewrite.transform import Job, Transform


def run(graph: Graph, job: Job) -> None:
    """Remove the control inputs that do not put a node into a loop or on a branch."""
    places = find_places(graph)
    for node in graph:
        data = node.data_inputs
        if len(data) == len(node.inputs):
            continue
        binding = _binding(node, data, places)
        if binding:
            job.skip(node.name, "its control inputs put it into a loop or on a branch")
        graph.set_inputs(node, (*data, *binding))


def _binding(node: Node, data: tuple[str, ...], places: dict[str, Place]) -> tuple[str, ...]:
    """The control inputs without which a node would run elsewhere."""
    without = place_of_inputs(data, places)
    found = []
    for name in node.control_inputs:
        place = places.get(name, ALWAYS)
        if place.loops > without.loops or place.branches > without.branches:
            found.append(f"^{name}")
    return tuple(found)


TRANSFORM = Transform(
    "remove_control_dependencies",
    run,
    """Remove control inputs, which make a node wait for others whose values it does not use.

    For inference they are seldom of use, and hinder what rewrites the graph. What a graph computes
    stays the same if it only reads its variables; a node that does nothing but wait, as an op that
    initializes, does nothing at all then. Control inputs that put a node into a loop or on the
    branch of a conditional stay: without them the loop could not run, or the branch that is not
    taken would. (The original removed them, and its results did not run.)
    """,
    "remove_control_dependencies",
    keeps_meaning=False,
)
