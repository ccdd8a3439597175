"""What a graph is trained for: its losses, what they compare, and with what.

A graph that is trained holds the gradients of its loss, `gradients/X_grad/...` for each node X on
the way. From the loss back, the first thing that brings together what the model computes (from an
input and variables) and what is given to it (from an input alone) is the comparison of a prediction
with its label. Function bodies are not looked into.

Source: TensorFlow's gradients_util.py (names), tf.losses, tf.nn.*_cross_entropy_with_logits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.following import follow, reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref, producer
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.ops.control_flow import CONTROL_FLOW
from graphtools.ops.handing_on import (
    CONVERTED,
    INTO_BRANCHES,
    INTO_FRAMES,
    REARRANGED,
    SAME_TENSOR,
    VARIABLE_READS,
    handed_on,
    source_of,
)
from graphtools.ops.inference import infer_shapes

#: Ops that compare logits, their first input, with labels.
LOSS_OPS = frozenset(
    {
        "SoftmaxCrossEntropyWithLogits",
        "SparseSoftmaxCrossEntropyWithLogits",
        "CTCLoss",
        "CTCLossV2",
    }
)
#: Ops that only look at the shape of their input.
SHAPE_OPS = frozenset(
    {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike", "TensorArraySizeV3"}
)
#: Ops that deliver what an input pipeline has read.
PIPELINES = frozenset(
    "IteratorGetNext IteratorGetNextSync QueueDequeue QueueDequeueV2 QueueDequeueMany "
    "QueueDequeueManyV2 QueueDequeueUpTo QueueDequeueUpToV2".split()
)
#: Ops that hold the weights of layers.
LAYER_OPS = frozenset(
    "Conv2D Conv3D Conv2DBackpropInput Conv3DBackpropInputV2 DepthwiseConv2dNative MatMul "
    "BatchMatMul BatchMatMulV2 FusedPadConv2D".split()
)
#: Activations at the end of a classifier.
ACTIVATIONS = frozenset({"Softmax", "LogSoftmax", "Sigmoid"})
#: Names that TensorFlow's Python functions and operators give by themselves, other than the op's.
_DEFAULT_NAMES = frozenset(
    "add sub mul truediv div floordiv mod pow neg strided_slice concat stack unstack split "
    "transpose zeros ones zeros_like ones_like range read Read clip_by_value".split()
)
_GRADIENT = re.compile(r"(?:^|/)gradients(?:_\d+)?/")
_GRADIENT_OF = re.compile(r"(?:^|/)gradients(?:_\d+)?/(?:gradients/)?(.+)_grad/")
_LOSS_SCOPE = re.compile(
    r"(^|/)(gradients|(\w*_)?loss(es)?|regulariz\w*|metrics?|accuracy|evaluation)(_\d+)?/", re.I
)
_LOSS_NAME = re.compile(r"(loss|entropy|error|cost)[^/]*$", re.I)
_WEIGHT_READS = SAME_TENSOR | VARIABLE_READS | INTO_FRAMES | CONVERTED
#: What a loss does to a prediction before it compares it.
_BEFORE_COMPARING = (
    SAME_TENSOR | INTO_BRANCHES | REARRANGED | CONVERTED | {"Square", "Log", "Abs", "Neg"}
)


_FLOATS = frozenset({FLOAT32, dtype("float16"), dtype("bfloat16"), dtype("float64")})
_UPDATES = frozenset({"Assign", "AssignVariableOp", "Print", "PrintV2"})


class Comparison(NamedTuple):
    """Where a loss brings predictions and labels together.

    Attributes:
        node: Name of the node that does.
        predictions: The tensors that the model computes.
        labels: The tensors that are given, back at the inputs of the graph.
    """

    node: str
    predictions: tuple[Ref, ...]
    labels: frozenset[Ref]


class Training(NamedTuple):
    """What a graph is trained for; all empty for a graph without gradients.

    Attributes:
        losses: Names of the nodes that gradients are taken of.
        predictions: What the losses compare with labels.
        labels: Inputs, as tensors, that no prediction is computed from but a loss is.
        loss_nodes: Names of the nodes between the predictions and the losses.
    """

    losses: tuple[str, ...] = ()
    predictions: tuple[Ref, ...] = ()
    labels: frozenset[Ref] = frozenset()
    loss_nodes: frozenset[str] = frozenset()


def is_auto_named(node: Node) -> bool:
    """Whether a node has the name that TensorFlow gives by itself, perhaps with a number."""
    leaf = re.sub(r"_\d+$", "", node.name.rsplit("/", 1)[-1])
    return leaf == node.op or leaf in _DEFAULT_NAMES


def is_loss_scope(scope: str) -> bool:
    """Whether a name scope is that of a loss, a gradient or a metric, or lies in such a one."""
    return bool(scope and _LOSS_SCOPE.search(f"{scope}/"))


def is_gradient(name: str) -> bool:
    """Whether a node's name is that of a part of a gradient."""
    return "gradients" in name and bool(_GRADIENT.search(name))


