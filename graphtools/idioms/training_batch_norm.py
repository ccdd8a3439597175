"""What a batch norm for training is: it normalizes each batch by its own mean and variance.

It is a fused one with `is_training`, or one written as a product and a sum that reads a mean and a
variance over the batch, which is how tf.layers and Keras write it behind dense layers:

    mean = Mean(x, axes)
    variance = Mean(SquaredDifference(x, mean), axes)       or Mean(Square(x)) - Square(mean)

where the axes hold the first. Layer, instance and group norms do not look across the batch; a fused
op that gets its input as the only image of a batch, by a Reshape, is one of these.

For inference its moving averages take the place of both. They are the variables that are updated
from its mean and variance; without such updates those named `moving_mean` and `moving_variance`
beside its gamma or beta.

Looks at one graph; that of a function's body is made by `graphtools.ops.bodies`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms import batch_norm
from graphtools.idioms.batch_norm import FUSED, BatchNorm
from graphtools.idioms.moving_average import MEAN, VARIANCE
from graphtools.ops.bodies import body_of
from graphtools.ops.control_flow import MERGES
from graphtools.ops.handing_on import (
    CONVERTED,
    INTO_BRANCHES,
    REFERENCES,
    RESHAPED,
    SAME_TENSOR,
    VARIABLE_READS,
    source_node,
    source_of,
)
from graphtools.ops.inference import Inference, infer_shapes

_REDUCTIONS = frozenset({"Mean", "Sum"})
#: What a mean or variance is computed with, besides reductions.
_COMPUTED = frozenset({"Add", "AddV2", "Sub", "Mul", "RealDiv", "Square", "SquaredDifference"})
_SAME_VALUES = SAME_TENSOR | RESHAPED | CONVERTED
#: Ops by which a statistic comes into a moving average, and those that write it.
_AVERAGED = (
    frozenset({"Add", "AddV2", "Sub", "Mul", "RealDiv", "Select", "SelectV2"})
    | _SAME_VALUES
    | INTO_BRANCHES
    | MERGES
)
_WRITES = frozenset(
    {"Assign", "AssignSub", "AssignAdd", "AssignVariableOp", "AssignSubVariableOp",
     "AssignAddVariableOp"}
)  # fmt: skip
_VARIABLE = SAME_TENSOR | REFERENCES | VARIABLE_READS | INTO_BRANCHES
_MOST_LOOKED_AT = 400
#: Ends of the names of variables with which TensorFlow makes averages start at zero.
_HELPERS = ("/biased", "/local_step")


class Averages(NamedTuple):
    """The variables that take the place of mean and variance, by their names."""

    mean: str
    variance: str


def find(graph: Graph) -> list[BatchNorm]:
    """The batch norms for training of a graph or of a function's body.

    The mean and variance of those that are not fused are those of the batch.

    Example:
        >>> [norm.node.name for norm in find(graph)]
        ['batch_normalization/batchnorm/add_1']
    """
    norms = list(batch_norm.find(graph))
    fused = [norm for norm in norms if norm.trains]
    others = [norm for norm in norms if norm.node.op not in batch_norm.BATCH_NORMS]
    rows = [n.x for n in fused if _source_op(graph, n.x) in RESHAPED]
    # the statistics first: few products and sums have any
    statistics = {t: list(_reductions(graph, t)) for n in others for t in (n.mean, n.variance)}
    others = [n for n in others if statistics[n.mean] and statistics[n.variance]]
    reduced = [r.data_inputs[0] for reductions in statistics.values() for r in reductions]
    known = infer_shapes(graph, targets=[Ref.parse(t).node for t in rows + reduced])
    found = [n for n in fused if n.x not in rows or _first(known, n.x) != 1]
    return found + [
        n
        for n in others
        if all(_is_over_batch(graph, known, r) for t in (n.mean, n.variance) for r in statistics[t])
    ]


def find_in_functions(graph: Graph) -> Iterator[tuple[str, BatchNorm]]:
    """The batch norms for training in functions, each with the name of the function."""
    for function in graph.functions.values():
        ops = {node.op for node in function.nodes}
        if ops & FUSED or {"Rsqrt", "Mean"} <= ops:
            body = body_of(function, graph.functions, {}, graph.versions)
            for norm in find(body.graph) if body is not None else ():
                yield function.name, norm


def averages(graph: Graph, norm: BatchNorm, stored: Container[str] = ()) -> Averages | None:
    """The moving averages that a batch norm for training uses in inference.

    Args:
        graph: The graph, whose updates still stand in it.
        norm: One of `find`.
        stored: Names of the variables of a checkpoint; they need not be in the graph.

    Returns:
        The names of variables; None where they are not known for certain.
    """
    updated = [
        {name for name, _ in found if not name.endswith(_HELPERS)} for found in updates(graph, norm)
    ]
    if all(len(names) == 1 for names in updated) and updated[0] != updated[1]:
        return Averages(*(names.pop() for names in updated))
    for text in filter(None, (norm.gamma, norm.beta)):
        source = source_node(graph, text, _VARIABLE | RESHAPED)
        if source is not None and source.op in VARIABLE_OPS | {"Const"}:
            scope = source.name.rpartition("/")[0]
            named = Averages(*(f"{scope}/{end}" if scope else end for end in (MEAN, VARIANCE)))
            if all(name in graph or name in stored for name in named):
                return named
    return None


def updates(graph: Graph, norm: BatchNorm) -> tuple[list[tuple[str, Node]], ...]:
    """What changes variables by the mean of a batch norm for training, and what by its variance.

    Returns:
        For both, the names of the variables with the nodes that change them; among these are
        those with which averages start at zero.
    """
    if norm.node.op in FUSED:
        starts = (Ref(norm.node.name, 1), Ref(norm.node.name, 2))
    else:
        starts = (
            source_of(graph, norm.mean, _SAME_VALUES),
            source_of(graph, norm.variance, _SAME_VALUES),
        )
    return tuple(list(_updated(graph, start)) for start in starts)


def _source_op(graph: Graph, text: str) -> str:
    source = source_node(graph, text, SAME_TENSOR | CONVERTED)
    return source.op if source is not None else ""


def _first(known: Inference, text: str) -> int | None:
    """The first dimension of a tensor."""
    ref = Ref.parse(text)
    dims = known.dims(ref.node, ref.index)
    return dims[0] if dims else None


def _reductions(graph: Graph, text: str) -> Iterator[Node]:
    """The reductions that a statistic is computed from."""

    def computed(node: Node) -> Iterable[Node]:
        data = node.data_inputs if node.op in _COMPUTED else ()
        found = (source_node(graph, text, _SAME_VALUES) for text in data)
        return [source for source in found if source is not None]

    start = source_node(graph, text, _SAME_VALUES)
    starts = [start] if start is not None else []
    for node in islice(reach(starts, computed), _MOST_LOOKED_AT):
        if node.op in _REDUCTIONS and len(node.data_inputs) == 2:
            yield node


def _is_over_batch(graph: Graph, known: Inference, node: Node) -> bool:
    """Whether a reduction joins what stands along the first axis, and not all."""
    source = source_node(graph, node.data_inputs[1])
    tensor = source.tensor if source is not None else None
    axes = tensor.integers(16) if tensor is not None else None
    if not axes:
        return False
    ref = Ref.parse(node.data_inputs[0])
    dims = known.dims(ref.node, ref.index)
    if dims is None:
        return 0 in axes
    return 0 in {axis % len(dims) for axis in axes if dims} and len(set(axes)) < len(dims)


def _updated(graph: Graph, statistic: Ref) -> Iterator[tuple[str, Node]]:
    """The variables that are updated from a statistic, with what does it."""

    def onward(name: str) -> list[str]:
        index = statistic.index if name == statistic.node else None
        readers = [r.node for r in data_readers(graph, name, index)]
        return [r.name for r in readers if r.op in _AVERAGED | _WRITES]

    for name in islice(reach([statistic.node], onward), _MOST_LOOKED_AT):
        node = graph[name]
        if node.op in _WRITES:
            variable = source_node(graph, node.data_inputs[0], _VARIABLE)
            if variable is not None:
                yield variable.name, node
