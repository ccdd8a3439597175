"""Which tensors of a graph have a range, for a converter that computes in eight bits.

A tensor has a range if a FakeQuant gives it one, if it only rearranges or selects from tensors that
have one, if its op has a fixed one (Softmax), or if it is fed or constant. A convolution, what adds
its bias and its activation become one operator: only the last of them needs a range. Source: TOCO's
HardcodeMinMax and Quantize steps, which say "array ... is lacking min/max data".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphtools.graph.following import ancestors_of, follow, reach
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.idioms.fake_quant import (
    FAKE_QUANTS,
    FIXED_RANGES,
    LAYERS,
    FakeQuant,
    fake_quant,
)
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.subject import Subject
from graphtools.ops.handing_on import CHECKED, REARRANGED, SAME_TENSOR

#: Ops whose results are among the values of their first input, or between these.
_KEEPS_RANGE = SAME_TENSOR | CHECKED | REARRANGED | frozenset(
    {
        "AvgPool", "BatchToSpaceND", "BroadcastTo", "DepthToSpace", "Gather", "GatherNd",
        "GatherV2", "Max", "MaxPool", "Mean", "Min", "MirrorPad", "Pad", "Relu", "Relu6",
        "ResizeBilinear", "ResizeNearestNeighbor", "Slice", "SpaceToBatchND", "SpaceToDepth",
        "StridedSlice", "Tile", "Unpack",
    }
)  # fmt: skip
#: Ops whose results are among the values of several inputs.
_JOINS = frozenset({"ConcatV2", "Concat", "Pack", "Maximum", "Minimum"})
ACTIVATIONS = frozenset({"Relu", "Relu6"})
#: Ops whose operator takes an activation in, besides convolutions.
_TAKES_ACTIVATION = frozenset({"Add", "AddV2", "Sub", "Mul", "AvgPool", "MaxPool", "ConcatV2"})
#: Ops that become part of the operator of the convolution before them.
_FUSES = ACTIVATIONS | BATCH_NORMS | {"BiasAdd"}
_FUSES_CONSTANT = frozenset({"Add", "AddV2", "Sub", "Mul"})
#: Ops that compute in eight bits from tensors whose range they have to know.
_COMPUTES = LAYERS | _JOINS | FIXED_RANGES | frozenset(
    {"Add", "AddN", "AddV2", "AvgPool", "BiasAdd", "Mean", "Mul", "Relu", "Relu6", "Sub",
     "ResizeBilinear"}
)  # fmt: skip


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
        return None if self.passed_on(node) else False

    def passed_on(self, node: Node) -> tuple[str, ...]:
        """The inputs whose values a node passes on."""
        if node.op in _KEEPS_RANGE:
            return node.data_inputs[:1]
        if node.op == "Split":
            return node.data_inputs[1:2]
        if node.op in _JOINS:
            return tuple(
                i
                for i in node.data_inputs
                if (kind := self.subject.dtype(i)) is not None and kind.is_floating
            )
        return ()

    def fuses(self, node: Node, text: str) -> bool:
        """Whether a node becomes one operator with what gives an input of it."""
        if node.op in _FUSES:
            source = self.subject.graph.get(producer(text))
            ends = source is not None and source.op in _TAKES_ACTIVATION and node.op in ACTIVATIONS
            return node.data_inputs[:1] == (text,) and (ends or self._is_linear(producer(text)))
        if node.op not in _FUSES_CONSTANT or len(node.data_inputs) != 2:
            return False
        others = [i for i in node.data_inputs if i != text]
        constant = bool(others) and _is_constant(self.subject, producer(others[0]))
        return constant and self._is_linear(producer(text))

    def _is_linear(self, name: str) -> bool:
        """Whether a node is a convolution or product, or what is added to one before activation."""

        def onward(node: Node, _: Ref) -> str | None:
            data = node.data_inputs
            if node.op == "BiasAdd" or node.op in BATCH_NORMS | SAME_TENSOR | {"Reshape"}:
                return data[0] if data else None
            if node.op not in _FUSES_CONSTANT:
                return None
            open_inputs = [i for i in data if not _is_constant(self.subject, producer(i))]
            return open_inputs[0] if len(open_inputs) == 1 else None

        return any(node.op in LAYERS for _, node in follow(self.subject.graph, name, onward))

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
    if not any(not f.of_weights for f in fake_quants(subject)):
        return ()
    ranges = Ranges(subject)
    between = _before_fake_quants(subject) & _behind_fake_quants(subject)
    found: dict[str, Missing] = {}

    def note(text: str, reader: Node | None) -> None:
        source = _origin(ranges, text)
        if source is None or source.name in found:
            return
        feeds = reader is not None and reader.op in LAYERS
        if feeds or source.name in between or ranges.is_fused_result(source.name):
            found[source.name] = Missing(source, reader)

    for node in subject.live_nodes:
        if node.op not in _COMPUTES or _is_constant(subject, node.name):
            continue
        for text in node.data_inputs:
            if not ranges.fuses(node, text) and not ranges.has_range(producer(text)):
                note(text, node)
    for name in subject.outputs:
        kind = subject.dtype(name)
        if kind is not None and kind.name == "float32" and not ranges.has_range(producer(name)):
            note(name, None)
    return tuple(found.values())


def _before_fake_quants(subject: Subject) -> set[str]:
    """Names of the nodes from which data leads to a FakeQuant of an activation."""
    ends = [f.node for f in fake_quants(subject) if not f.of_weights]
    sources = [producer(text) for node in ends for text in node.data_inputs]
    return ancestors_of(subject.graph, sources, control=False)


def _behind_fake_quants(subject: Subject) -> set[str]:
    """Names of the nodes to which data leads from a FakeQuant of an activation."""
    starts = [f.node.name for f in fake_quants(subject) if not f.of_weights]
    return set(reach(starts, lambda name: [r.name for r in subject.readers(name)]))


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
        return node.data_inputs[0] if node.op in _KEEPS_RANGE and node.data_inputs else None

    way = follow(subject.graph, text, onward)
    return next((node for _, node in way if node.op in FAKE_QUANTS), None)


def quantized_weights(subject: Subject) -> Iterator[tuple[Node, Node]]:
    """The convolutions and products that the outputs need, with the node that gives the weights."""
    for node in subject.nodes_of(*sorted(LAYERS)):
        source = subject.source(node, 1)
        if source is not None:
            yield node, source