def differentiated(graph: Graph) -> dict[str, None]:
    """Names of the nodes that the graph holds gradients of, in the order of these."""
    found: dict[str, None] = {}
    for node in graph:
        name = node.name
        if "gradients" in name and (match := _GRADIENT_OF.search(name)):
            of = match.group(1)
            # a gradient's own gradient names more than one
            while of not in graph and "_grad/" in of:
                of = of.rpartition("_grad/")[0]
            if of in graph and not is_gradient(of):
                found[of] = None
    return found


def find_training(graph: Graph) -> Training:
    """What a graph is trained for.

    Example:
        >>> find_training(graphtools.load("model.ckpt.meta")).predictions
        (Ref(node='dense/BiasAdd', index=0, output=''),)
    """
    known = differentiated(graph)
    if not known:
        return Training()
    walk = _Walk(graph)
    losses = walk.ends(known)
    comparisons = walk.comparisons(losses)
    predictions = walk.predictions(comparisons, losses)
    if not predictions:
        return Training(losses)
    labels = frozenset().union(*(c.labels for c in comparisons))
    upstream = walk.inputs_of(predictions)
    behind = set(reach((p.node for p in predictions), walk.users_of_values))
    before = set(reach(losses, walk.sources))
    return Training(
        losses,
        predictions,
        labels - upstream,
        frozenset(behind & before - {p.node for p in predictions}),
    )


def likely_losses(graph: Graph) -> tuple[str, ...]:
    """Names of the nodes that gradients are taken of, or are likely to be taken of.

    In a graph without gradients these are single floats that nothing is computed from any more,
    and that are computed from inputs and variables; those whose name says so, if there are such.
    """
    known = find_training(graph).losses
    if known:
        return known
    walk = _Walk(graph)
    ends = [
        node.name
        for node in graph
        if node.name in walk.learnt and node.name in walk.given and not walk.is_computed_on(node)
    ]
    shapes = infer_shapes(graph, targets=ends)
    single = [name for name in ends if shapes.dims(name) == () and shapes.dtype(name) in _FLOATS]
    named = [name for name in single if _LOSS_NAME.search(name) or is_loss_scope(name)]
    return tuple(named or single)


def behind_labels(graph: Graph, labels: Iterable[Ref]) -> set[str]:
    """Names of the nodes that are computed from labels: losses, metrics, what is shown of them.

    Somebody who runs the model has no labels, so that none of it is of the model.
    """
    first = {r.node.name for ref in labels for r in data_readers(graph, ref.node, ref.index)}
    users = _data_users(graph) if first else {}
    return set(reach(first, lambda name: users.get(name, {})))


def _data_users(graph: Graph) -> dict[str, dict[str, Node]]:
    """By node, the nodes that read its values, by name; its outputs are not told apart."""
    users: dict[str, dict[str, Node]] = {}
    for node in graph:
        for text in node.inputs:
            if text[:1] != "^":
                users.setdefault(text.partition(":")[0], {})[node.name] = node
    return users


