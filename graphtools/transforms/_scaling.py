"""Makes the nodes that compute what was traced to convolutions, scaled; see `_linear`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.rewrite.constants import twin, with_value
from graphtools.rewrite.driver import Unfit
from graphtools.rewrite.pattern import Match
from graphtools.rewrite.transform import Job
from graphtools.transforms._linear import (
    Biased,
    Convolution,
    Joined,
    Linear,
    Moved,
    per_channel,
)
from graphtools.transforms._weights import tensor_of

if TYPE_CHECKING:
    from graphtools.graph.tensor import Array

#: Types that are held as they are stored.
_PLAIN = (FLOAT32, dtype("float64"))


def fold(
    graph: Graph,
    job: Job,
    found: Match,
    linear: Linear,
    scale: Array,
    offset: Array | None,
    controls: Iterable[str] = (),
    copies: bool = True,
) -> list[Node]:
    """The nodes that take the place of a match's root, and of what it was traced to.

    Args:
        graph: The graph.
        job: Tells which nodes must keep their values.
        found: The match; what goes is added to its interior.
        linear: What the root scales.
        scale: A factor for each channel.
        offset: What is added to each channel; None if nothing.
        controls: Control inputs of the constants that scale and offset were computed from.
        copies: Whether a convolution that shares its weights gets weights of its own.

    Raises:
        Unfit: The weights are shared and not to be copied, or the results are not finite.
    """
    work = _Fold(graph, job, found, controls, copies)
    work.part(linear, found.root.name, scale, offset, found.root.device)
    for note in work.notes:
        job.note(note)
    return work.new


class _Fold:
    def __init__(
        self, graph: Graph, job: Job, found: Match, controls: Iterable[str], copies: bool
    ) -> None:
        self.new: list[Node] = []
        self.notes: list[str] = []
        self._graph = graph
        self._job = job
        self._found = found
        self._controls = dict.fromkeys(controls)
        self._copies = copies
        self._taken: set[str] = set()

    def part(
        self, part: Linear, name: str, scale: Array, offset: Array | None, device: str
    ) -> None:
        """Make the nodes for a part; the last has the given name."""
        if isinstance(part, Convolution):
            self._convolution(part, name, scale, offset, device)
            return
        self._found.interior.append(part.node)
        if isinstance(part, Biased):
            bias = per_channel_bias(part) * scale
            self._controls.update(dict.fromkeys(part.bias.controls))
            self.part(part.inner, name, scale, bias if offset is None else bias + offset, device)
        elif isinstance(part, Moved):
            inner = self._inner_name(part.inner, offset)
            self.part(part.inner, inner, scale, offset, device)
            self.new.append(twin(part.node, name, (inner, *part.node.data_inputs[1:])))
        else:
            self._joined(part, name, scale, offset, device)

    def _joined(
        self, part: Joined, name: str, scale: Array, offset: Array | None, device: str
    ) -> None:
        inputs = list(part.node.data_inputs)
        start = 0
        for number, (position, inner) in enumerate(part.inner.items()):
            end = start + inner.channels.size if part.splits else None
            own = self._inner_name(inner, offset, f"{part.node.name}_bn_in{number}")
            own_offset = None if offset is None else offset[start:end]
            self.part(inner, own, scale[start:end], own_offset, device)
            inputs[position] = own
            start = end or 0
        self.new.append(twin(part.node, name, tuple(inputs)))

    def _inner_name(self, part: Linear, offset: Array | None, wanted: str = "") -> str:
        """A name for the end of a part that is not the last."""
        inner = part
        biased = offset is not None
        while isinstance(inner, Biased):
            inner, biased = inner.inner, True
        if isinstance(inner, Convolution):
            if not biased:
                return inner.node.name
            return self._free(wanted or f"{inner.node.name}/biasadd")
        return self._free(wanted or f"{inner.node.name}_bn")

    def _convolution(
        self, part: Convolution, name: str, scale: Array, offset: Array | None, device: str
    ) -> None:
        conv = part.node
        inputs = list(conv.data_inputs)
        tensor = scaled_weights(part, scale)
        shared = part.weights.is_shared(self._graph, self._job, conv)
        if not shared:
            self._found.interior.append(part.weights.node)
            self.new.append(with_value(part.weights.node, tensor))
        elif not self._copies:
            raise Unfit(f"the weights {shared}")
        else:
            own = self._free(f"{conv.name}_bn_weights")
            attrs: dict[str, Attr] = {"dtype": tensor.dtype, "value": tensor}
            before = part.weights.controls
            self.new.append(Node(own, "Const", before, attrs, part.weights.node.device))
            inputs[1] = own
            self.notes.append(f"{conv.name!r} has weights of its own now: {shared}")
        result = name if offset is None else conv.name
        if result != conv.name:
            for other in self._graph.consumers(conv.name):
                if conv.name not in map(producer, other.data_inputs):
                    raise Unfit(f"{other.name!r} waits for {conv.name!r}")
        if shared or result != conv.name:
            self._found.interior.append(conv)
            self.new.append(twin(conv, result, tuple(inputs)))
        if offset is None:
            return
        kind = part.weights.tensor.dtype
        offset_name = self._free(f"{conv.name}_bn_offset")
        value = _finite(offset, kind, f"the offset of {conv.name!r}")
        controls = tuple(self._controls)
        self.new.append(
            Node(offset_name, "Const", controls, {"dtype": kind, "value": value}, device)
        )
        attrs = {"T": kind}
        data_format = conv.attr("data_format")
        if data_format is not None:
            attrs["data_format"] = data_format
        self.new.append(Node(name, "BiasAdd", (conv.name, offset_name), attrs, device))

    def _free(self, wanted: str) -> str:
        name = self._graph.free_name(wanted)
        while name in self._taken:
            name = self._graph.free_name(f"{name}_1")
        self._taken.add(name)
        return name


def per_channel_bias(part: Biased) -> Array:
    """The bias of a part, one value a channel."""
    if part.node.op.startswith("Add"):
        return per_channel(part.bias, part.channels)
    return part.bias.floats()


def scaled_weights(part: Convolution, scale: Array) -> Tensor:
    """The weights of a convolution, those of each output channel multiplied by a factor.

    Raises:
        Unfit: They are not finite then.
    """
    import numpy as np

    weights = part.weights.floats()
    dims = weights.shape
    shape = [dims[a] if a in part.axes else 1 for a in range(len(dims))]
    with np.errstate(over="ignore", invalid="ignore"):
        product = weights * scale.astype(weights.dtype).reshape(shape)
    return _finite(product, part.weights.tensor.dtype, f"the weights of {part.node.name!r}")


def _finite(array: Array, kind: DType, what: str) -> Tensor:
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        stored = np.ascontiguousarray(array, kind.numpy())
    if kind in _PLAIN:
        tensor = tensor_of(stored, kind, Shape(stored.shape))
    else:  # held as float32, of which the largest may be infinite when they are stored
        tensor = Tensor.from_array(stored, kind)
        stored = tensor.array()
    if not np.isfinite(stored).all():
        raise Unfit(f"{what} would not be finite")
    return tensor
