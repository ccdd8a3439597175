"""The child process that runs the TFLite converter; `graphtools.run.probed_converter` talks to it.

It may run in an interpreter that has TensorFlow and nothing that graphtools needs, so that it
imports the standard library and TensorFlow only.
"""

from __future__ import annotations

import ctypes
import glob
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from graphtools.run.answers import (
    Allowed,
    CannotImport,
    Complaint,
    Converted,
    NotConverted,
    Ready,
    TwinDied,
    Written,
)
from graphtools.run.child import open_answers, send, serve
from graphtools.run.passing import Message, decode, encode
from graphtools.run.requests import AskAllowed, TryConversion, WriteDefinitions

#: Longest part of a message that is passed on.
_MOST_TEXT = 2_000
#: What `tflite::flex::IsAllowlistedFlexOp(const std::string&)` is called in the library.
_ALLOWLIST_SYMBOL = (
    "_ZN6tflite4flex19IsAllowlistedFlexOpERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
)
#: PR_SET_PDEATHSIG of Linux's prctl.
_ENDS_WITH_PARENT = 1
#: Size of a std::string of libstdc++: pointer, length, and 16 bytes for a short text.
_STRING_WORDS = 4


def main(further: Mapping[type[Message], Callable[[Any, Any], Message]] | None = None) -> None:
    """Answer requests until the parent ends or ends this process.

    Args:
        further: By further kinds of requests, what answers them, from the module tensorflow and
            the request.
    """
    answers = open_answers()
    try:
        import tensorflow
    except ImportError as problem:
        send(answers, CannotImport(str(problem)))
        return
    replies: dict[type[Message], Callable[[Any, Any], Message]] = {
        TryConversion: outcome_of,
        AskAllowed: allowed_in_select,
        WriteDefinitions: write_definitions,
        **(further or {}),
    }

    def reply(request: Message) -> Message:
        return replies[type(request)](tensorflow, request)

    # to start again after a crash takes a fork, where there are forks, and no import
    ask = _Twin(reply).ask if hasattr(os, "fork") else reply
    serve(Ready(tensorflow.__version__), ask, answers)


class _Twin:
    """A copy of this process that answers in its place, and is replaced when it has died.

    TensorFlow can be used in it since this process has imported it only, and used nothing of it.
    """

    def __init__(self, reply: Callable[[Message], Message]) -> None:
        self._reply = reply
        self._process = 0
        self._requests: IO[str]
        self._answers: IO[str]

    def ask(self, request: Message) -> Message:
        """The answer to a request; `TwinDied` if the process died over it."""
        if not self._process:
            self._start()
        try:
            self._requests.write(encode(request) + "\n")
            self._requests.flush()
        except BrokenPipeError:  # it has died before, which the missing answer tells
            pass
        line = self._answers.readline()
        if line:
            return decode(line)
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        self._answers.close()
        return TwinDied(os.waitstatus_to_exitcode(status))

    def _start(self) -> None:
        requests, answers = os.pipe(), os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(requests[1])
            os.close(answers[0])
            self._run(os.fdopen(requests[0]), os.fdopen(answers[1], "w"))
        os.close(requests[0])
        os.close(answers[1])
        self._requests, self._answers = os.fdopen(requests[1], "w"), os.fdopen(answers[0])

    def _run(self, requests: IO[str], answers: IO[str]) -> None:
        """Answer, in the copy, until the original ends; it ends this one even amid a conversion."""
        system = ctypes.CDLL(None)
        if hasattr(system, "prctl"):
            system.prctl(_ENDS_WITH_PARENT, signal.SIGKILL)
        for line in requests:
            send(answers, self._reply(decode(line)))
        os._exit(0)


def outcome_of(tf: Any, request: TryConversion) -> Message:
    """Convert a graph as a request asks for; what goes wrong is the answer.

    Args:
        tf: The module tensorflow.
        request: What is asked.

    Returns:
        `Converted` or `NotConverted`.
    """
    try:
        converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(
            request.graph, list(request.inputs), list(request.outputs)
        )
        kinds = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if request.select:
            kinds.append(tf.lite.OpsSet.SELECT_TF_OPS)
        converter.target_spec.supported_ops = kinds
        model = converter.convert()
    except Exception as problem:  # whatever it raises is the answer
        return error_of(problem)
    if request.model:
        with open(request.model, "wb") as file:
            file.write(model)
    return Converted(_allocate(tf, model) if request.allocate else None)


def error_of(problem: Exception) -> NotConverted:
    """What the converter raised, as an answer."""
    complaints = []
    for entry in getattr(problem, "errors", ()):
        kind = type(entry)
        complaints.append(
            Complaint(
                kind.ErrorCode.Name(entry.error_code) if entry.error_code else "",
                entry.operator.name,
                entry.subcomponent,
                tuple(call.name for call in entry.location.call),
                entry.error_message[:_MOST_TEXT],
            )
        )
    return NotConverted(type(problem).__name__, str(problem)[:_MOST_TEXT], tuple(complaints))


def _allocate(tf: Any, model: bytes) -> str:
    """Load a model; empty if that works, else the message."""
    try:
        tf.lite.Interpreter(model_content=model, num_threads=1).allocate_tensors()
    except (RuntimeError, ValueError) as problem:
        return str(problem)[:200] or "no message"
    return ""


def allowed_in_select(tf: Any, request: AskAllowed) -> Allowed:
    """Which of some ops a model may hold that admits ops of TensorFlow.

    The C++ function is asked that the converter itself asks; None where TensorFlow has none.
    """
    for path in _libraries(tf):
        library = ctypes.CDLL(path)
        try:
            function = getattr(library, _ALLOWLIST_SYMBOL)
        except AttributeError:
            continue
        function.restype = ctypes.c_bool
        function.argtypes = [ctypes.c_void_p]
        return Allowed(tuple(bool(function(ctypes.byref(_string(op)))) for op in request.ops))
    return Allowed(None)


def write_definitions(_tf: Any, request: WriteDefinitions) -> Written:
    """Write the definitions of all ops that TensorFlow has, as an OpList."""
    from tensorflow.python.client import pywrap_tf_session as session

    with open(request.path, "wb") as file:
        file.write(session.TF_GetBuffer(session.TF_GetAllOpList()))
    return Written()


def _libraries(tf: Any) -> Iterator[str]:
    folder = os.path.dirname(tf.__file__)
    for pattern in ("libtensorflow_cc*", "python/_pywrap_tensorflow_internal*", "libtensorflow_f*"):
        yield from sorted(glob.glob(os.path.join(folder, pattern)))


def _string(text: str) -> Any:
    """A std::string as libstdc++ lays it out, long texts and short ones alike."""
    content = ctypes.create_string_buffer(text.encode())
    words = (ctypes.c_uint64 * _STRING_WORDS)()
    words[0] = ctypes.addressof(content)
    words[1] = len(text)
    words[2] = len(text)  # the capacity, read by nobody
    words.content = content  # type: ignore[attr-defined]  # lives as long as the string
    return words
