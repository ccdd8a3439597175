"""Batch norms folded into the weights of their layers, before these are quantized.

With the scale `gamma / sigma` and the mean and deviation of the batch (b) or the moving ones (mv):

    eval       conv(x, w * gamma/sigma_mv) + beta - mean_mv * gamma/sigma_mv
    training   conv(x, w * gamma/sigma_b * correction) / correction + beta - mean_b * gamma/sigma_b
               correction = sigma_b / sigma_mv

so that what is quantized in training, w * gamma/sigma_mv, changes as slowly as moving averages do.
The layer and the batch norm stay: they give the batch's statistics. With `freeze_bn_delay`, from
that run on the moving averages are used in the place of these, and stay as they are.

The mean and variance of the batch come from ops of their own: the gradient of a fused batch norm
leaves its outputs for the moving averages aside. What updates the averages waits for what is read
of them here. The bias of a layer is taken from the means, which is the same.

Source: contrib/quantize/python/fold_batch_norms.py of TensorFlow 1.15.5, whose names these are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.readers import data_readers, tensor_readers
from graphtools.graph.ref import Ref, producer
from graphtools.idioms import batch_norm, training_batch_norm
from graphtools.idioms.batch_norm import BATCH_NORMS, FUSED, BatchNorm
from graphtools.idioms.fake_quant import LAYERS
from graphtools.idioms.loss import SHAPE_OPS
from graphtools.idioms.quantized_layer import LearntTensors
from graphtools.ops.arithmetic import SUMS
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._training_nodes import TrainingNodes

_BIASES = SUMS | {"BiasAdd"}
#: How far back from a batch norm its layer is looked for.
_MOST_BETWEEN = 6


class _OtherNorm(Unfit):
    """It is no batch norm, so that nobody folds it into its layer."""


class Folded(NamedTuple):
    """A batch norm that was folded.

    Attributes:
        norm: The node that gave its result.
        layer: The convolution or product, which now only gives statistics, or is unread.
        clone: The one that takes its place.
        weights: The folded weights.
        result: The node that gives what the batch norm gave.
        trains: Whether it follows the statistics of the batch.
        has_bias: Whether the layer has a bias before the batch norm.
        beside: What is to be known of who reads the layer beside the batch norm.
        note: What is particular; empty for nothing.
    """

    norm: str
    layer: str
    clone: str
    weights: str
    result: str
    trains: bool
    has_bias: bool = False
    beside: str = ""
    note: str = ""


class _Trunk(NamedTuple):
    """The way from a layer to its batch norm."""

    layer: Node
    way: tuple[str, ...]
    bias: str | None = None
    to_space: Node | None = None
    reshape: Node | None = None


class LeftNorm(NamedTuple):
    """A batch norm that stays.

    Attributes:
        norm: The batch norm.
        reason: Why.
        layer: The convolution or product before it; empty where there is none.
    """

    norm: BatchNorm
    reason: str
    layer: str = ""


def fold_batch_norms(
    nodes: TrainingNodes,
    weights: LearntTensors,
    excluded: Mapping[str, str],
    freeze_delay: int | None,
    unfolded: Collection[str] = (),
) -> tuple[list[Folded], list[LeftNorm]]:
    """Fold the batch norms of a graph.

    Args:
        nodes: Where nodes are made.
        weights: Tells what weights are.
        excluded: Names of the nodes that are to stay as they are, with the reason.
        freeze_delay: From which run on the moving averages are used; None for never.
        unfolded: Layers that training has quantized without their batch norms.

    Returns:
        What was folded, and the batch norms that stay.
    """
    graph = nodes.graph
    trained = {norm.node.name: norm for norm in training_batch_norm.find(graph)}
    norms = [trained.get(norm.node.name, norm) for norm in batch_norm.find(graph)]
    # the fused ones first, as the original does
    norms.sort(key=lambda norm: norm.node.op not in BATCH_NORMS)
    folded: dict[str, Folded] = {}
    left = []
    for norm in norms:
        if not list(data_readers(graph, norm.node.name, 0)):
            continue
        layer = ""
        try:
            trunk = _trunk(graph, norm, weights)
            layer = trunk.layer.name
            if layer in unfolded or (f"{layer}_Fold" in graph and layer not in folded):
                continue  # an earlier rewrite has folded it
            if norm.node.name in excluded or layer in excluded:
                raise Unfit(excluded.get(norm.node.name) or excluded[layer])
            if layer in folded:
                raise Unfit(f"{folded[layer].norm!r} is folded into its layer already")
            trains = norm.node.name in trained
            fold = _NormFold(nodes, norm, trunk, weights, trains=trains, freeze_delay=freeze_delay)
            folded[layer] = fold.made()
        except Unfit as problem:
            layer = "" if isinstance(problem, _OtherNorm) else layer
            left.append(LeftNorm(norm, problem.message, layer))
    return list(folded.values()), left


def _trunk(graph: Graph, norm: BatchNorm, weights: LearntTensors) -> _Trunk:
    """The layer whose output a batch norm normalizes.

    Raises:
        Unfit: There is none, or something else is between.
    """
    text = norm.x
    way = tuple[str, ...]()
    bias = to_space = reshape = None
    for _ in range(_MOST_BETWEEN):
        ref = Ref.parse(text)
        node = graph.get(ref.node)
        if node is None or ref.index:
            break
        data = node.data_inputs
        way += (node.name,)
        if node.op in LAYERS:
            if (reshape is not None) != (node.op == "MatMul" and norm.node.op in FUSED):
                raise Unfit("it is reshaped between its layer and its batch norm")
            return _Trunk(node, way, bias, to_space, reshape)
        if node.op == "Identity" and data:
            text = data[0]
        elif node.op == "Reshape" and reshape is None and bias is None:
            reshape, text = node, data[0]
        elif node.op == "BatchToSpaceND" and to_space is None:
            to_space, text = node, data[0]
        elif node.op in _BIASES and bias is None and len(data) == 2:
            sides = [i for i in (0, 1) if data[i] in weights and data[1 - i] not in weights]
            if not sides or (node.op == "BiasAdd" and sides[0] == 0):
                break
            bias, text = data[sides[0]], data[1 - sides[0]]
        else:
            break
    found = graph.get(producer(text))
    what = f"{text!r} ({found.op})" if found is not None else repr(text)
    raise Unfit(f"it normalizes {what}, which is no convolution or product with weights")


def statistics_nodes(graph: Graph, norm: BatchNorm) -> set[str]:
    """Names of the nodes that a batch norm computes its scale and offset with."""
    stop = producer(norm.x)

    def onward(name: str) -> list[str]:
        node = graph.get(name)
        return [n for t in node.data_inputs if (n := producer(t)) != stop] if node else []

    product = {n.name for n in map(graph.get, map(producer, norm.node.data_inputs)) if n} & {
        r.node.name for r in tensor_readers(graph, norm.x)
    }
    if norm.node.op in BATCH_NORMS:
        return set()
    return set(reach([norm.node.name], onward)) - product - {norm.node.name}


def _other_reader(graph: Graph, norm: BatchNorm, trunk: _Trunk) -> str:
    """What reads the result of a layer beside its batch norm; empty for nothing."""
    known = statistics_nodes(graph, norm) | {norm.node.name, *trunk.way}
    known |= {producer(text) for text in norm.node.data_inputs}
    readers = (r.node for name in trunk.way for r in data_readers(graph, name, 0))
    others = (n for n in readers if n.name not in known and n.op not in SHAPE_OPS)
    return next((n.name for n in others if not n.op.endswith("Summary")), "")


def _result(graph: Graph, norm: BatchNorm, reshape: Node | None) -> tuple[Node, tuple[str, ...]]:
    """The node that has a batch norm's result, and what it waits for: updates of averages.

    Raises:
        Unfit: A product's batch norm is not brought back into its shape.
    """
    node, waits = norm.node, tuple[str, ...]()
    is_back = reshape is None
    for _ in range(_MOST_BETWEEN):
        readers = list(data_readers(graph, node.name, 0))
        reader = readers[0].node if len(readers) == 1 else None
        if reader is not None and reader.op == "Identity" and reader.control_inputs:
            waits += reader.control_inputs
        elif reader is not None and reader.op == "Reshape" and not is_back:
            is_back = True
        else:
            break
        node = reader
    if not is_back:
        raise Unfit("its result is not brought back into the shape of the product")
    return node, waits


class _Statistics(NamedTuple):
    """A mean and a variance, as tensors."""

    mean: str
    variance: str


class _NormFold:
    """Folds one batch norm."""

    def __init__(
        self,
        nodes: TrainingNodes,
        norm: BatchNorm,
        trunk: _Trunk,
        weights: LearntTensors,
        *,
        trains: bool,
        freeze_delay: int | None,
    ) -> None:
        """State what is folded.

        Raises:
            Unfit: It cannot be.
        """
        self._nodes = nodes
        self._norm = norm
        self._trunk = trunk
        self._trains = trains
        self._freeze_delay = freeze_delay
        other = _other_reader(nodes.graph, norm, trunk)
        if other and trunk.bias is not None:
            raise _OtherNorm(f"what it normalizes is read by {other!r}, too")
        self._beside = f"{other!r} reads it before its batch norm, in float" if other else ""
        self._output, self._waits = _result(nodes.graph, norm, trunk.reshape)
        layer = trunk.layer
        if attribute_value(layer, "T") is not FLOAT32:
            raise Unfit("it does not compute in float32, as FakeQuants do")
        if norm.epsilon is None:
            raise Unfit("its epsilon is not known")
        self._position = 1
        if len(layer.data_inputs) < 2 or layer.data_inputs[1] not in weights:
            raise Unfit(f"{layer.data_inputs[1:2]} are no weights")
        self._weights = layer.data_inputs[1]
        self._shape = nodes.dims(self._weights)
        if layer.op == "DepthwiseConv2dNative" and (not self._shape or None in self._shape):
            raise Unfit(f"the shape of its weights {self._weights!r} is not known")
        if not trains and not all(text in weights for text in (norm.mean, norm.variance)):
            if norm.node.op in FUSED:
                raise Unfit("its mean and variance are neither of the batch nor variables")
            raise _OtherNorm("it normalizes by statistics that are not those of a batch")
        if trunk.bias is not None and len(nodes.dims(trunk.bias) or (0, 0)) != 1:
            raise Unfit(f"the bias {trunk.bias!r} has not one value a channel")
        self._planar = layer.op != "MatMul" and attribute_value(layer, "data_format") == b"NCHW"
        self._scope = layer.name.rpartition("/")[0] + "/" if "/" in layer.name else ""

    def made(self) -> Folded:
        """Make the nodes, and let who read the batch norm read their result."""
        nodes, norm, trunk = self._nodes, self._norm, self._trunk
        averages = training_batch_norm.averages(nodes.graph, norm) if self._trains else None
        inner = f"{self._scope}BatchNorm_Fold"
        if self._trains:
            statistics = self._of_batch(inner)
        else:
            statistics = _Statistics(norm.mean, norm.variance)
        statistics = self._without_bias(statistics, inner)
        scale = self._inverse(inner, statistics.variance)
        if norm.gamma is not None:
            scale = nodes.add(f"{inner}/mul", "Mul", norm.gamma, scale)
        shift = nodes.add(f"{inner}/mul_1", "Mul", statistics.mean, scale)
        if norm.beta is not None:
            bias = nodes.add(f"{inner}/bias", "Sub", norm.beta, shift)
        else:
            bias = nodes.add(f"{inner}/bias", "Neg", shift)
        weights, reciprocal, offset = self._weights, "", ""
        if averages is not None:
            correction, reciprocal, offset = self._corrections(inner, statistics, averages)
            correction = self._for_weights(f"{inner}/correction_reshape", correction)
            weights = nodes.add(f"{self._scope}correction_mult", "Mul", correction, weights)
        scale = self._for_weights(f"{inner}/scale_reshape", scale)
        weights = nodes.add(f"{self._scope}mul_fold", "Mul", weights, scale)
        nodes.set_dims(weights, self._shape)
        clone, result = self._layer(weights)
        if averages is not None:
            name = f"{inner}/reciprocal_planes"
            result = nodes.add(
                f"{self._scope}post_conv_mul", "Mul", self._planes(name, reciprocal), result
            )
            name = f"{inner}/offset_planes"
            result = nodes.add(
                f"{self._scope}correction_add", "AddV2", result, self._planes(name, offset)
            )
        waits = [f"^{name}" for name in self._waits]
        bias = self._planes(f"{inner}/bias_planes", bias)
        result = nodes.add(f"{self._scope}add_fold", "AddV2", result, bias, *waits)
        nodes.set_dims(result, nodes.dims(self._output.name))
        nodes.graph.redirect(Ref(self._output.name), Ref(result))
        note = ""
        if self._trains and averages is None:
            note = "no moving averages are known, so that it is folded by the batch's alone"
        biased = trunk.bias is not None
        names = (norm.node.name, trunk.layer.name, clone, weights, result)
        return Folded(*names, self._trains, biased, self._beside, note)

    def _inverse(self, scope: str, variance: str, *, ends: str = "") -> str:
        """1 / sqrt(variance + epsilon)."""
        nodes, epsilon = self._nodes, self._norm.epsilon
        if isinstance(epsilon, float):
            epsilon = nodes.constant(f"{scope}/add{ends}/y", epsilon)
        assert epsilon is not None
        total = nodes.add(f"{scope}/add{ends}", "AddV2", variance, epsilon)
        return nodes.add(f"{scope}/Rsqrt{ends}", "Rsqrt", total)

    def _of_batch(self, scope: str) -> _Statistics:
        """Mean and variance of the batch, in ops that gradients know."""
        nodes, norm = self._nodes, self._norm
        if norm.node.op not in FUSED:
            return _Statistics(norm.mean, norm.variance)
        planar = attribute_value(norm.node, "data_format") == b"NCHW"
        axes = [0, 2, 3] if planar else [0, 1, 2]

        def mean(name: str, tensor: str, *, keeps: bool) -> str:
            over = nodes.constant(f"{scope}/moments/{name}/reduction_indices", axes, "int32")
            return nodes.add(f"{scope}/moments/{name}", "Mean", tensor, over, keep_dims=keeps)

        kept = nodes.add(
            f"{scope}/moments/StopGradient", "StopGradient", mean("kept", norm.x, keeps=True)
        )
        apart = nodes.add(f"{scope}/moments/SquaredDifference", "SquaredDifference", norm.x, kept)
        return _Statistics(mean("mean", norm.x, keeps=False), mean("variance", apart, keeps=False))

    def _without_bias(self, found: _Statistics, scope: str) -> _Statistics:
        """The statistics of what a layer gives before its bias."""
        bias = self._trunk.bias
        if bias is None:
            return found
        mean = self._nodes.add(f"{scope}/mean_without_bias", "Sub", found.mean, bias)
        return found._replace(mean=mean)

    def _corrections(
        self, fold: str, batch: _Statistics, averages: training_batch_norm.Averages
    ) -> tuple[str, str, str]:
        """The scale of the weights, what undoes it behind the layer, and what is then added."""
        nodes, norm = self._nodes, self._norm
        scope = f"{fold}/batch_norm_correction"
        updates = training_batch_norm.updates(nodes.graph, norm)
        moving = _Statistics(
            *(self._value(scope, name) for name in (averages.mean, averages.variance))
        )
        of_moving = self._inverse(scope, moving.variance)
        readers = [of_moving]
        of_batch = self._inverse(scope, batch.variance, ends="_1")
        scale = nodes.add(f"{scope}/scale_compute", "RealDiv", of_moving, of_batch)
        scale = nodes.add(f"{scope}/correction_scale", "Identity", scale)
        reciprocal = nodes.add(f"{scope}/reciprocal_compute", "Reciprocal", scale)
        dims = nodes.dims(averages.mean) or ()
        size = dims[0] if dims and dims[0] is not None else None
        zeros: float | list[float] = 0.0 if size is None else [0.0] * size
        offset = nodes.constant(f"{scope}/zeros", zeros)
        if self._freeze_delay is not None:
            mean = self._without_bias(moving, scope).mean
            parts = [
                nodes.add(f"{scope}/mul", "Mul", batch.mean, of_batch),
                nodes.add(f"{scope}/mul_1", "Mul", mean, of_moving),
            ]
            readers.append(parts[1])
            apart = nodes.add(f"{scope}/sub", "Sub", *parts)
            if norm.gamma is not None:
                apart = nodes.add(f"{scope}/offset_compute", "Mul", norm.gamma, apart)
            frozen = nodes.reached(f"{scope}/use_moving_average", self._freeze_delay)
            one = nodes.constant(f"{scope}/ones", 1.0)
            reciprocal = nodes.add(f"{scope}/correction_recip", "SelectV2", frozen, one, reciprocal)
            offset = nodes.add(f"{scope}/correction_offset", "SelectV2", frozen, apart, offset)
            for end, found in zip(("mean", "var"), updates, strict=True):
                self._freeze(f"{scope}/freeze_moving_{end}", frozen, found)
        for _, writer in (update for found in updates for update in found):
            known = set(writer.inputs)
            waits = [f"^{name}" for name in readers if f"^{name}" not in known]
            nodes.graph.set_inputs(writer, (*writer.inputs, *waits))
        return scale, reciprocal, offset

    def _value(self, scope: str, variable: str) -> str:
        """The value of a moving average before this run changes it."""
        nodes, graph = self._nodes, self._nodes.graph
        node = graph[variable]
        if node.op == "VarHandleOp":
            kind = node.attr("dtype")
            return nodes.add(
                f"{scope}/ReadVariableOp", "ReadVariableOp", variable, dtype=kind, T=None
            )
        read = graph.get(f"{variable}/read")
        if read is not None and read.data_inputs == (variable,):
            return read.name
        return nodes.add(f"{scope}/{variable.rpartition('/')[2]}", "Identity", variable)

    def _freeze(self, name: str, frozen: str, updates: Collection[tuple[str, Node]]) -> None:
        """Let a moving average stay as it is."""
        nodes, graph = self._nodes, self._nodes.graph
        for variable, writer in updates:
            if len(writer.data_inputs) < 2:
                continue  # damaged: TensorFlow refuses it
            value = writer.data_inputs[1]
            if writer.op in ("Assign", "AssignVariableOp"):
                kept = self._value(name, variable)
            else:
                kept = nodes.constant(f"{name}/zero", 0.0)
            chosen = nodes.add(name, "SelectV2", frozen, kept, value)
            graph.replace_input(writer, 1, chosen)

    def _for_weights(self, name: str, per_channel: str) -> str:
        """One value a channel in a shape that is multiplied with the weights."""
        layer, dims = self._trunk.layer, self._shape
        if layer.op == "DepthwiseConv2dNative":
            shape = [d or 0 for d in dims[2:]] if dims else []
        elif layer.op == "Conv2DBackpropInput" or (
            layer.op == "MatMul" and attribute_value(layer, "transpose_b") is True
        ):
            shape = [-1, 1]
        else:
            return per_channel
        wanted = self._nodes.constant(f"{name}/shape", shape, "int32")
        return self._nodes.add(name, "Reshape", per_channel, wanted)

    def _planes(self, name: str, per_channel: str) -> str:
        """One value a channel in a shape that is added to what the layer gives."""
        if not self._planar:
            return per_channel
        wanted = self._nodes.constant(f"{name}/shape", [1, -1, 1, 1], "int32")
        return self._nodes.add(name, "Reshape", per_channel, wanted)

    def _layer(self, weights: str) -> tuple[str, str]:
        """The layer with other weights, and what is computed of it up to the bias."""
        nodes, layer, to_space = self._nodes, self._trunk.layer, self._trunk.to_space
        inputs = list(layer.inputs)
        inputs[self._position] = weights
        clone = nodes.clone(layer, f"{layer.name}_Fold", inputs)
        if to_space is None:
            return clone, clone
        inputs = [clone, *to_space.inputs[1:]]
        return clone, nodes.clone(to_space, f"{to_space.name}_Fold", inputs)
