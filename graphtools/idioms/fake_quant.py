"""What a FakeQuant is: it rounds floats to the values that integers of a few bits stand for.

    y = round((min(max(x, low'), high') - low') / s) * s + low'    s = (high - low) / (most - least)

Codes go from `least`, 0 or with narrow_range 1, to `most`, 2^num_bits - 1. [low', high'] is [low,
high] moved so that zero is the value of a code. A converter takes the range for that of the tensor;
TensorFlow computes in float.

The range stands in attributes (FakeQuantWithMinMaxArgs), or in two inputs: one for the tensor
(FakeQuantWithMinMaxVars) or one a channel, the last dimension (...VarsPerChannel). Before a graph
is frozen the inputs are variables, and in training what follows the values; then it is not known.

QuantizeAndDequantize and its versions round likewise, to codes around zero by default and mostly to
a range that is that of the values; converters do not take their range, so that they are none.

Looks at one graph; that of a function's body is made by `graphtools.ops.bodies`.

Source: fake_quant_ops_functor.h and quantize_and_dequantize_op.h of TensorFlow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref
from graphtools.ops.definitions import attribute_value
from graphtools.ops.handing_on import CHECKED, REARRANGED, RESHAPED, SAME_TENSOR
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.pattern import ANY, Op, Pattern, constant
from graphtools.rewrite.unfit import Unfit

if TYPE_CHECKING:
    from graphtools.ops.inference import Inference

#: With one range in inputs, one in attributes, and one a channel.
FAKE_QUANT = "FakeQuantWithMinMaxVars"
FAKE_QUANT_ARGS = "FakeQuantWithMinMaxArgs"
FAKE_QUANT_PER_CHANNEL = "FakeQuantWithMinMaxVarsPerChannel"
FAKE_QUANTS = frozenset({FAKE_QUANT, FAKE_QUANT_ARGS, FAKE_QUANT_PER_CHANNEL})
#: How the names of ops begin that round to what floats nearby stand for, by other ranges.
QUANTIZES_AND_DEQUANTIZES = "QuantizeAndDequantize"
#: The values of the first input, in other places.
MOVES = SAME_TENSOR | REARRANGED | {"SpaceToDepth", "DepthToSpace"}
#: Ops before which a FakeQuant does the same as behind: they move values, choose the largest, or
#: put zero in the place of negative ones.
COMMUTES = MOVES | {"MaxPool", "Relu", "Relu6"}
#: Ops that join tensors, all but the axis.
CONCATS = frozenset({"ConcatV2", "Concat"})
#: Ops whose result is in the range of what they read first, or join, zeros apart.
WITHIN = MOVES | CONCATS | CHECKED | frozenset(
    {
        "AvgPool", "BatchToSpaceND", "BroadcastTo", "EnsureShape", "Gather", "GatherNd", "GatherV2",
        "Max", "MaxPool", "Min", "MirrorPad", "Pack", "Pad", "PadV2", "ResizeBilinear",
        "ResizeNearestNeighbor", "ReverseV2", "Slice", "SpaceToBatchND", "Split", "SplitV",
        "StridedSlice", "Tile", "TopKV2", "Unpack",
    }
)  # fmt: skip
#: Ops whose result has a range of its own, the same whatever they read.
FIXED_RANGES = frozenset({"Sigmoid", "Softmax", "LogSoftmax", "Tanh"})
#: Ops that change nothing where their other operand is this.
_NEUTRAL = {"Mul": 1.0, "Div": 1.0, "RealDiv": 1.0, "Add": 0.0, "AddV2": 0.0, "Sub": 0.0}
#: Ops whose second input are weights: what int8 has to have symmetric ranges for.
LAYERS = frozenset({"Conv2D", "DepthwiseConv2dNative", "MatMul", "Conv2DBackpropInput"})
#: The numbers of bits that the ops take.
_FEWEST_BITS, _MOST_BITS = 2, 16
#: Ranges one a channel are those of weights.
_MOST_CHANNELS = 1 << 16
#: So many steps a symmetric range may be off: the zero of an odd number of codes lies between two.
_OFF = 1.5


class Range(NamedTuple):
    """The floats that the lowest and the highest code stand for."""

    low: float
    high: float

    @property
    def is_finite(self) -> bool:
        """Whether both ends are numbers."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def is_sound(self) -> bool:
        """Whether there is something between the ends, so that codes can stand for it."""
        return self.is_finite and self.low < self.high

    @property
    def has_zero(self) -> bool:
        """Whether zero is in it, so that it is not moved."""
        return self.low <= 0 <= self.high


