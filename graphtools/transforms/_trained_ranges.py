"""FakeQuants whose ranges are trained: variables, and in training what follows the values.

    weights       min = Minimum(Min(w), 0), max = Maximum(Max(w), 0)     those of this very run
    activations   biased -= (biased - min) * 0.001, local_step += 1
                  min = biased / (1 - 0.999 ^ local_step)                a moving average

A symmetric range reaches as far down as up. For inference only the variables are read.

Source: contrib/quantize/python/quant_ops.py of TensorFlow 1.15.5, whose names and variables these
are; a range for each channel, which it could make and never did, is for weights, and symmetric.
"""

from __future__ import annotations

from typing import NamedTuple

from graphtools.graph.node import Node
from graphtools.idioms.fake_quant import FAKE_QUANT, FAKE_QUANT_PER_CHANNEL
from graphtools.idioms.quantized_layer import DELAYED
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._training_nodes import NewVariable, TrainingNodes

_DECAY = 0.999
#: Layers whose weights may have a range for each channel.
_WITH_CHANNELS = frozenset({"Conv2D", "DepthwiseConv2dNative"})


class RangeOptions(NamedTuple):
    """How tensors are quantized.

    Attributes:
        weight_bits: Bits of weights.
        activation_bits: Bits of what layers give.
        symmetric: Whether ranges reach as far down as up.
        per_channel: Whether each channel of weights has a range.
        quant_delay: In so many runs ranges are gathered before they count.
        training: Whether ranges follow the values; otherwise their variables are read.
    """

    weight_bits: int = 8
    activation_bits: int = 8
    symmetric: bool = False
    per_channel: bool = False
    quant_delay: int = 0
    training: bool = True


class TrainedRange(NamedTuple):
    """A FakeQuant that was made.

    Attributes:
        prefix: Scope of its nodes; its variables are `min` and `max` there.
        tensor: What it quantizes.
        result: The tensor that takes the place of that.
        of_weights: Whether it is of weights.
    """

    prefix: str
    tensor: str
    result: str
    of_weights: bool


def quantize_activation(
    nodes: TrainingNodes, prefix: str, tensor: str, options: RangeOptions,
    *, lowest: float = -6.0, symmetric: bool | None = None,
) -> TrainedRange:  # fmt: skip
    """Make a FakeQuant of what a layer gives.

    Args:
        nodes: Where nodes are made.
        prefix: The scope of its nodes.
        tensor: What it quantizes.
        options: How.
        lowest: What the low end of its range is at first.
        symmetric: Whether the range is; by the options if None.
    """
    ends = _variables(nodes, prefix, lowest, ())
    inputs = [end.read for end in ends]
    if options.training:
        even = options.symmetric if symmetric is None else symmetric
        ratio = -((1 << options.activation_bits) - 2) / (1 << options.activation_bits)
        found = _measured(nodes, prefix, tensor, _axes(nodes, tensor), ratio if even else None)
        inputs = [
            _average(nodes, prefix, end, value, which)
            for end, value, which in zip(ends, found, ("Min", "Max"), strict=True)
        ]
    elif ends[0].is_resource:
        inputs = [nodes.current(end, f"{prefix}/{FAKE_QUANT}") for end in ends]
    made = nodes.add(
        f"{prefix}/{FAKE_QUANT}", FAKE_QUANT, tensor, *inputs,
        num_bits=options.activation_bits, narrow_range=False, T=None,
    )  # fmt: skip
    return TrainedRange(prefix, tensor, _delayed(nodes, prefix, made, tensor, options), False)


def quantize_weights(
    nodes: TrainingNodes,
    prefix: str,
    tensor: str,
    layer: Node,
    options: RangeOptions,
    stored: int | None = None,
) -> TrainedRange:
    """Make a FakeQuant of the weights of a layer.

    Args:
        nodes: Where nodes are made.
        prefix: The scope of its nodes.
        tensor: The weights.
        layer: What reads them.
        options: How.
        stored: For how many channels a training has found ranges, 0 for one range of all; None
            where the options tell.

    Raises:
        Unfit: Each channel is to have a range, and their number is not known or another.
    """
    channels = None
    if stored or (stored is None and options.per_channel):
        channels = _Channels.of(nodes, tensor, layer, stored)
    shape = () if channels is None else (channels.number,)
    ends = _variables(nodes, prefix, -6.0, shape)
    arranged = tensor if channels is None else channels.last(nodes, prefix, tensor)
    inputs = [end.read for end in ends]
    op = FAKE_QUANT if channels is None else FAKE_QUANT_PER_CHANNEL
    if options.training:
        axes = _axes(nodes, tensor) if channels is None else list(range(len(channels.shape) - 1))
        even = options.symmetric or options.per_channel
        found = _measured(nodes, prefix, arranged, axes, -1.0 if even else None)
        inputs = [
            nodes.changed(end, f"{prefix}/Assign{which}Last", "Assign", value)
            for end, value, which in zip(ends, found, ("Min", "Max"), strict=True)
        ]
    elif ends[0].is_resource:
        inputs = [nodes.current(end, f"{prefix}/{op}") for end in ends]
    made = nodes.add(
        f"{prefix}/{op}", op, arranged, *inputs,
        num_bits=options.weight_bits, narrow_range=True, T=None,
    )  # fmt: skip
    if channels is not None:
        made = channels.back(nodes, prefix, made)
    return TrainedRange(prefix, tensor, _delayed(nodes, prefix, made, tensor, options), True)


def _variables(
    nodes: TrainingNodes, prefix: str, lowest: float, shape: tuple[int, ...]
) -> list[NewVariable]:
    starts = {"min": lowest, "max": 6.0}
    return [
        nodes.variable(f"{prefix}/{end}", start, shape, initializer="Const")
        for end, start in starts.items()
    ]


