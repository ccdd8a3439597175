"""What is asked of the converter: all that can be is checked, and mended, before it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from graphtools.convert.conversion.converter_input import ConverterInput, converter_input
from graphtools.convert.conversion.custom_ops import custom_op_definitions
from graphtools.convert.conversion.options import (
    CALIBRATED,
    WITH_STATS,
    ConversionOptions,
    check_options,
)
from graphtools.convert.conversion.quantization_checks import (
    check_constants,
    check_fake_quants,
    check_mode,
    input_statistics,
    with_integer_type,
)
from graphtools.convert.conversion.quantization_ranges import (
    with_default_ranges,
    with_exact_fake_quants,
    with_ranges_of_joined,
)
from graphtools.convert.conversion.sixteen_bits import for_sixteen_bits
from graphtools.errors import InvalidValue
from graphtools.front_end import param
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.idioms import fake_quant

if TYPE_CHECKING:
    from graphtools.convert.calibration.calibration import Calibration


class ConversionJob(NamedTuple):
    """What is asked of the converter.

    Attributes:
        asked: The graph as the converter gets it.
        options: What is asked for.
        statistics: Mean and standard deviation by input tensor.
        definitions: OpDefs of custom ops.
        notes: What was done on the way.
    """

    asked: ConverterInput
    options: ConversionOptions
    statistics: Mapping[str, tuple[float, float]]
    definitions: tuple[str, ...]
    notes: tuple[str, ...]


def prepare_job(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    options: ConversionOptions,
    input_shapes: Mapping[str, Shape] | None,
) -> ConversionJob:
    """Check all that can be before TensorFlow is asked, and mend what can be mended.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        options: What is asked for.
        input_shapes: Shapes of inputs by tensor name, in place of those of the graph.

    Raises:
        ConversionBlocked: The converter would crash, or there are custom ops.
        InvalidGraph, InvalidValue, UnknownName: The graph or the options are wrong.
    """
    check_options(options)
    asked = converter_input(graph, inputs, outputs, input_shapes)
    notes = list(asked.notes)
    found = [f for f in fake_quant.find(asked.graph, asked.inference) if f.ranges is not None]
    notes += check_fake_quants(found)
    options, of_type = with_integer_type(options, found, asked.graph)
    notes += of_type
    check_mode(options, found, asked.graph)
    notes += check_constants(asked.graph, options.quantize)
    statistics: Mapping[str, tuple[float, float]] = {}
    if options.quantize in WITH_STATS:
        statistics, remarks = input_statistics(asked, options, found)
        notes += remarks
        if options.default_ranges is not None:
            own, made = with_default_ranges(
                asked.graph,
                asked.inputs,
                asked.outputs,
                *options.default_ranges,
                weights=options.inner_type == "uint8",
            )
            asked = asked._replace(graph=own)
            notes += made
        asked = asked._replace(graph=with_ranges_of_joined(asked.graph))
    elif found:
        own, more = with_exact_fake_quants(asked.graph, asked.inputs, asked.outputs)
        asked = asked._replace(graph=own)
        notes += more
    if options.quantize == "int16x8":
        own, more = for_sixteen_bits(asked.graph, asked.inference)
        asked = asked._replace(graph=own)
        notes += more
    definitions = custom_op_definitions(asked, options)
    return ConversionJob(asked, options, statistics, definitions, tuple(notes))


def check_calibration(job: ConversionJob, calibration: Calibration | None) -> None:
    """Check that there is data for all inputs, where it is needed.

    Raises:
        InvalidValue: There is none.
    """
    mode = job.options.quantize
    if mode in CALIBRATED and calibration is None:
        raise InvalidValue(
            f"{param(quantize=mode)} measures ranges on data, and there is none",
            f"give some as the model gets it: {param(calibration='photos/')} or "
            + param(calibration="samples.npz"),
        )
    if calibration is None:
        return
    if not calibration.count:
        raise InvalidValue(
            "the calibration data is empty", f"give at least one sample: {param('calibration')}"
        )
    missing = _names(set(job.asked.inputs) - set(calibration.names))
    if missing:
        raise InvalidValue(
            f"the calibration data has no values for the input {missing[0]!r}",
            f"it has some for {', '.join(_names(calibration.names))}",
        )


def constant_data(job: ConversionJob, calibration: Calibration | None) -> Iterator[str]:
    """Find data in which every input has but one value: no range follows from it."""
    if calibration is None or job.options.quantize not in CALIBRATED:
        return
    inputs = [i for i in calibration.summary.inputs if i.name in job.asked.inputs]
    if inputs and all(i.minimum == i.maximum for i in inputs):
        values = ", ".join(f"{Ref.parse(i.name)}={i.minimum:g}" for i in inputs)
        yield (
            f"the calibration data is constant ({values}): the ranges measured on it are those of "
            "nothing real; calibrate with data as the model gets it"
        )


def _names(tensors: Iterable[str]) -> list[str]:
    return [str(Ref.parse(t)) for t in sorted(tensors)]