class Grid(NamedTuple):
    """The values that the codes stand for: the range, moved so that zero is one of them.

    Attributes:
        step: From one value to the next.
        low: Value of the lowest code.
        high: Value of the highest code.
        inverse: Values in one, as the kernel has it: not always 1 / step.
        zero: Number of steps from the lowest to zero.
    """

    step: float
    low: float
    high: float
    inverse: float
    zero: float


class FakeQuant(NamedTuple):
    """A FakeQuant.

    Attributes:
        node: The node.
        ranges: Its range, or one a channel; None where they are not known.
        bits: Number of bits of the codes; 0 where it is none that the op takes.
        is_narrow: Whether the lowest code is left out.
        of_weights: Whether it rounds what is constant; in a graph that is not frozen, nothing is.
    """

    node: Node
    ranges: tuple[Range, ...] | None
    bits: int
    is_narrow: bool
    of_weights: bool

    @property
    def is_per_channel(self) -> bool:
        """Whether each channel has a range."""
        return self.node.op == FAKE_QUANT_PER_CHANNEL

    def asymmetric(self) -> Range | None:
        """A range whose middle is not zero, so that zero is no code of int8; None if there is none.

        A range is symmetric that is off by what rounding makes of it.
        """
        steps = max((1 << self.bits) - 1 - self.is_narrow, 1)
        return next(
            (r for r in self.ranges or () if abs(r.low + r.high) > _OFF * (r.high - r.low) / steps),
            None,
        )


def find(graph: Graph, inference: Inference) -> list[FakeQuant]:
    """The FakeQuants of a graph, in file order.

    Args:
        graph: The graph.
        inference: Its shapes and values; ranges may be computed from constants.

    Example:
        >>> [(f.node.name, f.ranges) for f in find(graph, infer_shapes(graph))]
        [('act_quant/FakeQuantWithMinMaxVars', (Range(low=0.0, high=6.0),))]
    """
    return [fake_quant(node, inference) for node in graph if node.op in FAKE_QUANTS]


def fake_quant(node: Node, inference: Inference) -> FakeQuant:
    """What a node that is a FakeQuant does."""
    bits, narrow = attribute_value(node, "num_bits"), attribute_value(node, "narrow_range")
    known = isinstance(bits, int) and _FEWEST_BITS <= bits <= _MOST_BITS
    source = Ref.parse(node.data_inputs[0]).node if node.data_inputs else ""
    return FakeQuant(
        node,
        _ranges(node, inference),
        bits if isinstance(bits, int) and known else 0,
        narrow is True,
        inference.constness.is_constant(source),
    )


def count(graph: Graph) -> int:
    """Number of FakeQuants, those of functions among them; 0 if it is not trained for few bits."""
    bodies = (graph.nodes, *(function.nodes for function in graph.functions.values()))
    return sum(node.op in FAKE_QUANTS for nodes in bodies for node in nodes)


def range_of(graph: Graph, node: Node) -> Range:
    """The one range of a FakeQuant, from its attributes or the constants that it reads.

    Raises:
        Unfit: It is not constant, not one for the whole tensor, or none.
    """
    if node.op == FAKE_QUANT_PER_CHANNEL:
        raise Unfit("it has a range for each channel")
    if node.op == FAKE_QUANT_ARGS:
        found = _attributes(node)
    elif len(node.data_inputs) == 3:
        found = Range(*(_constant(graph, text) for text in node.data_inputs[1:]))
    else:
        raise Unfit("a FakeQuant has three inputs")
    if not found.is_sound:
        raise Unfit(f"its range is from {found.low:g} to {found.high:g}")
    return found


