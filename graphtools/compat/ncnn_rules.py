"""What does not convert to ncnn, by node: what it lacks, or computes otherwise without a word.

Measured with tf2onnx 1.17, pnnx and ncnn of October 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.compat.verdict import Blocker
from graphtools.front_end import param
from graphtools.graph.functions import CASES, CONDITIONALS, LOOPS
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.ops.control_flow import CONTROL_FLOW
from graphtools.ops.definitions import attribute_value
from graphtools.ops.inference import Inference

#: Ops that become layers which ncnn does not have, where they are not computed before.
_NO_LAYER = frozenset({
    "ArgMax", "ArgMin", "TopKV2", "NonMaxSuppressionV2", "NonMaxSuppressionV3",
    "NonMaxSuppressionV4", "NonMaxSuppressionV5", "Greater", "GreaterEqual", "Less", "LessEqual",
    "Equal", "NotEqual", "Select", "SelectV2", "Where", "GatherNd", "DepthToSpace", "SpaceToDepth",
    "Cast",
})  # fmt: skip
#: Control flow, at which pnnx crashes.
_CONTROL = CONTROL_FLOW | LOOPS | CONDITIONALS | CASES


def ncnn_blockers(graph: Graph, inference: Inference) -> Iterator[Blocker]:
    """The nodes that keep a graph from being converted to ncnn, as far as they are known.

    Args:
        graph: The graph.
        inference: Shapes of its tensors.
    """
    for node in graph:
        reason = ""
        if node.op in _CONTROL:
            reason = "ncnn has no control flow"
        elif node.op in ("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"):
            reason = _resizing(node, inference)
        if reason:
            before = str(Ref.parse(node.data_inputs[0])) if node.data_inputs else "NAME"
            remedy = f"cut the graph before it: {param(outputs=[before])}"
            yield Blocker(node.name, node.op, reason, "unsupported", remedy)


def missing_layers(graph: Graph) -> Iterator[Blocker]:
    """The nodes of a prepared graph for which ncnn has no layer.

    Args:
        graph: The graph as tf2onnx gets it, whose constants are folded.
    """
    for node in graph:
        training = node.op in BATCH_NORMS and attribute_value(node, "is_training") is True
        if node.op in _NO_LAYER or training:
            before = str(Ref.parse(node.data_inputs[0])) if node.data_inputs else "NAME"
            remedy = f"cut the graph before it: {param(outputs=[before])}"
            reason = f"ncnn has no layer for {node.op}" + " of training" * training
            yield Blocker(node.name, node.op, reason, "unsupported", remedy)


def _resizing(node: Node, inference: Inference) -> str:
    """Why ncnn does not resize as a node does; empty if it does."""
    half = attribute_value(node, "half_pixel_centers")
    corners = attribute_value(node, "align_corners")
    if node.op == "ResizeBicubic":
        return "ncnn computes bicubic resizing otherwise, without a word"
    if node.op == "ResizeBilinear":
        if corners:
            return "ncnn has no bilinear resizing with align_corners"
        if not half:
            return "ncnn takes half_pixel_centers for granted, without a word"
        return ""
    if not node.data_inputs:
        return ""
    ref = Ref.parse(node.data_inputs[0])
    before = inference.shape(ref.node, ref.index).dims
    after = inference.shape(node.name, 0).dims
    if before is None or after is None or len(before) != len(after):
        return ""
    sizes = list(zip(before, after, strict=True))[1:3]
    if any(a and b and b % a for a, b in sizes):
        return "ncnn takes other neighbours where the size is no multiple, without a word"
    return ""
