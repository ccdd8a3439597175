"""The child process that runs ncnn models; see `graphtools.run.ncnn_runtime`.

A model that ncnn does not load ends the process when it is run all the same, and some end it where
it was loaded: each model gets a process of its own.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from graphtools.run.answers import CannotImport, Fetched, NoRoom, NotDone, Ready
from graphtools.run.arrays import read_arrays, write_arrays
from graphtools.run.child import open_answers, send, serve
from graphtools.run.passing import Message
from graphtools.run.target_requests import RunNCNN

#: What ncnn may round: with these off it computes in float32.
_ROUNDING = (
    "use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage",
    "use_bf16_packed", "use_int8_inference",
)  # fmt: skip


def main() -> None:
    """Answer requests until the parent ends or ends this process."""
    answers = open_answers()
    try:
        import ncnn
    except ImportError as problem:
        send(answers, CannotImport(str(problem)))
        return

    def reply(request: Message) -> Message:
        assert isinstance(request, RunNCNN)
        return _ran(ncnn, request)

    serve(Ready(getattr(ncnn, "__version__", "")), reply, answers)


def _ran(ncnn: Any, request: RunNCNN) -> Message:
    import numpy as np

    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    for name in _ROUNDING:
        if hasattr(net.opt, name):
            setattr(net.opt, name, False)
    with tempfile.TemporaryFile() as log:
        error = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            loaded = net.load_param(request.param) == 0 and net.load_model(request.weights) == 0
        finally:
            os.dup2(error, 2)
            os.close(error)
        log.seek(0)
        said = log.read().decode("utf-8", "replace")
    if not loaded:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return NotDone("refused", lines[0] if lines else "it does not say why")
    extractor = net.create_extractor()
    arrays = [np.ascontiguousarray(a) for a in read_arrays(request.arrays)]
    for (blob, axis), array in zip(request.inputs, arrays, strict=True):
        if extractor.input(blob, ncnn.Mat(array, batch_index=axis).clone()) != 0:
            return NotDone("failed", f"the blob {blob} cannot be fed")
    values = []
    for blob, axis in request.outputs:
        code, found = extractor.extract(blob)
        if code != 0:
            return NotDone("failed", f"the blob {blob} cannot be extracted ({code})")
        values.append(np.array(found.numpy(batch_index=axis)))
    try:
        write_arrays(request.values, values)
    except OSError as problem:
        return NoRoom(request.values, problem.strerror or str(problem))
    return Fetched(tuple(value.dtype.name for value in values))
