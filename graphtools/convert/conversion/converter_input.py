"""A graph as the converter gets it: cut to what is converted, and with nothing it fails on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from graphtools.compat.prediction import Verdict, predict_conversion
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.front_end import param, step
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.placeholders import FED
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.model.handover import hand_over
from graphtools.ops.defects.defect import Defect, describe_defects
from graphtools.ops.defects.find import find_defects
from graphtools.ops.inference import Inference
from graphtools.wording import listed

#: Types of inputs for which the converter ends with a ValueError.
_NO_INPUTS = frozenset({"bfloat16", "qint8", "quint8", "qint16", "quint16", "qint32"})
_MOST_NAMES = 3


class ConverterInput(NamedTuple):
    """A graph as the converter gets it.

    Attributes:
        graph: The graph, with nothing that the outputs do not need.
        inputs: Names of the input tensors, as `input:0`, in the order of the model.
        outputs: Names of the output tensors, likewise.
        dtypes: Element types of the inputs.
        shapes: Shapes of the inputs; some dimensions may be open.
        inference: Shapes of the graph's tensors, for inputs of these shapes.
        notes: What was changed.
    """

    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    dtypes: tuple[DType, ...]
    shapes: tuple[Shape, ...]
    inference: Inference
    notes: tuple[str, ...]


def converter_input(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
) -> ConverterInput:
    """Make a graph what the converter can take.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        input_shapes: Shapes of inputs by tensor name, in place of those of the graph.

    Raises:
        UnknownName: An input or output is not there.
        InvalidGraph: The converter cannot take the graph.
        InvalidValue: The shape of an input is not known, or it has no elements.
        ConversionBlocked: The converter would crash.
    """
    asked, defects = _handed_over(graph, inputs, outputs, input_shapes)
    verdict = predict_conversion(
        asked.graph, asked.inputs, asked.outputs, inference=asked.inference, defects=defects
    )
    _refuse_crashes(verdict)
    return asked


def target_input(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
) -> ConverterInput:
    """As `converter_input`, for a converter that is not TensorFlow's own.

    Raises:
        UnknownName, InvalidGraph, InvalidValue: See `converter_input`.
    """
    return _handed_over(graph, inputs, outputs, input_shapes)[0]


def _handed_over(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None,
) -> tuple[ConverterInput, Sequence[Defect]]:
    """A graph that is frozen, fed and whole, and the defects that it has all the same."""
    if not outputs:
        raise InvalidValue(
            "there are no outputs to convert", f"name some: {param(outputs=['NAME', 'NAME'])}"
        )
    handed = hand_over(graph, inputs, outputs, input_shapes, ends_loops=True)
    own, inference, fed, wanted = handed.graph, handed.inference, handed.inputs, handed.outputs
    _refuse_variables(own)
    _refuse_unfed(own, fed)
    kinds, found = zip(*_ports(inference, fed), strict=True) if fed else ((), ())
    defects = find_defects(own, lambda: inference)
    message = describe_defects(defects)
    if message:
        raise InvalidGraph(message)
    return ConverterInput(own, fed, wanted, kinds, found, inference, handed.notes), defects


def _refuse_variables(graph: Graph) -> None:
    left = [n.name for n in graph if n.op in VARIABLE_OPS]
    if left:
        what = "a variable" if len(left) == 1 else "variables"
        raise InvalidGraph(
            f"the graph is not frozen: {listed(left, _MOST_NAMES)} ({what} without values)",
            f"give the checkpoint: {param(checkpoint='model.ckpt')}, or freeze it first: "
            + step("freeze"),
        )


def _refuse_unfed(graph: Graph, inputs: Sequence[str]) -> None:
    fed = {producer(t) for t in inputs}
    left = [n.name for n in graph if n.op in FED and n.name not in fed]
    if left:
        what = "a placeholder that is no input" if len(left) == 1 else "placeholders, no inputs"
        raise InvalidGraph(
            f"the outputs need {listed(left, _MOST_NAMES)}: {what}",
            f"name it as well: {param('inputs')}, or give it a value: "
            + step(
                "transform",
                "FILE",
                output="OUT",
                spec=f'placeholder_to_const(value="{left[0]}=VALUE")',
            ),
        )


def _refuse_crashes(verdict: Verdict) -> None:
    crashes = tuple(b for b in verdict.blockers if b.kind == "crash")
    if crashes:
        first = crashes[0]
        raise ConversionBlocked(
            f"TensorFlow's converter would crash at node {first.node!r} ({first.op}): "
            f"{first.reason}",
            first.remedy,
            crashes,
        )


def _ports(inference: Inference, tensors: Sequence[str]) -> Iterator[tuple[DType, Shape]]:
    for tensor in tensors:
        ref = Ref.parse(tensor)
        kind, shape = inference.dtype(ref.node, ref.index), inference.shape(ref.node, ref.index)
        name = str(ref)
        if kind is None or kind.is_handle or kind.base.name in _NO_INPUTS:
            raise InvalidGraph(
                f"the input {name!r} has the type {kind.base.name if kind else 'unknown'}, which "
                "TensorFlow's converter does not take",
                f"cut the graph behind the node that turns it into float32: {param('inputs')}",
            )
        if shape.dims is None:
            raise InvalidValue(
                f"the shape of the input {name!r} is not known",
                f"give it, as {param(input_shapes={name: [1, 224, 224, 3]})}, or {name}=[] for a "
                "single "
                "number",
            )
        if 0 in shape.dims:
            raise InvalidValue(
                f"the input {name!r} has the shape {shape}, in which there is no element: the "
                "model would be empty",
                f"give another: {param(input_shapes={name: [1, 224, 224, 3]})}",
            )
        yield kind.base, shape
