"""GT400-GT419: FakeQuants, their ranges, and what they do not cover.

All of them are silent where the graph has neither FakeQuants nor quantized ops.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from graphtools.findings.finding import INFO, WARNING
from graphtools.findings.rule import ALL, TFLITE_TARGETS, Found, RuleFunction
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.idioms.fake_quant import (
    CONCATS,
    FAKE_QUANTS,
    FOLLOWED_RANGE,
    QUANTIZES_AND_DEQUANTIZES,
    Range,
)
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._quantized import (
    INFERENCE_OPS,
    fake_quants,
    missing_ranges,
    quantized_weights,
    source_fake_quant,
    with_bodies,
    without_kernel,
)
from graphtools.lint.rules._wording import listed
from graphtools.lint.subject import Subject
from graphtools.rewrite.pattern import match
from graphtools.wording import counted


def _rule(*args: Any, **options: Any) -> Callable[[RuleFunction], RuleFunction]:
    """Declare a rule that looks at the graph with the bodies of functions in it; see `rule`."""
    declare = rule(*args, **options)

    def register(function: RuleFunction) -> RuleFunction:
        @functools.wraps(function)
        def opened(subject: Subject) -> Iterator[Found]:
            whole = with_bodies(subject)
            for found in function(whole):
                node = found.node
                if not isinstance(node, Node) or whole is subject or node.name in subject.graph:
                    yield found
                else:  # no cure looks into bodies
                    yield found._replace(node=node.name, op=node.op, cure="")

        return declare(opened)

    return register


#: From so many tensors on one finding stands for all.
_MANY = 6
_DEFAULT_MAXIMUM = 6.0


@_rule("GT401", "missing-min-max", WARNING, targets=TFLITE_TARGETS)
def missing_min_max(subject: Subject) -> Iterator[Found]:
    """A tensor has no range, or an op no integer kernel, in a graph of which parts have FakeQuants.

    Why:
        TOCO refuses the graph: "Array ..., which is an input to the ... operator producing the
        output array ..., is lacking min/max data". Current converters leave the part around it in
        float, between a DEQUANTIZE and a QUANTIZE, so that it is neither small nor fast, and no
        Edge TPU takes it.

    Example:
        A skip connection that was added by hand: `add = AddV2(a, b)` between two quantized layers,
        without a FakeQuant behind it; `image * 2 - 1` before the first FakeQuant, whose product has
        no range; an Elu between FakeQuants, which TFLite computes in float only.

    Remedy:
        Put a FakeQuant behind the tensor when the graph is built, and train its range; or give the
        converter default ranges, which cost accuracy. Put another op in the place of one without a
        kernel, or compute what stands before the first FakeQuant outside of the graph.
    """
    for node in without_kernel(subject):
        yield Found(node, f"TFLite has no {node.op} in eight bits: {node.name!r} stays float")
    missing = missing_ranges(subject)
    if len(missing) >= _MANY:
        names = listed(m.node.name for m in missing)
        message = f"{len(missing)} tensors lack a min/max range: {names}"
        yield Found(missing[0].node, message)
        return
    for found in missing:
        reader = f"{found.reader.name!r} computes with it" if found.reader else "it is an output"
        yield Found(found.node, f"{found.node.name!r} lacks a min/max range, and {reader}")


@_rule("GT402", "weights-without-fake-quant", INFO, targets=TFLITE_TARGETS)
def weights_without_fake_quant(subject: Subject) -> Iterator[Found]:
    """Weights without FakeQuant, in a graph whose activations have them.

    Why:
        The converter takes the range of the values, so that it converts; but the training did not
        know of this rounding, and the accuracy is that of a quantization after training.

    Example:
        A layer that was added behind the quantization-aware part: `MatMul(x, fc/weights/read)`.

    Remedy:
        Build the layer before tf.contrib.quantize rewrites the graph, and train again.
    """
    if not any(not f.of_weights for f in fake_quants(subject)):
        return
    plain = [
        node
        for node, weights in quantized_weights(subject)
        if weights.op not in FAKE_QUANTS
        and subject.inference.constness.is_constant(weights.name)
        and not subject.inference.constness.is_constant(node.name)
    ]
    if plain:
        names = listed(n.name for n in plain)
        message = f"the weights of {counted(len(plain), 'layer')} have no FakeQuant: {names}"
        yield Found(plain[0], message)


@_rule("GT403", "bad-quantization-range", "error")
def bad_quantization_range(subject: Subject) -> Iterator[Found]:
    """A FakeQuant has a range that is no number, is empty, or does not contain zero.

    Why:
        NaN makes a wrong model without a word, an infinite end lets the converter crash, an empty
        range makes a file that does not load. A range without zero is shifted until it contains it,
        so that the results are others than in training.

    Example:
        `min` and `max` are both 0 as they were initialized, because the graph was frozen before
        the ranges were trained; or 1 to 6.

    Remedy:
        Freeze a checkpoint of the end of the quantization-aware training, in which the ranges are
        trained, not one of its beginning.
    """
    for found in fake_quants(subject):
        problem, severity = _range_problem(found.ranges or ())
        if problem and subject.target == "tensorflow-cpu":
            severity = WARNING  # TensorFlow itself runs it
        if problem:
            yield Found(found.node, problem, severity=severity)


def _range_problem(ranges: tuple[Range, ...]) -> tuple[str, str]:
    """What is wrong with the ranges of a FakeQuant, and the severity; empty if nothing is."""
    worst = ("", "")
    for found in ranges:
        shown = f"its range is {found.low:g} to {found.high:g}"
        if not found.is_finite:
            return f"{shown}: no finite numbers", ""
        if not found.is_sound:
            return f"{shown}: it is empty", ""
        if not found.has_zero:
            worst = f"{shown}, which does not contain zero", WARNING
    return worst


@_rule(
    "GT404",
    "concat-ranges",
    INFO,
    targets=TFLITE_TARGETS,
    cure="change_concat_input_ranges",
    is_safe_cure=False,
)
def concat_ranges(subject: Subject) -> Iterator[Found]:
    """The inputs of a Concat are quantized with different ranges.

    Why:
        Eight-bit concatenation wants one range for all. The converter puts a requantization before
        each other input, which costs time and rounds once more; TOCO changed the ranges, and
        refused where it could not.

    Example:
        An Inception block whose branches end in FakeQuants with the ranges 0..6 and 0..4.2.

    Remedy:
        Train the range once, behind the Concat, or give all inputs the widest of their ranges:
        graphtools transform FILE -o OUT --transforms change_concat_input_ranges
    """
    ranges = {f.node.name: f.ranges for f in fake_quants(subject)}
    if not ranges:
        return
    for node in subject.nodes_of(*sorted(CONCATS)):
        sources = [source_fake_quant(subject, text) for text in node.data_inputs]
        known = {}
        for source in sources:
            span = ranges.get(source.name) if source is not None else None
            if source is not None and span is not None and len(span) == 1:
                known[source.name] = span[0]
        if len(set(known.values())) > 1:
            spans = sorted(set(known.values()), key=lambda s: s[1] - s[0])
            low, high = spans[0], spans[-1]
            message = (
                f"its {len(known)} quantized inputs have {len(spans)} ranges, from "
                f"{low[0]:g}..{low[1]:g} to {high[0]:g}..{high[1]:g}"
            )
            yield Found(node, message)


@_rule("GT405", "asymmetric-weights", INFO, targets=TFLITE_TARGETS)
def asymmetric_weights(subject: Subject) -> Iterator[Found]:
    """Weights are quantized with a range that is not symmetric.

    Why:
        As uint8 that is right. As int8 the converter makes a model that an interpreter then refuses
        (zero_point != 0), as int8 weights have to be symmetric.

    Example:
        tf.contrib.quantize trains weight ranges such as -0.60..0.58 unless symmetric=True is given.

    Remedy:
        Convert with --quantize qat as uint8, or train with symmetric ranges for int8.
    """
    found = [f.node for f in fake_quants(subject) if f.of_weights and f.asymmetric()]
    if found:
        names = listed(n.name for n in found)
        message = f"{counted(len(found), 'weight tensor')} with an asymmetric range: {names}"
        yield Found(found[0], message)


@_rule("GT406", "mixed-quantization", WARNING, targets=ALL)
def mixed_quantization(subject: Subject) -> Iterator[Found]:
    """A graph has FakeQuants, which simulate quantization, and ops that compute with it.

    Why:
        FakeQuants are for a converter that turns them into ranges; QuantizeV2, QuantizedConv2D or
        Dequantize are what the Graph Transform Tool makes for TensorFlow itself. No converter takes
        both: the quantized ops need Select TF ops, and what the FakeQuants say of them is lost.

    Example:
        quantize_weights was applied to a graph that was trained with FakeQuants.

    Remedy:
        Take the graph before quantize_weights and quantize_nodes, and convert that.
    """
    computing = _computing_in_eight_bits(subject)
    simulating = list(subject.nodes_of(*sorted(FAKE_QUANTS)))
    if computing and simulating:
        quantized = (
            f"{counted(len(computing), 'quantized op')} ({listed(n.name for n in computing)})"
        )
        message = f"{counted(len(simulating), 'FakeQuant')} and {quantized} in one graph"
        yield Found(computing[0], message)


def _computing_in_eight_bits(subject: Subject) -> list[Node]:
    """The nodes that compute with quantized tensors, in file order."""
    ops = {op for op in subject.ops if op.startswith(INFERENCE_OPS)}
    ops -= {op for op in ops if op.startswith(QUANTIZES_AND_DEQUANTIZES)}
    return [n for n in subject.live_nodes if n.op in ops] if ops else []


@_rule("GT407", "range-still-trained", WARNING)
def range_still_trained(subject: Subject) -> Iterator[Found]:
    """A FakeQuant's range is computed while the graph runs.

    Why:
        It is the training form of a quantization-aware graph: the range follows each batch, results
        depend on what was fed before, and the converter wants a constant range.

    Example:
        `act_quant/AssignMovingAvg` between `act_quant/max` and the FakeQuant, in a frozen training
        graph of tf.contrib.quantize.

    Remedy:
        Build the evaluation graph (tf.contrib.quantize.create_eval_graph), restore the checkpoint
        into it, freeze that; for graphs of fake_quantize_training, remove_ema does it.
    """
    trained = [
        f.node for f in fake_quants(subject) if f.ranges is None and len(f.node.data_inputs) > 2
    ]
    if trained:
        names = listed(n.name for n in trained)
        message = f"{counted(len(trained), 'FakeQuant')} with a range that is no constant: {names}"
        known = all(match(subject.graph, FOLLOWED_RANGE, node) for node in trained)
        yield Found(trained[0], message, cure="remove_ema" if known else "", is_safe_cure=False)


@_rule("GT408", "relu-in-default-range", WARNING, targets=TFLITE_TARGETS)
def relu_in_default_range(subject: Subject) -> Iterator[Found]:
    """The results of a Relu are cut off at 6, or would be by the usual default range.

    Why:
        Default ranges of 0 to 6 suit Relu6. Behind a plain Relu larger values are cut off, and the
        accuracy falls without any message.

    Example:
        One `Relu` among Relu6 in a network that is converted with --default-ranges-min 0
        --default-ranges-max 6.

    Remedy:
        Train with Relu6 where the range ends at 6, or give the Relu a FakeQuant with its real
        range.
    """
    bare = {m.node.name for m in missing_ranges(subject)}
    cut = {
        f.node.data_inputs[0]: f.node
        for f in fake_quants(subject)
        if f.ranges and f.node.data_inputs and f.ranges == ((0.0, _DEFAULT_MAXIMUM),)
    }
    for node in subject.nodes_of("Relu"):
        if node.name in bare:
            yield Found(node, "a Relu without a range: default ranges of 0 to 6 would cut it off")
        elif node.name in cut:
            yield Found(node, f"{cut[node.name].name!r} cuts the results of this Relu off at 6")


@_rule("GT409", "batch-norm-behind-fake-quant", WARNING, targets=TFLITE_TARGETS)
def batch_norm_behind_fake_quant(subject: Subject) -> Iterator[Found]:
    """A batch norm stands behind a convolution whose weights are quantized already.

    Why:
        In the converted model the batch norm becomes part of the weights, which then have other
        values than those that were rounded in training. tf.contrib.quantize folds it into the
        weights before their FakeQuant.

    Example:
        `Conv2D(x, FakeQuant(w))` and a FusedBatchNormV3 behind it, in a graph into which
        FakeQuants were put by hand.

    Remedy:
        Fold the batch norms first, then put in the FakeQuants and train: tf.contrib.quantize does
        both in create_training_graph.
    """
    for node, weights in quantized_weights(subject):
        if weights.op not in FAKE_QUANTS:
            continue
        for reader in subject.readers(node.name):
            scales = reader.op == "Mul" and any(
                subject.inference.constness.is_constant(producer(i)) for i in reader.data_inputs
            )
            if reader.op in BATCH_NORMS or scales:
                what = "batch norm" if reader.op in BATCH_NORMS else "product with constants"
                message = f"a {what} behind {node.name!r}, whose weights have a FakeQuant"
                yield Found(reader, message)


@_rule("GT410", "not-trained-for-quantization", INFO)
def not_trained_for_quantization(subject: Subject) -> Iterator[Found]:
    """A graph computes in eight bits, and was not trained for it.

    Why:
        quantize_nodes and quantize_weights of the Graph Transform Tool round after training, and
        measure ranges in each run. Detectors often find nothing afterwards, and current kernels are
        slower than float.

    Example:
        An SSD after `quantize_weights quantize_nodes`.

    Remedy:
        Compare the results with the original (`graphtools verify A B`), or convert the float graph
        with calibration data, which chooses the ranges from real inputs.
    """
    if any(True for _ in subject.nodes_of(*sorted(FAKE_QUANTS))):
        return
    nodes = _computing_in_eight_bits(subject)
    if nodes:
        names = listed(n.name for n in nodes)
        message = f"{counted(len(nodes), 'quantized op')} and no FakeQuant: {names}"
        yield Found(nodes[0], message)
