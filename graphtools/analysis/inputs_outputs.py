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

from graphtools.analysis.tensor_facts import output_count, output_dtype, output_shape
from graphtools.formats.metagraph import Signature
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer

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


PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"})
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
#: Ops that only look at the shape of their input.
_SHAPE_OPS = frozenset(
    {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike", "TensorArraySizeV3"}
)
#: Ops whose results nobody fetches to run a model. Prefixes are in _NOISE_PREFIXES.
_NOISE = frozenset(
    "Abort Assert Const ControlTrigger NoOp Placeholder PlaceholderV2 PlaceholderWithDefault "
    "Variable VariableV2 VarHandleOp ReadVariableOp IsVariableInitialized VarIsInitializedOp "
    "TemporaryVariable DestroyTemporaryVariable DestroyResourceOp MergeSummary ScalarSummary "
    "HistogramSummary ImageSummary AudioSummary TensorSummary TensorSummaryV2 FlushSummaryWriter "
    "CloseSummaryWriter CreateSummaryFileWriter ImportEvent SummaryWriter Restore RestoreSlice "
    "RestoreV2 MergeV2Checkpoints ShardedFilename ShardedFilespec DeleteIterator "
    "IteratorToStringHandle MakeIterator Iterator IteratorV2 OneShotIterator HashTable HashTableV2 "
    "MutableHashTable MutableHashTableV2 LookupTableImport LookupTableImportV2 InitializeTable "
    "InitializeTableV2 InitializeTableFromTextFile InitializeTableFromTextFileV2 QueueSize "
    "QueueSizeV2 QueueClose QueueCloseV2 QueueIsClosedV2 FIFOQueue FIFOQueueV2 "
    "RandomShuffleQueue RandomShuffleQueueV2 PaddingFIFOQueue PaddingFIFOQueueV2 "
    "StackPush StackPushV2 StackCloseV2 TensorArrayClose TensorArrayCloseV3 NextIteration "
    "LoopCond BroadcastGradientArgs".split()
)
_NOISE_PREFIXES = (
    "Assign", "Apply", "ResourceApply", "SparseApply", "ResourceSparseApply", "Scatter",
    "ResourceScatter", "Save", "QueueEnqueue", "Write", "Barrier",
)  # fmt: skip
_SAVER_PREFIXES = ("Save", "Restore", "MergeV2Checkpoints")
#: Ops that a file name passes on its way to a saver.
_STRING_OPS = frozenset(
    {"PlaceholderWithDefault", "Identity", "StringJoin", "ShardedFilename", "Pack", "Select"}
)
#: Readers that only watch or measure: what they read can be an output.
_WATCHERS = frozenset(
    {"Assert", "Print", "PrintV2", "ScalarSummary", "HistogramSummary", "ImageSummary", "Shape"}
)
#: Scatter ops that compute and do not update.
_NO_UPDATES = frozenset({"ScatterNd"})
_LOSS_OPS = frozenset(
    {
        "SoftmaxCrossEntropyWithLogits",
        "SparseSoftmaxCrossEntropyWithLogits",
        "L2Loss",
        "CTCLoss",
        "CTCLossV2",
    }
)
_LOSS_SCOPE = re.compile(
    r"(^|/)(gradients|(\w*_)?loss(es)?|regulariz\w*|metrics?|accuracy|evaluation)(_\d+)?/", re.I
)
_GRADIENT = re.compile(r"gradients(_\d+)?/")
_LOSS_NAME = re.compile(r"loss(_\d+)?$", re.I)
_GRADIENT_OF = re.compile(r"^gradients(?:_\d+)?/(.+)_grad/")
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
_LAYER_OPS = frozenset(
    {
        "Conv2D",
        "Conv3D",
        "Conv2DBackpropInput",
        "DepthwiseConv2dNative",
        "MatMul",
        "BatchMatMul",
        "BatchMatMulV2",
        "FusedPadConv2D",
    }
)
#: Ops behind which the tensor they read is the same result in another form.
_PASS_THROUGH = frozenset({"Identity", "Reshape", "Squeeze", "ExpandDims", "Cast", "StopGradient"})
_ACTIVATIONS = frozenset({"Softmax", "LogSoftmax", "Sigmoid"})
_FAKE_QUANT = "FakeQuant"
_QUANT_SCOPE = re.compile(r"/(act_quant|delayed_quant)/")
#: Names that TensorFlow's Python functions and operators give by themselves, other than the op's.
_DEFAULT_NAMES = frozenset(
    "add sub mul truediv div floordiv mod pow neg strided_slice concat stack unstack split "
    "transpose zeros ones zeros_like ones_like range read Read".split()
)


class _View:
    """A graph as somebody sees it who wants to run the model: without what trains it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.readers: dict[str, list[Node]] = {}
        self.controls: set[str] = set()
        readers = self.readers
        for node in graph:
            for text in node.inputs:
                if text[:1] != "^":
                    name = text.partition(":")[0]
                    if name in readers:
                        readers[name].append(node)
                    else:
                        readers[name] = [node]
                else:
                    self.controls.add(text[1:])
        self.training: set[str] = set()
        self._find_training()

    def _find_training(self) -> None:
        """Losses, gradients and all that is computed from them."""
        names = []
        known: dict[str, bool] = {}
        for node in self.graph:
            scope = node.name.rpartition("/")[0]
            if scope not in known:
                known[scope] = bool(scope and _LOSS_SCOPE.search(f"{scope}/"))
            if known[scope] or node.op in _LOSS_OPS:
                names.append(node.name)
        self._spread_training(names)
        differentiated = {match.group(1) for name in names if (match := _GRADIENT_OF.match(name))}
        if not differentiated:
            return
        # the loss is what was differentiated and only gradients use; it reaches back to the first
        # node that a person has named or that is a layer
        queue = [
            name
            for name in differentiated
            if name in self.graph
            and all(_GRADIENT_OF.match(r.name) for r in self.readers.get(name, ()))
        ]
        while queue:
            name = queue.pop()
            end = self.graph.get(name)
            if end is None or name in self.training or self.effective_readers(name):
                continue
            if not _is_auto_named(end) or end.op in _LAYER_OPS | _ACTIVATIONS | {"BiasAdd"}:
                continue
            self.training.add(name)
            queue += [producer(i) for i in end.data_inputs]

    def _spread_training(self, names: Iterable[str]) -> None:
        stack = list(names)
        while stack:
            name = stack.pop()
            if name not in self.training:
                self.training.add(name)
                # what an update writes is read by inference too
                stack += [n.name for n in self.readers.get(name, ()) if not is_noise(n)]

    def effective_readers(self, name: str) -> list[Node]:
        """The nodes that read a node and are not there for training, summaries or asserts."""
        return [
            n for n in self.readers.get(name, ()) if n.name not in self.training and not is_noise(n)
        ]

    def is_read(self, name: str) -> bool:
        """Whether a node is a step on the way to something else, and no end.

        What only updates, savers and loops read is part of these.
        """
        training = self.training
        for reader in self.readers.get(name, ()):
            if reader.name not in training and reader.op not in _WATCHERS:
                return True
        return False

    def feeds_loss(self, name: str) -> bool:
        """Whether a loss is computed from a node."""
        return any(
            n.op in _LOSS_OPS or (n.name in self.training and not _GRADIENT_OF.match(n.name))
            for n in self.readers.get(name, ())
        )

    def losses(self) -> list[str]:
        """Names of the losses: what gradients are taken of and nothing else is computed from."""
        return [
            n.name
            for n in self.graph
            if n.name in self.training
            and _LOSS_NAME.search(n.name)
            and not is_noise(n)
            and all(_GRADIENT.match(r.name) or is_noise(r) for r in self.readers.get(n.name, ()))
        ]

    def feeds_saver(self, name: str) -> bool:
        """Whether a file name goes from a node to a saver."""
        reached = {name: None}
        queue = [name]
        for current in queue:  # grows while it is walked
            for reader in self.readers.get(current, ()):
                # the name is their first input; behind it stand the tensors that are saved
                if reader.op.startswith(_SAVER_PREFIXES) and producer(reader.inputs[0]) == current:
                    return True
                if reader.op in _STRING_OPS and reader.name not in reached:
                    reached[reader.name] = None
                    queue.append(reader.name)
        return False

    def reach(self, starts: Iterable[str], *, shapes: bool = False) -> dict[str, int]:
        """Nodes that are computed from some nodes, with their distance.

        Args:
            starts: Names of the nodes to start from.
            shapes: Whether it is enough to be computed from the shapes and not the values.
        """
        level = dict.fromkeys(starts, 0)
        queue = list(level)
        for name in queue:  # grows while it is walked
            distance = level[name] + 1
            for reader in self.readers.get(name, ()):
                if reader.name not in level and (shapes or reader.op not in _SHAPE_OPS):
                    level[reader.name] = distance
                    queue.append(reader.name)
        return level


def is_noise(node: Node) -> bool:
    """Whether nobody fetches the node's result to run a model: an update, saver, summary..."""
    op = node.op
    return (
        op in _NOISE
        or (op.startswith(_NOISE_PREFIXES) and op not in _NO_UPDATES)
        or (op.endswith("Dataset"))
    )


def _is_auto_named(node: Node) -> bool:
    """Whether a node has the name that TensorFlow gives by itself, perhaps with a number."""
    leaf = re.sub(r"_\d+$", "", node.name.rsplit("/", 1)[-1])
    return leaf == node.op or leaf in _DEFAULT_NAMES


def inputs_and_outputs(graph: Graph, signatures: Sequence[Signature] = ()) -> InputsOutputs:
    """Rank the tensors that may be a graph's inputs and outputs.

    Args:
        graph: The graph.
        signatures: Signatures that came with it; they decide where there are any.
    """
    view = _View(graph)
    inputs = _rank_inputs(view)
    sure = [producer(c.name) for c in inputs if c.score >= LIKELY] or [
        producer(c.name) for c in inputs
    ]
    outputs = _rank_outputs(view, sure)
    if signatures:
        inputs = _by_signature(graph, signatures, inputs, "input")
        outputs = _by_signature(graph, signatures, outputs, "output")
    return InputsOutputs(tuple(inputs), tuple(outputs))


def _candidate(node: Node, index: int, score: float, reason: str) -> Candidate:
    dtype = output_dtype(node, index)
    return Candidate(
        name=str(Ref(node.name, index)),
        op=node.op,
        dtype=dtype.base.name if dtype else None,
        shape=output_shape(node, index).to_json(),
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


def _rank_inputs(view: _View) -> list[Candidate]:
    found = []
    placeholders = [n for n in view.graph if n.op in PLACEHOLDERS]
    for node in placeholders:
        score, reason = _rate_placeholder(view, node)
        found.append(_candidate(node, 0, score, reason))
    alone = not any(c.score >= LIKELY for c in found)
    for node in view.graph:
        if node.op in _PIPELINES:
            found += _pipeline_outputs(view, node, alone)
    return _ranked(found)


def _pipeline_outputs(view: _View, node: Node, alone: bool) -> list[Candidate]:
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
        found.append(_candidate(node, index, score, reason))
    return found


def _rate_placeholder(view: _View, node: Node) -> tuple[float, str]:
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


def _rank_outputs(view: _View, inputs: Sequence[str]) -> list[Candidate]:
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
        _candidate(graph[ref.node], ref.index, score, reason)
        for ref, (score, reason) in rated.items()
    )


def _rate_end(view: _View, node: Node, depth: float | None) -> tuple[float, str]:
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
    if node.op in _SHAPE_OPS:
        return 0.1, "only the shape of something"
    dtype = output_dtype(node)
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
    elif not _is_auto_named(node):
        score += 0.08
    elif "/" in node.name:
        score -= 0.08
    score -= 0.01 * min(node.name.count("/"), 5)
    return score, ", ".join(reasons)


def _says_output(node: Node) -> bool:
    """Whether a node's name, or that of its scope where its own says nothing, is an output's."""
    if _SAYS_OUTPUT.search(node.name):
        return True
    return _is_auto_named(node) and bool(_SAYS_OUTPUT.search(node.name.rpartition("/")[0]))


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


def _fetchable_outputs(view: _View, node: Node) -> int:
    """How many outputs of a node that nothing reads are results in their own right."""
    if view.readers.get(node.name):
        return 1
    return output_count(view.graph, node) or 1


def _add_heads(
    graph: Graph, end: Node, level: dict[str, int], rated: dict[Ref, tuple[float, str]]
) -> None:
    """Add the logits before a final activation, and the last layer before an output."""
    node = end
    activation = end if end.op in _ACTIVATIONS else None
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
        if activation is None and node.op in _ACTIVATIONS:
            activation = node
            continue
        if activation is not None and not found_logits and node.op != "Reshape":
            rated.setdefault(Ref(node.name), (0.42, f"the logits before {activation.name!r}"))
            found_logits = True
        if node.op in _LAYER_OPS:
            rated.setdefault(Ref(node.name), (0.12, f"the last layer before {end.name!r}"))
            return
