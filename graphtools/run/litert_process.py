"""The child process that runs TFLite models; `graphtools.run.litert` talks to it.

Models are run without delegates, as the values of their tensors would otherwise depend on what a
delegate makes of the graph; only what is timed runs as it would in an application.
"""

from __future__ import annotations

import os
import time
from typing import Any

from graphtools.run.answers import CannotImport, NoRoom, NotDone, Ready
from graphtools.run.arrays import read_arrays, write_arrays
from graphtools.run.child import open_answers, send, serve
from graphtools.run.litert_answers import LiteRTModel, LiteRTTiming, ModelRan
from graphtools.run.litert_tensors import tensor_of
from graphtools.run.passing import Message
from graphtools.run.requests import InspectModel, ModelInLiteRT, RunModel, TimeModel

#: Models that are kept loaded: two are compared at a time.
_KEPT = 2


def main() -> None:
    """Answer requests until the parent ends or ends this process."""
    answers = open_answers()
    try:
        from ai_edge_litert import interpreter
    except ImportError as problem:
        send(answers, CannotImport(str(problem)))
        return
    serve(Ready("LiteRT"), _ModelRunner(interpreter).answer, answers)


class _Refused(Exception):
    """LiteRT does not load a model."""


class _ModelRunner:
    """Runs models.

    Attributes:
        litert: The module ai_edge_litert.interpreter.
    """

    def __init__(self, litert: Any) -> None:
        self.litert = litert
        self._loaded: dict[tuple[object, ...], Any] = {}

    def answer(self, request: Message) -> Message:
        """Do what a request asks for; errors of LiteRT are answers."""
        try:
            if isinstance(request, RunModel):
                return self._run(request)
            if isinstance(request, TimeModel):
                return self._time(request)
            assert isinstance(request, InspectModel)
            return _described(self._load(request.model))
        except _Refused as problem:
            return NotDone("refused", str(problem))
        except MemoryError as problem:
            return NotDone("memory", str(problem))
        # by these, LiteRT refuses values and stops
        except (ValueError, RuntimeError, TypeError) as problem:
            return NotDone("failed", str(problem))

    def _run(self, request: RunModel) -> Message:
        model = self._load(request.model)
        self._feed(model, read_arrays(request.arrays))
        start = time.perf_counter()
        model.invoke()
        seconds = time.perf_counter() - start
        values = [_value(model, d["index"]) for d in model.get_output_details()]
        tensors = []
        if request.tensors:
            details = {d["index"]: d for d in model.get_tensor_details()}
            for index in (i for i in request.tensors if i in details):
                try:
                    values.append(_value(model, index))
                except ValueError:  # no memory was given to it, as nothing reads it
                    continue
                tensors.append(tensor_of(details[index]))
        try:
            write_arrays(request.values, values)
        except OSError as problem:
            return NoRoom(request.values, problem.strerror or str(problem))
        return ModelRan(_described(model), tuple(tensors), seconds)

    def _time(self, request: TimeModel) -> LiteRTTiming:
        """Load a model anew and run it several times."""
        before = _memory()
        start = time.perf_counter()
        model = self._new(request.model)
        loading = time.perf_counter() - start
        self._feed(model, read_arrays(request.arrays))
        start = time.perf_counter()
        model.invoke()
        first = time.perf_counter() - start
        after = _memory()
        for _ in range(request.warmup):
            model.invoke()
        seconds: list[float] = []
        deadline = time.perf_counter() + request.seconds
        while len(seconds) < request.runs and (time.perf_counter() < deadline or not seconds):
            start = time.perf_counter()
            model.invoke()
            seconds.append(time.perf_counter() - start)
        grown = None if before is None or after is None else max(0, after - before)
        return LiteRTTiming(_described(model), loading, first, tuple(seconds), grown)

    def _load(self, wanted: ModelInLiteRT) -> Any:
        """A model that is loaded; once, unless the file changes."""
        status = os.stat(wanted.path)
        key = (wanted, status.st_mtime_ns, status.st_size)
        model = self._loaded.pop(key, None)
        if model is None:
            while len(self._loaded) >= _KEPT:
                self._loaded.pop(next(iter(self._loaded)))
            model = self._new(wanted)
        self._loaded[key] = model
        return model

    def _new(self, wanted: ModelInLiteRT) -> Any:
        try:
            model = self.litert.Interpreter(
                model_path=wanted.path,
                num_threads=wanted.threads,
                experimental_op_resolver_type=self.litert.OpResolverType[wanted.kernels],
                experimental_preserve_all_tensors=wanted.keep,
            )
            model.allocate_tensors()
        except (ValueError, RuntimeError) as problem:
            raise _Refused(str(problem)) from None
        return model

    def _feed(self, model: Any, arrays: list[Any]) -> None:
        import numpy as np

        resized = False
        for detail, array in zip(model.get_input_details(), arrays, strict=True):
            if tuple(detail["shape"]) != array.shape:
                model.resize_tensor_input(detail["index"], array.shape)
                resized = True
        if resized:
            model.allocate_tensors()
        model.reset_all_variables()
        for detail, array in zip(model.get_input_details(), arrays, strict=True):
            if array.dtype.kind == "O":
                array = array.astype(np.bytes_) if array.size else array.astype("S1")
            model.set_tensor(detail["index"], array)


def _described(model: Any) -> LiteRTModel:
    """The inputs and outputs of a model, with their shapes as they are now."""
    return LiteRTModel(
        tuple(tensor_of(d) for d in model.get_input_details()),
        tuple(tensor_of(d) for d in model.get_output_details()),
    )


def _value(model: Any, index: int) -> Any:
    """The value of a tensor, as an array of one of numpy's own types."""
    import numpy as np

    array = np.asarray(model.get_tensor(index))
    if array.dtype.kind in "SU":
        return array.astype(np.object_)
    if array.dtype.kind == "V" or array.dtype.isbuiltin == 2:  # bfloat16 and the like
        return array.astype(np.int8 if "int" in array.dtype.name else np.float32)
    return array


def _memory() -> int | None:
    """Bytes that the process has in memory at most, since it started; None where nobody tells."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
