"""Runs graphs in TensorFlow, in a child process: a crash, a hang or lack of memory ends that alone.

TensorFlow is imported once, when the first graph is run, and never in the process of the caller. A
child that has died is replaced when the next graph is to be run.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from graphtools.convert.arrays import read_arrays, write_arrays
from graphtools.convert.messages import TensorFlowProblem, death_of, problem_of
from graphtools.errors import FileProblem, GraphtoolsError, MissingExtra
from graphtools.formats import save
from graphtools.graph.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What the child runs. It finds modules where its parent does, however that was started.
_PROGRAM = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from graphtools.convert.worker_process import main\n"
    "main()\n"
)
#: Only the processor, whose results do not vary; and of TensorFlow's messages the errors.
_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONIOENCODING": "utf-8",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
#: Seconds that one run may take, TensorFlow's start included.
TIME_LIMIT = 300.0
_END_OF_LOG = 20_000
#: What protobuf reads at most.
_MOST_BYTES = (1 << 31) - 1


class Value(NamedTuple):
    """The value of a tensor.

    Attributes:
        array: Its values; of types that numpy lacks (bfloat16, float8) as float32.
        dtype: Its element type by TensorFlow's name.
    """

    array: NDArray[Any]
    dtype: str


def require_tensorflow() -> None:
    """Check that TensorFlow is installed; it is not imported.

    Raises:
        MissingExtra: It is not.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise MissingExtra("running a graph in TensorFlow", "tensorflow")


class Worker:
    """Runs graphs, one after the other; a context manager, at whose end the child process ends.

    Attributes:
        time_limit: Seconds that one run may take.
        process: The child process, None before the first run.
    """

    def __init__(self, time_limit: float = TIME_LIMIT, program: str = _PROGRAM) -> None:
        """Prepare; nothing is started before the first run.

        Args:
            time_limit: Seconds that one run may take, TensorFlow's start included.
            program: Python code that the child runs.
        """
        self.time_limit = time_limit
        self.process: subprocess.Popen[str] | None = None
        self._program = program
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._folder = tempfile.TemporaryDirectory(prefix="graphtools-", ignore_cleanup_errors=True)
        self._log: IO[bytes] | None = None
        self._written: dict[int, tuple[Graph, int, str]] = {}

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._folder.cleanup()

    def run(
        self,
        graph: Graph,
        feeds: Mapping[str, NDArray[Any]],
        fetches: Sequence[str],
        first: Sequence[str] = (),
    ) -> dict[str, Value]:
        """Run a graph.

        Args:
            graph: The graph.
            feeds: Arrays by tensor name, as `input:0`.
            fetches: Names of the tensors that are wanted, as `output:0`.
            first: Names of nodes that are to run before, once.

        Returns:
            The values by the names in `fetches`.

        Raises:
            MissingExtra: TensorFlow is not installed.
            TensorFlowProblem: It refuses the graph, fails, crashes, hangs or runs out of memory.
        """
        if self.process is None or self.process.poll() is not None:
            self._start()
        arrays, values = (os.path.join(self._folder.name, n) for n in ("feeds.npz", "values.npz"))
        try:
            write_arrays(arrays, list(feeds.values()))
        except OSError as error:
            raise FileProblem(
                f"{arrays} cannot be written: {error.strerror or error}",
                "set TMPDIR to a folder with space left",
            ) from None
        answer = self._ask(
            {
                "graph": self._file_of(graph),
                "first": list(first),
                "feeds": list(feeds),
                "arrays": arrays,
                "fetches": list(fetches),
                "values": values,
            }
        )
        if "kind" in answer:
            raise problem_of(answer["kind"], answer["message"])
        found = read_arrays(values)
        os.unlink(values)
        pairs = zip(found, answer["dtypes"], strict=True)
        return {name: Value(*pair) for name, pair in zip(fetches, pairs, strict=True)}

    def _file_of(self, graph: Graph) -> str:
        """A file with the graph; written once, unless the graph is edited in between."""
        known = self._written.get(id(graph))
        if known and known[1] == graph.edits:
            return known[2]
        if len(self._written) > 2:  # two graphs are compared at a time
            _, _, oldest = self._written.pop(next(iter(self._written)))
            os.unlink(oldest)
        handle, path = tempfile.mkstemp(".pb", dir=self._folder.name)
        os.close(handle)
        save(graph, path)
        if os.path.getsize(path) > _MOST_BYTES:
            os.unlink(path)
            raise TensorFlowProblem(
                "refused",
                "TensorFlow cannot take the graph: it is above 2 GB",
                "keep its weights in a checkpoint, which graphtools compares: graphtools diff",
            )
        # the graph is kept, so that no other one gets its id
        self._written[id(graph)] = (graph, graph.edits, path)
        return path

    def _start(self) -> None:
        require_tensorflow()
        self._end()
        self._log = tempfile.TemporaryFile(dir=self._folder.name)  # noqa: SIM115  # see _end
        self.process = subprocess.Popen(
            [sys.executable, "-c", self._program, json.dumps([p or os.getcwd() for p in sys.path])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            encoding="utf-8",
            env={**os.environ, **_ENVIRONMENT},
        )
        self._answers = queue.SimpleQueue()
        args = (self.process.stdout, self._answers)
        threading.Thread(target=_pass_on, args=args, daemon=True).start()
        answer = self._answer()
        if answer.get("kind") == "import":
            raise GraphtoolsError(
                f"TensorFlow is installed, but cannot be imported: {answer['message']}",
                "repair it: pip install --force-reinstall 'tf-graphtools[tensorflow]'",
            )

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except OSError:  # it has died meanwhile, which the missing answer tells
            pass
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        """The next answer.

        Raises:
            TensorFlowProblem: There is none: the child has died or takes too long.
        """
        try:
            line = self._answers.get(timeout=self.time_limit)
        except queue.Empty:
            self._end()
            raise TensorFlowProblem(
                "hung",
                f"TensorFlow did not end within {self.time_limit:g} seconds",
                "allow it more time, or look for a loop without end",
            ) from None
        if not line:
            raise self._death()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _death(self) -> TensorFlowProblem:
        assert self.process is not None
        assert self._log is not None
        code = self.process.wait()
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _END_OF_LOG))
        log = self._log.read().decode("utf-8", "replace")
        self._end()
        return death_of(code, log)

    def _end(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()  # it has nothing to save
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    _close(stream)
        if self._log is not None:
            self._log.close()
            self._log = None


def _close(stream: IO[str]) -> None:
    with contextlib.suppress(OSError):  # what was not written yet cannot be any more
        stream.close()


def _pass_on(lines: IO[str], answers: queue.SimpleQueue[str]) -> None:
    """Pass on lines; an empty one at the end."""
    try:
        for line in lines:
            answers.put(line)
    except ValueError:  # closed by the one who has ended the child
        pass
    answers.put("")
