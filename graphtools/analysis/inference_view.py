"""A graph as somebody sees it who wants to run the model: without what trains and saves it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphtools.graph.following import reach
from graphtools.graph.functions import CALLS
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.loss import (
    LAYER_OPS,
    LOSS_OPS,
    SHAPE_OPS,
    behind_labels,
    find_training,
    is_auto_named,
    is_gradient,
    is_loss_scope,
)
from graphtools.ops.control_flow import EXITS
from graphtools.ops.handing_on import SAME_TENSOR, VARIABLE_READS, source_node

#: Ops whose results nobody fetches to run a model. Prefixes are in _NOISE_PREFIXES.
_NOISE = frozenset(
    "Abort Assert Const ControlTrigger NoOp IsVariableInitialized VarIsInitializedOp "
    "TemporaryVariable DestroyTemporaryVariable DestroyResourceOp MergeSummary ScalarSummary "
    "HistogramSummary ImageSummary AudioSummary TensorSummary TensorSummaryV2 FlushSummaryWriter "
    "CloseSummaryWriter CreateSummaryFileWriter ImportEvent SummaryWriter Restore RestoreSlice "
    "RestoreV2 MergeV2Checkpoints ShardedFilename ShardedFilespec DeleteIterator "
    "IteratorToStringHandle MakeIterator Iterator IteratorV2 OneShotIterator HashTable HashTableV2 "
    "MutableHashTable MutableHashTableV2 LookupTableImport LookupTableImportV2 InitializeTable "
    "InitializeTableV2 InitializeTableFromTextFile InitializeTableFromTextFileV2 QueueSize "
    "QueueSizeV2 QueueClose QueueCloseV2 QueueIsClosedV2 FIFOQueue FIFOQueueV2 "
    "RandomShuffleQueue RandomShuffleQueueV2 PaddingFIFOQueue PaddingFIFOQueueV2 "
    "StackPush StackPushV2 StackCloseV2 TensorArrayClose TensorArrayCloseV3 BroadcastGradientArgs "
    "LoopCond NextIteration".split()
).union(PLACEHOLDERS, VARIABLE_OPS, VARIABLE_READS)
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
#: Names of the nodes that run where a branch of a conditional does.
_BRANCH_PIVOT = re.compile(r"(^|/)switch_[tf](_\d+)?$")
#: Scatter ops that compute and do not update.
_NO_UPDATES = frozenset({"ScatterNd", "ScatterNdNonAliasingAdd"})
_LOSS_NAME = re.compile(r"loss(_\d+)?$", re.I)
#: Ops of functions that save or restore a SavedModel's variables.
_SAVER_BODY = frozenset({"SaveV2", "RestoreV2", "MergeV2Checkpoints"})


class InferenceView:
    """A graph without what trains, saves and watches it.

    Attributes:
        graph: The graph.
        readers: By node, the nodes that read its outputs.
        controls: By node, the nodes that wait for it by a control dependency.
        trained: What the graph is trained for.
        training: Names of the losses, the gradients, what is computed from labels, and all that is
            computed from these.
    """

    def __init__(self, graph: Graph) -> None:
        """Look at all nodes of a graph."""
        self.graph = graph
        self.readers: dict[str, list[Node]] = {}
        self.controls: dict[str, list[Node]] = {}
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
                    self.controls.setdefault(text[1:], []).append(node)
        self._savers = {
            f.name for f in graph.functions.values() if any(n.op in _SAVER_BODY for n in f.nodes)
        }
        self.trained = find_training(graph)
        self.training: set[str] = set()
        self._find_training()

    def _find_training(self) -> None:
        """Losses, gradients, what is computed from labels, and all that is computed from these."""
        trained = self.trained
        names = [*trained.losses, *trained.loss_nodes, *behind_labels(self.graph, trained.labels)]
        # whatever its scope is called, what a prediction is computed from is the model
        model = set(reach((p.node for p in trained.predictions), self._sources))
        known: dict[str, bool] = {}
        for node in self.graph:
            scope = node.name.rpartition("/")[0]
            if scope not in known:
                known[scope] = is_loss_scope(scope)
            if (known[scope] or node.op in LOSS_OPS) and node.name not in model:
                names.append(node.name)
        self._spread_training(names)

    def _sources(self, name: str) -> list[str]:
        node = self.graph.get(name)
        return [producer(text) for text in node.data_inputs] if node else []

    def _spread_training(self, names: Iterable[str]) -> None:
        stack = list(names)
        while stack:
            name = stack.pop()
            if name not in self.training:
                self.training.add(name)
                # what an update writes is read by inference too
                stack += [n.name for n in self.readers.get(name, ()) if not is_noise(n)]

    def saves(self, node: Node) -> bool:
        """Whether a node calls a function that saves or restores variables."""
        return node.op in CALLS and getattr(node.attr("f"), "name", "") in self._savers

    def effective_readers(self, name: str) -> list[Node]:
        """The nodes that read a node and are not there for training, summaries or asserts."""
        return [
            n for n in self.readers.get(name, ()) if n.name not in self.training and not is_noise(n)
        ]

    def computed_from(self, names: Iterable[str]) -> set[str]:
        """The nodes of the model that are computed from the values of some of its nodes."""
        return set(
            reach(
                names,
                lambda name: [
                    n.name for n in self.effective_readers(name) if n.op not in SHAPE_OPS
                ],
            )
        )

    def has_layers(self, name: str) -> bool:
        """Whether a node is computed by a layer, or by a loop, which may hold some."""
        ops = (node.op for n in reach([name], self._sources) if (node := self.graph.get(n)))
        return any(op in LAYER_OPS or op in EXITS for op in ops)

    def hands_input_on(self, node: Node) -> bool:
        """Whether a node without a name of its own gives what a placeholder is fed with."""
        data = node.data_inputs
        if node.op not in SAME_TENSOR or not data or not is_auto_named(node):
            return False
        source = source_node(self.graph, data[0])
        return source is not None and source.op in PLACEHOLDERS

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
            n.op in LOSS_OPS or (n.name in self.training and not is_gradient(n.name))
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
            and all(is_gradient(r.name) or is_noise(r) for r in self.readers.get(n.name, ()))
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
                if self.saves(reader):
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
            readers = self.readers.get(name, [])
            if _BRANCH_PIVOT.search(name):
                # whether a branch runs decides what its Merge gives
                readers = readers + self.controls.get(name, [])
            for reader in readers:
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
