"""Batch norms: what they look like, and what they do to each channel.

In inference

    (x - mean) / sqrt(variance + epsilon) * gamma + beta  =  scale * x + offset

    scale = gamma / sqrt(variance + epsilon)        without gamma where there is none
    offset = beta - mean * scale

computed in float32, in the order in which TensorFlow's own tool does, or in float64 for float64.
They are written as one op, FusedBatchNorm and its versions 2 and 3 or, before TensorFlow 1.0,
BatchNormWithGlobalNormalization; or as the product and the sum that `tf.nn.batch_normalization`
makes, which TF-slim, tf.layers and Keras call.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.ops.definitions import attribute_value
from graphtools.ops.handing_on import SAME_TENSOR
from graphtools.rewrite.constants import Constant, constant_behind
from graphtools.rewrite.pattern import (
    Match,
    Op,
    Pattern,
    either,
    matches,
    one_of,
    scalar,
    tensor,
    through,
)
from graphtools.rewrite.unfit import Unfit

if TYPE_CHECKING:
    from graphtools.graph.tensor import Array

FUSED = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
GLOBAL = "BatchNormWithGlobalNormalization"
#: Ops that are a batch norm by themselves.
BATCH_NORMS = FUSED | {GLOBAL}

#: Numbers of up to this size are far from what is no number, and norms have no more channels.
_MODERATE, _MOST_CHANNELS = 1e6, 1 << 14

_SUMS = "Add|AddV2"
#: 1 / sqrt(variance + epsilon), times gamma where there is one; it may be read twice.
_EPSILON = through(SAME_TENSOR, scalar("epsilon"))
_INVERSE = Op("Rsqrt", either(_SUMS, tensor("variance"), _EPSILON)._replace(leaf=True), leaf=True)
FACTOR = one_of(
    either("Mul", _INVERSE, tensor("gamma"))._replace(leaf=True), _INVERSE, name="factor"
)
_SHIFT = either("Mul", tensor("mean"), FACTOR)
#: What is added: beta - mean * factor, or without beta 0 - mean * factor.
OFFSET = one_of(
    Op("Sub", tensor("beta"), _SHIFT._replace(leaf=True), leaf=True),
    Op("Neg", _SHIFT._replace(leaf=True), leaf=True),
    either("Mul", Op("Neg", tensor("mean"), leaf=True), FACTOR)._replace(leaf=True),
)


def product_and_sum(x: Pattern) -> Pattern:
    """The pattern of a batch norm that is written as a product and a sum.

    Args:
        x: What it normalizes. The other parts have the names of the formulas.

    Source: `tf.nn.batch_normalization` of TensorFlow 1.0 to 2.21.
    """
    return either(_SUMS, either("Mul", x, FACTOR, name="product"), OFFSET)


UNFUSED = product_and_sum(tensor("x"))


class BatchNorm(NamedTuple):
    """A batch norm, with its parts as they stand in the inputs of nodes.

    Attributes:
        node: The node that gives its result.
        x: What it normalizes.
        gamma: What it multiplies by; None if nothing.
        beta: What it adds; None if nothing.
        mean: The mean that is subtracted.
        variance: The variance.
        epsilon: What is added to the variance, a number or a tensor; None if it is not known.
    """

    node: Node
    x: str
    gamma: str | None
    beta: str | None
    mean: str
    variance: str
    epsilon: float | str | None

    @property
    def trains(self) -> bool:
        """Whether it computes mean and variance of its input."""
        return self.node.op in FUSED and attribute_value(self.node, "is_training") is not False


def batch_norm_at(node: Node) -> BatchNorm | None:
    """The batch norm that a node is by its op, None if it is none or lacks inputs."""
    data = node.data_inputs
    if node.op not in BATCH_NORMS or len(data) < 5:
        return None
    if node.op in FUSED:
        x, gamma, beta, mean, variance = data[:5]
        epsilon = attribute_value(node, "epsilon")
    else:
        x, mean, variance, beta, gamma = data[:5]
        epsilon = attribute_value(node, "variance_epsilon")
    known = epsilon if isinstance(epsilon, float) and epsilon >= 0 else None
    scales = node.op in FUSED or node.attr("scale_after_normalization") is not False
    return BatchNorm(node, x, gamma if scales else None, beta, mean, variance, known)


def batch_norm_of(found: Match) -> BatchNorm:
    """The batch norm that `product_and_sum` has matched."""
    names = ("gamma", "beta", "mean", "variance", "epsilon")
    gamma, beta, mean, variance, epsilon = (
        found.tensor(name) if name in found else None for name in names
    )
    assert mean
    assert variance
    return BatchNorm(found.root, found.tensor("x"), gamma, beta, mean, variance, epsilon)


def find(graph: Graph) -> Iterator[BatchNorm]:
    """All batch norms of a graph or of a function's body, in any form.

    Example:
        >>> [norm.node.name for norm in find(graph) if norm.trains]
        ['bn/FusedBatchNormV3']
    """
    for node in graph:
        norm = batch_norm_at(node)
        if norm is not None:
            yield norm
    for match in matches(graph, UNFUSED):
        yield batch_norm_of(match)


class Affine(NamedTuple):
    """What a batch norm does to each channel.

    Attributes:
        parts: The constants that it reads, as `scale`, `offset`, `mean` and `variance`.
        epsilon: What is added to the variance.
        controls: Control inputs of the constants.
    """

    parts: Mapping[str, Constant]
    epsilon: float
    controls: tuple[str, ...]

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.parts["mean"].tensor.elements

    def values(self) -> tuple[Array, Array]:
        """What it multiplies each channel by, and what it then adds.

        Raises:
            Unfit: They are not finite.
        """
        import numpy as np

        parts = {what: constant.floats() for what, constant in self.parts.items()}
        mean, variance = parts["mean"], parts["variance"]
        with np.errstate(all="ignore"):
            root = np.sqrt(variance + variance.dtype.type(self.epsilon))
            scale = np.ones((), variance.dtype) / root
            if "scale" in parts:
                scale = scale * parts["scale"]
            offset = -mean * scale
            if "offset" in parts:
                offset = offset + parts["offset"]
        if not (np.isfinite(scale).all() and np.isfinite(offset).all()):
            raise Unfit("its scale or offset would not be finite: look at its variance")
        return scale, offset

    def is_moderate(self) -> bool:
        """Whether scale and offset are surely finite and below a million; needs no numpy.

        False also where that is not known.
        """
        found = {what: c.tensor.floats(_MOST_CHANNELS) for what, c in self.parts.items()}
        gamma, beta = found.get("scale", ()), found.get("offset", ())
        mean, variance = found["mean"], found["variance"]
        if gamma is None or beta is None or mean is None or variance is None:
            return False
        rows = itertools.zip_longest(gamma or (1.0,) * len(mean), beta, mean, variance, fillvalue=0)
        for scale, offset, center, spread in rows:
            spread += self.epsilon
            if not 1 / _MODERATE**2 < spread < _MODERATE**2:
                return False
            factor = scale / math.sqrt(spread)
            if not all(abs(v) < _MODERATE / 2 for v in (factor, center * factor, offset)):
                return False
        return True


def affine(graph: Graph, norm: BatchNorm) -> Affine:
    """What a batch norm does to each channel.

    Raises:
        Unfit: It trains, or its parts are no constants, or of different lengths.
    """
    if norm.trains:
        raise Unfit("is_training is true: it computes mean and variance of its input")
    parts = {"scale": norm.gamma, "offset": norm.beta, "mean": norm.mean}
    parts["variance"] = norm.variance
    found = {
        what: constant_behind(graph, norm.node, text, what)
        for what, text in parts.items()
        if text is not None
    }
    for what, constant in found.items():
        dims = constant.tensor.shape.dims
        expected = found["mean"].tensor.shape.dims
        if dims is None or len(dims) != 1 or dims != expected or not dims[0]:
            raise Unfit(f"its {what} {constant.node.name!r} is {constant.tensor!r}")
    epsilon, more = _epsilon(graph, norm)
    controls = dict.fromkeys(c for constant in (*found.values(), *more) for c in constant.controls)
    return Affine(found, epsilon, tuple(controls))


def _epsilon(graph: Graph, norm: BatchNorm) -> tuple[float, list[Constant]]:
    """Epsilon, and the constant that it is where it is one."""
    if isinstance(norm.epsilon, float):
        return norm.epsilon, []
    if norm.epsilon is None:
        name = "epsilon" if norm.node.op in FUSED else "variance_epsilon"
        raise Unfit(f"its attribute {name} is {attribute_value(norm.node, name)!r}")
    constant = constant_behind(graph, norm.node, norm.epsilon, "epsilon")
    return float(constant.floats()), [constant]
