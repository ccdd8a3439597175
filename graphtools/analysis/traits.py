"""What kind of graph this is: frozen or not, for training or not, quantized or not.

Each trait is a number of nodes or variables that show it, with the name of one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.variables import OPTIMIZER_UPDATES, VARIABLE_OPS, is_optimizer_slot
from graphtools.idioms import dropout, training_batch_norm
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.idioms.loss import LOSS_OPS, is_gradient
from graphtools.idioms.moving_average import is_moving_average
from graphtools.idioms.training_switch import is_keep_probability, is_training_switch

#: What exports of a model for inference have, too.
_HARMLESS = frozenset(
    {"summaries", "input pipelines", "moving averages of variables", "training switches"}
)


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What shows a trait: how often, and one example."""

    count: int
    example: str


@dataclasses.dataclass(frozen=True)
class Traits:
    """What kind of graph this is.

    Attributes:
        frozen: Whether it has no variables.
        training: Whether something in it belongs to training only.
        quantization_aware: Whether it has fake-quantization nodes.
        training_evidence: By what it is (optimizer, gradients, dropout...), what shows it.
        quantization_evidence: By op, what shows it.
    """

    frozen: bool
    training: bool
    quantization_aware: bool
    training_evidence: dict[str, Evidence]
    quantization_evidence: dict[str, Evidence]


def find_traits(graph: Graph) -> Traits:
    """Look at all nodes of a graph, those of its functions among them."""
    training: dict[str, list[str]] = {}
    quantization: dict[str, list[str]] = {}
    frozen = True
    bodies = [graph.nodes, *(f.nodes for f in graph.functions.values())]
    for nodes in bodies:
        for node in nodes:
            op = node.op
            if op in ("Const", "Identity"):
                continue
            if op in FAKE_QUANTS:
                quantization.setdefault(op, []).append(node.name)
                continue
            frozen = frozen and op not in VARIABLE_OPS
            trait = _training_trait(node)
            if trait:
                training.setdefault(trait, []).append(node.name)
    training |= {trait: names for trait, names in _idioms(graph) if names}
    return Traits(
        frozen=frozen,
        training=bool(training.keys() - _HARMLESS),
        quantization_aware=bool(quantization),
        training_evidence=_evidence(training),
        quantization_evidence=_evidence(quantization),
    )


def _idioms(graph: Graph) -> Iterator[tuple[str, list[str]]]:
    """What belongs to training and is more than a node, by what it is."""
    norms = [n.node.name for n in training_batch_norm.find(graph)]
    norms += [n.node.name for _, n in training_batch_norm.find_in_functions(graph)]
    yield "batch norms with is_training=true", norms
    dropouts = [d.end.name for d in dropout.find(graph)]
    yield "dropout", dropouts + [d.end.name for _, d in dropout.find_in_functions(graph)]
    placeholders = [node for node in graph if node.op in PLACEHOLDERS]
    yield (
        "training switches",
        [
            n.name
            for n in placeholders
            if is_training_switch(graph, n) or is_keep_probability(graph, n)
        ],
    )


def _training_trait(node: Node) -> str:
    """What about training a node shows; mostly nothing."""
    op, name = node.op, node.name
    if op in VARIABLE_OPS:
        if is_moving_average(name):
            return "moving averages of variables"
        return "optimizer slots" if is_optimizer_slot(name) else ""
    if op.startswith(OPTIMIZER_UPDATES):
        return "optimizer updates"
    if is_gradient(name):
        return "gradients"
    if op in LOSS_OPS:
        return "losses"
    if op in ("Iterator", "IteratorV2", "OneShotIterator"):
        return "input pipelines"
    if op.endswith(("Summary", "SummaryV2")):
        return "summaries"
    return "input queues" if op.endswith(("Queue", "QueueV2")) else ""


def _evidence(names: dict[str, list[str]]) -> dict[str, Evidence]:
    return {
        what: Evidence(len(found), found[0])
        for what, found in sorted(names.items(), key=lambda kv: -len(kv[1]))
    }
