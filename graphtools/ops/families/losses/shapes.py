"""Shapes of softmax and losses."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Dims,
    broadcast,
    merge,
    merge_dim,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import always


@shape_function("Softmax", "LogSoftmax", "_MklSoftmax")
def softmax(call: Call) -> Dims:
    """The input, of at least one dimension."""
    return with_rank_at_least(call.input(0), 1)


@shape_function("SoftmaxCrossEntropyWithLogits")
def softmax_cross_entropy(call: Call) -> list[Dims]:
    """A loss for each row, and the gradient; logits and labels broadcast."""
    logits, labels = call.input(0), call.input(1)
    join = merge if logits is None or labels is None else broadcast
    dims = with_rank(join(logits, labels), 2)
    return [(dims[0],), (dims[0], dims[1])]


@shape_function("SparseSoftmaxCrossEntropyWithLogits")
def sparse_softmax_cross_entropy(call: Call) -> list[Dims]:
    """A loss for each row, and the gradient; a label for each row."""
    dims = with_rank(call.input(0), 2)
    rows = merge_dim(dims[0], with_rank(call.input(1), 1)[0])
    return [(rows,), (rows, dims[1])]


shape_function("L2Loss")(always(SCALAR))
