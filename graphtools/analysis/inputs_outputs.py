"""Which tensors a person would feed and fetch: candidates, ranked, each with its reason.

A graph does not say what its inputs and outputs are. What is used here, from the surest down:

1. Signatures, where there are any.
2. Placeholders are inputs, but for those that only feed a saver, a loss or nothing.
3. An output is computed from the values (not only the shapes) of an input, and nothing but training
   (losses, gradients, updates), summaries and asserts reads it.
4. A tensor that a person has named, or whose name says what it is (`detection_boxes`, `logits`), is
   more likely than one with the name that TensorFlow gives by itself.
5. People also fetch the logits before a final softmax, and cut graphs behind the last layer.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from graphtools.analysis.inference_view import (
    ACTIVATIONS,
    LAYER_OPS,
    SHAPE_OPS,
    InferenceView,
    is_auto_named,
    is_noise,
)
from graphtools.errors import InvalidValue
from graphtools.formats.metagraph import Signature
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.ops.inference import Inference, infer_shapes, node_output_dtypes

#: Candidates from this score on are likely what is wanted.
LIKELY = 0.5


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
class InputsOutputs:
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


_PIPELINES = frozenset(
    {
        "IteratorGetNext",
        "QueueDequeue",
        "QueueDequeueV2",
        "QueueDequeueMany",
        "QueueDequeueManyV2",
        "QueueDequeueUpTo",
        "QueueDequeueUpToV2",
    }
)
_LOOP_SCOPE = re.compile(r"(^|/)while(_\d+)?/")
_BRANCH_LEFTOVER = re.compile(r"(switch_[tf]|pred_id|control_dependency(_\d+)?)$")
_SWITCH_INPUT = re.compile(
    r"(is_?train|phase_?train|training|keep_?prob|dropout|learning_?rate|batch_?size|global_?step)",
    re.I,
)
_LABELS = re.compile(r"(^|/|_)(labels?|targets?|ground_?truth\w*|gt_\w+)(_\d+)?$", re.I)
_SAYS_OUTPUT = re.compile(
    r"(detection_(boxes|scores|classes|masks|keypoints|multiclass_scores)|num_detections"
    r"|raw_outputs/\w+|predictions?|probabilit(y|ies)|probs?|softmax|logits?|outputs?|out|scores?"
    r"|classes|embeddings?|final_result|TFLite_Detection_PostProcess)(_\d+)?$",
    re.I,
)
_FAKE_QUANT = "FakeQuant"
_QUANT_SCOPE = re.compile(r"/(act_quant|delayed_quant)/")


def inputs_and_outputs(
    graph: Graph, signatures: Sequence[Signature] = (), inference: Inference | None = None
) -> InputsOutputs:
    """Rank the tensors that may be a graph's inputs and outputs.

    Args:
        graph: The graph.
        signatures: Signatures that came with it; they decide where there are any.
        inference: The inferred shapes of the whole graph, where they are there already.
    """
    view = InferenceView(graph)
    inputs = _rank_inputs(view)
    sure = [producer(c.name) for c in inputs if c.score >= LIKELY] or [
        producer(c.name) for c in inputs
    ]
    outputs = _rank_outputs(view, sure)
    if signatures:
        inputs = _by_signature(graph, signatures, inputs, "input")
        outputs = _by_signature(graph, signatures, outputs, "output")
    inputs, outputs = _nameable(inputs), _nameable(outputs)
    names = {producer(c.name) for c in inputs + outputs}
    known = inference or infer_shapes(graph, targets=[n for n in names if n in graph])

    def with_shape(candidate: Candidate) -> Candidate:
        if candidate.shape is not None and None not in candidate.shape:
            return candidate  # a signature has stated it
        ref = Ref.parse(candidate.name)
        shape = known.shape(ref.node, ref.index).to_json()
        return candidate if shape is None else dataclasses.replace(candidate, shape=shape)

    return InputsOutputs(tuple(map(with_shape, inputs)), tuple(map(with_shape, outputs)))


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
    for signature in signatures:
        if signature.key.startswith("__"):
            continue
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
    # what no signature names can still be meant, but not before them
    rest = [
        dataclasses.replace(c, score=round(c.score * 0.49, 2), reason=f"{c.reason}; no signature")
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
        if node.op in _PIPELINES:
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
        if all(is_noise(u) for u in users):
            score, reason = 0.2, "delivers what a queue takes in"
        elif all(u.name in view.training for u in users):
            score, reason = 0.3, "delivers what only training reads"
        else:
            score, reason = 0.7 if alone else 0.45, "delivers what an input pipeline has read"
        found.append(_candidate(view.graph, node, index, score, reason))
    return found


def _rate_placeholder(view: InferenceView, node: Node) -> tuple[float, str]:
    readers = view.readers.get(node.name, [])
    if not readers:
        return 0.1, "placeholder that nothing reads"
    if view.feeds_saver(node.name):
        return 0.05, "takes the file name of a saver"
    if not view.effective_readers(node.name):
        return 0.3, "placeholder that only training reads"
    name = node.name.rsplit("/", 1)[-1]
    if _SWITCH_INPUT.search(name):
        return 0.4, "placeholder whose name is that of a training switch"
    if _LABELS.search(node.name) and view.training:
        return 0.35, "placeholder whose name is that of the labels"
    if node.op == "PlaceholderWithDefault":
        return 0.6, "placeholder with a default"
    return 0.95, "placeholder"


def _rank_outputs(view: InferenceView, inputs: Sequence[str]) -> list[Candidate]:
    graph = view.graph
    level = view.reach(inputs)
    by_shape = view.reach(inputs, shapes=True)
    deepest = max(level.values(), default=0) or 1
    trained = any(view.feeds_loss(name) for name in level if name not in view.training)

    def rate(node: Node) -> tuple[float, str]:
        depth = level[node.name] / deepest if node.name in level else None
        score, reason = _rate_end(view, node, depth)
        if inputs and depth is None:
            if node.name not in by_shape:
                return 0.15, "nothing reads it, but it does not depend on an input"
            reason = "nothing reads it, computed from the shape of an input"
            score = 0.6 if _says_output(node) else min(score, 0.2)
        elif trained and not view.feeds_loss(node.name) and not _says_output(node):
            score -= 0.25  # a leftover beside what is trained
        return score, reason

    rated: dict[Ref, tuple[float, str]] = {}
    for node in graph:
        name = node.name
        if view.is_read(name) or name in view.training or is_noise(node):
            continue
        score, reason = rate(node)
        real = _behind_quantization(graph, node)
        if real is not node and real.name in level:
            better = max(rate(real)[0], score) + 0.02
            rated[Ref(real.name)] = (better, f"what the quantization node {name!r} quantizes")
            score = min(score, better - 0.05)
        for index in range(_fetchable_outputs(view, node)):
            rated.setdefault(Ref(name, index), (score - 0.01 * index, reason))
    for name in view.losses():
        rated.setdefault(Ref(name), (0.45, "a loss that is trained for"))
    for ref, (score, _) in list(rated.items()):
        if score >= LIKELY:
            _add_heads(graph, graph[ref.node], level, rated)
    return _ranked(
        _candidate(graph, graph[ref.node], ref.index, score, reason)
        for ref, (score, reason) in rated.items()
    )


def _rate_end(view: InferenceView, node: Node, depth: float | None) -> tuple[float, str]:
    """Rate a node that nothing but training reads.

    Args:
        view: The graph.
        node: The node.
        depth: Its distance from the inputs as a share of the largest; None if it does not depend on
            their values.
    """
    if _LOOP_SCOPE.search(node.name) and node.op != "Exit":
        return 0.05, "stands inside a loop"
    if node.op in ("Exit", "RefExit"):
        return 0.3, "leftover result of a loop"
    if _BRANCH_LEFTOVER.search(node.name):
        return 0.1, "leftover of control flow"
    if node.op in SHAPE_OPS:
        return 0.1, "only the shape of something"
    dtypes = node_output_dtypes(view.graph, node)
    dtype = dtypes[0] if dtypes else None
    if dtype is not None and dtype.base.name in ("resource", "variant"):
        return 0.05, "a handle, which cannot be fetched"
    if node.op.startswith("FusedBatchNorm"):
        return 0.25, "a batch norm that nothing reads: leftover of a rewrite"
    score = 0.6
    reasons = ["nothing reads it"]
    if view.feeds_loss(node.name):
        score += 0.15
        reasons = ["a loss is computed from it"]
    elif view.readers.get(node.name):
        reasons = ["only summaries, asserts or training read it"]
    elif node.name in view.controls:
        return 0.35, "only a control dependency needs it"
    if depth is not None:
        score += 0.1 * depth
        reasons.append("computed from the inputs")
    if _SAYS_OUTPUT.search(node.name):
        score += 0.2
        reasons.append("named as outputs are")
    elif _says_output(node):
        score += 0.1
        reasons.append("in a scope named as outputs are")
    elif not is_auto_named(node):
        score += 0.08
    elif "/" in node.name:
        score -= 0.08
    score -= 0.01 * min(node.name.count("/"), 5)
    return score, ", ".join(reasons)


def _says_output(node: Node) -> bool:
    """Whether a node's name, or that of its scope where its own says nothing, is an output's."""
    if _SAYS_OUTPUT.search(node.name):
        return True
    return is_auto_named(node) and bool(_SAYS_OUTPUT.search(node.name.rpartition("/")[0]))


def _behind_quantization(graph: Graph, node: Node) -> Node:
    """The node whose result the last fake-quantization nodes pass on; mostly the node itself."""
    current = node
    for _ in range(10):
        inputs = current.data_inputs
        quantizes = current.op.startswith(_FAKE_QUANT) or _QUANT_SCOPE.search(current.name)
        source = graph.get(producer(inputs[0])) if inputs and quantizes else None
        if source is None or source.op == "Const":
            break
        current = source
    return current


def _fetchable_outputs(view: InferenceView, node: Node) -> int:
    """How many outputs of a node that nothing reads are results in their own right."""
    if view.readers.get(node.name):
        return 1
    return len(node_output_dtypes(view.graph, node)) or 1


def _add_heads(
    graph: Graph, end: Node, level: dict[str, int], rated: dict[Ref, tuple[float, str]]
) -> None:
    """Add the logits before a final activation, and the last layer before an output."""
    node = end
    activation = end if end.op in ACTIVATIONS else None
    found_logits = False
    for _ in range(12):
        sources = [
            s
            for i in node.data_inputs
            if (s := graph.get(producer(i))) is not None and s.name in level
        ]
        if not sources or not level[sources[0].name]:
            return  # the inputs are reached
        node = sources[0]
        if activation is None and node.op in ACTIVATIONS:
            activation = node
            continue
        if activation is not None and not found_logits and node.op != "Reshape":
            rated.setdefault(Ref(node.name), (0.42, f"the logits before {activation.name!r}"))
            found_logits = True
        if node.op in LAYER_OPS:
            rated.setdefault(Ref(node.name), (0.12, f"the last layer before {end.name!r}"))
            return
