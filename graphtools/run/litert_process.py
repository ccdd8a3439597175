"""The child process that runs TFLite models; `graphtools.run.litert` talks to it.

Models are run without delegates, as the values of their tensors would otherwise depend on what a
delegate makes of the graph; only what is timed runs as it would in an application.
"""

from __future__ import annotations

import os
import time
from typing import Any

from graphtools.run.arrays import read_arrays, write_arrays
from graphtools.run.child import open_answers, send, serve

#: Models that are kept loaded: two are compared at a time.
_KEPT = 2


def main() -> None:
    """Answer requests until the parent ends or ends this process."""
    answers = open_answers()
    try:
        from ai_edge_litert import interpreter
    except ImportError as problem:
        send(answers, {"kind": "import", "message": str(problem)})
        return
    serve({"ready": "LiteRT"}, _Runner(interpreter).answer, answers)


class _Refused(Exception):
    """LiteRT does not load a model."""


class _Runner:
    """Runs models.

    Attributes:
        litert: The module ai_edge_litert.interpreter.
    """

    def __init__(self, litert: Any) -> None:
        self.litert = litert
        self._loaded: dict[tuple[object, ...], Any] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for; errors of LiteRT are answers."""
        actions = {"inspect": self._inspect, "run": self._run, "time": self._time}
        try:
            return actions[request["do"]](request)
        except _Refused as problem:
            return {"kind": "refused", "message": str(problem)}
        except MemoryError as problem:
            return {"kind": "memory", "message": str(problem)}
        # by these, LiteRT refuses values and stops
        except (ValueError, RuntimeError, TypeError) as problem:
            return {"kind": "failed", "message": str(problem)}

    def _inspect(self, request: dict[str, Any]) -> dict[str, Any]:
        return _described(self._load(request))

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        model = self._load(request)
        self._feed(model, read_arrays(request["arrays"]))
        start = time.perf_counter()
        model.invoke()
        seconds = time.perf_counter() - start
        values = [_value(model, d["index"]) for d in model.get_output_details()]
        tensors = []
        if request["tensors"]:
            details = {d["index"]: d for d in model.get_tensor_details()}
            for index in (i for i in request["tensors"] if i in details):
                try:
                    values.append(_value(model, index))
                except ValueError:  # no memory was given to it, as nothing reads it
                    continue
                tensors.append(_tensor(details[index]))
        try:
            write_arrays(request["values"], values)
        except OSError as problem:
            why = problem.strerror or str(problem)
            return {"kind": "no room", "message": why, "file": request["values"]}
        return {"seconds": seconds, "tensors": tensors, **_described(model)}

    def _time(self, request: dict[str, Any]) -> dict[str, Any]:
        """Load a model anew and run it several times."""
        before = _memory()
        start = time.perf_counter()
        model = self._new(request)
        loading = time.perf_counter() - start
        self._feed(model, read_arrays(request["arrays"]))
        start = time.perf_counter()
        model.invoke()
        first = time.perf_counter() - start
        after = _memory()
        for _ in range(request["warmup"]):
            model.invoke()
        seconds: list[float] = []
        deadline = time.perf_counter() + request["seconds"]
        while len(seconds) < request["runs"] and (time.perf_counter() < deadline or not seconds):
            start = time.perf_counter()
            model.invoke()
            seconds.append(time.perf_counter() - start)
        return {
            "loading": loading,
            "first": first,
            "seconds": seconds,
            "memory": None if before is None or after is None else max(0, after - before),
            **_described(model),
        }

    def _load(self, request: dict[str, Any]) -> Any:
        """A model that is loaded; once, unless the file changes."""
        path = request["path"]
        status = os.stat(path)
        key: tuple[object, ...] = (path, status.st_mtime_ns, status.st_size)
        key += tuple(request[name] for name in ("kernels", "keep", "threads"))
        model = self._loaded.pop(key, None)
        if model is None:
            while len(self._loaded) >= _KEPT:
                self._loaded.pop(next(iter(self._loaded)))
            model = self._new(request)
        self._loaded[key] = model
        return model

    def _new(self, request: dict[str, Any]) -> Any:
        try:
            model = self.litert.Interpreter(
                model_path=request["path"],
                num_threads=request["threads"],
                experimental_op_resolver_type=self.litert.OpResolverType[request["kernels"]],
                experimental_preserve_all_tensors=request["keep"],
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


def _described(model: Any) -> dict[str, Any]:
    """The inputs and outputs of a model, with their shapes as they are now."""
    return {
        "inputs": [_tensor(d) for d in model.get_input_details()],
        "outputs": [_tensor(d) for d in model.get_output_details()],
    }


def _tensor(detail: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    parameters = detail["quantization_parameters"]
    kind = np.dtype(detail["dtype"])
    return {
        "index": int(detail["index"]),
        "name": detail["name"],
        "dtype": "string" if kind.kind in "SUO" else kind.name,
        "shape": [int(d) for d in detail["shape"]],
        "signature": [int(d) for d in detail["shape_signature"]],
        "scale": [float(s) for s in parameters["scales"]],
        "zero_point": [int(z) for z in parameters["zero_points"]],
        "dimension": int(parameters["quantized_dimension"]),
    }


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
