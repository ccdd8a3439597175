"""What the child processes are asked.

It is imported by interpreters that have nothing but the standard library, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphtools.run.passing import Message


@dataclass(frozen=True)
class RunGraph(Message):
    """Run a graph in TensorFlow.

    Attributes:
        graph: The file of the graph.
        first: Names of nodes that are to run before, once.
        feeds: Names of the tensors that are fed.
        arrays: The file with their values; see `graphtools.run.arrays`.
        fetches: Names of the tensors that are wanted.
        values: The file for their values.
    """

    graph: str
    first: tuple[str, ...]
    feeds: tuple[str, ...]
    arrays: str
    fetches: tuple[str, ...]
    values: str


@dataclass(frozen=True)
class ConvertGraph(Message):
    """Convert a graph to TFLite, as it is asked for by `ConversionOptions`.

    Attributes:
        graph: The file of the graph.
        model: The file for the model.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        shapes: By input, its dimensions, None for one that is open.
        quantize: The way of quantizing.
        inner_type: The type of quantized values, where they have ranges of the graph's own.
        input_type: The type of inputs, empty for what the mode gives.
        output_type: Likewise of outputs.
        per_tensor: Whether weights have one scale a tensor.
        custom: Whether custom ops are admitted.
        select: Whether ops of TensorFlow are admitted.
        stats: By input, mean and standard deviation.
        samples: Files with the arrays of the inputs, one a sample.
        definitions: OpDefs of custom ops.
        full_integer: Whether no float op may be left.
    """

    graph: str
    model: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: Mapping[str, tuple[int | None, ...]]
    quantize: str
    inner_type: str
    input_type: str
    output_type: str
    per_tensor: bool
    custom: bool
    select: bool
    stats: Mapping[str, tuple[float, float]]
    samples: tuple[str, ...]
    definitions: tuple[str, ...]
    full_integer: bool


@dataclass(frozen=True)
class TryConversion(Message):
    """Convert a small graph, to see what the converter says of it.

    Attributes:
        graph: The file of the graph.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        select: Whether ops of TensorFlow are admitted.
        allocate: Whether the result is loaded in tf.lite's interpreter.
        model: The file for the result; none is written if empty.
    """

    graph: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    select: bool
    allocate: bool
    model: str


@dataclass(frozen=True)
class AskAllowed(Message):
    """Tell which ops a model may hold that admits ops of TensorFlow."""

    ops: tuple[str, ...]


@dataclass(frozen=True)
class WriteDefinitions(Message):
    """Write the definitions of all ops that TensorFlow has, as an OpList, to a file."""

    path: str


@dataclass(frozen=True)
class ModelInLiteRT(Message):
    """How a TFLite model is loaded in LiteRT.

    Attributes:
        path: The file of the model.
        threads: Number of threads that it runs on.
        kernels: Its kernels, by LiteRT's own name of who chooses them.
        keep: Whether the values of all tensors are kept.
    """

    path: str
    threads: int
    kernels: str
    keep: bool


@dataclass(frozen=True)
class InspectModel(Message):
    """Load a model, and tell its inputs and outputs."""

    model: ModelInLiteRT


@dataclass(frozen=True)
class RunModel(Message):
    """Run a model.

    Attributes:
        model: The model.
        arrays: The file with the values of its inputs.
        tensors: Indices of the tensors within whose values are wanted.
        values: The file for the values of outputs and tensors.
    """

    model: ModelInLiteRT
    arrays: str
    tensors: tuple[int, ...]
    values: str


@dataclass(frozen=True)
class TimeModel(Message):
    """Load a model anew and run it several times.

    Attributes:
        model: The model.
        arrays: The file with the values of its inputs.
        runs: Number of runs that are timed, at most.
        warmup: Number of runs before.
        seconds: Time after which no other run begins.
    """

    model: ModelInLiteRT
    arrays: str
    runs: int
    warmup: int
    seconds: float
