"""remove_assertions."""

from __future__ import annotations

from graphtools.graph.colocations import update_colocations
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.idioms.control_flow import ALWAYS, Place, find_places, place_of_inputs
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.transform import Job, Parameter, Transform


def run(graph: Graph, job: Job) -> None:
    """Remove nodes that only check or print, and let nothing wait for them."""
    ops = set(job.texts("op"))
    gone = [node for node in graph if node.op in ops]
    places = find_places(graph) if gone else {}
    removed = []
    for node in gone:
        reason = _obstacle(graph, node, job, places)
        if reason:
            job.skip(node.name, reason)
            continue
        waits = tuple(f"^{c}" for c in node.control_inputs)
        graph.replace(node, [Node(node.name, "NoOp", waits)])
        remove_unread(graph, map(producer, node.data_inputs), job, heir=node.name)
        waits = graph[node.name].inputs
        for reader in graph.consumers(node.name):
            others = (i for i in reader.inputs if i[:1] == "^" and i != f"^{node.name}")
            graph.set_inputs(reader, (*reader.data_inputs, *dict.fromkeys((*others, *waits))))
        remove_unread(graph, [node.name], job)
        removed.append(node.name)
    update_colocations(graph, dict.fromkeys(removed))


def _obstacle(graph: Graph, node: Node, job: Job, places: dict[str, Place]) -> str:
    """Why a node cannot be removed; empty if it can."""
    if job.is_kept(node.name):
        return "it is an input or output"
    place = places.get(node.name, ALWAYS)
    for reader in graph.consumers(node.name):
        rest = tuple(i for i in reader.inputs if producer(i) != node.name)
        if any(producer(i) == node.name and i[:1] != "^" for i in reader.inputs):
            return f"{reader.name!r} reads its result"
        without = place_of_inputs(rest, places)
        if place.loops > without.loops or place.branches > without.branches:
            return f"{reader.name!r} runs in a loop or on a branch because it waits for it"
    return ""


TRANSFORM = Transform(
    "remove_assertions",
    run,
    """Remove nodes that check or print and give nothing, Assert by default.

    What waited for them waits for what they have waited for; what only they have read goes, too.
    Where an assertion would have failed, the graph now computes something. A node that is in a loop
    or on a branch only because it waits for one of them keeps it, and is reported.
    """,
    "remove_assertions(op=Assert, op=PrintV2)",
    (Parameter("op", "text", "an op that is to go", "Assert", repeated=True),),
)
