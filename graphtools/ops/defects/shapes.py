"""Defects of shapes: inputs that do not fit together, and stored shapes that inference contradicts.

Source of the rules: TensorFlow's ShapeRefiner, and GraphConstructor's ValidateShape, which holds
the attribute `_output_shapes` of each node of a graph (not of functions) against what is inferred.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.shape import Shape
from graphtools.ops.control_flow import ENTERS
from graphtools.ops.defects.defect import Defect
from graphtools.ops.dims import Contradiction, merge, show
from graphtools.ops.inference import Inference, infer_shapes

_STORED = "_output_shapes"
#: Ops of old graphs whose stored shapes TensorFlow knows to be wrong, and forgives.
_FORGIVEN = frozenset(
    "RandomShuffleQueue PaddingFIFOQueue FIFOQueue PriorityQueue QueueSize Stack Barrier "
    "BarrierReadySize BarrierIncompleteSize HashTable MutableHashTable MutableHashTableOfTensors "
    "Mutex CuckooTable IndexTable WholeFileReader TextLineReader FixedLengthRecordReader "
    "TFRecordReader IdentityReader LMDBReader RefSwitch RefEnter RefNextIteration RefMerge "
    "RefIdentity ConditionalAccumulator SparseConditionalAccumulator Table".split()
)


def shape_defects(graph: Graph, inference: Inference) -> Iterator[Defect]:
    """The contradictions among the shapes of a graph.

    Args:
        graph: The graph.
        inference: Its inferred shapes, of which some may be given in place of those of the graph.
    """
    for found in inference.findings:
        if _STORED not in found.message:
            message = f"node {found.node!r}: {found.message}"
            yield Defect("shapes", found.node, message, op=found.op, reason=found.message)
    stored = [node for node in graph if node.attr(_STORED) is not None and node.op not in _FORGIVEN]
    if not stored:
        return
    if not inference.trusts_attributes:
        inference = infer_shapes(graph)  # shapes that were given are none of the file's
    looping = _in_loops(graph)
    for node in stored:
        what = "" if node.name in looping else _contradiction(inference, node)
        if what:
            message = f"node {node.name!r}: {what}"
            yield Defect("stored-shapes", node.name, message, "", True, node.op, _STORED, what)


def _in_loops(graph: Graph) -> set[str]:
    """Names of what comes behind the entry of a v1 loop, whose shapes TensorFlow does not infer."""
    enters = [n.name for n in graph if n.op in ENTERS and n.attr("is_constant") is not True]
    return set(reach(enters, lambda name: [n.name for n in graph.consumers(name)]))


def _contradiction(inference: Inference, node: Node) -> str:
    """What of a node's stored shapes inference contradicts; empty if nothing."""
    stored = node.attr(_STORED)
    if not isinstance(stored, list) or not all(isinstance(s, Shape) for s in stored):
        return ""
    inferred = inference.shapes(node.name)
    if len(stored) < len(inferred):
        return f"it stores {len(stored)} shapes in {_STORED}, and has {len(inferred)} outputs"
    for number, (dims, shape) in enumerate(zip(inferred, stored, strict=False)):
        held = shape.dims if isinstance(shape, Shape) else None
        try:
            merge(dims, held)
        except Contradiction:
            return (
                f"its output {number} is {show(dims)}, and its attribute {_STORED} says "
                f"{show(held)}"
            )
    return ""
