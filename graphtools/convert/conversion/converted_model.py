"""Checks of a converted model: what is in the file against what was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from graphtools.analysis.tflite_summary import OperatorCount, summarize_tflite
from graphtools.convert.conversion.converter_input import ConverterInput
from graphtools.convert.conversion.options import (
    CALIBRATED,
    LEAST_STD,
    WITH_STATS,
    ConversionOptions,
)
from graphtools.convert.conversion.report import ConvertedPort
from graphtools.formats.tflite.model import Operator, Subgraph, TFLiteModel, TFLiteTensor
from graphtools.front_end import param, step
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.ref import Ref
from graphtools.verify.runs import draws_random_numbers
from graphtools.wording import listed

#: The operators at which floats become integers and the other way round.
_BORDERS = frozenset({"QUANTIZE", "DEQUANTIZE"})
_POSTPROCESS = "TFLite_Detection_PostProcess"
_INTEGERS = frozenset({"int8", "uint8", "int16", "int4"})
_MOST_NAMES = 3
_RANDOM = frozenset({"RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL", "MULTINOMIAL"})


class CheckedModel(NamedTuple):
    """What is in a converted model.

    Attributes:
        inputs: Its inputs.
        outputs: Its outputs.
        operators: Operators with their versions, the most frequent first.
        custom_ops: Names of custom operators.
        flex_ops: Names of operators that only TensorFlow's kernels run.
        notes: What is good to know.
        findings: What makes it something else than was asked for.
    """

    inputs: tuple[ConvertedPort, ...]
    outputs: tuple[ConvertedPort, ...]
    operators: tuple[OperatorCount, ...]
    custom_ops: tuple[str, ...]
    flex_ops: tuple[str, ...]
    notes: tuple[str, ...]
    findings: tuple[str, ...]


def check_model(
    model: TFLiteModel, asked: ConverterInput, options: ConversionOptions
) -> CheckedModel:
    """Check a model that was converted."""
    summary = summarize_tflite(model)
    main = model.subgraphs[0] if model.subgraphs else Subgraph("", (), (), (), ())
    inputs = _ports(main, main.inputs, asked.inputs)
    outputs = _ports(main, main.outputs, asked.outputs)
    kinds: dict[str, list[str]] = {"builtin": [], "custom": [], "flex": []}
    for operator in summary.operators:
        kinds[operator.kind].append(operator.op)
    findings = [
        *_number_of_ports(inputs, outputs, asked),
        *_nothing_left(main, asked),
        *_wrong_types(inputs, outputs, asked, options, main),
        *_wrong_scales(model),
        *_not_quantized(model, options),
        *_draws_random_numbers(kinds),
    ]
    left, remarks = _left_float(main, options)
    findings += left
    notes = [*remarks, *_about_kernels(kinds["custom"], kinds["flex"]), *_about_shapes(inputs)]
    return CheckedModel(
        inputs,
        outputs,
        summary.operators,
        tuple(dict.fromkeys(kinds["custom"])),
        tuple(dict.fromkeys(kinds["flex"])),
        tuple(notes),
        tuple(findings),
    )


def _draws_random_numbers(kinds: Mapping[str, Sequence[str]]) -> Iterator[str]:
    drawn = [op for op in kinds["builtin"] if op in _RANDOM]
    drawn += [op for op in kinds["flex"] if draws_random_numbers(op.removeprefix("Flex"))]
    if drawn:
        ops = ", ".join(dict.fromkeys(drawn))
        yield (
            f"the model draws random numbers ({ops}), so that it gives something else in each run; "
            "what is for training goes with: "
            f"{step('freeze', 'GRAPH', output='OUT', inference=True)}"
        )


def _ports(
    main: Subgraph, indices: Sequence[int], names: Sequence[str]
) -> tuple[ConvertedPort, ...]:
    """The inputs or outputs of a model, with the names that they have in the graph."""
    tensors = [main.tensors[i] for i in indices if i >= 0]
    known = {str(Ref.parse(n)): n for n in names} | {n: n for n in names}
    by_name = [known.get(t.name) for t in tensors]
    if None in by_name or len(set(by_name)) < len(names):
        by_name = [*names, *[None] * len(tensors)][: len(tensors)]  # in their order
    return tuple(
        _port(t, str(Ref.parse(n)) if n else t.name) for t, n in zip(tensors, by_name, strict=True)
    )


def _port(tensor: TFLiteTensor, name: str) -> ConvertedPort:
    quantization = tensor.quantization
    plain = quantization is not None and len(quantization.scale) == 1
    scale = quantization.scale[0] if plain and quantization else None
    points = quantization.zero_point if plain and quantization else ()
    dims = tensor.shape_signature.dims
    return ConvertedPort(
        name, tensor.name, tensor.dtype, dims, scale, points[0] if points else None
    )


def _number_of_ports(
    inputs: Sequence[ConvertedPort], outputs: Sequence[ConvertedPort], asked: ConverterInput
) -> Iterator[str]:
    for what, found, wanted in (
        ("inputs", inputs, asked.inputs),
        ("outputs", outputs, asked.outputs),
    ):
        if len(found) != len(wanted):
            yield f"the model has {len(found)} {what}, and {len(wanted)} were asked for"


def _nothing_left(main: Subgraph, asked: ConverterInput) -> Iterator[str]:
    if main.operators:
        return
    if set(asked.outputs) <= set(asked.inputs) or set(main.outputs) <= set(main.inputs):
        yield "the model has no operators: its outputs are its inputs"
    else:
        yield "the model has no operators: its outputs do not depend on its inputs"


def _wrong_types(
    inputs: Sequence[ConvertedPort],
    outputs: Sequence[ConvertedPort],
    asked: ConverterInput,
    options: ConversionOptions,
    main: Subgraph,
) -> Iterator[str]:
    """Inputs and outputs of another type than was asked for."""
    kinds = dict(zip((str(Ref.parse(n)) for n in asked.inputs), asked.dtypes, strict=True))
    for port in inputs:
        kind = kinds.get(port.name)
        wanted = _wanted(options, options.input_type) if kind in (FLOAT32, None) else kind.name
        if port.dtype != wanted:
            yield f"the input {port.name!r} is {port.dtype}, not {wanted} as was asked for"
    made_by = {main.tensors[i].name: o for o in main.operators for i in o.outputs if i >= 0}
    for port in outputs:
        ref = Ref.parse(port.name)
        kind = asked.inference.dtype(ref.node, ref.index)
        maker = made_by.get(port.tensor)
        if kind not in (FLOAT32, None):
            wanted = kind.base.name.removeprefix("q")  # quint8 is stored as uint8
        elif options.output_type:
            wanted = options.output_type
        elif maker is not None and maker.is_custom:
            continue  # a custom operator gives what it gives
        elif options.quantize in WITH_STATS and options.input_type == "float32":
            wanted = "float32"
        else:
            wanted = _wanted(options, "")
        if port.dtype != wanted:
            why = ""
            if options.quantize in WITH_STATS:
                why = (
                    f": the converter ignores {param('output_type')} for trained ranges"
                    if options.output_type
                    else ": it has no range, so it stays float"
                )
            yield f"the output {port.name!r} is {port.dtype}, not {wanted}{why}"


def _wanted(options: ConversionOptions, given: str) -> str:
    """The element type of an input or output that is float32 in the graph."""
    if given:
        return given
    return options.inner_type if options.quantize in WITH_STATS else "float32"


def _wrong_scales(model: TFLiteModel) -> Iterator[str]:
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            scales = tensor.quantization.scale if tensor.quantization else ()
            bad = [s for s in scales if not math.isfinite(s) or s < LEAST_STD]
            if bad:
                yield (
                    f"the tensor {tensor.name!r} has the scale {bad[0]:g}, with which nothing can "
                    "be computed"
                )


def _not_quantized(model: TFLiteModel, options: ConversionOptions) -> Iterator[str]:
    """A float model in place of the quantized one that was asked for."""
    mode = options.quantize
    tensors = [t for s in model.subgraphs for t in s.tensors]
    if mode == "dynamic" and not any(t.is_constant and t.dtype in _INTEGERS for t in tensors):
        yield (
            "no weights were quantized: the converter leaves those with fewer than 1,024 values, "
            "and ops other than convolutions and matrix products"
        )
    elif mode == "float16" and not any(t.is_constant and t.dtype == "float16" for t in tensors):
        yield "no constant became float16"
    elif mode in CALIBRATED | WITH_STATS and not any(
        t.dtype in _INTEGERS and t.quantization and t.quantization.scale for t in tensors
    ):
        yield "the model is not quantized at all: all of its tensors are float"


def _left_float(main: Subgraph, options: ConversionOptions) -> tuple[list[str], list[str]]:
    """Findings and remarks on operators that compute with floats in a quantized model."""
    if options.quantize not in CALIBRATED | WITH_STATS:
        return [], []
    floats = [o for o in main.operators if _is_float(o, main.tensors)]
    if not floats or len(floats) == len(main.operators):
        return [], []  # the latter is said elsewhere
    ops = ", ".join(dict.fromkeys(o.op for o in floats))
    names = [main.tensors[o.outputs[0]].name for o in floats if o.outputs and o.outputs[0] >= 0]
    shown = listed(names, _MOST_NAMES)
    text = f"{len(floats)} of {len(main.operators)} operators stay float ({ops}): {shown}"
    if options.quantize in WITH_STATS and options.default_ranges is None:
        return [f"{text}; their ranges are not known: {param('default_ranges')} gives some"], []
    if options.quantize in WITH_STATS or options.input_type or options.output_type:
        return [f"{text}; TFLite has no integer kernels for them"], []
    return [], [f"{text}; TFLite has no integer kernels for them"]


def _is_float(operator: Operator, tensors: Sequence[TFLiteTensor]) -> bool:
    if operator.op in _BORDERS or operator.is_custom:
        return False
    return any(tensors[i].dtype == "float32" for i in operator.outputs if i >= 0)


def _about_kernels(custom: Sequence[str], flex: Sequence[str]) -> Iterator[str]:
    if flex:
        yield (
            f"{', '.join(dict.fromkeys(flex))}: these run in TensorFlow's kernels (Flex), which "
            "neither LiteRT nor tf.lite has as they come from PyPI; link the Flex delegate"
        )
    own = [op for op in dict.fromkeys(custom) if op != _POSTPROCESS]
    if own:
        yield f"{', '.join(own)}: the app has to register these custom operators"


def _about_shapes(inputs: Sequence[ConvertedPort]) -> Iterator[str]:
    for port in inputs:
        if port.shape is not None and None in port.shape[1:]:
            yield (
                f"the input {port.name!r} has open dimensions: the app has to resize it before "
                f"each size; {param('input_shapes')} fixes them"
            )