class _Walk:
    """What of a graph depends on its inputs and on its variables, gradients left aside."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._users = _data_users(graph)
        inputs = [n.name for n in graph if n.op in PLACEHOLDERS or n.op in PIPELINES]
        variables = [n.name for n in graph if n.op in VARIABLE_OPS]
        self.given = set(reach(inputs, self.users_of_values))
        self.learnt = set(reach(variables, self.users_of_values))
        self.weights = self.learnt - self.given

    def users_of_values(self, name: str) -> list[str]:
        """The nodes that read a node's values and not only its shape."""
        return [
            node.name
            for node in self._users.get(name, {}).values()
            if node.op not in SHAPE_OPS and not is_gradient(node.name)
        ]

    def is_computed_on(self, node: Node) -> bool:
        """Whether something is computed from a node, but what is shown or written down of it."""
        readers = self._users.get(node.name, {}).values()
        return any(not r.op.endswith("Summary") and r.op not in _UPDATES for r in readers)

    def sources(self, name: str) -> list[str]:
        """The nodes whose values a node reads."""
        node = self.graph.get(name)
        if node is None or node.op in SHAPE_OPS or node.op in PIPELINES:
            return []
        return [producer(text) for text in node.data_inputs]

    def inputs_of(self, tensors: Iterable[Ref]) -> frozenset[Ref]:
        """The inputs of the graph, as tensors, that some tensors are computed from."""

        def onward(ref: Ref) -> list[Ref]:
            node = self.graph.get(ref.node)
            if node is None or node.op in SHAPE_OPS or node.op in PIPELINES:
                return []
            return [Ref.parse(text) for text in node.data_inputs]

        return frozenset(
            ref
            for ref in reach(tensors, onward)
            if (node := self.graph.get(ref.node)) is not None
            and (node.op in PLACEHOLDERS or node.op in PIPELINES)
        )

    def ends(self, known: Iterable[str]) -> tuple[str, ...]:
        """Of what was differentiated with variables, what nothing that was is computed from.

        The state that a loop leaves behind is differentiated with it, and is no loss.
        """
        names = frozenset(known)
        found = []
        for name in known:
            if name not in self.learnt or self.graph[name].op in CONTROL_FLOW:
                continue
            if not names.isdisjoint(self._readers(name)):
                continue
            after = reach(self._readers(name), self._readers)
            if names.isdisjoint(after):
                found.append(name)
        return tuple(found)

    def _readers(self, name: str) -> list[str]:
        return [n for n in self._users.get(name, {}) if not is_gradient(n)]

    def comparisons(self, losses: Iterable[str]) -> list[Comparison]:
        """Where losses compare; where several lie on one way, the one next to the model.

        A comparison with what the predictions are computed from, too (an autoencoder's, a sum with
        the network's input), counts where there is no other, and then only the one next to the
        loss.
        """
        found = [c for name in reach(losses, self._before) if (c := self._comparison(name))]
        upstream = {c.node: self.inputs_of(c.predictions) for c in found}
        pure = [
            c
            for c in found
            if c.labels - upstream[c.node] or (not c.labels and self.graph[c.node].op in LOSS_OPS)
        ]
        return pure or found[:1]

    def predictions(
        self, comparisons: Iterable[Comparison], losses: Iterable[str]
    ) -> tuple[Ref, ...]:
        """What is compared; of what is computed from one another, the first.

        Several parts of one tensor stand for it. What the last layers give stands for the
        prediction of a loss that compares nothing.
        """
        compared = dict.fromkeys(p for c in comparisons for p in c.predictions)
        if not compared:
            given = [Ref(n) for n in losses if n in self.given & self.learnt]
            compared = dict.fromkeys(r for ref in given for r in self._computed_by_layers(ref))
            compared = compared if len(self._first(compared)) == 1 else {}
        found = self._first(compared)
        if len(found) > 1:
            whole = {s for p in found for s in self._computed_by_layers(p)}
            found = self._first(whole) if len(self._first(whole)) == 1 else found
        return tuple(found)

    def _first(self, tensors: Iterable[Ref]) -> list[Ref]:
        names = {t.node for t in tensors}
        found = []
        for tensor in tensors:
            before = set(reach(self.sources(tensor.node), self.sources)) - {tensor.node}
            if not before & names:
                found.append(tensor)
        return found

    def _computed_by_layers(self, tensor: Ref) -> list[Ref]:
        """The tensors that layers or a person's names give, from which a tensor is computed."""

        def onward(ref: Ref) -> list[Ref]:
            node = self.graph[ref.node]
            if ref != tensor and self._is_layer(node):
                return []
            texts = [t for t in node.data_inputs if producer(t) in self.given & self.learnt]
            return [Ref.parse(t) for t in texts]

        return [r for r in reach([tensor], onward) if self._is_layer(self.graph[r.node])]

    def _is_layer(self, node: Node) -> bool:
        if node.op in LAYER_OPS:
            return any(producer(t) in self.weights for t in node.data_inputs)
        named = not (node.op in SAME_TENSOR | INTO_BRANCHES or is_auto_named(node))
        named = named and not _LOSS_NAME.search(node.name)
        return named or node.op in ACTIVATIONS or self._holds_weights(node)

    def _before(self, name: str) -> list[str]:
        """What a loss is computed from, back to the last layer."""
        node = self.graph[name]
        if node.op in LOSS_OPS or node.op in LAYER_OPS or self._holds_weights(node):
            return []
        return [s for s in self.sources(name) if s in self.given and s in self.learnt]

    def _holds_weights(self, node: Node) -> bool:
        """Whether a node applies a variable that is no scalar to what the model computes."""
        for text in node.data_inputs:
            if producer(text) in self.given:
                continue
            source = self.graph.get(source_of(self.graph, text, _WEIGHT_READS).node)
            if source is not None and source.op in VARIABLE_OPS:
                return getattr(source.attr("shape"), "rank", None) != 0
        return False

    def _comparison(self, name: str) -> Comparison | None:
        node = self.graph[name]
        data = node.data_inputs
        if node.op in LAYER_OPS or self._holds_weights(node):
            return None
        learnt = [t for t in data if producer(t) in self.learnt and producer(t) in self.given]
        given = [t for t in data if producer(t) in self.given and producer(t) not in self.learnt]
        if node.op in LOSS_OPS:
            learnt = learnt[:1]
        if not learnt or not (given or node.op in LOSS_OPS):
            return None
        return Comparison(
            name,
            tuple(dict.fromkeys(self._as_predicted(t) for t in learnt)),
            self.inputs_of(Ref.parse(t) for t in given),
        )

    def _as_predicted(self, text: str) -> Ref:
        """The prediction, where a loss has rearranged it, or has made it fit for a logarithm."""

        def onward(node: Node, ref: Ref) -> str | None:
            others = is_auto_named(node) and len(self._readers(node.name)) > 1
            if others or not is_auto_named(node):
                return None
            return handed_on(node, ref.index, _BEFORE_COMPARING)

        way = list(follow(self.graph, text, onward))
        found = way[-1][0]
        of_loss = is_loss_scope(found.node.rpartition("/")[0]) or any(n.op == "Log" for _, n in way)
        if of_loss and not self._is_layer(way[-1][1]):
            layers = self._first(self._computed_by_layers(found))
            return layers[0] if len(layers) == 1 else found
        return found
