"""Makes the nodes that compute what was traced to convolutions, scaled; see `_linear`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import FLOAT32, DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import ComputedTensor, Tensor
from graphtools.ops.definitions import op_definition
from graphtools.rewrite.constants import find_constant, own_weights, twin, with_value
from graphtools.rewrite.driver import Replacement
from graphtools.rewrite.transform import Job
from graphtools.rewrite.unfit import Unfit
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
#: What BiasAdd calls the formats of convolutions in three dimensions.
_BIAS_FORMATS = {b"NDHWC": b"NHWC", b"NCDHW": b"NCHW"}


def fold(
    graph: Graph,
    job: Job,
    root: Node,
    linear: Linear,
    scale: Array,
    offset: Array | None,
    controls: Iterable[str] = (),
) -> Replacement:
    """What takes the place of a node that scales, and of what it was traced to.

    Args:
        graph: The graph.
        job: Tells which nodes must keep their values.
        root: The node.
        linear: What the root scales.
        scale: A factor for each channel.
        offset: What is added to each channel; None if nothing.
        controls: Control inputs of the constants that scale and offset were computed from.

    Raises:
        Unfit: The results are not finite.
    """
    work = _Fold(graph, job, controls)
    work.part(linear, root.name, scale, offset, root.device)
    for note in work.notes:
        job.note(note)
    return Replacement(work.new, work.gone)


def fold_later(
    graph: Graph,
    job: Job,
    root: Node,
    linear: Convolution,
    values: Callable[[], tuple[Array, Array]],
    controls: Iterable[str] = (),
) -> Replacement:
    """As `fold`, with weights and an offset that are computed when somebody asks for them.

    Args:
        graph: The graph.
        job: Tells which nodes must keep their values.
        root: The node.
        linear: What the root scales.
        values: Gives scale and offset, with which the results are finite.
        controls: Control inputs of the constants that these are computed from.
    """
    work = _Fold(graph, job, controls)
    before = linear.weights.tensor
    weights = ComputedTensor(
        before.dtype, before.shape, lambda: scaled_weights(linear, values()[0])
    )
    offset = ComputedTensor(
        before.dtype,
        Shape((linear.channels.size,)),
        lambda: _scaled_offset(linear, values()[1]),
    )
    work.convolution(linear, root.name, weights, offset, root.device)
    for note in work.notes:
        job.note(note)
    return Replacement(work.new, work.gone)


class _Fold:
    def __init__(self, graph: Graph, job: Job, controls: Iterable[str]) -> None:
        self.new: list[Node] = []
        self.gone: list[Node] = []
        self.notes: list[str] = []
        self._graph = graph
        self._job = job
        self._controls = dict.fromkeys(controls)
        self._taken: set[str] = set()

    def part(
        self, part: Linear, name: str, scale: Array, offset: Array | None, device: str
    ) -> None:
        """Make the nodes for a part; the last has the given name."""
        if isinstance(part, Convolution):
            weights = scaled_weights(part, scale)
            shift = None if offset is None else _scaled_offset(part, offset)
            self.convolution(part, name, weights, shift, device)
            return
        self.gone.append(part.node)
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

    def convolution(
        self, part: Convolution, name: str, tensor: Tensor, offset: Tensor | None, device: str
    ) -> None:
        """Make the nodes for a convolution with other weights, and for what is added to it."""
        conv = part.node
        inputs = list(conv.data_inputs)
        shared = part.weights.is_shared(self._graph, self._job, conv)
        if not shared:
            self.gone.append(part.weights.node)
            self.new.append(with_value(part.weights.node, tensor))
        else:
            own = self._free(f"{conv.name}_bn_weights")
            self.new.append(own_weights(self._graph, own, part.weights, tensor))
            inputs[1] = own
            self.notes.append(f"{conv.name!r} has weights of its own now: {shared}")
        result = name if offset is None else conv.name
        if shared or result != conv.name:
            self.gone.append(conv)
            self.new.append(twin(conv, result, tuple(inputs)))
        if offset is None:
            return
        kind = part.weights.tensor.dtype
        offset_name = self._free(f"{conv.name}_bn_offset")
        controls = tuple(self._controls)
        self.new.append(
            Node(offset_name, "Const", controls, {"dtype": kind, "value": offset}, device)
        )
        attrs: dict[str, Attr] = {"T": kind}
        data_format = conv.attr("data_format")
        if isinstance(data_format, bytes):
            attrs["data_format"] = _BIAS_FORMATS.get(data_format, data_format)
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


def _scaled_offset(part: Convolution, offset: Array) -> Tensor:
    """What is added to a convolution.

    Raises:
        Unfit: It is not finite.
    """
    return _finite(offset, part.weights.tensor.dtype, f"the offset of {part.node.name!r}")


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
