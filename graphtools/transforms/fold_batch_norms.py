"""fold_batch_norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.ops.handing_on import SAME_TENSOR
from graphtools.rewrite.constants import constant_behind
from graphtools.rewrite.driver import Replacement, RewriteRule, apply_rules
from graphtools.rewrite.pattern import Match, constant, either, matches, tensor, through
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._linear import LINEAR, Linear, per_channel, trace
from graphtools.transforms._scaling import computed_constant, fold

if TYPE_CHECKING:
    from graphtools.graph.tensor import Array

#: What is left of a batch norm that is not fused once its constants are computed, but for its sum.
PRODUCT = either("Mul", LINEAR._replace(name="x"), through(SAME_TENSOR, constant("factor")))


class ProductFold(NamedTuple):
    """What is folded.

    Attributes:
        linear: How what is scaled comes from convolutions.
        scale: What each channel is multiplied by.
        controls: Control inputs of the constant that this is.
    """

    linear: Linear
    scale: Array
    controls: tuple[str, ...]


def run(graph: Graph, job: Job) -> None:
    """Move products with constants into the convolutions before them."""
    apply_rules(graph, [rule_of(job)], job)


def rule_of(job: Job) -> RewriteRule[ProductFold]:
    """The rule by which a product is folded."""

    def check(graph: Graph, found: Match) -> ProductFold:
        return _plan(graph, found, job)

    def rewrite(graph: Graph, found: Match, plan: ProductFold) -> Replacement:
        linear, scale, controls = plan
        return fold(graph, job, found.root, linear, scale, None, controls)

    return RewriteRule(PRODUCT, check, rewrite)


def _plan(graph: Graph, found: Match, job: Job) -> ProductFold:
    node = found.root
    linear = trace(graph, job, node, found.tensor("x"))
    first, second = node.data_inputs[:2]
    text = second if Ref.parse(first) == Ref.parse(found.tensor("x")) else first
    factor = constant_behind(graph, node, text, "factor")
    return ProductFold(linear, per_channel(factor, linear.channels), factor.controls)


def _warns(graph: Graph, _job: Job) -> str:
    """Name a constant that was not folded."""
    products = matches(graph, either("Mul", LINEAR._replace(name="x"), tensor("factor")))
    name = computed_constant(graph, [found.tensor("factor") for found in products])
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

    A convolution that shares its weights gets weights of its own. Not folded, and reported, are
    products whose convolution is used elsewhere or is an output, and those after a FakeQuant.

    The original takes the constant as the second operand only and fails for other shapes than a
    vector; in NCHW it takes one that multiplies along the width for one that scales channels.
    What adds the offset, behind the Mul, stays an Add here and there.
    """,
    "fold_batch_norms",
    warns=_warns,
)
