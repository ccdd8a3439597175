"""A graph as somebody sees it who wants to run the model: without what trains and saves it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import producer

#: Ops that only look at the shape of their input.
SHAPE_OPS = frozenset(
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
_NO_UPDATES = frozenset({"ScatterNd", "ScatterNdNonAliasingAdd"})
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
#: Ops that hold the weights of layers.
LAYER_OPS = frozenset(
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
#: Activations at the end of a classifier.
ACTIVATIONS = frozenset({"Softmax", "LogSoftmax", "Sigmoid"})
#: Names that TensorFlow's Python functions and operators give by themselves, other than the op's.
_DEFAULT_NAMES = frozenset(
    "add sub mul truediv div floordiv mod pow neg strided_slice concat stack unstack split "
    "transpose zeros ones zeros_like ones_like range read Read".split()
)


class InferenceView:
    """A graph without what trains, saves and watches it.

    Attributes:
        graph: The graph.
        readers: By node, the nodes that read its outputs.
        controls: Names of the nodes that a control dependency needs.
        training: Names of the losses, the gradients and all that is computed from them.
    """

    def __init__(self, graph: Graph) -> None:
        """Look at all nodes of a graph."""
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
            if not is_auto_named(end) or end.op in LAYER_OPS | ACTIVATIONS | {"BiasAdd"}:
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
                if reader.name not in level and (shapes or reader.op not in SHAPE_OPS):
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


def is_auto_named(node: Node) -> bool:
    """Whether a node has the name that TensorFlow gives by itself, perhaps with a number."""
    leaf = re.sub(r"_\d+$", "", node.name.rsplit("/", 1)[-1])
    return leaf == node.op or leaf in _DEFAULT_NAMES