def _axes(nodes: TrainingNodes, tensor: str) -> list[int] | None:
    """All axes of a tensor, None where their number is not known."""
    dims = nodes.dims(tensor)
    return None if dims is None else list(range(len(dims)))


def _measured(
    nodes: TrainingNodes, prefix: str, tensor: str, axes: list[int] | None, ratio: float | None
) -> list[str]:
    """The ends of the range of this run's values and zero."""
    if axes is None:
        flat = nodes.constant(f"{prefix}/flat/shape", [-1], "int32")
        tensor = nodes.add(f"{prefix}/flat", "Reshape", tensor, flat)
        axes = [0]
    ends = []
    for which in ("Min", "Max"):
        over = nodes.constant(f"{prefix}/Const", axes, "int32")
        ends.append(nodes.add(f"{prefix}/Batch{which}", which, tensor, over))
    if ratio is None:
        zeros = [nodes.constant(f"{prefix}/{op}/y", 0.0) for op in ("Minimum", "Maximum")]
        limits = zeros
    else:
        below = nodes.constant(f"{prefix}/truediv/y", ratio)
        above = nodes.constant(f"{prefix}/mul/y", ratio)
        limits = [
            nodes.add(f"{prefix}/truediv", "RealDiv", ends[1], below),
            nodes.add(f"{prefix}/mul", "Mul", ends[0], above),
        ]
    return [
        nodes.add(f"{prefix}/{op}", op, end, limit)
        for op, end, limit in zip(("Minimum", "Maximum"), ends, limits, strict=True)
    ]


def _average(nodes: TrainingNodes, prefix: str, end: NewVariable, value: str, which: str) -> str:
    """A moving average that starts with the first value: sums and counts stand beside it."""
    scope = f"{prefix}/Assign{which}Ema"
    share = nodes.constant(f"{scope}/decay", 1 - _DECAY)
    biased = nodes.variable(f"{prefix}/{end.name}/biased", 0.0)
    count = nodes.variable(f"{prefix}/{end.name}/local_step", 0.0)
    apart = nodes.add(f"{scope}/sub", "Sub", nodes.current(biased, scope), value)
    update = nodes.add(f"{scope}/mul", "Mul", apart, share)
    total = nodes.changed(biased, f"{scope}/AssignSub", "AssignSub", update)
    one = nodes.constant(f"{scope}/AssignAdd/value", 1.0)
    runs = nodes.changed(count, f"{scope}/AssignAdd", "AssignAdd", one)
    kept = nodes.add(f"{scope}/sub_1", "Sub", nodes.constant(f"{scope}/sub_1/x", 1.0), share)
    power = nodes.add(f"{scope}/Pow", "Pow", kept, runs)
    weight = nodes.add(f"{scope}/sub_2", "Sub", nodes.constant(f"{scope}/sub_2/x", 1.0), power)
    average = nodes.add(f"{scope}/truediv", "RealDiv", total, weight)
    return nodes.changed(end, scope, "Assign", average)


def _delayed(
    nodes: TrainingNodes, prefix: str, made: str, tensor: str, options: RangeOptions
) -> str:
    """A FakeQuant, or until so many runs have begun what it quantizes."""
    if options.quant_delay <= 0 or not options.training:
        return made
    counts = nodes.reached(f"{prefix}/activate_quant", options.quant_delay)
    return nodes.add(prefix + DELAYED, "SelectV2", counts, made, tensor)


class _Channels(NamedTuple):
    """The output channels of weights, which a FakeQuant wants last.

    Attributes:
        number: How many there are.
        shape: The shape of the weights.
        merged: For depthwise weights [h, w, in, multiplier]: they are both of the last two axes.
    """

    number: int
    shape: tuple[int, ...]
    merged: bool

    @classmethod
    def of(
        cls, nodes: TrainingNodes, tensor: str, layer: Node, stored: int | None
    ) -> _Channels | None:
        """The channels of the weights of a layer; None where they have one range.

        The converter of TensorFlow 2.21 transposes the weights of products and of transposed
        convolutions, and refuses that where each channel has a range. contrib.quantize's own code
        takes the last dimension for the channels of depthwise weights, too.

        Raises:
            Unfit: Their shape is not known, or a training has found ranges of others.
        """
        if layer.op not in _WITH_CHANNELS and not stored:
            return None
        dims = nodes.dims(tensor)
        if not dims or None in dims:
            raise Unfit(f"the shape of its weights {tensor!r} is not known")
        shape = tuple(d or 0 for d in dims)
        merged = layer.op == "DepthwiseConv2dNative" and stored != shape[-1]
        number = shape[-2] * shape[-1] if merged else shape[-1]
        if stored is not None and stored != number:
            raise Unfit(f"it has {number} channels, and a training has found {stored} ranges")
        return cls(number, shape, merged)

    def last(self, nodes: TrainingNodes, prefix: str, tensor: str) -> str:
        """The weights with their channels last."""
        shape = (*self.shape[:-2], 1, self.number)
        return self._reshaped(nodes, f"{prefix}/channels", tensor, shape)

    def back(self, nodes: TrainingNodes, prefix: str, tensor: str) -> str:
        """The weights as the layer reads them."""
        return self._reshaped(nodes, f"{prefix}/weights", tensor, self.shape)

    def _reshaped(
        self, nodes: TrainingNodes, name: str, tensor: str, shape: tuple[int, ...]
    ) -> str:
        if not self.merged:
            return tensor
        wanted = nodes.constant(f"{name}/shape", shape, "int32")
        return nodes.add(name, "Reshape", tensor, wanted)
