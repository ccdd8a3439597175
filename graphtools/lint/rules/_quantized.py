"""Which tensors of a graph have a range, for a converter that computes in eight bits.

A tensor has a range if a FakeQuant gives it one, if it only rearranges or selects from tensors that
have one, if its op has a fixed one (Softmax), or if it is fed or constant. A convolution, what adds
its bias and its activation become one operator: only the last of them needs a range. Source: TOCO's
HardcodeMinMax and Quantize steps, which say "array ... is lacking min/max data"; and what the
converter of TensorFlow 2.21 leaves float, which hands ranges on through more ops.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphtools.errors import GraphtoolsError
from graphtools.graph.following import ancestors_of, follow, reach
from graphtools.graph.functions import called_functions
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.idioms.fake_quant import (
    CONCATS,
    FAKE_QUANTS,
    FIXED_RANGES,
    LAYERS,
    WITHIN,
    FakeQuant,
    changes_nothing,
    fake_quant,
)
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.subject import Subject
from graphtools.ops.constness import FROM_SHAPES
from graphtools.ops.handing_on import SAME_TENSOR, source_node

#: Beginnings of the ops that compute with quantized tensors.
INFERENCE_OPS = ("Quantize", "Dequantize", "Requant", "QuantizedConv", "QuantizedMatMul")
#: Ops through which converters do not hand a range on, though values stay in it: each part of a
#: tensor is one of its own.
_PARTS = frozenset({"ReverseV2", "SplitV", "Unpack"})
#: Ops whose result is in the range of what they read, by the numbers of the inputs that count.
_KEEPS_RANGE: dict[str, slice] = {
    **dict.fromkeys(WITHIN - CONCATS - _PARTS, slice(1)),
    **dict.fromkeys(("Mean",), slice(1)),
    **dict.fromkeys((*CONCATS, "Maximum", "Minimum", "Pack", "IdentityN"), slice(None)),
    **dict.fromkeys(("Select", "SelectV2", "Split"), slice(1, None)),
}
ACTIVATIONS = frozenset({"Relu", "Relu6"})
#: Ops whose operator takes an activation in, besides convolutions.
_TAKES_ACTIVATION = frozenset({"Add", "AddV2", "Sub", "Mul", "AvgPool", "MaxPool", "ConcatV2"})
#: Ops that become part of the operator of the convolution before them; a dilated one ends with
#: BatchToSpaceND.
_FUSES = ACTIVATIONS | BATCH_NORMS | {"BiasAdd", "BatchToSpaceND"}
_FUSES_CONSTANT = frozenset({"Add", "AddV2", "Sub", "Mul"})
_FUSING = _FUSES | _FUSES_CONSTANT | LAYERS
#: Ops that may stand between a layer and what becomes part of its operator.
_BEHIND_LAYERS = BATCH_NORMS | SAME_TENSOR | {"BiasAdd", "BatchToSpaceND", "Reshape"}
#: Factors that become part of the weights of the convolution behind them.
_FACTORS = frozenset({"Mul", "Div", "RealDiv"})
#: Ops that look at the shape of what they read, hand it on, or give it a range.
_READS_NO_VALUES = FROM_SHAPES | SAME_TENSOR | FAKE_QUANTS
#: Ops that are computed in eight bits, if what they give has a range of its own.
_COMPUTES = ACTIVATIONS | frozenset(
    {
        "Abs", "Add", "AddV2", "BiasAdd", "Div", "Exp", "LeakyRelu", "Log", "Mul", "RealDiv",
        "Rsqrt", "Sqrt", "SquaredDifference", "Sub", "Sum",
    }
)  # fmt: skip
#: Ops that the current converter leaves float between whatever ranges, as TFLite has no kernel in
#: eight bits for what it makes of them. Measured with TensorFlow 2.21.
_WITHOUT_KERNEL = frozenset(
    {
        "AddN", "Ceil", "Cos", "Cumsum", "Elu", "Erf", "Floor", "FloorDiv", "FloorMod", "LRN",
        "Neg", "Pow", "Round", "Selu", "Sign", "Sin", "Softplus", "Softsign", "SplitV", "Square",
    }
)  # fmt: skip


@per_subject
def with_bodies(subject: Subject) -> Subject:
    """A graph whose calls are replaced by bodies, as for a converter, where these are quantized."""
    library = subject.graph.functions
    if not library:
        return subject
    called = called_functions(Graph(subject.live_nodes, functions=library.values()))
    ops = {node.op for name in called if name in library for node in library[name].nodes}
    if not any(op in FAKE_QUANTS or op.startswith(INFERENCE_OPS) for op in ops):
        return subject
    try:
        graph = subject.transformed("inline_partitionedcall").graph
    except GraphtoolsError:  # a graph that no transform takes has other findings
        return subject
    return Subject(
        graph,
        subject.target,
        inputs=subject.inputs,
        outputs=subject.outputs,
        input_shapes=subject.input_shapes,
        tf_version=subject.tf_version,
    )


@per_subject
def fake_quants(subject: Subject) -> tuple[FakeQuant, ...]:
    """The FakeQuants that the outputs need, with their ranges; none before a graph is frozen."""
    if any(True for _ in subject.nodes_of(*VARIABLE_OPS)):
        return ()
    nodes = subject.nodes_of(*sorted(FAKE_QUANTS))
    return tuple(fake_quant(node, subject.inference) for node in nodes)


def _is_constant(subject: Subject, name: str) -> bool:
    return subject.inference.constness.is_constant(name)


class Ranges:
    """Tells which tensors have a range.

    Attributes:
        subject: The graph.
    """

    def __init__(self, subject: Subject) -> None:
        """Nothing is looked at before somebody asks."""
        self.subject = subject
        self._known: dict[str, bool] = {}

    def has_range(self, target: str) -> bool:
        """Whether the first output of a node has a range."""
        known = self._known
        stack, waiting = [target], {target}
        while stack:
            name = stack[-1]
            if name in known:
                waiting.discard(stack.pop())
                continue
            node = self.subject.graph.get(name)
            answer = self._own(node)
            if answer is None and node is not None:
                known[name] = False  # for those that stand on a cycle
                sources = [producer(i) for i in self.passed_on(node)]
                pending = [s for s in sources if s not in known]
                if pending:
                    del known[name]
                    # what waits for itself has no range
                    known.update({s: False for s in pending if s in waiting})
                    stack += [s for s in pending if s not in waiting]
                    waiting.update(pending)
                    continue
                answer = all(known[s] for s in sources)
            known[name] = bool(answer)
            waiting.discard(stack.pop())
        return known[target]

    def _own(self, node: Node | None) -> bool | None:
        """Whether a node has a range by itself; None where it depends on its inputs."""
        if node is None:
            return False
        if node.op in FAKE_QUANTS or node.op in FIXED_RANGES or node.op in PLACEHOLDERS:
            return True
        if node.name in self.subject.input_nodes or _is_constant(self.subject, node.name):
            return True
        if self._is_given_behind(node.name):
            return True
        return None if self.passed_on(node) else False

    def passed_on(self, node: Node) -> tuple[str, ...]:
        """The inputs whose values a node passes on."""
        counts = _KEEPS_RANGE.get(node.op)
        if counts is None and changes_nothing(self.subject.graph, node):
            counts = slice(1)
        if counts is None:
            return ()
        return tuple(text for text in node.data_inputs[counts] if self.is_float(text))

    def is_float(self, text: str) -> bool:
        """Whether a tensor is of floats."""
        kind = self.subject.dtype(text)
        return kind is not None and kind.is_floating

    def _is_given_behind(self, name: str) -> bool:
        """Whether a FakeQuant behind gives the range of what is moved on the way to it."""

        def onward(name: str) -> list[str]:
            readers = self.subject.readers(name)
            return [r.name for r in readers if r.op in _KEEPS_RANGE and r.data_inputs]

        moved = (n for n in reach([name], onward) if n != name)
        return any(r.op in FAKE_QUANTS for n in moved for r in self.subject.readers(n))

    def fuses(self, node: Node, text: str) -> bool:
        """Whether a node becomes one operator with what gives an input of it."""
        if node.op not in _FUSING:
            return False
        source = source_node(self.subject.graph, text)
        if source is None or len(self.subject.readers(source.name)) > 1:
            return False
        if node.op in _FUSES:
            ends = source.op in _TAKES_ACTIVATION and node.op in ACTIVATIONS
            return node.data_inputs[:1] == (text,) and (ends or self._is_linear(source.name))
        if node.op in LAYERS:  # its weights take the factor in
            return source.op in _FACTORS and self._has_constant(source)
        return (
            node.op in _FUSES_CONSTANT and self._has_constant(node) and self._is_linear(source.name)
        )

    def _has_constant(self, node: Node) -> bool:
        constants = [_is_constant(self.subject, producer(text)) for text in node.data_inputs]
        return len(constants) == 2 and any(constants)

    def _is_linear(self, name: str) -> bool:
        """Whether a node is a convolution or product, or what is added to one before activation."""

        def onward(node: Node, _: Ref) -> str | None:
            data = node.data_inputs
            if node.op in _BEHIND_LAYERS:
                return data[0] if data else None
            if node.op not in _FUSES_CONSTANT:
                return None
            open_inputs = [i for i in data if not _is_constant(self.subject, producer(i))]
            return open_inputs[0] if len(open_inputs) == 1 else None

        return any(node.op in LAYERS for _, node in follow(self.subject.graph, name, onward))

    def is_first_without(self, node: Node) -> bool:
        """Whether a node computes something without a range from what has ranges."""
        floats = [text for text in node.data_inputs if self.is_float(text)]
        return node.op in _COMPUTES and all(self.has_range(producer(text)) for text in floats)

    def is_fused_result(self, name: str) -> bool:
        """Whether a node ends the operator of a convolution: itself, its bias or its activation."""
        node = self.subject.graph.get(name)
        if node is not None and node.op in ACTIVATIONS and node.data_inputs:
            name = producer(node.data_inputs[0])
        return self._is_linear(name)


class Missing(NamedTuple):
    """A tensor that lacks a range.

    Attributes:
        node: The node that gives it.
        reader: The node that computes with it; None if it is an output.
    """

    node: Node
    reader: Node | None


@per_subject
def missing_ranges(subject: Subject) -> tuple[Missing, ...]:
    """The tensors that lack a range in a graph of which parts have FakeQuants."""
    if not fake_quants(subject):
        return ()
    ranges = Ranges(subject)
    before = _before_fake_quants(subject)
    found: dict[str, Missing] = {}

    def note(text: str, reader: Node | None) -> None:
        source = _origin(ranges, text)
        if source is None or source.name in found:
            return
        feeds = reader is not None and reader.op in LAYERS
        ends = reader is None or reader.op in FIXED_RANGES
        if (
            feeds
            or source.name in before
            or ranges.is_fused_result(source.name)
            or (ends and ranges.is_first_without(source))
        ):
            found[source.name] = Missing(source, reader)

    for node in subject.live_nodes:
        if node.op in _READS_NO_VALUES or _is_constant(subject, node.name):
            continue
        for text in node.data_inputs:
            if not ranges.fuses(node, text) and not ranges.has_range(producer(text)):
                note(text, node)
    for name in subject.outputs:
        kind = subject.dtype(name)
        if kind is not None and kind.name == "float32" and not ranges.has_range(producer(name)):
            note(name, None)
    return tuple(found.values())


@per_subject
def without_kernel(subject: Subject) -> tuple[Node, ...]:
    """The nodes on the way to a FakeQuant that no converter computes in eight bits."""
    before = _before_fake_quants(subject) if fake_quants(subject) else set()
    return tuple(
        node
        for node in subject.nodes_of(*sorted(_WITHOUT_KERNEL))
        if node.name in before
        and not _is_constant(subject, node.name)
        and any(Ranges(subject).is_float(text) for text in node.data_inputs)
    )


@per_subject
def _before_fake_quants(subject: Subject) -> set[str]:
    """Names of the nodes from which data leads to a FakeQuant of an activation."""
    ends = [f.node for f in fake_quants(subject) if not f.of_weights]
    sources = [producer(text) for node in ends for text in node.data_inputs[:1]]
    return ancestors_of(subject.graph, sources, control=False)


def _origin(ranges: Ranges, text: str) -> Node | None:
    """The node that computes a tensor, behind those that only pass its values on."""

    def onward(node: Node, _: Ref) -> str | None:
        passed_on = [] if node.op in ACTIVATIONS else ranges.passed_on(node)
        return next((i for i in passed_on if not ranges.has_range(producer(i))), None)

    for ref, node in follow(ranges.subject.graph, text, onward):
        if onward(node, ref) is None:
            kind = ranges.subject.dtype(str(ref))
            floating = kind is not None and kind.is_floating
            return node if floating or node.op in ACTIVATIONS else None
    return None


def source_fake_quant(subject: Subject, text: str) -> Node | None:
    """The FakeQuant whose values a tensor has, behind nodes that only pass them on."""

    def onward(node: Node, _: Ref) -> str | None:
        passed_on = node.data_inputs[_KEEPS_RANGE.get(node.op, slice(0))]
        return passed_on[0] if passed_on else None

    way = follow(subject.graph, text, onward)
    return next((node for _, node in way if node.op in FAKE_QUANTS), None)


def quantized_weights(subject: Subject) -> Iterator[tuple[Node, Node]]:
    """The convolutions and products that the outputs need, with the node that gives the weights."""
    for node in subject.nodes_of(*sorted(LAYERS)):
        source = subject.source(node, 1)
        if source is not None:
            yield node, source
