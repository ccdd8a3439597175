"""fold_old_batch_norms."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.rewrite.driver import Rule, Skip, Unfit, apply_rules
from graphtools.rewrite.pattern import Match, Op
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._batch_norm import (
    FUSED,
    GLOBAL,
    affine,
    computed_constant,
    require_first_output_only,
)
from graphtools.transforms._linear import channel_axis, trace
from graphtools.transforms._scaling import fold

_BATCH_NORMS = frozenset({GLOBAL, *FUSED})


def run(graph: Graph, job: Job) -> None:
    """Move batch norms into the convolutions before them."""

    def rewrite(graph: Graph, found: Match) -> Sequence[Node] | Skip:
        return _folded(graph, found, job)

    apply_rules(graph, [Rule(Op("|".join(_BATCH_NORMS)), rewrite)], job)


def _folded(graph: Graph, found: Match, job: Job) -> list[Node]:
    node = found.root
    linear = trace(graph, job, node, 0)
    if node.op != GLOBAL:
        require_first_output_only(graph, node, job)
    scale, offset, controls = affine(graph, node)
    channels = linear.channels
    if channels.size != len(scale):
        raise Unfit(f"it has {len(scale)} channels, its input {channels.size}")
    if channels.rank != 4 or channel_axis(node, 4) != channels.axis:
        raise Unfit(
            f"its channels are not those of its input, axis {channels.axis} of {channels.rank}"
        )
    return fold(graph, job, found, linear, scale, offset, controls)


def _warns(graph: Graph, job: Job) -> str:
    """Name a constant that was not folded."""
    norms = [n for n in graph if n.op in _BATCH_NORMS]
    name = computed_constant(graph, [i for n in norms for i in n.data_inputs[1:5]])
    if not name:
        return ""
    return f"{name!r} is computed from constants, and only Const is folded: fold_constants first"


TRANSFORM = Transform(
    "fold_old_batch_norms",
    run,
    """Move batch norms into the weights of the convolutions before them.

    Takes BatchNormWithGlobalNormalization and FusedBatchNorm, FusedBatchNormV2 and V3 in inference,
    after Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput and MatMul, in NHWC and NCHW; a
    BiasAdd, an Add of a constant, BatchToSpaceND, Reshape, Squeeze and Concat of any number of
    convolutions may stand between. The constants may be read through Identity. What stays is a
    BiasAdd with the name of the batch norm, and a constant `<convolution>_bn_offset`. A convolution
    that shares its weights gets a copy of its own, `<convolution>_bn_weights`.

    Not folded, and reported, are batch norms that train (is_training is true, which is also what a
    FusedBatchNorm without this attribute does), of which the statistics are read, whose
    convolution is used elsewhere or is an output, or that follow a FakeQuant or something that is
    no convolution.

    The original knows FusedBatchNorm only, does not look at is_training, scales weights that are
    shared as often as they are used, changes the results of a convolution that is used
    elsewhere or is an output, and drops control inputs and devices.
    """,
    "fold_old_batch_norms",
    warns=_warns,
)
