"""Which tensors a person would fetch, rated; what trains or watches a model is none of it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from graphtools.analysis.inference_view import InferenceView, is_noise
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.idioms import batch_norm
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.idioms.loss import ACTIVATIONS, LAYER_OPS, SHAPE_OPS, is_auto_named
from graphtools.ops.control_flow import EXITS, MERGES
from graphtools.ops.handing_on import CONVERTED, REARRANGED, SAME_TENSOR
from graphtools.ops.inference import node_output_dtypes

#: Candidates from this score on are likely what is wanted.
LIKELY = 0.5

_LOOP_SCOPE = re.compile(r"(^|/)while(_\d+)?/")
_WATCHED_SCOPE = re.compile(r"(^|/)(Assert(Guard)?|zero_fraction)(_\d+)?/")
_KERAS_PREDICTS = re.compile(r"(^|/)predict(_\d+)?/group_deps(_\d+)?$")
_BRANCH_LEFTOVER = re.compile(r"(switch_[tf]|pred_id|control_dependency(_\d+)?)$")
_SAYS_OUTPUT = re.compile(
    r"(detection_(boxes|scores|classes|masks|keypoints|multiclass_scores)|num_detections"
    r"|raw_outputs/\w+|predictions?|probabilit(y|ies)|probs?|softmax|logits?|outputs?|out|scores?"
    r"|classes|embeddings?|final_result|TFLite_Detection_PostProcess)(_\d+)?$",
    re.I,
)
_QUANT_SCOPE = re.compile(r"/(act_quant|delayed_quant)/")
#: What an activation reads a prediction through.
_TO_ACTIVATION = SAME_TENSOR | REARRANGED | CONVERTED
#: Ops that choose among what an activation gives.
_CHOICES = frozenset({"ArgMax", "TopK", "TopKV2"})

#: Ops with one result; what else they give says how it came about.
_ONE_RESULT = MERGES | batch_norm.FUSED | {"TensorArrayConcatV2", "TensorArrayConcatV3"}

#: By tensor, how likely it is to be fetched, and why.
Rated = dict[Ref, tuple[float, str]]


def rate_outputs(view: InferenceView, inputs: Sequence[str]) -> Rated:
    """Rate the tensors that may be outputs of a graph.

    Args:
        view: The graph.
        inputs: Names of the nodes that are likely its inputs.
    """
    level = view.reach(inputs)
    rated = _rate_ends(view, inputs, level)
    for ref in view.trained.predictions:
        _rate_prediction(view, ref, rated)
    for name in view.losses():
        rated.setdefault(Ref(name), (0.45, "a loss that is trained for"))
    _lower_watched(view, rated)
    _lower_dead_ends(view, level, rated)
    if not any(score >= LIKELY for score, _ in rated.values()):
        _raise_the_rest(view, inputs, rated)
    for ref, (score, _) in list(rated.items()):
        if score >= LIKELY:
            _add_heads(view.graph, view.graph[ref.node], level, rated)
    return rated


def _rate_ends(view: InferenceView, inputs: Sequence[str], level: dict[str, int]) -> Rated:
    """Rate the nodes that nothing but training, summaries and asserts reads."""
    graph = view.graph
    deepest = max(level.values(), default=0) or 1
    predictions = [p.node for p in view.trained.predictions]
    predicted = frozenset(_predicted_by_keras(view))
    computed = view.computed_from(predictions)
    trained = bool(predictions or predicted) or any(
        view.feeds_loss(name) for name in level if name not in view.training
    )

    @functools.cache  # few graphs have a node for which this matters
    def computed_from_shapes() -> dict[str, int]:
        return view.reach(inputs, shapes=True)

    def rate(node: Node) -> tuple[float, str]:
        if node.name in predicted:
            return 0.9, "what Keras predicts"
        depth = level[node.name] / deepest if node.name in level else None
        score, reason = _rate_end(view, node, depth)
        if node.name in computed:
            return score, reason.replace("computed from the inputs", "made of what a loss reads")
        if predictions and view.readers.get(node.name):
            return 0.3, "only summaries, asserts or training read it"
        if inputs and depth is None:
            if node.name not in computed_from_shapes():
                return 0.15, "nothing reads it, but it does not depend on an input"
            reason = "nothing reads it, computed from the shape of an input"
            score = 0.6 if _says_output(node) else min(score, 0.2)
        elif trained and not _says_output(node) and not view.feeds_loss(node.name):
            score -= 0.25  # a leftover beside what is trained
        return score, reason

    rated: Rated = {}
    for node in graph:
        name = node.name
        if view.is_read(name) or name in view.training or is_noise(node) or view.saves(node):
            continue
        score, reason = rate(node)
        real = _behind_quantization(graph, node)
        if real is not node and level.get(real.name, 0) and not view.hands_input_on(real):
            better = max(rate(real)[0], score) + 0.02
            rated[Ref(real.name)] = (better, f"what the quantization node {name!r} quantizes")
            score = min(score, better - 0.05)
        for index in range(_fetchable_outputs(view, node)):
            rated.setdefault(Ref(name, index), (score - 0.01 * index, reason))
    return rated


def _predicted_by_keras(view: InferenceView) -> Iterable[str]:
    """Names of the nodes that the function `predict` of a Keras model waits for: its outputs."""
    for node in view.graph:
        if node.op == "NoOp" and _KERAS_PREDICTS.search(node.name):
            yield from (text[1:] for text in node.inputs)


def _rate_prediction(view: InferenceView, prediction: Ref, rated: Rated) -> None:
    """Rate what a loss compares with labels, and what is computed from it.

    What was computed from it for its own sake stands for it: an activation, and what nothing reads
    or a person has named. What only a metric or summary is computed from does not.
    """
    graph = view.graph
    made = view.computed_from([prediction.node])
    made.discard(prediction.node)
    ends = [r.node for r, (score, _) in rated.items() if r.node in made and score >= LIKELY]
    heads = []
    for name, made_for_itself in _back_from_metrics(view, made, ends):
        ref = Ref(name)
        if made_for_itself:
            heads.append(ref)
            score, reason = rated.get(ref, (0.7, "made of what a loss reads, and named"))
            rated[ref] = (score + 0.1, reason)
        elif _chooses_beside(graph[name], prediction):
            rated[ref] = (0.6, f"chooses among what {str(prediction)!r} gives")
        else:
            rated[ref] = (0.4, "a step on the way to a metric or summary")
    for node in _activations(view, prediction):
        ref = Ref(node.name)
        chosen = any(r.op in _CHOICES for r in view.readers.get(node.name, ()))
        if ref in rated or chosen or not is_auto_named(node):
            heads.append(ref)
            reason = f"the activation of {str(prediction)!r}, which a loss reads"
            rated[ref] = (max(0.85, rated.get(ref, (0.0, ""))[0]), reason)
    node = graph[prediction.node]
    if heads:
        rated[prediction] = (0.45, f"a loss reads it, and {str(heads[0])!r} is made of it")
    else:
        known = rated.get(prediction, (0.0, ""))[0]
        better = 0.85 + (0.08 if _says_output(node) else 0.0)
        rated[prediction] = (max(known, better), "a loss compares it with labels")


def _chooses_beside(node: Node, prediction: Ref) -> bool:
    """Whether a node takes the best of a prediction, in a scope that holds both."""
    scope = node.name.rpartition("/")[0]
    return node.op in _CHOICES and bool(scope) and prediction.node.startswith(f"{scope}/")


def _back_from_metrics(
    view: InferenceView, made: set[str], ends: Iterable[str]
) -> Iterator[tuple[str, bool]]:
    """What was made of a prediction, from the ends back to what was made for its own sake.

    Args:
        view: The graph.
        made: Names of the nodes that are computed from the prediction.
        ends: Names of those that nothing but training, summaries and asserts reads.

    Yields:
        Names, and whether nothing reads the node, a person has named it, or it is an activation;
        else it is a step on the way to a metric or summary.
    """
    steps: set[str] = set()

    def is_step(name: str) -> bool:
        node = view.graph[name]
        return bool(view.readers.get(name)) and is_auto_named(node) and node.op not in ACTIVATIONS

    def onward(name: str) -> list[str]:
        if not is_step(name):
            return []
        steps.add(name)
        sources = [producer(text) for text in view.graph[name].data_inputs]
        return [
            source
            for source in sources
            if source in made and all(r.name in steps for r in view.effective_readers(source))
        ]

    for name in reach(ends, onward):
        yield name, not is_step(name)


def _activations(view: InferenceView, prediction: Ref) -> list[Node]:
    """The activations that read a prediction, perhaps in another shape."""

    def onward(name: str) -> list[str]:
        node = view.graph[name]
        if name != prediction.node and node.op not in _TO_ACTIVATION:
            return []
        return [r.name for r in view.effective_readers(name)]

    found = (view.graph[name] for name in reach([prediction.node], onward))
    return [node for node in found if node.op in ACTIVATIONS and node.name != prediction.node]


def _lower_watched(view: InferenceView, rated: Rated) -> None:
    """Operands of asserts and summaries, and dead ends, are no outputs where something else is."""

    def watched(ref: Ref) -> bool:
        node = view.graph[ref.node]
        return (
            bool(view.readers.get(ref.node))
            and ref not in view.trained.predictions
            and not view.feeds_loss(ref.node)
            and is_auto_named(node)
            and not _says_output(node)
        )

    low = [ref for ref, (score, _) in rated.items() if score >= LIKELY and watched(ref)]
    if any(score >= LIKELY and ref not in low for ref, (score, _) in rated.items()):
        for ref in low:
            if not rated[ref][1].startswith("what"):
                rated[ref] = (0.3, "only summaries, asserts or its shape's readers read it")


def _lower_dead_ends(view: InferenceView, level: dict[str, int], rated: Rated) -> None:
    """What a scope computes of the inputs without any weights is what a rewrite has left over."""
    likely = [ref for ref, (score, _) in rated.items() if score >= LIKELY and ref.node in level]
    deepest = max((level[ref.node] for ref in likely), default=0)
    for ref in likely:
        node = view.graph[ref.node]
        shallow = level[ref.node] < deepest / 2 and "/" in ref.node and is_auto_named(node)
        if shallow and not _says_output(node) and not view.has_layers(ref.node):
            rated[ref] = (0.4, "nothing reads it, and it is computed without weights")


def _raise_the_rest(view: InferenceView, inputs: Sequence[str], rated: Rated) -> None:
    """Where nothing else is an output, what was computed last from an input is one.

    That may be what a loop leaves, a batch norm, a shape, or the loss of a graph that is one.
    """
    by_shape = view.reach(inputs, shapes=True)
    if not view.trained.losses:
        for name in by_shape:
            node = view.graph[name]
            if name in view.training and not view.readers.get(name) and not is_noise(node):
                rated[Ref(name)] = (0.45, "a loss that nothing is trained for")
    for ref, (score, reason) in rated.items():
        if ref.node in by_shape and 0.1 <= score < LIKELY and not view.readers.get(ref.node):
            rated[ref] = (0.5 + score / 10, f"{reason}; nothing else is computed from the inputs")


def _rate_end(view: InferenceView, node: Node, depth: float | None) -> tuple[float, str]:
    """Rate a node that nothing but training reads.

    Args:
        view: The graph.
        node: The node.
        depth: Its distance from the inputs as a share of the largest; None if it does not depend on
            their values.
    """
    leftover = _rate_leftover(view, node)
    if leftover is not None:
        return leftover
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


def _rate_leftover(view: InferenceView, node: Node) -> tuple[float, str] | None:
    """Rate a node that is no output because of what it is or where it stands."""
    if _LOOP_SCOPE.search(node.name) and node.op not in EXITS:
        return 0.05, "stands inside a loop"
    if _WATCHED_SCOPE.search(node.name):
        return 0.05, "part of an assert or a summary"
    if node.op in EXITS:
        return 0.3, "leftover result of a loop"
    if _BRANCH_LEFTOVER.search(node.name):
        return 0.1, "leftover of control flow"
    if view.hands_input_on(node):
        return 0.4, "only hands an input on"
    if node.op in SHAPE_OPS:
        return 0.1, "only the shape of something"
    dtypes = node_output_dtypes(view.graph, node)
    dtype = dtypes[0] if dtypes else None
    if dtype is not None and dtype.is_handle:
        return 0.05, "a handle, which cannot be fetched"
    if node.op.startswith("FusedBatchNorm"):
        return 0.25, "a batch norm that nothing reads: leftover of a rewrite"
    return None


def _says_output(node: Node) -> bool:
    """Whether a node's name, or that of its scope where its own says nothing, is an output's."""
    if _SAYS_OUTPUT.search(node.name):
        return True
    return is_auto_named(node) and bool(_SAYS_OUTPUT.search(node.name.rpartition("/")[0]))


def _behind_quantization(graph: Graph, node: Node) -> Node:
    """The node whose result the last fake-quantization nodes pass on; mostly the node itself."""

    def onward(current: Node) -> list[Node]:
        inputs = current.data_inputs
        quantizes = current.op in FAKE_QUANTS or _QUANT_SCOPE.search(current.name)
        source = graph.get(producer(inputs[0])) if inputs and quantizes else None
        return [] if source is None or source.op == "Const" else [source]

    *_, last = reach([node], onward)
    return last


def _fetchable_outputs(view: InferenceView, node: Node) -> int:
    """How many outputs of a node that nothing reads are results in their own right."""
    if node.op in _ONE_RESULT or view.readers.get(node.name):
        return 1
    return len(node_output_dtypes(view.graph, node)) or 1


def _add_heads(graph: Graph, end: Node, level: dict[str, int], rated: Rated) -> None:
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
