"""GT300-GT319: what the TFLite converter says of a graph, from the predicted verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphtools.compat.prediction import Blocker
from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import TFLITE_TARGETS, Found
from graphtools.front_end import param, step
from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.lint.rules._aspects import CONSTANT, CONTROL_FLOW, DTYPE, SHAPE, aspect_of
from graphtools.lint.rules._custom_ops import KNOWN
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._tensors import output_number
from graphtools.lint.rules._verdicts import (
    ALIKE,
    blockers_of,
    found_for,
    is_made_for_tflite,
    verdict_of,
)
from graphtools.lint.rules._wording import how_to_fix, listed
from graphtools.lint.subject import Subject
from graphtools.ops.control_flow import EXITS
from graphtools.ops.definitions import op_definition

_TO_V3 = "rename_op(old_op_name=FusedBatchNormV2, new_op_name=FusedBatchNormV3)"


def _flex_severity(subject: Subject) -> str:
    """Of what only needs Select TF ops: a remark where these are meant."""
    return INFO if subject.target == "tflite-select" else ERROR


def _of(*aspects: str) -> Callable[[Blocker], bool]:
    """Whether a blocker at which the converter does not fail is about one of some aspects."""
    return lambda b: b.kind in _REFUSED and aspect_of(b) in aspects


def _severity(subject: Subject) -> Callable[[Blocker], str]:
    return lambda b: _flex_severity(subject) if b.kind == "flex" else ERROR


_REFUSED = ("flex", "custom", "unsupported")
_OWN_RULES = (DTYPE, SHAPE, CONSTANT, CONTROL_FLOW)


@rule("GT301", "unsupported-op", ERROR, targets=TFLITE_TARGETS)
def unsupported_op(subject: Subject) -> Iterator[Found]:
    """An op that neither TFLite nor Select TF ops can run.

    Why:
        The converter fails: "... op is neither a custom op nor a flex op". Allowing Select TF ops
        does not help; allowing custom ops makes a model for whose operators you have to write the
        kernels.

    Example:
        `iterator = IteratorGetNext(...)` or a PyFunc on the way to the outputs.

    Remedy:
        Cut the graph before or behind the node (--inputs, --outputs) and compute that part in the
        application, or write it with other ops.
    """

    def is_meant(blocker: Blocker) -> bool:
        refused = blocker.kind in ("custom", "unsupported")
        own = aspect_of(blocker) in _OWN_RULES or is_made_for_tflite(subject, blocker)
        return refused and not own

    yield from found_for(subject, is_meant)


@rule("GT302", "needs-select", ERROR, targets=TFLITE_TARGETS)
def needs_select(subject: Subject) -> Iterator[Found]:
    """An op, or one of its attributes, that only Select TF ops can run.

    Why:
        With builtin operators the converter fails: "Some ops are not supported by the native TFLite
        runtime, you can enable TF kernels fallback using TF Select". With Select TF ops the model
        needs an interpreter with the Flex delegate, which is tens of megabytes larger and which
        tf.lite.Interpreter and LiteRT from PyPI do not have.

    Example:
        `Erf(x)`, NonMaxSuppressionV2, a MaxPool with padding=EXPLICIT.

    Remedy:
        Write the part with ops that have a builtin operator, or allow Select TF ops and ship the
        Flex delegate (then lint with --target tflite-select).
    """
    found = found_for(
        subject,
        lambda b: b.kind == "flex" and aspect_of(b) not in _OWN_RULES and b.op not in KNOWN,
        lambda _: _flex_severity(subject),
    )
    newer = all(
        not _reads_further_outputs(subject, n) for n in subject.nodes_of("FusedBatchNormV2")
    )
    for finding in found:
        # V3 computes the same, and has a builtin operator
        yield finding._replace(cure=_TO_V3 if newer and finding.op == "FusedBatchNormV2" else None)


def _reads_further_outputs(subject: Subject, node: Node) -> bool:
    """Whether the statistics that a batch norm gives beside its result are read."""
    if any(output_number(o) and producer(o) == node.name for o in subject.outputs):
        return True
    return any(
        producer(text) == node.name and output_number(text) > 0
        for reader in subject.graph.consumers(node.name)
        for text in reader.inputs
    )


@rule("GT303", "custom-op", ERROR, targets=TFLITE_TARGETS)
def custom_op(subject: Subject) -> Iterator[Found]:
    """An op that is meant to become a custom operator: TensorFlow has no kernel for it.

    Why:
        The converter fails unless custom ops are allowed, and the interpreter then fails unless the
        operator is registered with it. TFLite_Detection_PostProcess is known to all of Google's
        interpreters, and no more than a remark.

    Example:
        `TFLite_Detection_PostProcess`, or an op of a library of your own.

    Remedy:
        Convert with --allow-custom-ops, and register the operator with the interpreter.
    """

    def severity(blocker: Blocker) -> str:
        return INFO if blocker.op in KNOWN else ""

    for finding in found_for(subject, lambda b: is_made_for_tflite(subject, b), severity):
        message = f"{finding.op} becomes a custom operator"
        if op_definition(finding.op) is None:
            message += ": TensorFlow has no kernel for it"
        remedy = (
            f"Convert with {param(allow_custom_ops=True)}; the interpreters of TFLite and LiteRT"
            " have the operator."
        )
        yield finding._replace(message=message, remedy=remedy if finding.op in KNOWN else "")


@rule("GT304", "tflite-dtype", ERROR, targets=TFLITE_TARGETS)
def tflite_dtype(subject: Subject) -> Iterator[Found]:
    """An op that has a builtin operator, but not for its dtype.

    Why:
        The converter falls back to Select TF ops, or fails. Most operators take float32 and some
        integers; float64 is known to a few.

    Example:
        A Conv2D with T=float64, because its input was made by numpy without a dtype.

    Remedy:
        Compute in float32: put a Cast in front, or build the graph with dtype float32.
    """
    yield from found_for(subject, _of(DTYPE), _severity(subject))


@rule("GT305", "unknown-rank-or-channel", ERROR, targets=TFLITE_TARGETS)
def unknown_rank_or_channel(subject: Subject) -> Iterator[Found]:
    """An op whose operator has to know the rank, or a dimension, and does not.

    Why:
        A convolution without known channels, or an op on a tensor of unknown rank, falls back to
        Select TF ops. Unknown heights and widths are fine.

    Example:
        `x = Placeholder shape=unknown` in front of a Conv2D.

    Remedy:
        State the shape of the input: --input-shape input=1,300,300,3
    """
    yield from found_for(subject, _of(SHAPE), _severity(subject))


@rule("GT306", "unknown-dimensions", WARNING, targets=TFLITE_TARGETS - {"edgetpu", "gpu"})
def unknown_dimensions(subject: Subject) -> Iterator[Found]:
    """An input of which more than the first dimension is unknown.

    Why:
        Converters up to TensorFlow 2.1 refuse it: "None is only supported in the 1st dimension".
        Newer ones make a model with dynamic tensors: its memory cannot be planned beforehand, and
        delegates do not take it.

    Example:
        `image_tensor` of shape [?,?,?,3] in a detector's frozen_inference_graph.pb.

    Remedy:
        Fix the shape when you convert: --input-shape NAME=1,300,300,3
    """
    for name in subject.inputs:
        dims = subject.dims(name)
        node = subject.graph.get(producer(name))
        if node is None:
            continue
        if dims is None:
            message = f"not even the rank of the input {name!r} is known"
            yield Found(node, message, how_to_fix(name, dims))
        elif None in dims[1:]:
            shown = ",".join("?" if d is None else str(d) for d in dims)
            message = f"the input {name!r} has the shape [{shown}]"
            yield Found(node, message, how_to_fix(name, dims))


@rule("GT307", "v1-control-flow", ERROR, targets=TFLITE_TARGETS)
def v1_control_flow(subject: Subject) -> Iterator[Found]:
    """A loop or conditional of TensorFlow 1.x in a form that the converter does not take.

    Why:
        Plain v1 loops and conditionals are converted; TensorArrays in them need Select TF ops, and
        an Exit that is an output itself fails with "Graph does not contain node".

    Example:
        tf.nn.dynamic_rnn, whose loop reads and writes TensorArrayV3, or `while/Exit_1` as output.

    Remedy:
        Build the model with control flow v2 (tf.compat.v1.enable_control_flow_v2), or unroll the
        loop (tf.nn.static_rnn).

        For an output that is an Exit, put an Identity behind it and name that. Of a frozen SSD of
        the Object Detection API, graphtools export-ssd FILE -o OUT makes a graph without loops.
    """
    exits = [n for n in map(producer, subject.outputs) if n in subject.graph]
    for name in dict.fromkeys(exits):
        node = subject.graph[name]
        if node.op in EXITS:
            message = f"the output {name!r} is the Exit of a loop, which the converter loses"
            remedy = "Put an Identity behind it and name that as the output"
            yield Found(node, message, remedy, ERROR)
    blocked = set(exits)

    def is_meant(blocker: Blocker) -> bool:
        if blocker.node in blocked and blocker.op in EXITS:
            return False
        return aspect_of(blocker) == CONTROL_FLOW and blocker.kind in _REFUSED

    arrays = [b for b in blockers_of(subject) if is_meant(b) and b.op.startswith("TensorArray")]
    if len(arrays) >= ALIKE:
        first = arrays[0]
        names = listed(b.node for b in arrays)
        message = f"TFLite has no TensorArrays, which v1 loops (map_fn, dynamic_rnn) use: {names}"
        export = step("export-ssd", "FILE", output="OUT")
        remedy = (
            f"Make the graph of the detector that has no loops, and converts: {export};"
            f" or convert with {param(select_tf_ops=True)}."
        )
        remedy = remedy if "detection_boxes" in subject.graph else ""
        yield Found(first.node, message, remedy, _severity(subject)(first), op=first.op)
        rest = {b.node for b in arrays}
    else:
        rest = set()
    yield from found_for(subject, lambda b: is_meant(b) and b.node not in rest, _severity(subject))


@rule("GT308", "must-be-constant", ERROR, targets=TFLITE_TARGETS)
def must_be_constant(subject: Subject) -> Iterator[Found]:
    """An input that the converter wants constant is computed or fed.

    Why:
        Some arguments are attributes of the TFLite operator: the axis of ConcatV2 and GatherV2, the
        range of a FakeQuant. Where one is no constant, the op falls back to Select TF ops or fails.

    Example:
        `ConcatV2(a, b, axis)` with `axis` a placeholder.

    Remedy:
        Make it a constant: fold_constants where it is computed from constants, placeholder_to_const
        where it is fed.
    """
    yield from found_for(subject, _of(CONSTANT), _severity(subject))


@rule("GT309", "conversion-fails", ERROR, targets=TFLITE_TARGETS)
def conversion_fails(subject: Subject) -> Iterator[Found]:
    """A node at which the converter fails whatever it is allowed.

    Why:
        These are errors inside the converter, mostly without the node's name in the message. Select
        TF ops do not help.

    Example:
        An Atan2 that broadcasts, a Slice with a constant begin outside of its input.

    Remedy:
        Write that part with other ops; the message says which property is the trouble.
    """
    yield from found_for(
        subject, lambda b: b.kind == "error" and not (b.op in EXITS and _is_output(subject, b))
    )


def _is_output(subject: Subject, blocker: Blocker) -> bool:
    return blocker.node in subject.output_nodes


@rule("GT310", "converter-crash", ERROR, targets=TFLITE_TARGETS)
def converter_crash(subject: Subject) -> Iterator[Found]:
    """A node at which the process of the converter dies.

    Why:
        The converter runs in your process: a segmentation fault takes the program along, without a
        message.

    Example:
        A SigmoidGrad of float64, or the quotient of two integer constants with a zero divisor.

    Remedy:
        Change the node as the message says, and convert in a process of its own: graphtools convert
        FILE -o OUT
    """
    yield from found_for(subject, lambda b: b.kind == "crash")


@rule("GT311", "does-not-allocate", ERROR, targets=TFLITE_TARGETS)
def does_not_allocate(subject: Subject) -> Iterator[Found]:
    """The graph converts, and an interpreter does not take the model.

    Why:
        The converter does not check what the kernels can do: allocate_tensors() fails on the
        device, long after the conversion.

    Example:
        A Softmax of a tensor of rank 7, or an input of unknown rank.

    Remedy:
        Reduce the rank with a Reshape, or state the shape of the input with --input-shape.
    """
    verdict = verdict_of(subject)
    if verdict is None or verdict.blockers:
        return
    for problem in verdict.allocation:
        yield Found(problem.node, problem.reason, problem.remedy, op=problem.op)
