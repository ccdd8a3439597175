"""fold_old_batch_norms."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.graph.graph import Graph
from graphtools.idioms.batch_norm import BATCH_NORMS, GLOBAL, Affine, affine, batch_norm_at
from graphtools.rewrite.driver import Replacement, RewriteRule, apply_rules
from graphtools.rewrite.pattern import Match, Op
from graphtools.rewrite.transform import Job, Transform
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._linear import Convolution, Linear, channel_axis, trace
from graphtools.transforms._scaling import computed_constant, fold, fold_later

#: What comes before it is traced by the check, so that the user is told why it does not fit.
PATTERN = Op(BATCH_NORMS)


class OldNormFold(NamedTuple):
    """What is folded.

    Attributes:
        linear: How the batch norm's input comes from convolutions.
        affine: What it does to each channel.
    """

    linear: Linear
    affine: Affine


def run(graph: Graph, job: Job) -> None:
    """Move batch norms into the convolutions before them."""

    def check(graph: Graph, found: Match) -> OldNormFold:
        return _plan(graph, found, job)

    def rewrite(graph: Graph, found: Match, plan: OldNormFold) -> Replacement:
        linear, norm = plan
        if (
            job.is_trial
            and isinstance(linear, Convolution)
            and norm.is_moderate()
            and linear.weights.tensor.is_moderate()
        ):
            return fold_later(graph, job, found.root, linear, norm.values, norm.controls)
        return fold(graph, job, found.root, linear, *norm.values(), norm.controls)

    apply_rules(graph, [RewriteRule(PATTERN, check, rewrite)], job)


def _plan(graph: Graph, found: Match, job: Job) -> OldNormFold:
    norm = batch_norm_at(found.root)
    if norm is None:
        raise Unfit("it has too few inputs")
    linear = trace(graph, job, norm.node, norm.x)
    plan = OldNormFold(linear, affine(graph, norm))
    channels = linear.channels
    if channels.size != plan.affine.channels:
        raise Unfit(f"it has {plan.affine.channels} channels, its input {channels.size}")
    ranks = (4,) if norm.node.op == GLOBAL else (4, 5)
    if channels.rank not in ranks or channel_axis(norm.node, channels.rank) != channels.axis:
        raise Unfit(
            f"its channels are not those of its input, axis {channels.axis} of {channels.rank}"
        )
    return plan


def _warns(graph: Graph, _job: Job) -> str:
    """Name a constant that was not folded."""
    norms = [n for n in graph if n.op in BATCH_NORMS]
    name = computed_constant(graph, [i for n in norms for i in n.data_inputs[1:5]])
    if not name:
        return ""
    return f"{name!r} is computed from constants, and only Const is folded: fold_constants first"


TRANSFORM = Transform(
    "fold_old_batch_norms",
    run,
    """Move batch norms into the weights of the convolutions before them.

    Takes BatchNormWithGlobalNormalization and FusedBatchNorm, FusedBatchNormV2 and V3 in inference,
    after Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput, Conv3D, Conv3DBackpropInputV2 and
    MatMul, whatever the order of the axes; a BiasAdd, an Add of a constant, BatchToSpaceND,
    Reshape, Squeeze and Concat of any number of convolutions may stand between. The constants may
    be read through Identity. What stays is a BiasAdd with the name of the batch norm, and a
    constant `<convolution>_bn_offset`. A convolution that shares its weights gets a copy of its
    own, `<convolution>_bn_weights`.

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
