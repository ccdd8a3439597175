"""Which tensors a person would feed and fetch: candidates, ranked, each with its reason.

A graph does not say what its inputs and outputs are. What is used here, from the surest down:

1. Signatures, where there are any.
2. Placeholders are inputs, but for those that only feed a saver, a loss or nothing.
3. What a loss compares with labels is an output, or rather what was made of it for its own sake:
   its activation, the classes; labels are no inputs of the model.
4. An output is computed from the values (not only the shapes) of an input, and nothing but training
   (losses, gradients, updates), summaries and asserts reads it.
5. A tensor that a person has named, or whose name says what it is (`detection_boxes`, `logits`), is
   more likely than one with the name that TensorFlow gives by itself.
6. People also fetch the logits before a final softmax, and cut graphs behind the last layer.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

from graphtools.analysis.inference_view import InferenceView, is_noise
from graphtools.analysis.output_ranking import LIKELY, rate_outputs
from graphtools.analysis.signatures import serving_signatures
from graphtools.display import Displayed
from graphtools.errors import InvalidValue
from graphtools.formats.metagraph import Signature
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.idioms.loss import PIPELINES
from graphtools.idioms.training_switch import is_keep_probability, is_training_switch
from graphtools.ops.inference import Inference, infer_shapes, node_output_dtypes


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A tensor that may be an input or output.

    Attributes:
        name: Tensor name: `node`, or `node:1` for a second output.
        op: Op of its node.
        dtype: Element type by name, None where the graph does not tell.
        shape: Dimensions with None for unknown ones, None for an unknown rank.
        score: How likely it is, 0 to 1.
        reason: Why.
    """

    name: str
    op: str
    dtype: str | None
    shape: list[int | None] | None
    score: float
    reason: str


@dataclasses.dataclass(frozen=True)
class InputsOutputs(Displayed):
    """The ranked inputs and outputs of a graph, the likeliest first."""

    inputs: tuple[Candidate, ...]
    outputs: tuple[Candidate, ...]

    @property
    def likely_inputs(self) -> tuple[Candidate, ...]:
        """The inputs that are likely meant."""
        return tuple(c for c in self.inputs if c.score >= LIKELY)

    @property
    def likely_outputs(self) -> tuple[Candidate, ...]:
        """The outputs that are likely meant."""
        return tuple(c for c in self.outputs if c.score >= LIKELY)


_COUNTS = re.compile(r"(learning_?rate|batch_?size|global_?step)", re.I)
_LABELS = re.compile(r"(^|/|_)(labels?|targets?|ground_?truth\w*|gt_\w+)(_\d+)?$", re.I)
_COMPARED = "a loss compares the prediction with it"


def inputs_and_outputs(
    graph: Graph, signatures: Sequence[Signature] = (), inference: Inference | None = None
) -> InputsOutputs:
    """Rank the tensors that may be a graph's inputs and outputs.

    Args:
        graph: The graph.
        signatures: Signatures that came with it; they decide where there are any.
        inference: The inferred shapes of the whole graph, where they are there already.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> found = graphtools.inputs_and_outputs(graph)
        >>> found.likely_inputs[0].name, found.likely_outputs[0].name
        ('input', 'MobilenetV1/Predictions/Reshape_1')
    """
    return with_shapes(graph, rank_inputs_outputs(graph, signatures), inference)


def rank_inputs_outputs(graph: Graph, signatures: Sequence[Signature] = ()) -> InputsOutputs:
    """What `inputs_and_outputs` finds, without the shapes, which take the longest to know."""
    view = InferenceView(graph)
    inputs = _rank_inputs(view)
    sure = [producer(c.name) for c in inputs if c.score >= LIKELY] or [
        producer(c.name) for c in inputs
    ]
    outputs = _ranked(
        _candidate(graph, graph[ref.node], ref.index, score, reason)
        for ref, (score, reason) in rate_outputs(view, sure).items()
    )
    if signatures:
        inputs = _by_signature(graph, signatures, inputs, "input")
        outputs = _by_signature(graph, signatures, outputs, "output")
    return InputsOutputs(tuple(_nameable(inputs)), tuple(_nameable(outputs)))


def with_shapes(
    graph: Graph, found: InputsOutputs, inference: Inference | None = None
) -> InputsOutputs:
    """The candidates with their shapes; see `inputs_and_outputs`."""
    names = {producer(c.name) for c in found.inputs + found.outputs}
    known = inference or infer_shapes(graph, targets=[n for n in names if n in graph])

    def shaped(candidate: Candidate) -> Candidate:
        if candidate.shape is not None and None not in candidate.shape:
            return candidate  # a signature has stated it
        ref = Ref.parse(candidate.name)
        shape = known.shape(ref.node, ref.index).to_json()
        return candidate if shape is None else dataclasses.replace(candidate, shape=shape)

    return InputsOutputs(tuple(map(shaped, found.inputs)), tuple(map(shaped, found.outputs)))


