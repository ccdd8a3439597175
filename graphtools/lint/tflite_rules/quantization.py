"""GT910-GT919: quantization that runtimes refuse, or that computes something else.

Sources: TensorFlow Lite's 8-bit quantization specification, and the checks of LiteRT's kernels
(`kernels/kernel_util.cc`, `kernels/concatenation.cc`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from graphtools.analysis.tflite_kinds import TURNS
from graphtools.compat.tflite_step import OperatorStep, is_quantized
from graphtools.findings.finding import ERROR, WARNING
from graphtools.findings.rule import TFLITE_TARGETS, Found
from graphtools.formats.tflite.model import TFLiteTensor
from graphtools.lint.tables import tflite_rule
from graphtools.lint.tflite_rules._grouping import grouped
from graphtools.lint.tflite_subject import TFLiteSubject

#: Operators with weights: the positions of input and weights, and the dimension of the weights that
#: channels, each with a scale of its own, may be counted along.
_WEIGHTED = {
    "CONV_2D": (0, 1, 0),
    "DEPTHWISE_CONV_2D": (0, 1, 3),
    "FULLY_CONNECTED": (0, 1, 0),
    "TRANSPOSE_CONV": (2, 1, 0),
}
#: Where the bias of these is.
_BIAS = {"TRANSPOSE_CONV": 3}
#: Operators that hand values on as they are stored: the specification wants one scale of them.
_COPIES = frozenset(
    "AVERAGE_POOL_2D BATCH_TO_SPACE_ND DEPTH_TO_SPACE EXPAND_DIMS GATHER MAX_POOL_2D PAD RESHAPE "
    "RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR SLICE SPACE_TO_BATCH_ND SPACE_TO_DEPTH SQUEEZE "
    "STRIDED_SLICE TRANSPOSE".split()
)
#: How far a bias's scale may be from that of the products, by the output's scale (LiteRT's check).
_BIAS_TOLERANCE = 0.02
_INT32 = 2**31 - 1
#: Scales that differ by rounding only are equal.
_ROUNDING = 1e-5


@tflite_rule("GT911", "float-in-integer-model", WARNING, targets=TFLITE_TARGETS)
def float_in_integer_model(subject: TFLiteSubject) -> Iterator[Found]:
    """An operator still computes in float between operators that compute in integers.

    Why:
        The values are dequantized before it and quantized behind it. An accelerator for integers
        leaves it, and often all behind it, to the CPU.

    Example:
        SQRT between a DEQUANTIZE and a QUANTIZE, as it has no integer kernel.

    Remedy:
        Replace the op in the graph by one that has an integer kernel, or end the model before it.
        Of a model that was to be integer as a whole, convert with int8 operators only: then the
        converter says what it cannot quantize.
    """
    integers = [s for s in subject.steps() if s.op not in TURNS and _computes_in_integers(s)]
    if not integers:
        return
    last = max(s.operator.index for s in integers)
    yield from grouped(
        (subject.named_step(step), step.op, f"{step.op} computes in float32")
        for step in subject.steps()
        if step.op not in TURNS
        and not step.operator.is_custom
        and step.operator.index < last
        and _computes_in_float(step)
    )


def _moving(step: OperatorStep) -> list[TFLiteTensor]:
    inputs = [t for t in step.tensors if t is not None and not t.is_constant]
    return [*inputs, *step.results]


def _computes_in_integers(step: OperatorStep) -> bool:
    moving = _moving(step)
    return bool(moving) and all(is_quantized(t) and "int" in t.dtype for t in moving)


def _computes_in_float(step: OperatorStep) -> bool:
    moving = _moving(step)
    return bool(moving) and all(t.dtype == "float32" for t in moving)


@tflite_rule("GT912", "scale", ERROR, targets=TFLITE_TARGETS)
def scales(subject: TFLiteSubject) -> Iterator[Found]:
    """A scale is zero, negative or not finite, or there are not as many as channels.

    Why:
        Stored integers stand for scale * (q - zero_point): with such a scale all values are the
        same, or none. Kernels divide by it.

    Example:
        A range of which minimum and maximum are the same, of a layer that calibration never
        reached.

    Remedy:
        Calibrate with data that reaches the tensor, or leave it out of what is quantized.
    """
    for subgraph in subject.model.subgraphs:
        for tensor in subgraph.tensors:
            reason = _bad_scale(tensor)
            if reason:
                yield Found(tensor.plain_name, reason)


def _bad_scale(tensor: TFLiteTensor) -> str:
    if tensor.quantization is None:
        return ""
    found = tensor.quantization
    for scale in found.scale:
        if not math.isfinite(scale) or scale <= 0:
            return f"the scale of this {tensor.dtype} tensor is {scale:g}"
    dims, dimension = tensor.shape.dims, found.quantized_dimension
    if len(found.scale) > 1 and dims is not None:
        # a bias has the dimension of its weights, though it has one dimension itself
        channels = dims[dimension] if 0 <= dimension < len(dims) else tensor.shape.elements
        if channels is not None and channels != len(found.scale):
            return f"it has {len(found.scale):,} scales for {channels:,} channels of {tensor.shape}"
    return ""


@tflite_rule("GT913", "per-channel", ERROR, targets=TFLITE_TARGETS)
def per_channel(subject: TFLiteSubject) -> Iterator[Found]:
    """Scales for each channel where the runtime takes one for the tensor.

    Why:
        Only weights of convolutions and fully connected layers may have a scale for each channel,
        along one dimension, and only int8, int16 and int4 ones. Kernels read the first scale of
        others.

    Example:
        uint8 weights with 32 scales; the output of an ADD with 16.

    Remedy:
        Convert anew with per-tensor quantization, or with a converter of TensorFlow 2 for int8.
    """
    yield from grouped(
        (subject.named_step(step), step.op, reason)
        for step in subject.steps()
        if (reason := _wrong_channels(step))
    )


def _wrong_channels(step: OperatorStep) -> str:
    for tensor in _moving(step):
        if _scales(tensor) > 1:
            return f"a tensor that is computed has {_scales(tensor):,} scales"
    positions = _WEIGHTED.get(step.op)
    if positions is None:
        return ""
    weights = step.tensors[positions[1]] if len(step.tensors) > positions[1] else None
    if weights is None or weights.quantization is None or _scales(weights) < 2:
        return ""
    if weights.dtype == "uint8":
        return "its uint8 weights have a scale for each channel, which is for int8"
    dimension = weights.quantization.quantized_dimension
    if dimension != positions[2]:
        return f"its weights have scales along dimension {dimension}, not {positions[2]}"
    return ""


def _scales(tensor: TFLiteTensor) -> int:
    return len(tensor.quantization.scale) if tensor.quantization is not None else 0


@tflite_rule("GT914", "unequal-scales", ERROR, targets=TFLITE_TARGETS)
def unequal_scales(subject: TFLiteSubject) -> Iterator[Found]:
    """Inputs and outputs of an operator that hands values on have other scales.

    Why:
        CONCATENATION of int8 tensors, pooling, RESHAPE and the like copy what is stored. LiteRT
        refuses some of them when it allocates; others give values that are wrong by the ratio of
        the scales.

    Example:
        Two branches of [-1, 1] and [0, 6], concatenated without a QUANTIZE between.

    Remedy:
        Convert anew: converters put a QUANTIZE between. In training for quantization, give both
        branches one FakeQuant.
    """
    yield from grouped(
        (subject.named_step(step), step.op, reason)
        for step in subject.steps()
        if (reason := _rescaled(step))
    )


def _rescaled(step: OperatorStep) -> str:
    if step.op == "CONCATENATION":  # uint8 ones are brought to one scale by the kernel
        inputs = [t for t in step.tensors if t is not None and t.dtype == "int8"]
    elif step.op in _COPIES:
        inputs = [t for t in step.tensors[:1] if t is not None]
    else:
        return ""
    for given in inputs:
        for result in step.results[:1]:
            if given.dtype == result.dtype and _differ(given, result):
                return f"it turns {_told(given)} into {_told(result)} by copying"
    return ""


def _differ(left: TFLiteTensor, right: TFLiteTensor) -> bool:
    if not (is_quantized(left) and is_quantized(right)):
        return False
    first, second = _parameters(left), _parameters(right)
    return first[1] != second[1] or not math.isclose(first[0], second[0], rel_tol=_ROUNDING)


def _parameters(tensor: TFLiteTensor) -> tuple[float, int]:
    assert tensor.quantization is not None
    zero_point: Sequence[int] = tensor.quantization.zero_point or (0,)
    return tensor.quantization.scale[0], zero_point[0]


def _told(tensor: TFLiteTensor) -> str:
    scale, zero_point = _parameters(tensor)
    return f"{scale:.6g}*(q-{zero_point})"


@tflite_rule("GT915", "bias-scale", ERROR, targets=TFLITE_TARGETS)
def bias_scale(subject: TFLiteSubject) -> Iterator[Found]:
    """The scale of a bias is not that of the products to which it is added.

    Why:
        The bias is added to sums of products as it is stored; its scale has to be that of the input
        times that of the weights. LiteRT refuses the model where the difference is more than 2 % of
        the output's scale.

    Example:
        A model whose weights were quantized anew, with the old bias.

    Remedy:
        Convert the model anew.
    """
    yield from grouped(
        (subject.named_step(step), step.op, reason)
        for step in subject.steps()
        if (reason := _wrong_bias_scale(step))
    )


def _weighted(step: OperatorStep) -> tuple[TFLiteTensor, TFLiteTensor, TFLiteTensor] | None:
    """Input, weights and bias of an operator that computes in integers; None for any other."""
    positions = _WEIGHTED.get(step.op)
    if positions is None:
        return None
    wanted = (positions[0], positions[1], _BIAS.get(step.op, 2))
    if len(step.tensors) <= max(wanted):
        return None
    given, weights, bias = (step.tensors[place] for place in wanted)
    if given is None or weights is None or bias is None:
        return None
    found = given, weights, bias
    return found if all(map(is_quantized, (*found, *step.results))) and step.results else None


def _wrong_bias_scale(step: OperatorStep) -> str:
    found = _weighted(step)
    if found is None or _scales(found[1]) != 1 or _scales(found[2]) != 1:
        return ""
    (given, _), (weights, _), (bias, _) = map(_parameters, found)
    output, _ = _parameters(step.results[0])
    product = given * weights
    if output > 0 and abs(product - bias) / output > _BIAS_TOLERANCE:
        return f"the bias has the scale {bias:.4g}, its products have {product:.4g}"
    return ""


@tflite_rule("GT916", "bias-overflow", WARNING, targets=TFLITE_TARGETS)
def bias_overflow(subject: TFLiteSubject) -> Iterator[Found]:
    """A bias is cut off at the largest int32.

    Why:
        Where input or weights have tiny scales, a bias of ordinary size is more than int32 holds in
        their product: the converter cuts it off, and the channel gives something else.

    Example:
        Weights of a channel that are all nearly zero, as batch normalization was folded into them.

    Remedy:
        Prune the dead channel, or quantize with a converter that widens such scales (TensorFlow
        2.4 and later).
    """
    yield from grouped(
        (subject.named_step(step), step.op, f"{count:,} of its biases are cut off at int32")
        for step in subject.steps()
        if (count := _cut_off(subject, step))
    )


def _cut_off(subject: TFLiteSubject, step: OperatorStep) -> int:
    found = _weighted(step)
    if found is None or found[2].dtype != "int32" or not found[2].is_constant:
        return 0
    if found[2].external_file or found[2].is_sparse:
        return 0
    values = subject.model.tensor_data(found[2]).astype("int64")
    return int(((values >= _INT32) | (values <= -_INT32)).sum())
