"""Runs and converts graphs in TensorFlow, in a child process.

A crash, a hang or lack of memory ends that alone. TensorFlow is imported once, when the first graph
is to be run, and never in the process of the caller. A child that has died is replaced when the
next graph comes.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import FileProblem, GraphtoolsError, MissingExtra, pip_install
from graphtools.formats import save
from graphtools.front_end import param, step
from graphtools.graph.graph import Graph
from graphtools.graph.ref import producer
from graphtools.idioms.side_effects import READS, described, effects_of, harmful
from graphtools.run.answers import CannotImport, Fetched, NoRoom, NotDone, Ready
from graphtools.run.arrays import read_arrays
from graphtools.run.child import Died, Hung, program_of
from graphtools.run.child_runner import MORE_ROOM, ChildRunner, no_room
from graphtools.run.messages import TensorFlowProblem, death_of, problem_of
from graphtools.run.passing import Message
from graphtools.run.requests import RunGraph
from graphtools.schema.wire import PROTOBUF_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What the child runs.
_PROGRAM = program_of("graphtools.run.worker_process")
#: Only the processor, whose results do not vary; and of TensorFlow's messages the errors.
_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
#: Seconds that one run may take, TensorFlow's start included.
TIME_LIMIT = 300.0
#: What protobuf reads at most.


class RunValue(NamedTuple):
    """The value of a tensor.

    Attributes:
        array: Its values; of types that numpy lacks (bfloat16, float8) as float32.
        dtype: Its element type by TensorFlow's name.
    """

    array: NDArray[Any]
    dtype: str


def require_tensorflow(purpose: str = "running a graph in TensorFlow") -> None:
    """Check that TensorFlow is installed; it is not imported.

    Raises:
        MissingExtra: It is not.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise MissingExtra(purpose, "tensorflow")


def _refuse_effects(graph: Graph, fetches: Sequence[str], own_files: Set[str]) -> None:
    """Refuse to run what writes or reads files but its own, or uses the network.

    Raises:
        TensorFlowProblem: It does.
    """
    effects = effects_of(graph, [producer(name) for name in fetches])
    found = harmful(e for e in effects if not (e.kind == READS and e.path in own_files))
    if found:
        raise TensorFlowProblem(
            "refused",
            f"the graph is not run, as it does more than compute: {described(found)}",
            "look at what it does; where that is wanted, run, verify, bisect and convert take "
            + param(trust=True),
            found[0].node,
        )


class Worker(ChildRunner):
    """Runs and converts graphs, one after the other; a context manager.

    At its end the child process ends.

    Attributes:
        time_limit: Seconds that one run or conversion may take.
        folder: A folder that lives as long, for files that are passed on.
        version: TensorFlow's version; empty before the first answer.
        trust: Whether graphs may run that write or read files, or use the network.
        own_files: Paths of files that graphs may read, as they are the assets of their models.
    """

    def __init__(
        self,
        time_limit: float = TIME_LIMIT,
        program: str = _PROGRAM,
        *,
        trust: bool = False,
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            time_limit: Seconds that one run may take, TensorFlow's start included.
            program: Python code that the child runs.
            trust: See the attributes.
        """
        self.trust = trust
        self.own_files: set[str] = set()
        super().__init__(program, time_limit, _ENVIRONMENT)
        self.time_limit = time_limit
        self.version = ""
        self._ready = False
        self._written: dict[int, tuple[Graph, int, str]] = {}

    @property
    def process(self) -> subprocess.Popen[str] | None:
        """The child process, None where there is none."""
        return self._child.process

    def start(self) -> None:
        """Start the child, which imports TensorFlow while the caller goes on.

        Raises:
            MissingExtra: TensorFlow is not installed.
        """
        require_tensorflow()
        if not self._child.alive:
            self._ready = False
            self._child.launch()

    def run(
        self,
        graph: Graph,
        feeds: Mapping[str, NDArray[Any]],
        fetches: Sequence[str],
        first: Sequence[str] = (),
    ) -> dict[str, RunValue]:
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
        if not self.trust:
            _refuse_effects(graph, [*fetches, *first], self.own_files)
        arrays = self.pass_arrays("feeds.npz", list(feeds.values()))
        values = os.path.join(self.folder, "values.npz")
        file = self.file_of(graph)
        answer = self.ask(
            RunGraph(file, tuple(first), tuple(feeds), arrays, tuple(fetches), values)
        )
        if isinstance(answer, NoRoom):
            raise no_room(answer.file, answer.message)
        if isinstance(answer, NotDone):
            raise problem_of(answer.kind, answer.message)
        assert isinstance(answer, Fetched)
        found = read_arrays(values)
        os.unlink(values)
        pairs = zip(found, answer.dtypes, strict=True)
        return {name: RunValue(*pair) for name, pair in zip(fetches, pairs, strict=True)}

    def file_of(self, graph: Graph) -> str:
        """A file with the graph; written once, unless the graph is edited in between.

        Raises:
            TensorFlowProblem: The graph is too large for TensorFlow.
            FileProblem: There is no room for it.
        """
        known = self._written.get(id(graph))
        if known and known[1] == graph.edits:
            return known[2]
        if len(self._written) > 2:  # two graphs are compared at a time
            _, _, oldest = self._written.pop(next(iter(self._written)))
            os.unlink(oldest)
        handle, path = tempfile.mkstemp(".pb", dir=self.folder)
        os.close(handle)
        try:
            save(graph, path)
        except FileProblem as problem:
            raise FileProblem(problem.message, MORE_ROOM) from None
        if os.path.getsize(path) > PROTOBUF_LIMIT:
            os.unlink(path)
            raise TensorFlowProblem(
                "refused",
                "TensorFlow cannot take the graph: it is above 2 GB",
                f"keep its weights in a checkpoint, which graphtools compares: {step('diff')}",
            )
        # the graph is kept, so that no other one gets its id
        self._written[id(graph)] = (graph, graph.edits, path)
        return path

    def ask(self, request: Message) -> Message:
        """Send a request to the child, which is started if there is none, and wait for the answer.

        Raises:
            MissingExtra: TensorFlow is not installed.
            TensorFlowProblem: It crashes, hangs or runs out of memory.
        """
        self._child.time_limit = self.time_limit
        try:
            if not self._ready or not self._child.alive:
                self.start()
                self._check_ready(self._child.await_ready())
            return self._child.ask(request)
        except Hung as hung:
            self._ready = False
            raise TensorFlowProblem(
                "hung",
                f"TensorFlow did not end within {hung.seconds:g} seconds",
                "allow it more time, or look for a loop without end",
            ) from None
        except Died as death:
            self._ready = False
            raise death_of(death) from None

    def _check_ready(self, answer: Message) -> None:
        if isinstance(answer, CannotImport):
            self._child.end()
            raise GraphtoolsError(
                f"TensorFlow is installed, but cannot be imported: {answer.message}",
                f"repair it: {pip_install('tensorflow', '--force-reinstall')}",
            )
        assert isinstance(answer, Ready)
        self._ready = True
        self.version = answer.version
