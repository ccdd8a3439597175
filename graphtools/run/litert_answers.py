"""What LiteRT says of TFLite models; the child process answers in it."""

from __future__ import annotations

from dataclasses import dataclass

from graphtools.run.litert_tensors import LiteRTTensor
from graphtools.run.passing import Message


@dataclass(frozen=True)
class LiteRTModel(Message):
    """The ends of a model that LiteRT has loaded, with their shapes as they are now.

    Attributes:
        inputs: What it is fed with.
        outputs: What it gives.
    """

    inputs: tuple[LiteRTTensor, ...]
    outputs: tuple[LiteRTTensor, ...]


@dataclass(frozen=True)
class ModelRan(Message):
    """A model has run, and the values are in the file.

    Attributes:
        model: Its inputs and outputs, whose values come first.
        tensors: Those within whose values follow.
        seconds: Time of the run, without loading.
    """

    model: LiteRTModel
    tensors: tuple[LiteRTTensor, ...]
    seconds: float


@dataclass(frozen=True)
class LiteRTTiming(Message):
    """Times of a model that runs as in an application, with the default delegate (XNNPACK).

    Attributes:
        model: Its inputs and outputs.
        loading: Seconds to load it and to plan its memory.
        first: Seconds of the first run, in which a delegate may still prepare.
        seconds: Seconds of each run after warming up.
        memory: Bytes that the process grew by, at most, loading it and running it once; None where
            the system does not tell.
    """

    model: LiteRTModel
    loading: float
    first: float
    seconds: tuple[float, ...]
    memory: int | None
