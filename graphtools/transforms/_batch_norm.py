"""Batch norms as a scale and an offset per channel.

In inference

    (x - mean) / sqrt(variance + epsilon) * gamma + beta  =  scale * x + offset

    scale = gamma / sqrt(variance + epsilon)        without gamma where the op does not scale
    offset = beta - mean * scale

computed in float32, in the order in which TensorFlow's own tool does, or in float64 for float64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.ops.definitions import attribute_value, op_definition
from graphtools.rewrite.constants import find_constant, require_constant
from graphtools.rewrite.driver import Unfit
from graphtools.rewrite.transform import Job

if TYPE_CHECKING:
    from graphtools.graph.tensor import Array

GLOBAL = "BatchNormWithGlobalNormalization"
FUSED = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
#: Where the op with a name of its own has what the fused ones have as inputs 1 to 4.
_GLOBAL_ORDER = (4, 3, 1, 2)
_NAMES = ("scale", "offset", "mean", "variance")


class Affine(NamedTuple):
    """What a batch norm does to each channel.

    Attributes:
        scale: What it multiplies by.
        offset: What it then adds.
        controls: Control inputs of the constants it reads.
    """

    scale: Array
    offset: Array
    controls: tuple[str, ...]


def affine(graph: Graph, node: Node) -> Affine:
    """What a batch norm does to each channel.

    Raises:
        Unfit: It trains, or its inputs are no constants, or of different lengths.
    """
    import numpy as np

    if node.op != GLOBAL and attribute_value(node, "is_training") is not False:
        raise Unfit("is_training is true: it computes mean and variance of its input")
    order = _GLOBAL_ORDER if node.op == GLOBAL else (1, 2, 3, 4)
    found = [require_constant(graph, node, p, w) for p, w in zip(order, _NAMES, strict=True)]
    for constant, what in zip(found, _NAMES, strict=True):
        dims = constant.tensor.shape.dims
        if dims is None or len(dims) != 1 or dims != found[2].tensor.shape.dims or not dims[0]:
            raise Unfit(f"its {what} {constant.node.name!r} is {constant.tensor!r}")
    gamma, beta, mean, variance = (c.floats() for c in found)
    epsilon = _epsilon(node)
    one = np.ones((), variance.dtype)
    with np.errstate(all="ignore"):
        scale = one / np.sqrt(variance + variance.dtype.type(epsilon))
        if node.op != GLOBAL or node.attr("scale_after_normalization") is not False:
            scale = scale * gamma
        offset = -mean * scale + beta
    if not (np.isfinite(scale).all() and np.isfinite(offset).all()):
        raise Unfit("its scale or offset would not be finite: look at its variance")
    controls = dict.fromkeys(c for constant in found for c in constant.controls)
    return Affine(scale, offset, tuple(controls))


def _epsilon(node: Node) -> float:
    name = "variance_epsilon" if node.op == GLOBAL else "epsilon"
    value = attribute_value(node, name)
    if isinstance(value, float) and value >= 0:
        return value
    raise Unfit(f"its attribute {name} is {value!r}")


def require_first_output_only(graph: Graph, node: Node, job: Job) -> None:
    """State that nobody reads the statistics that a batch norm gives beside its result.

    Raises:
        Unfit: Somebody does.
    """
    for ref in job.outputs:
        if ref.node == node.name and ref.index > 0:
            raise Unfit(f"{str(ref)!r} is an output of the graph")
    for reader in graph.consumers(node.name):
        for text in reader.inputs:
            if producer(text) == node.name and Ref.parse(text).index > 0:
                raise Unfit(f"{text!r} is used by {reader.name!r}")


def computed_constant(graph: Graph, texts: list[str]) -> str:
    """The first of some tensors that depends on constants only and is none; empty if none does."""
    known: dict[str, bool] = {}
    for text in texts:
        source = graph.get(producer(text))
        if source is None or source.op == "Const" or find_constant(graph, text):
            continue
        if _is_constant(graph, producer(text), known):
            return producer(text)
    return ""


def _is_constant(graph: Graph, target: str, known: dict[str, bool]) -> bool:
    """Whether a node depends on constants only; what is found on the way is noted."""
    stack = [target]
    opened: set[str] = set()
    while stack:
        name = stack[-1]
        node = graph.get(name)
        if name in known:
            stack.pop()
        elif node is None or not _may_be_constant(node):
            known[name] = False
        elif node.op == "Const":
            known[name] = True
        else:
            sources = [producer(i) for i in node.data_inputs]
            pending = [s for s in sources if s not in known]
            if name in opened or not pending or not all(known.get(s, True) for s in sources):
                # one that is still open after its sources stands on a cycle
                known[name] = all(known.get(s, False) for s in sources)
            else:
                opened.add(name)
                stack += pending
    return known[target]


def _may_be_constant(node: Node) -> bool:
    if node.op == "Const":
        return True
    definition = op_definition(node.op)
    return bool(node.data_inputs) and definition is not None and not definition.is_stateful
