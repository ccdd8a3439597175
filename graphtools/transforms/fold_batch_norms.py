"""fold_batch_norms."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.driver import Rule, Skip, Unfit, apply_rules
from graphtools.rewrite.pattern import ANY, Match, Op
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._batch_norm import computed_constant
from graphtools.transforms._linear import LINEAR_OPS, WEIGHT_AXES, per_channel, trace
from graphtools.transforms._scaling import fold


def run(graph: Graph, job: Job) -> None:
    """Move products with constants into the convolutions before them."""

    def rewrite(graph: Graph, found: Match) -> Sequence[Node] | Skip:
        return _folded(graph, found, job)

    apply_rules(graph, [Rule(Op("Mul", ANY, ANY), rewrite)], job)


def _folded(graph: Graph, found: Match, job: Job) -> list[Node] | Skip:
    node = found.root
    side = _product_side(graph, node)
    constant = None if side is None else find_constant(graph, node.data_inputs[1 - side])
    if side is None or constant is None:
        return Skip("")  # no product of a convolution and a constant
    linear = trace(graph, job, node, side)
    shared = constant.is_shared(graph, job, node)
    if shared:
        raise Unfit(f"the constant {shared}")
    scale = per_channel(constant, linear.channels)
    return fold(graph, job, found, linear, scale, None, constant.controls, copies=False)


def _product_side(graph: Graph, node: Node) -> int | None:
    """Number of the input that comes from a convolution, perhaps with something between."""
    for side, text in enumerate(node.data_inputs[:2]):
        source = graph.get(producer(text))
        for _ in range(3):
            if source is None or source.op not in LINEAR_OPS:
                break
            if source.op in WEIGHT_AXES:
                return side
            position = 1 if source.op == "Concat" else 0
            inputs = source.data_inputs
            source = graph.get(producer(inputs[position])) if position < len(inputs) else None
    return None


def _warns(graph: Graph, job: Job) -> str:
    """Name a constant that was not folded."""
    texts = []
    for node in graph:
        if node.op == "Mul" and len(node.data_inputs) == 2:
            side = _product_side(graph, node)
            if side is not None:
                texts.append(node.data_inputs[1 - side])
    name = computed_constant(graph, texts)
    if not name:
        return ""
    return f"{name!r} is computed from constants, and only Const is folded: fold_constants first"


TRANSFORM = Transform(
    "fold_batch_norms",
    run,
    """Move products with constants into the weights of the convolutions before them.

    Takes a Mul of Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput or MatMul with a constant on
    either side, as batch norms that are not fused have it once their constants are folded; run
    fold_constants before. A BiasAdd, an Add of a constant, BatchToSpaceND, Reshape, Squeeze and
    Concat may stand between. The convolution gets the name of the Mul. The constant has one value
    for each output channel, along the axis of the channels, or one for all.

    Not folded, and reported, are products whose convolution, weights or constant are used
    elsewhere or are outputs, and those after a FakeQuant.

    The original takes the constant as the second operand only and fails for other shapes than a
    vector; in NCHW it takes one that multiplies along the width for one that scales channels.
    What adds the offset, behind the Mul, stays an Add here and there.
    """,
    "fold_batch_norms",
    warns=_warns,
)
