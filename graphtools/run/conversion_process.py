"""What the child process does to convert a graph; see `graphtools.convert.conversion.converter`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphtools.run.answers import Converted, NoRoom, NotDone
from graphtools.run.arrays import read_arrays
from graphtools.run.passing import Message
from graphtools.run.probing_process import error_of
from graphtools.run.requests import ConvertGraph


def converted(tf: Any, request: ConvertGraph) -> Message:
    """Convert a graph and write the model; what goes wrong is the answer.

    Args:
        tf: The module tensorflow.
        request: What is asked.

    Returns:
        `Converted`, `NotConverted`, `NoRoom`, or `NotDone` for lack of memory.
    """
    try:
        converter = _converter(tf, request)
        model = converter.convert()
    except MemoryError as problem:
        return NotDone("memory", str(problem))
    except Exception as problem:  # whatever it raises is the answer
        return error_of(problem)
    try:
        with open(request.model, "wb") as file:
            file.write(model)
    except OSError as problem:
        return NoRoom(request.model, problem.strerror or str(problem))
    return Converted()


def _converter(tf: Any, request: ConvertGraph) -> Any:
    """TensorFlow's converter, set as a request asks for."""
    if request.definitions:
        from tensorflow.lite.python.convert import register_custom_opdefs

        register_custom_opdefs(list(request.definitions))
    converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(
        request.graph,
        list(request.inputs),
        list(request.outputs),
        {name: list(dims) for name, dims in request.shapes.items()},
    )
    converter.allow_custom_ops = request.custom
    _set_quantization(tf, converter, request)
    return converter


def _set_quantization(tf: Any, converter: Any, request: ConvertGraph) -> None:
    mode = request.quantize
    sets = tf.lite.OpsSet
    ops = [sets.TFLITE_BUILTINS]
    if mode in ("qat", "dummy"):
        converter.inference_type = getattr(tf, request.inner_type)
        if request.input_type:
            converter.inference_input_type = getattr(tf, request.input_type)
        converter.quantized_input_stats = dict(request.stats)
    elif mode != "none":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if mode == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if mode == "int16x8":
            ops = [sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8]
            if not request.full_integer:
                ops.append(sets.TFLITE_BUILTINS)
        if mode == "int8" and request.full_integer:
            ops = [sets.TFLITE_BUILTINS_INT8]
        if mode in ("int8", "int16x8"):
            converter.representative_dataset = lambda: _samples(request.samples)
            if request.input_type:
                converter.inference_input_type = getattr(tf, request.input_type)
            if request.output_type:
                converter.inference_output_type = getattr(tf, request.output_type)
    # TensorFlow has no other name for it
    converter._experimental_disable_per_channel = request.per_tensor  # noqa: SLF001
    if request.select:
        ops.append(sets.SELECT_TF_OPS)
    converter.target_spec.supported_ops = ops


def _samples(paths: tuple[str, ...]) -> Iterator[list[Any]]:
    for path in paths:
        yield read_arrays(path)
