"""How far a converted model lies from the graph that it was made of, output by output."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.convert.conversion.converter_input import ConverterInput
from graphtools.convert.conversion.custom_ops import POSTPROCESS
from graphtools.convert.conversion.report import OutputError
from graphtools.front_end import param, step
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.idioms import fake_quant
from graphtools.model.loading import ModelGraph
from graphtools.ops.handing_on import RESHAPED, SAME_TENSOR, source_node
from graphtools.run.litert import LiteRT
from graphtools.run.worker import Worker
from graphtools.verify.feeds import random_feeds
from graphtools.verify.graph_side import GraphSide
from graphtools.verify.metrics import TOLERANCES, measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphtools.convert.calibration.calibration import Calibration

    Arrays = Mapping[str, NDArray[Any]]

#: So many samples are run, at most.
MOST_SAMPLES = 16
#: Below so many dB, a quantized output says little of what the float one does.
_LEAST_SNR = 10.0
#: By mode, the signal to noise in dB below which a model is broken. At 0 dB zeros would do as well.
#: Measured with TensorFlow 2.21 and LiteRT on nets of Keras (MobileNet 1 to 3, EfficientNetB0,
#: ResNet50) with random weights, which are the harder to quantize: right float16 models have 32 to
#: 56 dB, dynamic 2.5 to 34, int16x8 5 to 24, int8 2.5 to 18. Calibrated on other data than they
#: are fed, models have -3 to 18, which overlaps with right ones: only what is useless is told.
_BROKEN_BELOW = {"float16": 20.0, "dynamic": 0.0, "int8": 0.0, "int16x8": 0.0, "qat": 0.0}
#: Less is left of what changes from sample to sample in a model that is broken, whatever its signal
#: to noise, as most of an output may be the same for any input. Measured on nets of our own (plain
#: and depthwise; relu, swish, hard_swish; Softmax or logits; 16 images): calibrated on data like
#: theirs they keep 0.97 to 1.05; on zeros at most 0.01, and have -0.5 to 41 dB all the same. On
#: other data, those that tell all images apart in float keep 0.23 and more where 88 % is right
#: still, and 0.14 and less where less than 40 % is.
_LEAST_KEPT = 0.2
#: So many samples tell, and changes of less than this part of the values are none.
_ENOUGH_SAMPLES, _LEAST_CHANGE = 8, 1e-3
#: The scale of every Softmax of 8 bits, and the ways of quantizing that make some.
_SOFTMAX_STEP = 1 / 256
_OF_BYTES = frozenset({"int8", "qat", "dummy"})
#: So many random ones, where there is no data; a float model gives the same for any.
_RANDOM_SAMPLES = 4


def error_samples(
    asked: ConverterInput, calibration: Calibration | None, *, is_float: bool
) -> tuple[list[Arrays], str]:
    """The samples that an error is measured on, and what they are.

    Raises:
        InvalidValue: There is no data, and an input cannot be fed with random values.
    """
    if calibration is not None:
        found: list[Arrays] = list(itertools.islice(calibration.samples(), MOST_SAMPLES))
        of = f"{len(found)} of " if len(found) < calibration.count else ""
        return found, f"{of}{calibration.source}"
    shapes = dict(zip(asked.inputs, asked.shapes, strict=True))
    found = [
        random_feeds(asked.graph, asked.inputs, shapes, seed).arrays
        for seed in range(1 if is_float else _RANDOM_SAMPLES)
    ]
    if is_float:
        return found, "one random sample"
    return found, f"{len(found)} random samples, as no data was given: {param('calibration')}"


def graph_outputs(
    asked: ConverterInput, samples: Sequence[Arrays], worker: Worker
) -> list[list[NDArray[Any]]]:
    """What the graph gives for samples, in TensorFlow; its detections are computed by numpy.

    Raises:
        TensorFlowProblem: TensorFlow does not run it.
        InvalidGraph: The op of the detections is not as it has to be.
    """
    model = ModelGraph("", asked.graph, tuple(asked.inputs), tuple(asked.outputs))
    side = GraphSide(model, worker)
    return [[value.real for value in side.run(sample).values()] for sample in samples]


def model_outputs(
    path: str, asked: ConverterInput, samples: Sequence[Arrays], litert: LiteRT
) -> list[list[NDArray[Any]]]:
    """What a model gives for samples, in LiteRT; of quantized outputs the real values.

    Raises:
        LiteRTProblem: LiteRT does not run it.
    """
    found = []
    for sample in samples:
        run = litert.run(path, [sample[name] for name in asked.inputs])
        found.append([v.real for v in run.outputs])
    return found


def output_errors(
    asked: ConverterInput,
    wanted: Sequence[Sequence[NDArray[Any]]],
    found: Sequence[Sequence[NDArray[Any]]],
) -> Iterator[OutputError]:
    """The errors of the outputs over all samples.

    Args:
        asked: What the outputs are.
        wanted: By sample, the values of the float graph.
        found: By sample, those of the model.
    """
    import numpy as np

    for index, name in enumerate(asked.outputs):
        pairs = [(a[index], b[index]) for a, b in zip(wanted, found, strict=True)]
        if not pairs or any(a.shape != b.shape or a.dtype.kind not in "fiub" for a, b in pairs):
            continue
        left, right = (np.concatenate([p[i].ravel() for p in pairs]) for i in (0, 1))
        if not left.size:
            continue
        metrics = measure(left, right)
        finite = left[np.isfinite(left)]
        yield OutputError(
            name=str(Ref.parse(name)),
            samples=len(pairs),
            low=float(finite.min()) if finite.size else 0.0,
            high=float(finite.max()) if finite.size else 0.0,
            max_abs=metrics.max_abs,
            mean_abs=metrics.mean_abs,
            snr=metrics.snr,
            not_finite=metrics.not_finite,
            vanished=bool(left.any()) and not right.any(),
            kept=_kept([a for a, _ in pairs], [b for _, b in pairs]),
        )


def _kept(wanted: Sequence[NDArray[Any]], found: Sequence[NDArray[Any]]) -> float | None:
    """How much of what changes from sample to sample is left; see `OutputError`.

    It is the slope of the line that leads from the changes of the graph to those of the model.
    """
    import numpy as np

    if len(wanted) < _ENOUGH_SAMPLES or wanted[0].dtype.kind != "f":
        return None
    left, right = (np.array(values, np.float64) for values in (wanted, found))
    changes = left - left.mean(axis=0)
    power = float((changes**2).sum())
    if not np.isfinite(right).all() or not power > _LEAST_CHANGE**2 * float((left**2).sum()):
        return None
    return float((changes * (right - right.mean(axis=0))).sum()) / power


def differences(
    asked: ConverterInput,
    wanted: Sequence[Sequence[NDArray[Any]]],
    found: Sequence[Sequence[NDArray[Any]]],
    errors: Sequence[OutputError],
    *,
    is_float: bool,
) -> Iterator[str]:
    """What a model gives that is not what the graph gives.

    Args:
        asked: What the outputs are.
        wanted: By sample, the values of the graph.
        found: By sample, those of the model.
        errors: How far they lie apart.
        is_float: Whether nothing is quantized, so that the values have to be the same.
    """
    for index, name in enumerate(asked.outputs):
        shapes = {(a[index].shape, b[index].shape) for a, b in zip(wanted, found, strict=True)}
        other = next((pair for pair in sorted(shapes) if pair[0] != pair[1]), None)
        if other is not None:
            first, second = (Shape(dims) for dims in other)
            yield (
                f"the output {str(Ref.parse(name))!r} has the shape {second}, and {first} in "
                "TensorFlow"
            )
    # a value on the border of two steps may become either
    tolerance = TOLERANCES["uint8" if fake_quant.count(asked.graph) else "float"]
    for error in errors if is_float else ():
        if _is_of_detections(asked, error):
            continue
        largest = max(abs(error.low), abs(error.high))
        if error.max_abs and not tolerance.admits_error(error.max_abs, largest, error.snr):
            yield (
                f"the output {error.name!r} is not what TensorFlow computes: it differs by up to "
                f"{error.max_abs:.3g}, where the largest value is {largest:.3g}; "
                f"{step('verify', 'GRAPH', 'MODEL', layers=True)} finds the layer"
            )


def _is_of_detections(asked: ConverterInput, error: OutputError) -> bool:
    """Whether an output holds detections, of which scores that are close decide the order."""
    node = asked.graph.get(producer(error.name))
    return node is not None and node.op == POSTPROCESS


def before_softmax(asked: ConverterInput, output: str) -> str:
    """The tensor that a Softmax whose result is an output takes; empty if the output is none."""
    node = source_node(asked.graph, output, SAME_TENSOR | RESHAPED)
    if node is None or node.op != "Softmax" or not node.data_inputs:
        return ""
    return str(Ref.parse(node.data_inputs[0]))


def is_broken(error: OutputError, asked: ConverterInput, mode: str) -> bool:
    """Whether an output of a quantized model says nothing of what the graph computes.

    Args:
        error: The error of the output.
        asked: What the outputs are.
        mode: The way of quantizing; made-up ranges promise nothing.
    """
    least = _BROKEN_BELOW.get(mode)
    if least is None or _is_of_detections(asked, error):
        return False
    if error.not_finite or error.vanished or _is_lost(error):
        return True
    return error.snr is not None and error.snr < least


def _is_lost(error: OutputError) -> bool:
    """Whether an output hardly changes any more with what is fed, or not as it should."""
    return error.kept is not None and error.kept < _LEAST_KEPT


def remarks_on(
    errors: Sequence[OutputError], asked: ConverterInput, mode: str, *, has_data: bool = False
) -> Iterator[str]:
    """What is to be said of errors that are large.

    Args:
        errors: The errors.
        asked: What the outputs are.
        mode: The way of quantizing.
        has_data: Whether they were measured on data that was given.
    """
    for error in errors:
        is_low = error.snr is not None and error.snr < _LEAST_SNR
        if error.not_finite:
            yield f"the output {error.name!r} is NaN or infinite where the float graph's is not"
        elif error.vanished and mode != "none":
            cure = _cure(asked, error, mode, has_data)
            yield f"all values of the output {error.name!r} are 0 in the model: {cure}"
        elif is_low and _is_of_detections(asked, error):
            yield (
                f"the detections of {error.name!r} differ, maybe in their order only: "
                f"{step('verify')} matches them"
            )
        elif _is_lost(error) and mode != "none":
            yield (
                f"quantization takes away how the output {error.name!r} changes with what is fed: "
                f"{max(error.kept or 0, 0):.0%} is left; {_cure(asked, error, mode, has_data)}"
            )
        elif is_low and mode != "none":
            yield (
                f"quantization leaves little of the output {error.name!r}: signal to noise is "
                f"{error.snr:.1f} dB; {_cure(asked, error, mode, has_data)}"
            )


def _cure(asked: ConverterInput, error: OutputError, mode: str, has_data: bool) -> str:
    """What helps a quantized output that is far from the float one."""
    if mode == "dummy":
        return "its ranges are made up, so that it is good for timing only"
    before = before_softmax(asked, error.name)
    if before and mode in _OF_BYTES and error.high < _SOFTMAX_STEP:
        return (
            "of a Softmax, int8 and uint8 know steps of 1/256, and no class is that likely; "
            f"take the tensor before it as the output: {param(outputs=[before])}"
        )
    if has_data:
        return "data that is more like the real one may help, or training for quantization"
    return f"data like the real one may help ({param('calibration')}), or training for quantization"
