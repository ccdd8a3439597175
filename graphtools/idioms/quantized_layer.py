"""Where a network that is trained for few bits has ranges: at which layers, and behind which sums.

A layer is a convolution or matrix product with weights, and what converters make one operator with
it. Its weights have a range, and what the operator gives:

    conv -> [BatchToSpaceND] -> [bias | folded batch norm] -> [bypass sum]
         -> Relu | Relu6 | Identity -> [sum behind the activation]

The order in which layers are found is that of TensorFlow 1.15's contrib.quantize, whose variables
of ranges are numbered by it: layers with a sum behind their activation, with an activation, with a
bias alone, a convolution that another reads. What it leaves is found behind: weights that are
reshaped or transposed, layers without bias, transposed convolutions.

Behind the layers come the sums and products of what has a range, then other ops that compute.

Source: contrib/quantize/python/quantize.py of TensorFlow 1.15.5 (`_FindLayersToQuantize`,
`_CheckIfQuantizableOp`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from graphtools.graph.following import follow, reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.readers import data_readers, sole_reader
from graphtools.graph.ref import Ref, producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.batch_norm import FUSED
from graphtools.idioms.fake_quant import FAKE_QUANTS, LAYERS, WITHIN
from graphtools.idioms.loss import PIPELINES, SHAPE_OPS
from graphtools.ops.definitions import op_definition

#: Layers that contrib.quantize knew; the others of `LAYERS` come behind them.
_FIRST_LAYERS = frozenset({"Conv2D", "DepthwiseConv2dNative", "MatMul"})
#: Ops that give weights in the forms that it knew: variables, partitioned ones, folded weights.
_FIRST_WEIGHTS = frozenset({"Identity", "ReadVariableOp", "Mul"})
_SUMS = frozenset({"Add", "AddV2"})
_BIASES = _SUMS | {"BiasAdd"}
#: Activations that become part of the operator before them.
FUSED_ACTIVATIONS = frozenset({"Relu", "Relu6"})
_ENDS = FUSED_ACTIVATIONS | {"Identity"}
#: Ops behind which a sum or product still is one of what has a range.
_PASSED = frozenset(
    {"Reshape", "Identity", "BatchToSpaceND", "SpaceToBatchND", "MaxPool", "Max"}
)  # fmt: skip
_JOINED = _SUMS | {"Mul"}
#: Ops that compute something new of what has a range, behind which contrib.quantize put none.
_COMPUTED = FUSED_ACTIVATIONS | frozenset(
    {"Div", "Elu", "LeakyRelu", "Maximum", "Minimum", "RealDiv", "Selu", "Sigmoid",
     "Softplus", "Softsign", "Sub", "Tanh"}
)  # fmt: skip
_ARRANGE = frozenset({"Reshape", "Transpose", "Identity"})
#: What the name of a node ends in that chooses between a tensor and its FakeQuant.
DELAYED = "/delayed_quant/Merge"


class QuantLayer(NamedTuple):
    """A layer that is to get ranges.

    Attributes:
        node: The convolution or product.
        position: Which of its data inputs are the weights.
        bias: What adds the bias, where a bypass follows; its result has a range of its own then.
        bypass: The sum between bias and activation.
        end: What gives the result of the operator.
        after: A sum behind the activation.
        is_other: Whether contrib.quantize did not know it.
    """

    node: Node
    position: int
    end: Node
    bias: Node | None = None
    bypass: Node | None = None
    after: Node | None = None
    is_other: bool = False

    @property
    def weights(self) -> str:
        """The weights, as they stand in the inputs of the layer."""
        return self.node.data_inputs[self.position]


class LearntTensors:
    """Tells what is computed of weights alone, and of nothing that is fed."""

    def __init__(
        self, graph: Graph, *, constants: bool = False, folded: Collection[str] = ()
    ) -> None:
        """Walk through a graph.

        Args:
            graph: The graph.
            constants: Whether constants are weights, as in a frozen graph.
            folded: Names of nodes that are weights though they follow the batch's statistics.
        """

        def users(name: str) -> list[str]:
            readers = (r.node for r in data_readers(graph, name))
            return [n.name for n in readers if n.op not in SHAPE_OPS]

        kinds = VARIABLE_OPS | ({"Const"} if constants else set())
        learnt = reach((n.name for n in graph if n.op in kinds), users)
        given = set(reach((n.name for n in graph if _gives(n)), users))
        self._names = {name for name in learnt if name not in given}.union(folded)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and producer(text) in self._names


def _gives(node: Node) -> bool:
    """Whether a node gives what is neither learnt nor constant: what is fed, read or drawn."""
    if node.op in PLACEHOLDERS or node.op in PIPELINES:
        return True
    if node.data_inputs or node.op == "Const" or node.op in VARIABLE_OPS:
        definition = op_definition(node.op) if node.op.startswith(("Random", "Stateless")) else None
        return definition is not None
    return True


class _Operator(NamedTuple):
    """What has gone into the operator of a layer so far."""

    node: Node
    position: int
    bias: Node | None = None
    bypass: Node | None = None


def find_layers(
    graph: Graph, weights: LearntTensors, left: Collection[str] = ()
) -> Iterator[QuantLayer]:
    """The layers of a graph in which no batch norm is left that could be folded.

    Args:
        graph: The graph.
        weights: Tells what weights are.
        left: Names of convolutions and products that are to get no ranges.

    Example:
        >>> [layer.node.name for layer in find_layers(graph, LearntTensors(graph))]
        ['conv0/Conv2D', 'fc/MatMul']
    """
    search = _Search(graph, weights, left)
    seen: set[str] = set()
    for find in (search.with_sum, search.with_activation, search.with_bias, search.read_by_layer):
        for node in graph.nodes:
            layer = find(node)
            if layer is not None and layer.node.name not in seen:
                seen.add(layer.node.name)
                yield layer
    for node in graph.nodes:
        layer = search.other(node)
        if layer is not None and layer.node.name not in seen:
            yield layer


class _Search:
    """Looks for layers by where their operators end."""

    def __init__(self, graph: Graph, weights: LearntTensors, left: Collection[str]) -> None:
        self._graph = graph
        self._weights = weights
        self._left = left

    def _source(self, text: str) -> Node | None:
        ref = Ref.parse(text)
        return self._graph.get(ref.node) if ref.index == 0 else None

    def _sources(self, node: Node) -> list[Node]:
        """The nodes of the two tensors that a sum or layer reads, as far as they are there."""
        found = [self._source(text) for text in node.data_inputs[:2]]
        return [source for source in found if source is not None]

    def _layer(self, node: Node, *, first: bool = True) -> _Operator | None:
        """A convolution or product with weights; `first`, in a form that contrib.quantize knew."""
        known = _FIRST_LAYERS if first else LAYERS
        if node.op not in known or node.name in self._left:
            return None
        data = node.data_inputs
        for position in (1, 0) if node.op == "MatMul" else (1,):
            if position < len(data) and data[position] in self._weights:
                source = self._source(data[position])
                if source is not None and (not first or source.op in _FIRST_WEIGHTS):
                    return _Operator(node, position)
        return None

    def _output(self, node: Node) -> _Operator | None:
        if node.op == "BatchToSpaceND" and node.data_inputs:
            source = self._source(node.data_inputs[0])
            return self._layer(source) if source is not None else None
        return self._layer(node)

    def _bias(self, node: Node) -> _Operator | None:
        """A sum with what a layer gives: with its bias, or what a batch norm adds to it."""
        if node.op not in _BIASES:
            return None
        for source in self._sources(node):
            found = self._output(source)
            if found is not None:
                return found._replace(bias=node)
        for source in self._sources(node) if node.op in _SUMS else ():
            for product in self._sources(source) if source.op in _SUMS else ():
                for inner in self._sources(product) if product.op == "Mul" else ():
                    found = self._output(inner)
                    if found is not None:
                        return found._replace(bias=node)
        return None

    def _bypass(self, node: Node) -> _Operator | None:
        for source in self._sources(node) if node.op in _SUMS else ():
            found = self._bias(source)
            if found is not None:
                return found._replace(bypass=node)
        return None

    def _activation(self, node: Node) -> _Operator | None:
        if node.op not in _ENDS or not node.data_inputs:
            return None
        source = self._source(node.data_inputs[0])
        if source is None:
            return None
        return self._bias(source) or self._bypass(source) or self._layer(source)

    def with_sum(self, node: Node) -> QuantLayer | None:
        """A layer with a sum behind its activation."""
        for source in reversed(self._sources(node)) if node.op in _SUMS else ():
            found = self._activation(source)
            if found is not None:
                return QuantLayer(*found[:2], source, *found[2:], node)
        return None

    def with_activation(self, node: Node) -> QuantLayer | None:
        """A layer with an activation, which is not the Identity before a batch norm."""
        found = self._activation(node)
        if found is None:
            return None
        reader = sole_reader(self._graph, node.name) if node.op == "Identity" else None
        if reader is not None and reader.node.op in FUSED:
            return None
        return QuantLayer(*found[:2], node, *found[2:])

    def with_bias(self, node: Node) -> QuantLayer | None:
        """A layer that ends with its bias."""
        found = self._bias(node)
        return None if found is None else QuantLayer(*found[:2], node)

    def read_by_layer(self, node: Node) -> QuantLayer | None:
        """A layer that another one reads, as the first of a separable convolution."""
        for source in self._sources(node) if node.op in _FIRST_LAYERS else ():
            found = self._output(source)
            if found is not None:
                return QuantLayer(*found[:2], source)
        return None

    def other(self, node: Node) -> QuantLayer | None:
        """A layer in any form, up to what only it is read by."""
        found = self._layer(node, first=False)
        if found is None:
            return None
        end = node
        while (reader := sole_reader(self._graph, end.name)) is not None:
            follows = reader.node
            others = [text for text in follows.data_inputs if producer(text) != end.name]
            adds = follows.op in _BIASES and len(others) == 1 and others[0] in self._weights
            moves = follows.op == "BatchToSpaceND" and reader.position == 0
            if not (adds or moves or follows.op in FUSED_ACTIVATIONS) or follows is node:
                break
            end = follows
            if follows.op in FUSED_ACTIVATIONS:
                break
        return QuantLayer(*found[:2], end, is_other=True)


class Intermediate:
    """Tells which sums, products and other ops compute with what has a range."""

    def __init__(self, graph: Graph, done: Collection[str], passed: dict[str, str]) -> None:
        """Look at a graph whose layers have ranges.

        Args:
            graph: The graph.
            done: Names of the nodes that have a range, or are to have none.
            passed: By node, the input that it hands on to who looks for ranges: dropouts.
        """
        self._graph = graph
        self._done = done
        self._passed = passed

    def is_joined(self, node: Node, depth: int = 0) -> bool:
        """Whether a sum or product is of what has a range, as contrib.quantize tells it."""
        if node.op not in _JOINED or node.name in self._done or self._is_fused(node) or depth > 50:
            return False
        for text in node.data_inputs:
            source = self._behind(text, _PASSED)
            if source is None:
                continue
            if _has_range(source):
                return True
            if source.op in _JOINED and any(
                inner is not None and self.is_joined(inner, depth + 1)
                for inner in (self._graph.get(producer(t)) for t in source.data_inputs)
            ):
                return True
        return False

    def is_computed(self, node: Node) -> bool:
        """Whether another op computes something new of what has a range."""
        if node.op not in _COMPUTED | _JOINED or node.name in self._done or self._is_fused(node):
            return False
        before = [self._behind(text, WITHIN) for text in node.data_inputs]
        if node.op in FUSED_ACTIVATIONS:  # the operator begins with the sum before it
            fused = [source for source in before if source is not None and self._is_fused(source)]
            before += [self._behind(t, WITHIN) for source in fused for t in source.data_inputs]
        return any(source is not None and _has_range(source) for source in before)

    def source_without_range(self, text: str) -> Node | None:
        """What gives a tensor, behind what keeps ranges, where it has no range; None if it has."""
        found = self._behind(text, WITHIN | {"Mean"})
        return None if found is None or _has_range(found) else found

    def _is_fused(self, node: Node) -> bool:
        reader = sole_reader(self._graph, node.name)
        fuses = node.op in _JOINED | {"Sub"}
        return fuses and reader is not None and reader.node.op in FUSED_ACTIVATIONS

    def _behind(self, text: str, passes: Collection[str]) -> Node | None:
        def onward(node: Node, _: Ref) -> str | None:
            if node.name in self._passed:
                return self._passed[node.name]
            return node.data_inputs[0] if node.op in passes and node.data_inputs else None

        found = None
        for _, node in follow(self._graph, text, onward):
            found = node
        return found


def _has_range(node: Node) -> bool:
    return node.op in FAKE_QUANTS or node.name.endswith(DELAYED)


def range_behind(graph: Graph, name: str) -> Node | None:
    """The FakeQuant that reads what a node gives, also through Reshape, Transpose and Identity."""

    def onward(name: str) -> list[str]:
        node = graph[name]
        if node.op in FAKE_QUANTS:
            return []
        readers = [r.node for r in data_readers(graph, name) if r.position == 0]
        return [n.name for n in readers if n.op in FAKE_QUANTS | _ARRANGE]

    found = (graph[n] for n in reach([name], onward) if n != name)
    return next((node for node in found if node.op in FAKE_QUANTS), None)
