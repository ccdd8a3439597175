"""Times TFLite models in LiteRT on this machine, alone or one against another.

Models run as in an application: with LiteRT's default delegate, XNNPACK, where it takes them. The
Python API of LiteRT does not hand out its profiler, so that times of single operators are not to be
had; what operators there are, and how many multiply-accumulates each kind takes, is.
"""

from __future__ import annotations

import dataclasses
import os
import platform
from collections.abc import Callable, Mapping
from typing import Any

from graphtools.analysis.tflite_costs import OperatorKind, operator_kinds
from graphtools.analysis.tflite_kinds import conversion_kind
from graphtools.display import Displayed
from graphtools.errors import InvalidValue
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.front_end import param, step
from graphtools.run.litert import LiteRT, require_litert
from graphtools.run.litert_answers import LiteRTTiming

#: Names by which systems call processors of Intel's and AMD's.
_X86 = frozenset({"x86_64", "amd64", "i386", "i686"})
#: Seconds that the runs of one model may take in all.
SECONDS = 20.0
RUNS, WARMUP = 50, 5
#: Two models take turns, so that both see the same load of the machine.
_TURNS = 2


@dataclasses.dataclass(frozen=True)
class ModelTimes:
    """What a model takes on this machine; times are milliseconds.

    Attributes:
        path: The model.
        size: Bytes of the file.
        kind: Kind of its conversion, as `float`.
        runs: Number of runs that were timed.
        median: Median of a run.
        p90: What nine of ten runs stay below.
        min: The fastest run.
        loading: Loading the model and planning its memory.
        first: The first run, in which a delegate may still prepare.
        memory: Bytes that the process grew by, at most, from loading to the end of the first run;
            None where the system does not tell.
        macs: Multiply-accumulates of one run, by the shapes in the file.
        operators: The kinds of its operators.
    """

    path: str
    size: int
    kind: str
    runs: int
    median: float
    p90: float
    min: float
    loading: float
    first: float
    memory: int | None
    macs: int
    operators: tuple[OperatorKind, ...]


@dataclasses.dataclass(frozen=True)
class Bench(Displayed):
    """What one or two models take.

    Attributes:
        machine: Kind of the processor, as `x86_64`.
        processors: Number of them.
        threads: Number of threads that a model ran on.
        model: The model.
        against: Another; None if there is none.
        ratio: Median of the model, as part of the other's; None if there is none.
        notes: What the user is to know.
    """

    machine: str
    processors: int
    threads: int
    model: ModelTimes
    against: ModelTimes | None
    ratio: float | None
    notes: tuple[str, ...]


def bench(
    path: str | os.PathLike[str],
    against: str | os.PathLike[str] | None = None,
    *,
    feed: Mapping[str, Any] | None = None,
    runs: int = RUNS,
    warmup: int = WARMUP,
    threads: int = 1,
    seconds: float = SECONDS,
    time_limit: float = 300.0,
    trust: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Bench:
    """Time a model, and another for comparison.

    Args:
        path: The model, a .tflite file.
        against: The other one.
        feed: Values of inputs by name; random ones by default.
        runs: Number of runs that are timed.
        warmup: Number of runs before.
        threads: Number of threads that a model runs on.
        seconds: Time after which no other run of a model begins, even if there were fewer.
        time_limit: Seconds after which a model is given up.
        trust: Whether models may run whose TensorFlow kernels write or read files, or use the
            network.
        progress: Called with the number of turns that are done, and of all.

    Raises:
        MissingExtra: LiteRT is not installed.
        LiteRTProblem: LiteRT does not run a model.
        InvalidValue: A file is no TFLite model, or a number is wrong.
        GraphtoolsError: A file cannot be read.

    Example:
        >>> found = graphtools.bench("fixtures/quant/model.tflite", runs=3, warmup=0)
        >>> type(found).__name__
        'Bench'
    """
    if runs < 1 or warmup < 0:
        raise InvalidValue(f"{runs} runs after {warmup}: there is 1 run at least")
    paths = [os.fspath(p) for p in (path, against) if p is not None]
    models = [_model(p) for p in paths]
    require_litert("timing a TFLite model")
    turns = min(_TURNS if len(paths) > 1 else 1, runs)
    timings: list[list[LiteRTTiming]] = [[] for _ in paths]
    # a process for each: the most memory that it had says nothing of a second model
    with (
        LiteRT(time_limit, threads, trust=trust) as one,
        LiteRT(time_limit, threads, trust=trust) as other,
    ):
        for turn in range(turns):
            for number, (litert, name) in enumerate(zip((one, other), paths, strict=False)):
                part = runs // turns + (turn < runs % turns)
                own = litert.time(name, feed, runs=part, warmup=warmup, seconds=seconds / turns)
                timings[number].append(own)
                if progress:
                    progress(turn * len(paths) + number + 1, turns * len(paths))
    found = [_times(m, t) for m, t in zip(models, timings, strict=True)]
    second = found[1] if len(found) > 1 else None
    return Bench(
        machine=platform.machine() or "unknown",
        processors=os.cpu_count() or 1,
        threads=threads,
        model=found[0],
        against=second,
        ratio=found[0].median / second.median if second is not None and second.median else None,
        notes=tuple(notes_on(found, runs, seconds, platform.machine())),
    )


def _model(path: str) -> TFLiteModel:
    model = open_model(path)
    if not isinstance(model, TFLiteModel):
        raise InvalidValue(
            f"{path} is no TFLite model, but a {model.kind}",
            f"convert it first: {step('convert')}",
        )
    return model


def _times(model: TFLiteModel, timings: list[LiteRTTiming]) -> ModelTimes:
    import numpy as np

    seconds = np.array([s for timing in timings for s in timing.seconds])
    operators = operator_kinds(model)
    memory = timings[0].memory
    return ModelTimes(
        path=model.path,
        size=os.path.getsize(model.path),
        kind=conversion_kind(model),
        runs=len(seconds),
        median=1000 * float(np.median(seconds)),
        p90=1000 * float(np.percentile(seconds, 90)),
        min=1000 * float(seconds.min()),
        loading=1000 * timings[0].loading,
        first=1000 * timings[0].first,
        memory=memory,
        macs=sum(kind.macs for kind in operators),
        operators=operators,
    )


def notes_on(found: list[ModelTimes], runs: int, seconds: float, machine: str) -> list[str]:
    """What is to be known of the times: which vary, and which an x86 processor turns round."""
    notes = [
        f"{times.path} was timed {times.runs} times, not {runs}: {seconds:g} seconds were over"
        for times in found
        if times.runs < runs
    ]
    notes += [
        f"the times of {times.path} vary: nine of ten runs stay below {times.p90:.3g} ms, the "
        f"median is {times.median:.3g} ms; leave the machine alone, or take more {param('runs')}"
        for times in found
        if times.p90 > 1.5 * times.median
    ]
    floats = [t for t in found if t.kind in ("float", "float16")]
    integers = [t for t in found if t.kind not in ("float", "float16")]
    if floats and integers and machine.lower() in _X86:
        slow, fast = integers[0], floats[0]
        if slow.median > fast.median:
            notes.append(
                f"the quantized model is {slow.median / fast.median:.2g} times slower than the "
                f"float one on this {machine}: many integer kernels are written for ARM, where the "
                "device is likely to tell another story; measure there"
            )
    return notes
