"""The child process that runs and converts graphs; `graphtools.run.worker` talks to it.

Arrays and models pass through files.
"""

from __future__ import annotations

from typing import Any

from graphtools.run.answers import CannotImport, Fetched, NoRoom, NotDone, Ready
from graphtools.run.arrays import read_arrays, write_arrays
from graphtools.run.child import open_answers, send, serve
from graphtools.run.passing import Message
from graphtools.run.requests import ConvertGraph, RunGraph
from graphtools.run.target_requests import ConvertToONNX

#: Graphs that are kept imported: the one before a rewrite and the one after it.
_KEPT = 2


def main() -> None:
    """Answer requests until the parent ends or ends this process."""
    answers = open_answers()
    try:
        import tensorflow
    except ImportError as problem:
        send(answers, CannotImport(str(problem)))
        return
    runner = _Runner(tensorflow)

    def reply(request: Message) -> Message:
        if isinstance(request, ConvertGraph):
            from graphtools.run.conversion_process import converted

            return converted(tensorflow, request)
        if isinstance(request, ConvertToONNX):
            from graphtools.run.onnx_conversion import converted_to_onnx

            return converted_to_onnx(tensorflow, request)
        assert isinstance(request, RunGraph)
        return runner.answer(request)

    serve(Ready(tensorflow.__version__), reply, answers)


class _Runner:
    """Runs graphs.

    Attributes:
        tf: The module tensorflow.
    """

    def __init__(self, tf: Any) -> None:
        self.tf = tf
        self._sessions: dict[str, Any] = {}

    def answer(self, request: RunGraph) -> Message:
        """Run what a request asks for; errors of TensorFlow are answers."""
        from google.protobuf.message import DecodeError

        kind = "refused"
        try:
            session = self._session(request.graph, request.first)
            kind = "failed"
            fetches = [session.graph.get_tensor_by_name(n) for n in request.fetches]
            feeds = {}
            for name, array in zip(request.feeds, read_arrays(request.arrays), strict=True):
                tensor = session.graph.get_tensor_by_name(name)
                feeds[tensor] = _to_feed(array, tensor)
            values = [_plain(v) for v in session.run(fetches, feeds)]
        except (self.tf.errors.ResourceExhaustedError, MemoryError) as problem:
            return NotDone("memory", str(problem))
        except self.tf.errors.OpError as problem:
            return NotDone(kind, problem.message)
        # by these, TensorFlow and protobuf refuse graphs, feeds and fetches
        except (DecodeError, ValueError, TypeError, KeyError, RuntimeError) as problem:
            return NotDone(kind, str(problem))
        try:
            write_arrays(request.values, values)
        except OSError as problem:
            return NoRoom(request.values, problem.strerror or str(problem))
        return Fetched(tuple(t.dtype.base_dtype.name for t in fetches))

    def _session(self, path: str, first: tuple[str, ...]) -> Any:
        """A session of a graph in which some nodes have run, as those that fill tables."""
        if path in self._sessions:
            return self._sessions[path]
        while len(self._sessions) >= _KEPT:
            self._sessions.pop(next(iter(self._sessions))).close()
        v1 = self.tf.compat.v1
        definition = v1.GraphDef()
        with open(path, "rb") as file:
            definition.ParseFromString(file.read())
        graph = self.tf.Graph()
        with graph.as_default():
            self.tf.graph_util.import_graph_def(definition, name="")
        session = v1.Session(graph=graph, config=_as_written(v1))
        session.run([graph.get_operation_by_name(name) for name in first])
        self._sessions[path] = session
        return session


def _as_written(v1: Any) -> Any:
    """A configuration by which TensorFlow runs a graph as it stands, without rewrites of its own.

    Otherwise the values of nodes would depend on what else is fetched.
    """
    config = v1.ConfigProto(device_count={"GPU": 0})
    options = config.graph_options
    options.rewrite_options.disable_meta_optimizer = True
    options.optimizer_options.opt_level = v1.OptimizerOptions.L0
    return config


def _to_feed(array: Any, tensor: Any) -> Any:
    """An array as the type of a placeholder wants it; those that numpy lacks come as float32.

    Raises:
        TypeError: The array is of another kind.
    """
    import numpy as np

    wanted = np.dtype(tensor.dtype.base_dtype.as_numpy_dtype)
    if array.dtype == wanted:
        return array
    plain = wanted[0] if wanted.names else wanted  # quantized types are records of one integer
    if plain.kind != "V" and not np.can_cast(array.dtype, plain, "same_kind"):
        kind = tensor.dtype.base_dtype.name
        raise TypeError(f"{tensor.name} takes {kind}, and the values for it are {array.dtype}")
    return array.astype(plain).view(wanted)


def _plain(value: Any) -> Any:
    """A fetched value as an array of one of numpy's own types."""
    import numpy as np

    array = np.asarray(value)
    if array.dtype.names:
        return array.view(array.dtype[0])
    if array.dtype.kind == "V" or array.dtype.isbuiltin == 2:  # bfloat16 and the like
        narrow = "int" in array.dtype.name
        return array.astype(np.int8 if narrow else np.float32)
    if array.dtype.kind in "SU":
        return array.astype(np.object_)
    return array
