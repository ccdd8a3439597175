"""Takes off a graph what trains it: gradients, optimizer, its slots, and the nodes of the Saver.

What the model and its loss compute stays, and so do its variables and what initialises them. A
graph is rewritten for training before it is differentiated: gradients would be those of the old
graph.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.graph.variables import OPTIMIZER_UPDATES, VARIABLE_OPS, is_optimizer_slot
from graphtools.idioms.loss import is_gradient
from graphtools.idioms.side_effects import SAVER_OPS


class WithoutTraining(NamedTuple):
    """A graph without what trains it.

    Attributes:
        graph: The graph.
        optimizer: Number of nodes of gradients and optimizer that were taken off.
        saver: Number of nodes of the Saver that were.
    """

    graph: Graph
    optimizer: int
    saver: int


def without_training(graph: Graph) -> WithoutTraining:
    """A copy of a graph without gradients, optimizer and Saver."""
    twin = graph.copy()
    steps = [n.name for n in twin if n.op.startswith(OPTIMIZER_UPDATES)]
    slots = [n.name for n in twin if n.op in VARIABLE_OPS and is_optimizer_slot(n.name)]
    backward = [n.name for n in twin if is_gradient(n.name)]
    saving = _saving(twin)
    _remove(twin, saving)
    # slots without an optimizer may be variables of somebody's own
    seeds = [*steps, *backward, *(slots if steps else ())]
    gone = {n for n in reach(seeds, lambda name: _readers(twin, name)) if n in twin}
    _remove(twin, gone)
    return WithoutTraining(twin, len(gone), len(saving))


def _readers(graph: Graph, name: str) -> list[str]:
    """Who reads a node, or waits for it; a group goes on without one of its members."""
    return [n.name for n in graph.consumers(name) if not _is_group(n)]


def _is_group(node: Node) -> bool:
    return node.op == "NoOp"


def _saving(graph: Graph) -> set[str]:
    """Names of the nodes that save and restore, with the constants and groups of these alone."""
    ends = [n for n in graph if n.op in SAVER_OPS]
    found = {n.name for n in ends}
    for node in ends:
        if node.op == "RestoreV2":
            assigns = (n.name for n in graph.consumers(node.name))
            found.update(reach(assigns, lambda name: [n.name for n in graph.consumers(name)]))
    scopes = tuple({f"{n.name.rpartition('/')[0]}/" for n in ends if "/" in n.name})
    inner = [n for n in graph if scopes and n.name.startswith(scopes)]
    kinds = {"Const", "Identity", "Pack", "StringJoin", "ShardedFilename", "PlaceholderWithDefault"}
    waiting = [n for n in inner if n.op in kinds | {"NoOp"}]
    for node in reversed(waiting):
        readers = graph.consumers(node.name)
        only = all(r.name in found or r in waiting for r in readers)
        if only and (node.op != "NoOp" or any(producer(i) in found for i in node.inputs)):
            found.add(node.name)
    return found


def _remove(graph: Graph, names: Collection[str]) -> None:
    """Remove nodes; others do not wait for them any more."""
    for name in names:
        for reader in graph.consumers(name):
            if reader.name not in names:
                rest = [text for text in reader.inputs if producer(text) not in names]
                graph.set_inputs(reader, rest)
    graph.remove_all([name for name in names if name in graph])
