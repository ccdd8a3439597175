"""What came of a conversion, as dataclasses."""

from __future__ import annotations

import dataclasses

from graphtools.analysis.tflite_summary import OperatorCount
from graphtools.compat.verdict import Blocker


@dataclasses.dataclass(frozen=True)
class ConvertedPort:
    """An input or output of a converted model.

    Attributes:
        name: Name of the tensor in the graph.
        tensor: Its name in the model.
        dtype: Element type in the model.
        shape: Dimensions, None for those that may change; None for an unknown rank.
        scale: Quantization: real = scale * (stored - zero_point); None if there is none.
        zero_point: The stored value that stands for 0.
    """

    name: str
    tensor: str
    dtype: str
    shape: tuple[int | None, ...] | None
    scale: float | None = None
    zero_point: int | None = None


@dataclasses.dataclass(frozen=True)
class RunInLiteRT:
    """What came of loading and running a model in LiteRT.

    Attributes:
        status: `ran`, `skipped` (LiteRT is not installed, or has no such ops), or how it failed:
            `refused`, `failed`, `crashed`, `hung`.
        message: Why it did not run; empty if it did.
    """

    status: str
    message: str = ""


@dataclasses.dataclass(frozen=True)
class OutputError:
    """How far an output of a model lies from that of the graph.

    Attributes:
        name: Name of the tensor in the graph.
        samples: Number of samples that were run.
        low: Smallest value of the graph.
        high: Its largest value.
        max_abs: Largest absolute error; None where no value is finite.
        mean_abs: Mean absolute error, likewise.
        snr: Signal to noise ratio in dB; None where there is no noise or no signal.
        not_finite: Number of values of which one is NaN or infinite and the other is not.
        vanished: Whether all values of the model are 0, and those of the graph are not.
        kept: How much is left of what changes from sample to sample: 1 where all is, 0 where the
            model gives the same for any, or what has nothing to do with it; None where there are
            too few samples to tell, or nothing changes in the graph.
    """

    name: str
    samples: int
    low: float
    high: float
    max_abs: float | None
    mean_abs: float | None
    snr: float | None
    not_finite: int = 0
    vanished: bool = False
    kept: float | None = None


@dataclasses.dataclass(frozen=True)
class Conversion:
    """A converted model: what was asked for, and what came out.

    Attributes:
        target: Path of the model.
        quantize: The way of quantizing that was asked for.
        inputs: Its inputs.
        outputs: Its outputs.
        operators: Operators with their versions, the most frequent first.
        custom_ops: Names of custom operators.
        flex_ops: Names of operators that only TensorFlow's kernels run.
        size: Bytes of the model.
        source_size: Bytes of the graph, as it was given to the converter.
        tensorflow: Version of TensorFlow that has converted it.
        litert: What came of running it.
        errors: Errors of the outputs, where they were measured.
        error_data: What they were measured on; empty if they were not.
        notes: What was done on the way, and what is good to know.
        findings: What makes it something else than was asked for; none for a sound model.
    """

    target: str
    quantize: str
    inputs: tuple[ConvertedPort, ...]
    outputs: tuple[ConvertedPort, ...]
    operators: tuple[OperatorCount, ...]
    custom_ops: tuple[str, ...]
    flex_ops: tuple[str, ...]
    size: int
    source_size: int
    tensorflow: str
    litert: RunInLiteRT
    errors: tuple[OutputError, ...] = ()
    error_data: str = ""
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it is what was asked for, as far as that can be told."""
        return not self.findings


@dataclasses.dataclass(frozen=True)
class ConversionFailure:
    """A graph that was not converted.

    Attributes:
        source: Where it stands.
        message: Why not.
        remedy: What to do about it; empty where nothing can be advised.
        blockers: The nodes that are in the way; none if it is not for single nodes.
    """

    source: str
    message: str
    remedy: str
    blockers: tuple[Blocker, ...] = ()


@dataclasses.dataclass(frozen=True)
class Conversions:
    """What came of several conversions in one call.

    Attributes:
        conversions: The models.
        failures: The graphs of which none was made.
    """

    conversions: tuple[Conversion, ...]
    failures: tuple[ConversionFailure, ...]
