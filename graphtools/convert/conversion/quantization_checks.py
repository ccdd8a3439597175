"""What quantizing gets wrong without a word, or crashes on: looked for before the conversion."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from graphtools.convert.conversion.converter_input import ConverterInput
from graphtools.convert.conversion.options import (
    CALIBRATED,
    LEAST_STD,
    WITH_STATS,
    ConversionOptions,
)
from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.front_end import param, step
from graphtools.graph.dtypes import FLOAT32
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.fake_quant import FakeQuant, Range, layers_of_weights
from graphtools.ops.evaluation import NotConstant

_LARGEST_HALF = 65504.0
#: By type of the stored values, the smallest and the largest.
_LIMITS = {"uint8": (0, 255), "int8": (-128, 127)}


def check_fake_quants(found: Sequence[FakeQuant]) -> Iterator[str]:
    """Check the ranges of FakeQuant nodes; what is computed otherwise than written is told.

    Raises:
        InvalidGraph: A range is none: the model would be wrong, or the converter crash.
    """
    for quant in found:
        for one in quant.ranges or ():
            _check_range(quant.node, one)
        low, high = quant.ranges[0] if quant.ranges else Range(0, 0)
        if quant.ranges and not quant.is_per_channel and not quant.ranges[0].has_zero:
            moved = (0.0, high - low) if low > 0 else (low - high, 0.0)
            yield (
                f"the range {low:g} to {high:g} of {quant.node.name!r} does not contain 0: "
                f"TensorFlow and TFLite compute with {moved[0]:g} to {moved[1]:g}"
            )


def _check_range(node: Node, found: Range) -> None:
    low, high = found
    if not found.is_finite:
        what = "is not finite"
    elif not found.is_sound:
        what = "is empty: the lower end has to be the smaller one"
    elif high - low < LEAST_STD:
        what = "is too small for a scale"
    elif high - low > 3e38:
        what = "is too large for a float32"
    else:
        return
    raise InvalidGraph(
        f"the range {low:g} to {high:g} of {node.name!r} ({node.op}) {what}",
        "it was not trained far enough, or the wrong values were restored: see "
        + step("node", "FILE", node.name),
    )


def check_mode(options: ConversionOptions, found: Sequence[FakeQuant], graph: Graph) -> None:
    """Check that the way of quantizing is one for the graph.

    Raises:
        InvalidGraph: It is not: the converter would give something else without a word.
        InvalidValue: Ranges or statistics are missing.
    """
    mode = options.quantize
    if mode == "qat" and not found and options.default_ranges is None:
        raise InvalidGraph(
            "the graph has no FakeQuant nodes: it was not trained for quantization, and "
            f"{param(quantize='qat')} would leave it float",
            f"measure the ranges on data: {param(quantize='int8', calibration='DATA')}, or make "
            "them "
            f"up for timing: {param(quantize='dummy', default_ranges=[0, 6])}",
        )
    if mode == "dummy" and options.default_ranges is None:
        raise InvalidValue(
            f"{param(quantize='dummy')} needs ranges to make up",
            f"as {param(default_ranges=[0, 6])} after relu6",
        )
    if mode in CALIBRATED | {"dynamic", "float16"} and found:
        nodes = f"{len(found)} FakeQuant nodes, as" if len(found) > 1 else "the FakeQuant node"
        raise InvalidGraph(
            f"the graph is quantization-aware already ({nodes} {found[0].node.name!r}): "
            f"{param(quantize=mode)} would quantize it a second time",
            "take the ranges that were trained: "
            f"{param(quantize='qat', input_stats={'NAME': ['mean', 'std']})}; or remove them "
            "first: " + step("transform", "FILE", output="OUT", spec="drop_fake_quant"),
        )
    if mode == "dynamic" and options.per_tensor:
        _refuse_hybrid_depthwise(graph)
    if mode not in WITH_STATS and (options.input_stats or options.default_ranges):
        what = param("input_stats" if options.input_stats else "default_ranges")
        raise InvalidValue(
            f"{what} has no effect with {param(quantize=mode)}: its ranges do not come from there",
            f"leave it out, or take {param(quantize='qat')} or dummy",
        )
    if mode in WITH_STATS and options.inner_type == "int8":
        _check_symmetric(found, graph)


def _refuse_hybrid_depthwise(graph: Graph) -> None:
    """With one scale a tensor, LiteRT's depthwise kernel for float values gives noise.

    Seen with LiteRT 2.3: other values in each run, far from the right ones.
    """
    name = next((n.name for n in graph if n.op == "DepthwiseConv2dNative"), None)
    if name is not None:
        raise InvalidGraph(
            f"{param(per_tensor=True)} does not go with {param(quantize='dynamic')} here: LiteRT "
            "computes depthwise "
            f"convolutions ({name!r}) with one scale a tensor wrongly, and otherwise in each run",
            f"leave {param(per_tensor=True)} out: each channel gets a scale of its own",
        )


def with_integer_type(
    options: ConversionOptions, found: Sequence[FakeQuant], graph: Graph
) -> tuple[ConversionOptions, tuple[str, ...]]:
    """Options with the type of integers that the ranges of weights need, and a remark.

    Weights with a range a channel are int8, as LiteRT has no kernels for those in uint8; so are all
    other tensors then.

    Raises:
        InvalidGraph: Another type is asked for.
    """
    several = _with_ranges_a_channel(found, graph)
    if options.quantize not in WITH_STATS or several is None:
        return options, ()
    if "uint8" in (options.quantized_type, options.input_type, options.output_type):
        raise InvalidGraph(
            f"the weights of {several.node.name!r} have a range a channel, which LiteRT has no "
            "kernels for in uint8: the model would not load",
            f"take int8: {param(input_type='int8')}",
        )
    if options.quantized_type or options.input_type == "int8":
        return options, ()
    note = f"the model is int8, as the weights of {several.node.name!r} have a range a channel"
    return dataclasses.replace(options, quantized_type="int8"), (note,)


def _with_ranges_a_channel(found: Sequence[FakeQuant], graph: Graph) -> FakeQuant | None:
    several = (q for q in found if q.is_per_channel and any(layers_of_weights(graph, q)))
    return next(several, None)


def _check_symmetric(found: Sequence[FakeQuant], graph: Graph) -> None:
    """Weights in int8 need the zero point 0; with another, the model does not load."""
    for quant in found:
        odd = quant.asymmetric()
        if odd is not None and any(layers_of_weights(graph, quant)):
            # uint8 does not go with a range a channel
            several = _with_ranges_a_channel(found, graph) is not None
            raise InvalidGraph(
                f"the weights' range {odd.low:g} to {odd.high:g} of {quant.node.name!r} is not "
                "symmetric, which int8 needs: the model would not load",
                "train with ranges whose ends are as far from zero"
                if several
                else f"take uint8: {param(input_type='uint8')}",
            )


def input_statistics(
    prepared: ConverterInput, options: ConversionOptions, found: Sequence[FakeQuant]
) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Mean and standard deviation of each float input, for the modes that need them; and remarks.

    Those of an input with a FakeQuant behind it follow from its range.

    Raises:
        InvalidValue: Some are missing, or of no input, or do not fit the type.
    """
    known = {Ref.from_user(n).tensor for n in options.input_stats if n}
    for name in known - set(prepared.inputs):
        shown = ", ".join(str(Ref.parse(t)) for t in prepared.inputs)
        raise InvalidValue(
            f"{param('input_stats')} names {str(Ref.parse(name))!r}, which is no input",
            f"the inputs are {shown or 'none'}",
        )
    statistics, notes = {}, []
    for tensor, kind in zip(prepared.inputs, prepared.dtypes, strict=True):
        name, given = str(Ref.parse(tensor)), options.stats_of(tensor)
        if kind is not FLOAT32:
            if given:
                notes.append(f"{param('input_stats')} of {name!r} has no effect: it is {kind.name}")
            continue
        behind = _behind(prepared.graph, tensor, found)
        if behind is not None:
            quant, of = behind
            told = given
            given = _from_range(of, options.inner_type)
            if told:
                notes.append(
                    f"{param(input_stats={name: told})} has no effect: the range of the input is "
                    f"that of {quant.node.name!r}, {of.low:g} to {of.high:g}"
                )
        elif given is None:
            middle = [128 if options.inner_type == "uint8" else 0, 128]
            raise InvalidValue(
                f"the range of the input {name!r} is not known",
                f"give mean and standard deviation: {param(input_stats={name: middle})} for values "
                "from -1 to 1",
            )
        low, high = _LIMITS[options.inner_type]
        if not low <= given[0] <= high:
            better = given[0] - 128 if options.inner_type == "int8" else given[0] + 128
            raise InvalidValue(
                f"{param(input_stats={name: given})}: the mean is the stored value of "
                f"0, which in {options.inner_type} is from {low} to {high}",
                f"take {name}={better:g},{given[1]:g}",
            )
        statistics[tensor] = given
    return statistics, notes


