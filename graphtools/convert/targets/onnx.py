"""ONNX, converted by tf2onnx, checked by onnx and run in ONNX Runtime."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.compat.onnx_rules import onnx_blockers
from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.converter_input import ConverterInput
from graphtools.convert.conversion.custom_ops import POSTPROCESS
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.target import MadeModel, Target, TargetOptions, TargetPort, Tools
from graphtools.errors import GraphtoolsError, InvalidValue, MissingExtra, pip_install
from graphtools.front_end import param, step
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.ops.control_flow import LOOP_PARTS
from graphtools.ops.definitions import attribute_value
from graphtools.run.answers import CannotImport, NoRoom, NotConverted, NotDone
from graphtools.run.child_runner import no_room
from graphtools.run.messages import TensorFlowProblem, tidy
from graphtools.run.onnx_runtime import ONNXRuntime
from graphtools.run.runtime_runner import RuntimeProblem
from graphtools.run.target_requests import ConvertedToONNX, ConvertToONNX, ONNXDescription, ONNXPort
from graphtools.transforms.optimize import optimizing_pipeline
from graphtools.transforms.pipeline import transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: tf2onnx 1.17 writes operators up to here, of which it does not say so before it is at work.
_OLDEST_OPSET, _NEWEST_OPSET = 9, 18
#: Of protobuf's 2 GB, what is left for the model's own structure.
_MOST_BYTES = 2_000_000_000
_LIST_HINT = "convert the SavedModel, whose loops are functions still"


def require_onnx(_: TargetOptions) -> None:
    """Check that all that is needed is installed.

    Raises:
        MissingExtra: Something is not.
    """
    if importlib.util.find_spec("tf2onnx") is None:
        raise MissingExtra("converting to ONNX with tf2onnx", "onnx")
    if importlib.util.find_spec("onnxruntime") is None and sys.version_info < (3, 11):
        raise GraphtoolsError(
            "checking an ONNX model needs ONNX Runtime, which wants Python 3.11 or newer",
            "run graphtools with such a Python",
        )
    ONNXRuntime.require("checking an ONNX model")


def make_onnx(asked: ConverterInput, options: TargetOptions, tools: Tools) -> MadeModel:
    """Convert a graph to ONNX, and check the file; whether it computes the same is not seen here.

    Raises:
        ConversionBlocked: There are nodes that tf2onnx does not convert.
        TensorFlowProblem: tf2onnx fails, crashes, hangs or runs out of memory.
        RuntimeProblem: onnx's checker refuses the model.
        InvalidValue: The options do not fit.
    """
    if not _OLDEST_OPSET <= options.opset <= _NEWEST_OPSET:
        raise InvalidValue(
            f"{param(opset=options.opset)}: tf2onnx writes {_OLDEST_OPSET} to {_NEWEST_OPSET}",
            "15 runs everywhere",
        )
    refuse_lowered_loops(asked.graph)
    _refuse_custom_ops(asked.graph)
    images = tuple(
        name
        for name, shape in zip(asked.inputs, asked.shapes, strict=True)
        if options.inputs_as_nchw and shape.rank == 4
    )
    results = tuple(
        name
        for name in asked.outputs
        if options.outputs_as_nchw
        and asked.inference.shape(Ref.parse(name).node, Ref.parse(name).index).rank == 4
    )
    if {*images} & {*asked.outputs} or {*results} & {*asked.inputs}:
        raise InvalidValue("an input that is an output, too, cannot be channels first")
    graph, notes = prepared(asked, expand=options.expand_fake_quant)
    model = os.path.join(tempfile.mkdtemp(dir=tools.folder), "model.onnx")
    answer = tools.worker.ask(
        ConvertToONNX(
            tools.worker.file_of(graph),
            model,
            asked.inputs,
            asked.outputs,
            options.opset,
            images,
            results,
        )
    )
    done = _checked_answer(answer, graph)
    described = tools.runner(ONNXRuntime).inspect(model, "the model that tf2onnx made")
    notes += _remarks(described, done)
    return MadeModel(
        {".onnx": model},
        _ports(asked.inputs, described.inputs, images, "input"),
        _ports(asked.outputs, described.outputs, results, "output"),
        described.operators,
        {"tf2onnx": done.version, "onnxruntime": described.version},
        tuple(notes),
    )


def run_onnx(model: MadeModel, feeds: Sequence[NDArray[Any]], tools: Tools) -> list[NDArray[Any]]:
    """What a model gives in ONNX Runtime."""
    path = next(iter(model.files.values()))
    return tools.runner(ONNXRuntime).run(path, feeds, "the model that tf2onnx made")


def prepared(asked: ConverterInput, *, expand: bool = False) -> tuple[Graph, list[str]]:
    """A graph as tf2onnx converts it best, and what was done to it.

    Args:
        asked: The graph.
        expand: Whether all FakeQuants become arithmetic; else those that tf2onnx cannot take do.
    """
    ends = ([str(Ref.parse(n)) for n in asked.inputs], [str(Ref.parse(n)) for n in asked.outputs])
    ops = {node.op for node in asked.graph}
    steps, notes = [], []
    if "Erfc" in ops:
        steps.append("expand_erfc")
        notes.append("Erfc became 1 - Erf, which ONNX has")
    if "SpaceToBatchND" in ops:
        steps.append("flatten_atrous_conv")
    if any(expand or not _is_plain(n) for n in asked.graph if n.op in FAKE_QUANTS):
        steps += ["fold_constants", "expand_fake_quant"]
        notes.append("FakeQuant nodes became arithmetic, which computes the same")
    steps.append(optimizing_pipeline(asked.graph))
    return transform(asked.graph, " ".join(steps), *ends).graph, notes


def _is_plain(node: Node) -> bool:
    """Whether tf2onnx has a pair of QuantizeLinear and DequantizeLinear for a FakeQuant."""
    bits, narrow = attribute_value(node, "num_bits"), attribute_value(node, "narrow_range")
    return bits == 8 and not narrow


def refuse_lowered_loops(graph: Graph) -> None:
    """Refuse loops of TensorFlow 2 that were lowered: tf2onnx knows them as functions alone.

    Raises:
        ConversionBlocked: There are some.
    """
    nodes = [n for n in graph if n.op.startswith("TensorList")]
    if nodes and any(n.op in LOOP_PARTS for n in graph):
        blockers = [
            Blocker(
                n.name,
                n.op,
                "a list of tensors in a loop of TensorFlow 2 that was lowered when it was frozen",
                "unsupported",
                _LIST_HINT,
            )
            for n in nodes
        ]
        raise ConversionBlocked(
            f"{nodes[0].name!r} ({nodes[0].op}) does not convert to ONNX: {blockers[0].reason}",
            _LIST_HINT,
            blockers,
        )


def _refuse_custom_ops(graph: Graph) -> None:
    """Refuse what TensorFlow cannot load: tf2onnx loads the graph there.

    Raises:
        ConversionBlocked: There is some.
    """
    unknown = [_blocker(n.name, n.op, graph) for n in graph if n.op == POSTPROCESS]
    if unknown:
        what = f"{unknown[0].node!r} ({unknown[0].op}) does not convert to ONNX"
        raise ConversionBlocked(f"{what}: {unknown[0].reason}", unknown[0].remedy, unknown)


def _checked_answer(answer: object, graph: Graph) -> ConvertedToONNX:
    """What tf2onnx has done, where it has converted everything.

    Raises:
        ConversionBlocked: It does not know some ops.
        TensorFlowProblem: It has raised an error.
    """
    if isinstance(answer, CannotImport):
        raise GraphtoolsError(
            f"tf2onnx is installed, but cannot be imported: {answer.message}",
            f"repair it: {pip_install('onnx', '--force-reinstall')}",
        )
    if isinstance(answer, NoRoom):
        raise no_room(answer.file, answer.message)
    if isinstance(answer, NotDone):
        raise TensorFlowProblem(answer.kind, "tf2onnx ran out of memory", "give smaller shapes")
    if isinstance(answer, NotConverted):
        said, node = tidy(answer.message)
        raise TensorFlowProblem(
            "refused",
            f"tf2onnx cannot convert the graph: {answer.kind}: {said}",
            f"cut the graph before {node or 'what it names'}: {param('outputs')}",
            node,
        )
    assert isinstance(answer, ConvertedToONNX)
    if answer.unsupported:
        blockers = tuple(_blocker(node, op, graph) for node, op in answer.unsupported)
        first = blockers[0]
        raise ConversionBlocked(
            f"{first.node!r} ({first.op}) does not convert to ONNX: {first.reason}",
            first.remedy,
            blockers,
        )
    return answer


def _blocker(name: str, op: str, graph: Graph) -> Blocker:
    """A node that tf2onnx does not know, and what to do about it."""
    if op.startswith(("TensorList", "EmptyTensorList")):
        return Blocker(name, op, "ONNX has no lists of tensors", "unsupported", _LIST_HINT)
    if op == POSTPROCESS:
        remedy = "export the boxes and scores before it: " + step(
            "export-ssd", "FILE", output="OUT", postprocessing_op=False
        )
        return Blocker(name, op, "it is an op of TFLite alone", "unsupported", remedy)
    node = graph.get(name)
    before = node.data_inputs[0] if node is not None and node.data_inputs else "NAME"
    remedy = f"cut the graph before it: {param(outputs=[str(Ref.parse(before))])}"
    return Blocker(name, op, f"tf2onnx has no operator of ONNX for {op}", "unsupported", remedy)


def _ports(
    tensors: Sequence[str], found: Sequence[ONNXPort], as_nchw: Sequence[str], what: str
) -> tuple[TargetPort, ...]:
    """The ends of a model by those of the graph; they have its names.

    Raises:
        RuntimeProblem: One is missing, or there are others.
    """
    known = {port.name: port for port in found}
    missing = [name for name in tensors if name not in known]
    if missing or len(found) != len(tensors):
        raise RuntimeProblem(
            "refused",
            f"tf2onnx lost the {what} {missing[0] if missing else found[-1].name!r}, and said "
            "nothing; the model was not kept",
            f"put another node in its place: {param(f'{what}s')}",
        )
    if [port.name for port in found] != list(tensors):
        raise RuntimeProblem("refused", f"tf2onnx changed the order of the {what}s")
    return tuple(
        TargetPort(
            str(Ref.parse(name)),
            name,
            known[name].dtype,
            known[name].shape,
            "NCHW" if name in as_nchw else "",
        )
        for name in tensors
    )


def _remarks(described: ONNXDescription, _: ConvertedToONNX) -> Iterator[str]:
    operators = {name for name, _ in described.operators}
    if {"QuantizeLinear", "DequantizeLinear"} <= operators:
        yield (
            "ONNX Runtime quantizes the weights of such a model by one scale a tensor when it "
            "loads it, and then computes something else; it was compared without that: "
            'disabled_optimizers=["WeightBiasQuantization"]'
        )


def blockers_of_onnx(asked: ConverterInput) -> list[Blocker]:
    """The nodes that are known not to convert."""
    try:
        refuse_lowered_loops(asked.graph)
    except ConversionBlocked as problem:
        return list(problem.blockers)
    graph, _ = prepared(asked)
    return [
        _blocker(b.node, b.op, graph) if b.op == POSTPROCESS else b
        for b in onnx_blockers(graph, asked.outputs)
    ]


TARGET = Target("onnx", "ONNX", ".onnx", require_onnx, make_onnx, run_onnx, blockers_of_onnx)
