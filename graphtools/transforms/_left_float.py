"""Which layers stay float, and why."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Mapping

from graphtools.graph.dtypes import FLOAT32, DType
from graphtools.graph.functions import called_by
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import producer
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.idioms.control_flow import find_places
from graphtools.idioms.fake_quant import LAYERS
from graphtools.idioms.loss import LAYER_OPS, is_gradient
from graphtools.ops.control_flow import SWITCHES
from graphtools.ops.definitions import attribute_value
from graphtools.transforms._folded_norms import LeftNorm

#: Ops of layers that are left float wherever they stand: no FakeQuant knows their weights.
_NEVER = LAYER_OPS - LAYERS | {
    "BlockLSTM", "BlockLSTMV2", "Conv2DBackpropFilter", "CudnnRNN", "CudnnRNNV2", "CudnnRNNV3",
    "Einsum", "GRUBlockCell", "LSTMBlockCell", "XlaDot",
}  # fmt: skip
KNOWN_LAYERS = LAYERS | _NEVER
_IN_BRANCH = "in a branch of a conditional"


def excluded_nodes(
    graph: Graph, layers: Collection[Node], patterns: Collection[str]
) -> dict[str, str]:
    """Names of the nodes that stay as they are, with the reason."""
    found: dict[str, str] = {}
    places = find_places(graph)
    for node in layers:
        if any(fnmatch.fnmatchcase(node.name, glob) for glob in patterns):
            found[node.name] = "it is excluded"
        elif is_gradient(node.name):
            found[node.name] = "it is part of a gradient"
        elif attribute_value(node, "T") is not FLOAT32 and node.op in LAYERS:
            kind = attribute_value(node, "T")
            shown = kind.name if isinstance(kind, DType) else "an unknown type"
            found[node.name] = f"it computes in {shown}, FakeQuants in float32"
    for node in graph:
        place = places.get(node.name)
        if place is not None and (node.op in KNOWN_LAYERS or node.op in BATCH_NORMS):
            where = "in a loop" if place.loops else _IN_BRANCH
            found[node.name] = f"it is {where}, where ranges cannot be followed"
    return found


def layers_with_norms(
    graph: Graph,
    layers: Collection[Node],
    norms: Collection[LeftNorm],
    excluded: Mapping[str, str],
) -> dict[str, str]:
    """Layers that stay float with a batch norm that is not folded, with the reasons.

    Rounded before the batch norm, the weights would not be what a converter rounds.
    """
    found = {n.layer: f"its batch norm {n.norm.node.name!r} stays: {n.reason}" for n in norms}
    for node in layers:
        name = next(_norms_in_branches(graph, node), "")
        if name:
            found[node.name] = (
                f"its batch norm {name!r} is {_IN_BRANCH}: build the graph with is_training as a "
                "Python value, or take its inference form"
            )
    return {name: reason for name, reason in found.items() if name and name not in excluded}


def _norms_in_branches(graph: Graph, layer: Node) -> Iterator[str]:
    """Batch norms that a layer, or its bias, leads to in a branch, also in that of a function."""
    readers = [r.node for r in data_readers(graph, layer.name, 0)]
    for bias in [node for node in readers if node.op == "BiasAdd"]:
        readers += [r.node for r in data_readers(graph, bias.name, 0)]
    for node in readers:
        if node.op in SWITCHES:
            behind = (r.node for r in data_readers(graph, node.name))
            yield from (n.name for n in behind if n.op in BATCH_NORMS)
        for name in sorted(called_by([node]) & graph.functions.keys()):
            inner = graph.functions[name].nodes
            yield from (f"{name}/{n.name}" for n in inner if n.op in BATCH_NORMS)


def why_not_found(graph: Graph, node: Node, *, training: bool) -> str:
    """Why a layer is none that can be quantized."""
    if node.op in _NEVER:
        return f"no FakeQuant is known for {node.op}"
    weights = node.data_inputs[1:2]
    source = graph.get(producer(weights[0])) if weights else None
    if source is not None and source.op == "Const" and training:
        return f"its weights {weights[0]!r} are a constant, which is not trained"
    return "it has no weights: both of what it reads is computed from what is fed"
