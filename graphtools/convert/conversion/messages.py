"""What TensorFlow's converter says when it fails, as errors: nodes and cures instead of MLIR."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Sequence

from graphtools.compat.prediction import predict_conversion
from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.converter_input import ConverterInput
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.conversion.options import CALIBRATED, ConversionOptions
from graphtools.errors import GraphtoolsError
from graphtools.explain.explain import remedy_of
from graphtools.front_end import param, step
from graphtools.graph.functions import LOOPS
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref, producer
from graphtools.ops.control_flow import LOOP_PARTS, MERGES, SWITCHES
from graphtools.run.answers import Complaint, NoRoom, NotConverted, NotDone
from graphtools.run.child_runner import no_room
from graphtools.run.messages import TensorFlowProblem, tidy
from graphtools.run.passing import Message
from graphtools.wording import and_more

#: By the name of the converter's error code, the kind of a blocking node.
_KINDS = {"ERROR_NEEDS_FLEX_OPS": "flex", "ERROR_NEEDS_CUSTOM_OPS": "custom"}
_REASONS = {
    "flex": "TFLite has no operator for it, with these types and shapes",
    "custom": "neither TFLite nor Select TF has an operator for it",
    "error": "the converter fails on it",
}
_CONTROL_FLOW = "ERROR_UNSUPPORTED_CONTROL_FLOW_V1"
#: Python's names of errors at the beginning of a message, and MLIR's places in front of it.
_NOISE = re.compile(r"^(?:<unknown>:0: |loc\(.*?\): )?(?:error: )?|^\w*(?:Error|Exception): ")
_LOCATION = re.compile(r'loc\((?:callsite\()?(?:fused\[[^\]]*?)?"?([^"()\[\]]+?)(?::)?"')
_NAMED = re.compile(r"requires all operands|'(?P<dialect>tfl?|tf_\w+)\.(?P<op>\w+)' op (?P<why>.*)")
#: Scopes of the Object Detection API.
_DETECTOR = ("Preprocessor/", "Postprocessor/")
_LONGEST = 300
_UNMEASURED = re.compile(r"should be recorded during calibration: Failed for tensor (\S+)")


def problem_of_answer(
    answer: Message, prepared: ConverterInput, options: ConversionOptions
) -> GraphtoolsError:
    """What the converter said, as an error."""
    if isinstance(answer, NotDone):  # for lack of memory, all else being what it raises
        return TensorFlowProblem(
            "memory",
            "TensorFlow ran out of memory while converting",
            f"give the inputs smaller shapes: {param('input_shapes')}",
        )
    if isinstance(answer, NoRoom):
        return no_room(answer.file, answer.message)
    assert isinstance(answer, NotConverted)
    blockers = tuple(
        dataclasses.replace(b, remedy=unfollowed(b.remedy, options))
        for b in _blockers(answer.complaints, prepared)
    )
    problem = _blocked(blockers) if blockers else _failed(answer.message, prepared, options)
    problem.remedy = unfollowed(problem.remedy, options) or _last_resort()
    return problem


def unfollowed(remedy: str, options: ConversionOptions) -> str:
    """What is left of a remedy whose options are not given already; empty if nothing is."""
    given = [param(select_tf_ops=True)] * options.select_tf_ops
    given += [param(allow_custom_ops=True)] * options.allow_custom_ops
    if not any(option in remedy for option in given):
        return remedy
    parts = re.split(r"; |, or ", remedy)
    return ", or ".join(p for p in parts if not any(option in p for option in given))


def _last_resort() -> str:
    return f"see which nodes are at fault: {step('lint')}"


def _remedy_for(kind: str) -> str:
    """What to do about a node of which no rule tells more."""
    if kind == "flex":
        kept = param(select_tf_ops=True)
        return f"{kept} keeps TensorFlow's kernel (Flex), which LiteRT from PyPI lacks"
    if kind == "custom":
        return f"{param(allow_custom_ops=True)}, with an operator of your own in the app"
    return ""


def _blocked(blockers: Sequence[Blocker]) -> ConversionBlocked:
    first = blockers[0]
    more = and_more(len(blockers) - 1)
    kinds = {b.kind for b in blockers}
    if any(b.node.startswith(_DETECTOR) for b in blockers):
        return ConversionBlocked(
            f"the graph does not convert because of {first.node!r} ({first.op}){more}, the "
            "pre- and postprocessing of a detector",
            f"make the graph for TFLite of it first: {step('export-ssd')}",
            blockers,
        )
    listed = "each node with its cure is listed"
    select, custom = param(select_tf_ops=True), param(allow_custom_ops=True)
    if any(custom in b.remedy for b in blockers):  # LiteRT has them, Select not
        remedy = listed
    elif kinds == {"flex"}:
        remedy = f"{listed}; {select} admits all of them"
    elif kinds <= {"flex", "custom"}:
        options = {"select_tf_ops": True} if "flex" in kinds else {}
        remedy = f"{listed}; {param(**options, allow_custom_ops=True)} admit them"
    else:
        remedy = listed
    return ConversionBlocked(
        f"the graph does not convert because of {first.node!r} ({first.op}){more}",
        first.remedy if len(blockers) == 1 and first.remedy else remedy,
        blockers,
    )


def _blockers(complaints: Sequence[Complaint], prepared: ConverterInput) -> tuple[Blocker, ...]:
    """The nodes that the converter complains about, once each, in the order of the graph."""
    found: dict[str, Blocker] = {}
    known: dict[str, tuple[str, str]] | None = None
    for complaint in complaints:
        if complaint.code == _CONTROL_FLOW:
            for blocker in _unstructured(prepared.graph):
                found.setdefault(blocker.node, blocker)
            continue
        name = _node_name(complaint.nodes, prepared.graph)
        if not name:
            continue
        if known is None:
            known = _explanations(prepared)
        kind = _KINDS.get(complaint.code, "error")
        node = prepared.graph.get(name)
        op = node.op if node is not None else complaint.op.removeprefix("tf.")
        reason, remedy = known.get(name, ("", ""))
        if not reason:
            reason = _REASONS[kind]
            if kind == "error":
                reason = _why(complaint.message) or reason
        if kind == "flex" and param(select_tf_ops=True) not in remedy:
            option = param(select_tf_ops=True)
            remedy = remedy.replace("Select TF ops", f"Select TF ops ({option})")
        remedy = remedy or _remedy_for(kind)
        function = name.partition("@")[2]
        found.setdefault(name, Blocker(name, op, reason, kind, remedy, function))
    order = {n.name: i for i, n in enumerate(prepared.graph)}
    return tuple(sorted(found.values(), key=lambda b: order.get(b.node, len(order))))


def _node_name(names: Sequence[str], graph: Graph) -> str:
    """The node that an error speaks of, of the names on the way to it: the innermost known one."""
    cleaned = [n.removesuffix(":").removesuffix(";") for n in names]
    for name in cleaned:
        plain = name.partition("@")[0] if name.endswith("@") else name
        if plain in graph:
            return plain
    return next((n for n in cleaned if n and not n.startswith("<")), "")


def _explanations(prepared: ConverterInput) -> dict[str, tuple[str, str]]:
    """By node, why it does not convert and what cures it, as far as the rules tell."""
    shapes = dict(zip(prepared.inputs, prepared.shapes, strict=True))
    inputs = [producer(t) for t in prepared.inputs]
    outputs = [producer(t) for t in prepared.outputs]
    verdict = predict_conversion(prepared.graph, inputs, outputs, input_shapes=shapes)
    return {b.node: (b.reason, b.remedy) for b in verdict.blockers}


def _unstructured(graph: Graph) -> Iterator[Blocker]:
    """The nodes of v1 control flow, of which the converter makes no While or If."""
    for node in graph:
        if node.op in SWITCHES | MERGES | LOOP_PARTS:
            yield Blocker(
                node.name,
                node.op,
                "it is part of a loop or condition that the converter cannot put into functions",
                "unsupported",
                f"cut the graph before it: {param('outputs')}; a condition with a constant "
                "predicate is "
                f"resolved by {step('freeze', 'GRAPH', output='OUT', inference=True)}",
            )


def _why(message: str) -> str:
    """The line of a message that tells why, without MLIR."""
    for line in message.splitlines():
        text = _NOISE.sub("", line.strip())
        found = _NAMED.search(text)
        if found and found["op"]:
            return f"{found['op']}: {found['why']}"[:_LONGEST]
        if text and not text.startswith(("%", "Details", "tf.", "tfl.", "See instructions")):
            return text[:_LONGEST]
    return ""


def _failed(
    message: str, prepared: ConverterInput, options: ConversionOptions
) -> TensorFlowProblem:
    """A failure of the whole conversion, in one line."""
    graph = prepared.graph
    line, node = tidy(message)
    named = _NAMED.search(message)
    if named and named["op"]:
        line = f"{named['op']} {named['why']}"
        place = _LOCATION.search(message)
        name = place[1].removesuffix(":").removesuffix("@") if place else ""
        node = name if name in graph else node
    line = _NOISE.sub("", line)[:_LONGEST]
    where = f" at node {node!r}" if node and node not in line else ""
    return TensorFlowProblem(
        "failed",
        f"TensorFlow's converter fails{where}: {line}",
        _advice(line, message, prepared, options),
        node,
    )


def _advice(line: str, message: str, prepared: ConverterInput, options: ConversionOptions) -> str:
    if "not registered" in line or "is not in the registry" in line:
        return (
            f"for a custom op: {param(allow_custom_ops=True)}; its definition: "
            f"{param('op_definitions')}"
        )
    unmeasured = _UNMEASURED.search(message)
    if unmeasured and options.quantize == "int16x8" and _is_integer(prepared, unmeasured[1]):
        return (
            f"take {param(quantize='int8')}: the converter wants ranges of the integers, too, "
            "that a graph "
            "computes with, as indices of embeddings, for int16x8 alone"
        )
    known = remedy_of(message)
    if known:
        return known
    if "quantiz" in line.lower() and (options.input_type or options.output_type):
        return (
            f"leave {param('input_type')} and {param('output_type')} out, so that such ops may "
            "stay float"
        )
    is_open = any(None in (shape.dims or ()) for shape in prepared.shapes)
    if is_open and "shape" in line.lower():
        return f"give the shapes of all inputs: {param(input_shapes={'NAME': [1, 224, 224, 3]})}"
    return _last_resort()


def _is_integer(prepared: ConverterInput, name: str) -> bool:
    ref = Ref.from_user(name)
    kind = prepared.inference.dtype(ref.node, ref.index)
    return kind is not None and kind.is_integer


def diagnosed(
    problem: TensorFlowProblem, prepared: ConverterInput, options: ConversionOptions
) -> TensorFlowProblem:
    """A crash, a hang or a lack of memory of the converter, with what may be the cause."""
    if problem.kind == "hung":
        message = problem.message.replace("TensorFlow", "TensorFlow's converter", 1)
        marked = [n.name for n in prepared.graph if n.attr("_output_quantized")]
        if marked and options.default_ranges is not None:
            remedy = (
                f"leave out {param('default_ranges')}: with {marked[0]!r} the converter does "
                "not end"
            )
        else:
            more = param("time_limit")
            remedy = f"allow it more time: {more}, or convert a part of it to find what it is at"
    elif problem.kind == "crashed":
        what, _, said = problem.message.partition(": ")
        said = _NOISE.sub("", said)
        message = what.replace("TensorFlow", "TensorFlow's converter", 1) + (said and f": {said}")
        if "expressed type range" in message:
            remedy = "a range or a standard deviation is 0, infinite or far too small"
        elif options.quantize in CALIBRATED and _has_loops(prepared.graph):
            # of TensorFlow 2.21, where a body adds to or multiplies what it reads or is handed
            remedy = (
                f"its quantization crashes on many loops: take {param(quantize='dynamic')} or "
                "float16, or "
                "make the graph with its loops unrolled (in Keras: unroll=True)"
            )
        else:
            remedy = remedy_of(problem.message) or (
                f"convert parts of it to find the node: {param('inputs')} and {param('outputs')} "
                "cut "
                "the graph"
            )
    else:
        message, remedy = problem.message, problem.remedy
    return TensorFlowProblem(problem.kind, message, remedy, problem.node)


def _has_loops(graph: Graph) -> bool:
    return any(
        node.op in LOOPS | LOOP_PARTS
        for node in itertools.chain(graph, *(f.nodes for f in graph.functions.values()))
    )