def with_input_shapes(
    graph: Graph, found: InputsOutputs, given: Mapping[str, Shape] | None = None
) -> InputsOutputs:
    """The candidates, the inputs with their shapes: those of outputs take the longest to know.

    Args:
        graph: The graph.
        found: The candidates.
        given: By tensor, shapes that take the place of those in the graph.
    """
    fed = {producer(c.name) for c in found.inputs}
    known = infer_shapes(graph, given, [name for name in fed if name in graph])
    inputs = with_shapes(graph, InputsOutputs(found.inputs, ()), known).inputs
    return InputsOutputs(inputs, found.outputs)


def _nameable(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that can be fed or fetched: names in damaged graphs may not name a tensor."""
    found = []
    for candidate in candidates:
        try:
            Ref.parse(candidate.name)
        except InvalidValue:
            continue
        found.append(candidate)
    return found


def _candidate(graph: Graph, node: Node, index: int, score: float, reason: str) -> Candidate:
    """A candidate without its shape, which is inferred for all of them together."""
    dtypes = node_output_dtypes(graph, node)
    dtype = dtypes[index] if index < len(dtypes) else None
    return Candidate(
        name=str(Ref(node.name, index)),
        op=node.op,
        dtype=dtype.base.name if dtype else None,
        shape=None,
        score=round(min(max(score, 0.01), 0.99), 2),
        reason=reason,
    )


def _ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: -c.score)


def _by_signature(
    graph: Graph, signatures: Sequence[Signature], others: list[Candidate], side: str
) -> list[Candidate]:
    """The tensors of signatures, sure, followed by the other candidates."""
    found: dict[str, Candidate] = {}
    for signature in serving_signatures(signatures):
        for info in signature.inputs if side == "input" else signature.outputs:
            if not info.name:
                continue
            name = str(Ref.from_user(info.name))
            node = graph.get(producer(name))
            reason = f"{side} {info.key!r} of the signature {signature.key!r}"
            if name in found:
                reason = f"{found[name].reason}, {reason}"
            found[name] = Candidate(
                name, node.op if node else "", info.dtype.name, info.shape.to_json(), 1.0, reason
            )
    # what the signature does not name can still be meant, but not before it
    rest = [
        dataclasses.replace(
            c, score=round(c.score * 0.49, 2), reason=f"{c.reason}; not in the signature"
        )
        for c in others
        if c.name not in found
    ]
    return list(found.values()) + rest


def _rank_inputs(view: InferenceView) -> list[Candidate]:
    found = []
    placeholders = [n for n in view.graph if n.op in PLACEHOLDERS]
    for node in placeholders:
        score, reason = _rate_placeholder(view, node)
        found.append(_candidate(view.graph, node, 0, score, reason))
    alone = not any(c.score >= LIKELY for c in found)
    for node in view.graph:
        if node.op in PIPELINES:
            found += _pipeline_outputs(view, node, alone)
    return _ranked(found)


def _pipeline_outputs(view: InferenceView, node: Node, alone: bool) -> list[Candidate]:
    """What an input pipeline delivers; `alone` says that no placeholder is likely an input."""
    readers: dict[int, list[Node]] = {}
    for reader in view.readers.get(node.name, ()):
        for text in reader.data_inputs:
            if producer(text) == node.name:
                readers.setdefault(Ref.parse(text).index, []).append(reader)
    found = []
    for index, users in sorted(readers.items()):
        if Ref(node.name, index) in view.trained.labels:
            score, reason = 0.35, _COMPARED
        elif all(is_noise(u) for u in users):
            score, reason = 0.2, "delivers what a queue takes in"
        elif all(u.name in view.training for u in users):
            score, reason = 0.3, "delivers what only training reads"
        else:
            score, reason = 0.7 if alone else 0.45, "delivers what an input pipeline has read"
        found.append(_candidate(view.graph, node, index, score, reason))
    return found


def _rate_placeholder(view: InferenceView, node: Node) -> tuple[float, str]:
    readers = view.readers.get(node.name, [])
    predictions = view.trained.predictions
    if Ref(node.name) in view.trained.labels:
        return 0.35, _COMPARED
    if not readers:
        return 0.1, "placeholder that nothing reads"
    if view.feeds_saver(node.name):
        return 0.05, "takes the file name of a saver"
    if not view.effective_readers(node.name):
        return 0.3, "placeholder that only training reads"
    if predictions and view.reach([node.name]).keys().isdisjoint(p.node for p in predictions):
        return 0.4, "placeholder that no prediction is computed from"
    if is_training_switch(view.graph, node):
        return 0.4, "training switch: feed what it is for inference, or fix it"
    if is_keep_probability(view.graph, node):
        return 0.4, "rate of a dropout: goes with the dropout, or is fed with what drops nothing"
    if _COUNTS.search(node.name.rsplit("/", 1)[-1]):
        return 0.4, "placeholder whose name is that of a setting of the training"
    if _LABELS.search(node.name) and view.training:
        return 0.35, "placeholder whose name is that of the labels"
    if node.op == "PlaceholderWithDefault":
        return 0.6, "placeholder with a default"
    return 0.95, "placeholder"