def _behind(
    graph: Graph, tensor: str, found: Sequence[FakeQuant]
) -> tuple[FakeQuant, Range] | None:
    """The FakeQuant of an input and its range, if that is all that reads it."""
    ref = Ref.parse(tensor)
    by_name = {q.node.name: q for q in found}
    readers = graph.consumers(ref.node)
    first = by_name.get(readers[0].name) if len(readers) == 1 else None
    if first is None or first.is_per_channel or not first.ranges:
        return None
    return first, first.ranges[0]


def _from_range(found: Range, inner_type: str) -> tuple[float, float]:
    low, high = min(found.low, 0.0), max(found.high, 0.0)
    least, _ = _LIMITS[inner_type]
    std = 255 / (high - low)
    return round(least - low * std), std


def _is_threshold(graph: Graph, node: Node) -> bool:
    """Whether a constant is a threshold of boxes only, which is infinite by default."""
    readers = graph.consumers(node.name)
    return bool(readers) and all(n.op.startswith("NonMaxSuppression") for n in readers)


def check_constants(graph: Graph, mode: str) -> Iterator[str]:
    """Look for NaN and infinities among the constants; what does no harm is told.

    Raises:
        InvalidGraph: Quantizing them would give a wrong model.
    """
    import numpy as np

    for node in graph:
        tensor = node.tensor if node.op == "Const" else None
        if tensor is None or not tensor.dtype.is_floating or _is_threshold(graph, node):
            continue
        try:
            values = tensor.array()
        except NotConstant:
            continue
        finite = np.isfinite(values)
        if not finite.all():
            what = "NaN" if np.isnan(values).any() else "infinity"
            number = f"{values.size - int(finite.sum()):,} of {values.size:,} values"
            if mode in CALIBRATED | WITH_STATS:
                raise InvalidGraph(
                    f"the constant {node.name!r} has {what} ({number}), for which there is no "
                    "scale: the model would be wrong",
                    "train or freeze it again; see "
                    f"{step('variables', 'CHECKPOINT', statistics=True)}",
                )
            yield f"the constant {node.name!r} has {what} ({number}), in the model as well"
        elif mode == "float16" and values.size:
            largest = float(np.abs(values).max())
            if largest > _LARGEST_HALF:
                yield (
                    f"the constant {node.name!r} has values up to {largest:g}, above "
                    f"{_LARGEST_HALF:g}, the largest float16: they become infinite or are cut"
                )
