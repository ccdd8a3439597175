"""A scale and an offset per channel, moved into the convolutions that they follow.

A convolution is linear in its weights, so that for a scale `s` and an offset `o` per output channel

    s * (conv(x, W) + b) + o  =  conv(x, s * W) + (s * b + o)

where `s * W` multiplies the weights of each output channel. These are by op

| op | weights | output channel |
|---|---|---|
| Conv2D | [height, width, in, out] | out |
| DepthwiseConv2dNative | [height, width, in, multiplier] | in * multipliers + multiplier |
| Conv2DBackpropInput | [height, width, out, in] | out |
| Conv3D | [depth, height, width, in, out] | out |
| Conv3DBackpropInputV2 | [depth, height, width, out, in] | out |
| MatMul | [in, out], transposed [out, in] | out |

What only moves values, and keeps the channels apart, may stand between:

    s * batch_to_space(y) + o  =  batch_to_space(s * y + o)        so for Reshape and Squeeze
    s * concat(y1, y2) + o     =  concat(s1 * y1 + o1, s2 * y2 + o2)

where a concatenation along the channels splits `s` and `o`, and one along another axis does not.
What pads does not commute with an offset, and is not passed.

`trace` finds how a tensor comes from convolutions, as a tree of `Linear` parts; `fold` makes the
nodes that compute it scaled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Union

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.arithmetic import SUMS
from graphtools.ops.definitions import attribute_value
from graphtools.ops.handing_on import SAME_TENSOR
from graphtools.rewrite.constants import Constant, find_constant, require_constant
from graphtools.rewrite.driver import foreign_reader
from graphtools.rewrite.pattern import ANY, CONST, Op, Pattern, either, one_of, through
from graphtools.rewrite.transform import Job
from graphtools.rewrite.unfit import Unfit

if TYPE_CHECKING:
    from graphtools.graph.tensor import Array

#: By op, the rank of its weights and the axes of these that make up the output channel.
WEIGHT_AXES = {
    "Conv2D": (4, (3,)),
    "DepthwiseConv2dNative": (4, (2, 3)),
    "Conv2DBackpropInput": (4, (2,)),
    "Conv3D": (5, (4,)),
    "Conv3DBackpropInputV2": (5, (3,)),
    "MatMul": (2, (1,)),
}
_BIASES = frozenset({"BiasAdd", "BiasAddV1"}) | SUMS
_MOVES = frozenset({"BatchToSpaceND", "BatchToSpace", "Reshape", "Squeeze"})
_JOINS = frozenset({"Concat", "ConcatV2"})
#: Ops that may stand at the end of what is traced.
LINEAR_OPS = frozenset(WEIGHT_AXES) | _BIASES | _MOVES | _JOINS
CONVOLUTION = Op(WEIGHT_AXES, leaf=True)


def _behind(inner: Pattern) -> Pattern:
    """A pattern for what computes with channels one by one, behind something."""
    constant = through(SAME_TENSOR, CONST)
    return one_of(
        CONVOLUTION,
        Op(LINEAR_OPS - SUMS - {"Concat"} - set(WEIGHT_AXES), inner, leaf=True),
        either(SUMS, inner, constant)._replace(leaf=True),
        Op("Concat", ANY, inner, leaf=True),
    )


#: What looks as if it came from a convolution; whether it can be scaled is told by `trace`.
LINEAR = _behind(_behind(_behind(CONVOLUTION)))
#: So many nodes may stand between a convolution and what scales it.
_DEPTH = 16


class Channels(NamedTuple):
    """Where the channels of a tensor are.

    Attributes:
        size: Their number.
        axis: The axis they are on.
        rank: Number of axes.
    """

    size: int
    axis: int
    rank: int


class Convolution(NamedTuple):
    """A convolution or matrix product with constant weights."""

    node: Node
    channels: Channels
    weights: Constant
    axes: tuple[int, ...]


class Biased(NamedTuple):
    """Something with a constant added to each channel."""

    node: Node
    channels: Channels
    bias: Constant
    inner: Linear


class Moved(NamedTuple):
    """Something that stands elsewhere."""

    node: Node
    channels: Channels
    inner: Linear


class Joined(NamedTuple):
    """Several things in a row: by number of the input."""

    node: Node
    channels: Channels
    inner: dict[int, Linear]
    splits: bool


Linear = Union[Convolution, Biased, Moved, Joined]


def trace(graph: Graph, job: Job, reader: Node, text: str, depth: int = 0) -> Linear:
    """How a data input of a node comes from convolutions.

    Args:
        graph: The graph.
        job: Tells which nodes must keep their values.
        reader: The node.
        text: The data input.
        depth: Number of nodes on the way so far.

    Raises:
        Unfit: It comes from something else, or something on the way is used elsewhere, too.
    """
    ref = Ref.parse(text)
    node = graph.get(ref.node)
    if node is None or ref.index or node.op not in LINEAR_OPS:
        what = f"{text!r} ({node.op if node else 'which is not there'})"
        if node is not None and node.op in FAKE_QUANTS:
            raise Unfit(
                f"its input comes from {what}: the range was found for values that are not folded"
            )
        raise Unfit(f"its input comes from {what}, which is no convolution")
    if depth > _DEPTH:
        raise Unfit(f"more than {_DEPTH} nodes stand between it and its convolution")
    _require_sole_reader(graph, job, node, reader)
    if node.op in WEIGHT_AXES:
        return _convolution(graph, node)
    if node.op in _BIASES:
        return _biased(graph, job, node, depth)
    if node.op in _MOVES:
        return _moved(graph, job, trace(graph, job, node, _first(node), depth + 1), node)
    return _joined(graph, job, node, depth)


def _require_sole_reader(graph: Graph, job: Job, node: Node, reader: Node) -> None:
    if job.is_kept(node.name):
        raise Unfit(f"{node.name!r} is an input or output")
    other = foreign_reader(graph, node, {reader.name})
    if other:
        raise Unfit(f"{node.name!r} is used by {other!r}, too")
    if sum(producer(i) == node.name for i in reader.data_inputs) > 1:
        raise Unfit(f"{reader.name!r} reads {node.name!r} twice")


def channel_axis(node: Node, rank: int) -> int:
    """The axis of a node's channels by its attribute data_format.

    Raises:
        Unfit: The format is none that is known.
    """
    data_format = attribute_value(node, "data_format")
    if data_format in (b"NHWC", b"NDHWC", None):
        return rank - 1
    if data_format in (b"NCHW", b"NCDHW") and rank > 1:
        return 1
    raise Unfit(f"{node.name!r} has the data_format {data_format!r} and {rank} axes")


def _convolution(graph: Graph, node: Node) -> Convolution:
    rank, axes = WEIGHT_AXES[node.op]
    weights = require_constant(graph, node, 1, "weights")
    dims = weights.tensor.shape.dims
    if dims is None or len(dims) != rank or None in dims or not weights.tensor.dtype.is_floating:
        raise Unfit(f"the weights of {node.name!r} are {weights.tensor!r}")
    if node.op == "MatMul" and node.attr("transpose_b"):
        axes = (0,)
    count = 1
    for axis in axes:
        count *= dims[axis] or 0
    channels = Channels(count, channel_axis(node, rank) if rank > 2 else 1, rank)
    return Convolution(node, channels, weights, axes)


def _biased(graph: Graph, job: Job, node: Node, depth: int) -> Biased:
    inputs = node.data_inputs
    if len(inputs) != 2:
        raise Unfit(f"{node.name!r} has {len(inputs)} inputs")
    side = 1
    if node.op.startswith("Add") and find_constant(graph, inputs[1]) is None:
        side = 0
    bias = require_constant(graph, node, side, "bias")
    inner = trace(graph, job, node, inputs[1 - side], depth + 1)
    channels = inner.channels
    if node.op.startswith("Add"):
        per_channel(bias, channels)
    elif bias.tensor.shape.dims != (channels.size,):
        raise Unfit(f"the bias of {node.name!r} is {bias.tensor!r}")
    elif channel_axis(node, channels.rank) != channels.axis:
        raise Unfit(f"{node.name!r} adds its bias along another axis than that of the channels")
    return Biased(node, channels, bias, inner)


def per_channel(constant: Constant, channels: Channels) -> Array:
    """The values of a constant that is broadcast along all axes but that of the channels.

    Returns:
        One value a channel.

    Raises:
        Unfit: Its shape is another.
    """
    import numpy as np

    dims = constant.tensor.shape.dims
    if dims is not None and len(dims) <= channels.rank:
        full = (1,) * (channels.rank - len(dims)) + dims
        rest = full[: channels.axis] + full[channels.axis + 1 :]
        if set(rest) <= {1} and full[channels.axis] in (1, channels.size):
            return np.broadcast_to(constant.floats().ravel(), (channels.size,))
    raise Unfit(
        f"{constant.node.name!r} is {constant.tensor!r}, which is not one value "
        f"for each of {channels.size} channels on axis {channels.axis} of {channels.rank}"
    )


def _first(node: Node) -> str:
    if not node.data_inputs:
        raise Unfit(f"{node.name!r} has too few inputs")
    return node.data_inputs[0]


def _moved(graph: Graph, job: Job, inner: Linear, node: Node) -> Moved:
    channels = inner.channels
    if node.op == "Reshape":
        channels = _reshaped(node, channels, _target_shape(graph, job, node))
    elif node.op == "Squeeze":
        dropped = node.attr("squeeze_dims")
        axes = {a % channels.rank for a in dropped if isinstance(a, int)} if dropped else set()  # type: ignore[union-attr]
        if not axes or channels.axis in axes:
            raise Unfit(f"{node.name!r} may squeeze the axis of the channels")
        before = sum(a < channels.axis for a in axes)
        channels = Channels(channels.size, channels.axis - before, channels.rank - len(axes))
    elif node.op == "BatchToSpace":
        if channels.axis < 3:
            raise Unfit(f"{node.name!r} moves channels")
    else:
        block = require_constant(graph, node, 1, "block_shape").integers()
        crops = require_constant(graph, node, 2, "crops").integers()
        if channels.axis <= len(block):
            place = channels.axis - 1
            if place < 0 or block[place] != 1 or any(crops[2 * place : 2 * place + 2]):
                raise Unfit(f"{node.name!r} moves channels")
    return Moved(node, channels, inner)


def _target_shape(graph: Graph, job: Job, node: Node) -> Sequence[int | None]:
    """What a Reshape gives, as far as it is known; of a constant with -1 for what is left."""
    if len(node.data_inputs) == 2 and find_constant(graph, node.data_inputs[1]) is None:
        dims = job.dims(graph, node.name)  # computed, as tf.tensordot does for an open batch
        if dims is not None:
            return dims
    return require_constant(graph, node, 1, "shape").integers()


def _reshaped(node: Node, channels: Channels, shape: Sequence[int | None]) -> Channels:
    if shape and channels.axis == channels.rank - 1 and shape[-1] == channels.size:
        return Channels(channels.size, len(shape) - 1, len(shape))
    flat = channels.rank == 2 and channels.axis == 1
    if flat and len(shape) > 2 and shape[1] == channels.size and set(shape[2:]) == {1}:
        return Channels(channels.size, 1, len(shape))
    raise Unfit(f"{node.name!r} changes the axis of the channels")


def _joined(graph: Graph, job: Job, node: Node, depth: int) -> Joined:
    count = len(node.data_inputs)
    positions = range(count - 1) if node.op == "ConcatV2" else range(1, count)
    axes = require_constant(
        graph, node, count - 1 if node.op == "ConcatV2" else 0, "axis"
    ).integers()
    inner = {p: trace(graph, job, node, node.data_inputs[p], depth + 1) for p in positions}
    if not inner or len(axes) != 1:
        raise Unfit(f"{node.name!r} is no concatenation")
    parts = [part.channels for part in inner.values()]
    first = parts[0]
    if any((p.axis, p.rank) != (first.axis, first.rank) for p in parts):
        raise Unfit(f"{node.name!r} puts together what has its channels on different axes")
    splits = axes[0] in (first.axis, first.axis - first.rank)
    if not splits and any(p.size != first.size for p in parts):
        raise Unfit(f"{node.name!r} puts together what has different numbers of channels")
    total = sum(p.size for p in parts) if splits else first.size
    return Joined(node, Channels(total, first.axis, first.rank), inner, splits)