def grid_of(node: Node, found: Range) -> Grid:
    """Step and ends of a FakeQuant's grid, computed in float32 as its kernel does.

    Raises:
        Unfit: Its attributes are damaged, or its range is too narrow.
    """
    import numpy as np

    bits, narrow = attribute_value(node, "num_bits"), attribute_value(node, "narrow_range")
    if not isinstance(bits, int) or not _FEWEST_BITS <= bits <= _MOST_BITS:
        raise Unfit(f"its num_bits are not between {_FEWEST_BITS} and {_MOST_BITS}")
    least, most = np.float32(narrow is True), np.float32((1 << bits) - 1)
    low, high = np.float32(found.low), np.float32(found.high)
    step = (high - low) / (most - least)
    if not step > 0:
        raise Unfit(f"its range is too narrow: from {found.low:g} to {found.high:g}")
    zero = least - low / step
    moved = least if zero < least else most if zero > most else np.floor(zero + np.float32(0.5))
    inverse = (most - least) / (high - low)
    bottom, top = (least - moved) * step, (most - moved) * step
    start = np.floor(-bottom * inverse + np.float32(0.5))
    return Grid(float(step), float(bottom), float(top), float(inverse), float(start))


def changes_nothing(graph: Graph, node: Node) -> bool:
    """Whether a node only multiplies by one or adds zero, which converters leave out."""
    neutral = _NEUTRAL.get(node.op)
    if neutral is None or len(node.data_inputs) != 2:
        return False
    other = find_constant(graph, node.data_inputs[1])
    values = other.tensor.floats(_MOST_CHANNELS) if other is not None else None
    return values is not None and all(value == neutral for value in values)


def layers_of_weights(graph: Graph, fake_quant: FakeQuant) -> Iterator[Node]:
    """The layers of which a FakeQuant rounds the weights."""
    through = SAME_TENSOR | RESHAPED

    def readers(name: str) -> list[str]:
        is_passed = name == fake_quant.node.name or graph[name].op in through
        return [r.node.name for r in data_readers(graph, name)] if is_passed else []

    reached = (graph[name] for name in reach([fake_quant.node.name], readers))
    return (node for node in reached if fake_quant.of_weights and node.op in LAYERS)


def _attributes(node: Node) -> Range:
    ends = [attribute_value(node, name) for name in ("min", "max")]
    low, high = (float(end) if isinstance(end, int | float) else math.nan for end in ends)
    return Range(low, high)


def _constant(graph: Graph, text: str) -> float:
    found = find_constant(graph, text)
    if found is None:
        raise Unfit(f"its range comes from {text!r}, which is no constant: fold_constants first")
    if found.tensor.dtype is not FLOAT32 or found.tensor.shape.elements != 1:
        raise Unfit(f"{text!r} is not one float")
    return float(found.array().reshape(-1)[0])


def _ranges(node: Node, inference: Inference) -> tuple[Range, ...] | None:
    """The ranges of a FakeQuant; None where its inputs are not as many floats a side."""
    if node.op == FAKE_QUANT_ARGS:
        return (_attributes(node),)
    ends = [_floats(text, inference) for text in node.data_inputs[1:3]]
    low, high = ends if len(ends) == 2 else (None, None)
    if not low or not high or len(low) != len(high):
        return None
    if node.op == FAKE_QUANT and len(low) != 1:
        return None
    return tuple(map(Range, low, high))


def _floats(text: str, inference: Inference) -> tuple[float, ...] | None:
    """The values of a tensor of floats that is constant; None where they are not known."""
    found = find_constant(inference.graph, text)
    read = found.tensor.floats(_MOST_CHANNELS) if found is not None else None
    if read is not None:
        return read
    ref = Ref.parse(text)
    value = inference.value(ref.node, ref.index)
    return None if value is None or value.dtype.kind != "f" else tuple(value.ravel().tolist())


def _followed(end: str) -> Pattern:
    """How fake_quantize_training follows one end of a range, as it stands in a frozen graph."""
    started = Op("Switch", Op(end.capitalize()), Op("IsVariableInitialized"))
    decay = Op("Sub", Op("Const"), Op("Const"))
    followed = Op("Sub", Op("Const"), Op("Mul", Op("Sub"), decay))
    return Op("Assign", constant(end), Op("Merge", started, followed))


#: A FakeQuant whose range, `min` and `max`, is still followed as in training.
FOLLOWED_RANGE = Op(FAKE_QUANT, ANY, _followed("min"), _followed("max"))
