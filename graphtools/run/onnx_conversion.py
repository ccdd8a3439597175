"""What the child process that has TensorFlow does to convert a graph to ONNX, with tf2onnx.

Its exit code and its file mean little: what it does not know it logs, and writes as it stands. So
the log is part of the answer.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from graphtools.run.answers import CannotImport, NoRoom, NotConverted, NotDone
from graphtools.run.passing import Message
from graphtools.run.target_requests import ConvertedToONNX, ConvertToONNX

_UNSUPPORTED = re.compile(r"Tensorflow op \[(?P<node>.*): (?P<op>[^\s\]]+)\] is not supported")
#: The sum of the lines above.
_SUM = re.compile(r"^Unsupported ops: ")


def converted_to_onnx(tf: Any, request: ConvertToONNX) -> Message:
    """Convert a graph and write the model; what goes wrong is the answer.

    Args:
        tf: The module tensorflow.
        request: What is asked.

    Returns:
        `ConvertedToONNX`, `NotConverted`, `NoRoom`, `CannotImport`, or `NotDone` for lack of
        memory.
    """
    try:
        import tf2onnx
        from tf2onnx import convert
    except ImportError as problem:
        return CannotImport(str(problem))
    definition = tf.compat.v1.GraphDef()
    log = _Errors()
    root = logging.getLogger()
    root.addHandler(log)
    try:
        with open(request.graph, "rb") as file:
            definition.ParseFromString(file.read())
        model, _ = convert.from_graph_def(
            definition,
            input_names=list(request.inputs),
            output_names=list(request.outputs),
            opset=request.opset,
            inputs_as_nchw=list(request.inputs_as_nchw) or None,
            outputs_as_nchw=list(request.outputs_as_nchw) or None,
        )
        content = model.SerializeToString()
    except MemoryError as problem:
        return NotDone("memory", str(problem))
    except Exception as problem:  # whatever it raises is the answer
        return NotConverted(type(problem).__name__, _told(log, problem))
    finally:
        root.removeHandler(log)
    try:
        with open(request.model, "wb") as file:
            file.write(content)
    except OSError as problem:
        return NoRoom(request.model, problem.strerror or str(problem))
    found = [_UNSUPPORTED.search(line) for line in log.lines]
    unsupported = dict.fromkeys((match["node"], match["op"]) for match in found if match)
    others = [
        line
        for line, match in zip(log.lines, found, strict=True)
        if not match and not _SUM.match(line)
    ]
    return ConvertedToONNX(tf2onnx.__version__, tuple(unsupported), tuple(others))


def _told(log: _Errors, problem: Exception) -> str:
    """What was logged last before an exception, whose own words may say nothing, and these."""
    return "; ".join([*log.lines[-1:], str(problem) or type(problem).__name__])


class _Errors(logging.Handler):
    """Keeps the errors that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self.lines.append(record.getMessage().strip())
