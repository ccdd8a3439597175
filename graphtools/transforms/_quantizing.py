"""The training rewrite of TensorFlow 1.15's contrib.quantize, and its eval one.

1. Batch norms are folded into the weights of their layers (`_folded_norms`).
2. Layers get FakeQuants on their weights and on what they give, sums and products of what has a
   range, and other ops that compute with it, one behind (`idioms.quantized_layer`).
3. The ranges are variables, which follow the values in training (`_trained_ranges`).

Names and order are those of contrib.quantize, so that its checkpoints restore:

    c/weights_quant, c/act_quant      of the layer c/Conv2D
    b/act_quant, b/c/conv_quant       of the layer b/c/Conv2D with a bypass sum, and before the sum
    b/post_activation_bypass_quant    of a sum behind an activation in b
    x/activation_Add_quant            of a sum, product or other op x
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from graphtools.errors import InvalidGraph
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.following import ancestors_of
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.readers import data_readers
from graphtools.graph.ref import Ref, producer
from graphtools.graph.variables import OPTIMIZER_UPDATES
from graphtools.idioms import dropout
from graphtools.idioms.fake_quant import FAKE_QUANTS, FIXED_RANGES, LAYERS
from graphtools.idioms.loss import SHAPE_OPS, is_gradient, is_loss_scope
from graphtools.idioms.quantized_layer import (
    FUSED_ACTIVATIONS,
    Intermediate,
    LearntTensors,
    QuantLayer,
    find_layers,
    range_behind,
)
from graphtools.ops.definitions import output_dtypes
from graphtools.rewrite.names import check_names
from graphtools.rewrite.unfit import Unfit
from graphtools.transforms._folded_norms import Folded, fold_batch_norms, statistics_nodes
from graphtools.transforms._known_ranges import KnownRanges, existing_range
from graphtools.transforms._left_float import (
    KNOWN_LAYERS,
    excluded_nodes,
    layers_with_norms,
    why_not_found,
)
from graphtools.transforms._quantized_graph import (
    LayerReport,
    QuantizationOptions,
    QuantizationReport,
    QuantizedGraph,
)
from graphtools.transforms._trained_ranges import (
    RangeOptions,
    TrainedRange,
    quantize_activation,
    quantize_weights,
)
from graphtools.transforms._training_nodes import TrainingNodes

#: Beginnings of the names of nodes that are no readers of what is quantized.
_NO_READERS = ("gradients/", "RMSProp/", "Adagrad/", "Const_", "HistogramSummary", "ScalarSummary")
_NOT_TRAINED = "the training has found no range for it"
_OUTSIDE = "it is outside of the scope"


def quantize_for_training(
    graph: Graph, options: QuantizationOptions | None = None, outputs: Iterable[str] = ()
) -> QuantizedGraph:
    """Put FakeQuants into a graph that is to be trained, whose ranges follow the values.

    Args:
        graph: The graph, with its loss and without optimizer; it is not changed.
        options: How it is quantized.
        outputs: Tensors for which the report tells what gives them in few bits.

    Raises:
        InvalidGraph: It has an optimizer, or nothing that can be quantized.
        InvalidValue: The options cannot be followed.

    Example:
        >>> quantize_for_training(graphtools.load("train.meta")).report.layers[0].weights
        'conv0/weights_quant'
    """
    return quantize(graph.copy(), options or QuantizationOptions(), outputs, training=True)


def quantize_for_inference(
    graph: Graph,
    options: QuantizationOptions | None = None,
    outputs: Iterable[str] = (),
    known: KnownRanges | None = None,
) -> QuantizedGraph:
    """Put FakeQuants into a graph for inference, which read the ranges that training has found.

    Args:
        graph: The graph, built for inference, with variables or constants; it is not changed.
        options: Those of the training; delays do not count.
        outputs: Tensors for which the report tells what gives them in few bits.
        known: The ranges that there are; what lacks one is noted there.

    Raises:
        InvalidGraph: It has an optimizer, or nothing that can be quantized.
        InvalidValue: The options cannot be followed.
    """
    options = options or QuantizationOptions()
    return quantize(graph.copy(), options, outputs, known, training=False)


def quantize(
    graph: Graph,
    options: QuantizationOptions,
    outputs: Iterable[str],
    known: KnownRanges | None = None,
    *,
    training: bool,
) -> QuantizedGraph:
    """As `quantize_for_training` or `quantize_for_inference`; the graph itself is rewritten."""
    options.check()
    check_names(graph)
    found = [n.name for n in graph if n.op.startswith(OPTIMIZER_UPDATES)]
    if found:
        raise InvalidGraph(
            f"the graph holds an optimizer ({found[0]!r}), whose gradients are those of the float "
            "graph",
            "take its training part off first, and call minimize on the rewritten graph",
        )
    work = _Quantization(graph, options, known, training=training)
    report = work.run(list(outputs))
    if not any(layer.weights for layer in report.layers) and not work.was_quantized:
        raise _nothing(report)
    return QuantizedGraph(work.graph, report, tuple(work.nodes.variables), work.ranges)


def _nothing(report: QuantizationReport) -> InvalidGraph:
    if not report.layers:
        return InvalidGraph(
            "nothing can be quantized: the graph has no convolution or matrix product",
            "is it the graph of the model?",
        )
    first = report.layers[0]
    return InvalidGraph(
        f"nothing can be quantized: {len(report.layers)} layers, none with weights that can be; "
        f"{first.name!r}: {first.left}",
        "a frozen graph has constants where weights were: take the graph with its variables",
    )


class _Quantization:
    """One rewrite of a graph."""

    def __init__(
        self,
        graph: Graph,
        options: QuantizationOptions,
        known: KnownRanges | None,
        *,
        training: bool,
    ) -> None:
        self.graph = graph
        self._known = known
        self.nodes = TrainingNodes(graph)
        self._options = options
        self._ranges = RangeOptions(
            options.weight_bits,
            options.activation_bits,
            options.symmetric,
            options.per_channel,
            options.quant_delay,
            training,
        )
        scope = options.scope
        self._scope = scope if not scope or scope.endswith("/") else f"{scope}/"
        self._training = training
        self._before = [node for node in graph if node.op in KNOWN_LAYERS]
        self.was_quantized = any(node.op in FAKE_QUANTS for node in graph)
        self._dropped = dropout.find(graph)
        self._left: dict[str, str] = {}
        self._weights_of: dict[str, str] = {}
        self._output_of: dict[str, str] = {}
        self._by_tensor: dict[str, TrainedRange] = {}
        #: Names of the nodes whose results have a range.
        self._done: set[str] = set()

    @property
    def ranges(self) -> tuple[TrainedRange, ...]:
        """The FakeQuants that were made."""
        return tuple(self._by_tensor.values())

    def run(self, outputs: Sequence[str]) -> QuantizationReport:
        """Rewrite the graph."""
        excluded = excluded_nodes(self.graph, self._before, self._options.exclude)
        weights = LearntTensors(self.graph, constants=not self._training)
        folded, norms = fold_batch_norms(
            self.nodes,
            weights,
            excluded,
            self._options.freeze_bn_delay,
            self._known.unfolded if self._known else (),
        )
        stay = layers_with_norms(self.graph, self._before, norms, excluded)
        weights = LearntTensors(
            self.graph, constants=not self._training, folded={f.weights for f in folded}
        )
        # of an earlier rewrite, too: it is not done twice
        statistics = {n.name for n in self._before if f"{n.name}_Fold" in self.graph}
        layers = list(find_layers(self.graph, weights, {*excluded, *statistics, *stay}))
        readers = self._readers()
        made = {
            name for n in norms for name in statistics_nodes(self.graph, n.norm)
        } | self.nodes.names
        for layer in layers:
            self._quantize(layer, readers)
        sums = list(self._between(layers, made, weights, readers))
        reports = tuple(self._reports(folded, layers, {**stay, **excluded}))
        return QuantizationReport(
            reports,
            tuple(sums),
            self._outputs(outputs),
            len(self.nodes.variables),
            tuple(f.norm for f in folded if f.trains),
            tuple(f.layer for f in folded if f.has_bias),
            tuple(f"{f.norm!r}: {f.note}" for f in folded if f.note),
        )

    def _reports(
        self,
        folded: Collection[Folded],
        layers: Collection[QuantLayer],
        excluded: Mapping[str, str],
    ) -> Iterator[LayerReport]:
        by_layer = {f.layer: f for f in folded}
        found = {layer.node.name for layer in layers}
        for node in self._before:
            if is_gradient(node.name) or (
                node.name not in by_layer and f"{node.name}_Fold" in self.graph
            ):
                continue
            fold = by_layer.get(node.name)
            name = fold.clone if fold else node.name
            reason = (
                excluded.get(node.name) or self._left.get(name, "") or (fold.beside if fold else "")
            )
            if not reason and name not in found:
                reason = why_not_found(self.graph, node, training=self._training)
            yield LayerReport(
                node.name,
                node.op,
                self._weights_of.get(name, ""),
                self._output_of.get(name, ""),
                fold.norm if fold else "",
                reason,
            )
        for function in self.graph.functions.values():
            for node in function.nodes:
                if node.op in KNOWN_LAYERS:
                    name = f"{function.name}/{node.name}"
                    where = f"it is in the body of the function {function.name!r}"
                    yield LayerReport(name, node.op, left=f"{where}, where no ranges are kept")

    def _readers(self) -> dict[str, list[str]]:
        """By node, who reads its first output now, gradients and summaries apart."""
        found: dict[str, list[str]] = {}
        for node in self.graph:
            if node.name.startswith(_NO_READERS):
                continue
            for text in node.data_inputs:
                ref = Ref.parse(text)
                if ref.index == 0:
                    found.setdefault(ref.node, []).append(node.name)
        return found

    def _in_scope(self, names: Iterable[str]) -> bool:
        return all(name.startswith(self._scope) for name in names)

    def _quantize(self, layer: QuantLayer, readers: Mapping[str, list[str]]) -> None:
        name = layer.node.name
        context = name.rpartition("/")[0]
        self._quantize_weights(layer, context, readers)
        outer = context.rpartition("/")[0] if layer.bypass is not None else context
        made = self._add_range(
            layer.end, _joined(outer, "act_quant"), readers, lowest=0.0,
            inside=[layer.end.name], needed=not layer.is_other,
        )  # fmt: skip
        self._output_of[name] = made or ""
        if made is None:
            why = "what it gives is outside of the scope" if self._scope else _NOT_TRAINED
            self._left.setdefault(name, why)
        if layer.bypass is not None and layer.bias is not None:
            around = [layer.bias.name, *readers.get(layer.bias.name, ())]
            self._add_range(layer.bias, _joined(context, "conv_quant"), readers, inside=around)
        if layer.after is not None:
            after = readers.get(layer.after.name, ())
            if not any(self.graph[r].op in ("Relu", "Relu6") for r in after):
                wanted = _joined(
                    layer.after.name.rpartition("/")[0], "post_activation_bypass_quant"
                )
                self._add_range(layer.after, wanted, readers, inside=[layer.after.name])
            self._done.add(layer.after.name)

    def _quantize_weights(
        self, layer: QuantLayer, context: str, readers: Mapping[str, list[str]]
    ) -> None:
        """Quantize the weights of a layer, once for all layers that share them."""
        text = layer.weights
        known = self._by_tensor.get(text)
        if known is not None:
            self._weights_of[layer.node.name] = known.prefix
            return
        existing = existing_range(self.graph, text)
        if existing:
            self._weights_of[layer.node.name] = existing
            return
        ref = Ref.parse(text)
        users = readers.get(ref.node, ())
        if self._scope and not self._in_scope(users):
            inside = layer.node.name.startswith(self._scope)
            why = "its weights are read outside of the scope, too" if inside else _OUTSIDE
            self._left[layer.node.name] = why
            return
        wanted = self._prefix(_joined(context, "weights_quant"), text, needed=not layer.is_other)
        if wanted is None:
            self._left[layer.node.name] = _NOT_TRAINED
            return
        try:
            stored = self._known.channels(wanted) if self._known else None
            made = quantize_weights(self.nodes, wanted, text, layer.node, self._ranges, stored)
        except Unfit as problem:
            self._left[layer.node.name] = problem.message
            return
        self._by_tensor[text] = made
        self._weights_of[layer.node.name] = made.prefix
        self._redirect(ref, made.result, [u for u in users if self.graph[u].op in LAYERS])

    def _add_range(
        self,
        node: Node,
        wanted: str,
        readers: Mapping[str, list[str]],
        *,
        inside: Iterable[str],
        lowest: float = -6.0,
        symmetric: bool | None = None,
        needed: bool = True,
    ) -> str | None:
        """Quantize what a node gives; gives the scope of the range, None where it is left."""
        self._done.add(node.name)
        if not self._in_scope(inside):
            return None
        known = self._by_tensor.get(node.name)
        if known is not None:
            return known.prefix
        existing = range_behind(self.graph, node.name)
        if existing is not None:
            return existing.name.rpartition("/")[0]
        prefix = self._prefix(wanted, node.name, needed=needed)
        if prefix is None:
            return None
        made = quantize_activation(
            self.nodes, prefix, node.name, self._ranges, lowest=lowest, symmetric=symmetric
        )
        self._by_tensor[node.name] = made
        self._redirect(Ref(node.name), made.result, readers.get(node.name, ()))
        return made.prefix

    def _prefix(self, wanted: str, tensor: str, *, needed: bool) -> str | None:
        """The scope of the range of a tensor, None where no training has found one."""
        free = self.nodes.free_prefix(wanted)
        if self._known is not None:
            found = self._known.scope(tensor, free, needed=needed)
            if found is None:
                return None
            free = found
        self.nodes.take_prefix(free)
        return free

    def _redirect(self, old: Ref, new: str, readers: Iterable[str]) -> None:
        """Let some nodes read another tensor."""
        for name in dict.fromkeys(readers):
            node = self.graph[name]
            inputs = [
                new if text[:1] != "^" and Ref.parse(text) == old else text for text in node.inputs
            ]
            self.graph.set_inputs(node, inputs)

    def _between(
        self,
        layers: Sequence[QuantLayer],
        made: Collection[str],
        weights: LearntTensors,
        readers: Mapping[str, list[str]],
    ) -> Iterator[str]:
        """Quantize the sums, products and other ops between layers."""
        dropped = self._dropped
        inner = {n.name for d in dropped for n in (d.node, d.scale or d.node, *d.between)}
        passed = {d.node.name: d.node.data_inputs[d.kept] for d in dropped}
        passed |= {d.scale.name: d.scale.data_inputs[d.unscaled] for d in dropped if d.scale}
        skip = self._done.union(made, inner)
        ranges = Intermediate(self.graph, skip, passed)
        before = [node for node in self.graph if node.name not in self.nodes.names]
        leads = self._leads_on()
        for node in before:
            if ranges.is_joined(node):
                yield from self._quantize_between(node, readers)
        for node in [n for n in map(self._before_activation, layers) if n is not None]:
            if node.name in leads and not existing_range(self.graph, node.name):
                yield from self._quantize_between(node, readers, needed=False)
        for node in before:
            is_new = node.name in leads and node.name not in weights
            if is_new and node.name not in self._by_tensor and ranges.is_computed(node):
                yield from self._quantize_between(node, readers, needed=False)
        for layer in layers:
            source = self._unknown_input(ranges, layer)
            if source is not None:
                why = f"what it reads has no range, {source.name!r}: it computes in float"
                self._left.setdefault(layer.node.name, why)

    def _before_activation(self, layer: QuantLayer) -> Node | None:
        """What a layer's activation reads, where others read it, too: no operator then has both."""
        if layer.end.op not in FUSED_ACTIVATIONS or not layer.end.data_inputs:
            return None
        source = self.graph.get(producer(layer.end.data_inputs[0]))
        if source is None or source.name in self._done:
            return None
        others = [r.node for r in data_readers(self.graph, source.name) if r.node != layer.end]
        return source if any(n.op not in SHAPE_OPS for n in others) else None

    def _unknown_input(self, ranges: Intermediate, layer: QuantLayer) -> Node | None:
        """What a layer with ranges reads that has none, though it is computed by other layers."""
        data = layer.node.data_inputs
        others = [t for i, t in enumerate(data) if i != layer.position]
        source = ranges.source_without_range(others[-1]) if others else None
        if source is None or source.op in PLACEHOLDERS or source.op in FIXED_RANGES:
            return None
        before = ancestors_of(self.graph, [source.name], control=False)
        kind = output_dtypes(source)
        computed = any(node.name in before for node in self._before)
        return source if computed and kind and kind[0] is FLOAT32 else None

    def _quantize_between(
        self, node: Node, readers: Mapping[str, list[str]], *, needed: bool = True
    ) -> Iterator[str]:
        wanted = f"{node.name}/activation_{node.op}_quant"
        added = self._add_range(
            node, wanted, readers, inside=[node.name], symmetric=False, needed=needed
        )
        if added is not None and added == self._by_tensor.get(node.name, _NONE).prefix:
            yield added

    def _leads_on(self) -> set[str]:
        """Names of the nodes that a layer needs, or the last range of a layer, and no loss."""
        layers = [node.name for node in self._before if not is_gradient(node.name)]
        found = ancestors_of(self.graph, layers, control=False)
        return {name for name in found if not is_loss_scope(name.rpartition("/")[0])}

    def _outputs(self, outputs: Sequence[str]) -> dict[str, str]:
        """By output, the FakeQuant that gives it in few bits."""
        found = {}
        for text in outputs:
            made = self._by_tensor.get(str(Ref.from_user(text)))
            if made is not None:
                found[text] = made.result
        return found


_NONE = TrainedRange("", "", "", of_weights=False)


def _joined(scope: str, name: str) -> str:
    return f"{scope}/{name}" if scope else name
