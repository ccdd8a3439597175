"""Runs TensorFlow's TFLite converter on small graphs, in a child process, and tells what it says.

The child may run in another interpreter, whose TensorFlow is then the one that is asked. It is
started when it is needed, and anew when the converter has crashed or hung.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphtools.errors import GraphtoolsError, MissingExtra
from graphtools.formats import save
from graphtools.front_end import param
from graphtools.graph.graph import Graph
from graphtools.run.answers import (
    Allowed,
    CannotImport,
    Complaint,
    Converted,
    NotConverted,
    Ready,
    TwinDied,
)
from graphtools.run.child import Died, Hung
from graphtools.run.child_runner import ChildRunner
from graphtools.run.passing import Message
from graphtools.run.requests import AskAllowed, TryConversion, WriteDefinitions

#: What the child runs: graphtools is imported from where it stands, and nothing beside it.
_PROGRAM = """
import importlib.util, sys
place = {place!r}
spec = importlib.util.spec_from_file_location(
    "graphtools", place + "/__init__.py", submodule_search_locations=[place]
)
sys.modules["graphtools"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from graphtools.run.probing_process import main
main()
"""
_ENVIRONMENT = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
#: Seconds that the import of TensorFlow may take.
_START_LIMIT = 120.0
#: Seconds that one conversion may take; the small graphs of a probe need less than one.
TIME_LIMIT = 60.0


@dataclass(frozen=True)
class Outcome:
    """What has become of a conversion.

    Attributes:
        status: `ok`, `error`, `crash` or `hang`.
        kind: Of an error its Python class, of a crash `signal 11` or the like; else empty.
        message: What it said; empty if it succeeded.
        complaints: What it has against ops.
        allocated: The interpreter's message where the result was loaded in it; empty if it could.
            None if that was not tried.
    """

    status: str
    kind: str = ""
    message: str = ""
    complaints: tuple[Complaint, ...] = ()
    allocated: str | None = None


class ProbedConverter(ChildRunner):
    """A converter that is asked; a context manager, at whose end the child process ends.

    Attributes:
        time_limit: Seconds that one conversion may take.
        version: TensorFlow's version; known once something was asked.
    """

    def __init__(
        self, interpreter: str = "", time_limit: float = TIME_LIMIT, program: str = _PROGRAM
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            interpreter: The Python whose TensorFlow is asked; by default that of graphtools.
            time_limit: Seconds that one conversion may take.
            program: Python code that the child runs; `{place!r}` in it is graphtools' folder.
        """
        place = str(Path(__file__).parents[1])
        super().__init__(program.format(place=place), _START_LIMIT, _ENVIRONMENT, interpreter)
        self.time_limit = time_limit
        self.version = ""
        self._graph = os.path.join(self.folder, "graph.pb")

    def convert(
        self,
        graph: Graph,
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        select: bool = False,
        allocate: bool = False,
        model: str = "",
    ) -> Outcome:
        """Convert a graph.

        Args:
            graph: The graph.
            inputs: Names of its inputs.
            outputs: Names of its outputs.
            select: Whether ops of TensorFlow are admitted.
            allocate: Whether the result is loaded in tf.lite's interpreter.
            model: File for the result; none is written if empty.

        Raises:
            MissingExtra: TensorFlow is not installed there.
            GraphtoolsError: The interpreter cannot be started.
        """
        save(graph, self._graph)
        request = TryConversion(self._graph, tuple(inputs), tuple(outputs), select, allocate, model)
        try:
            answer = self.ask(request)
        except Hung:
            return Outcome("hang")
        except Died as death:
            return Outcome("crash", f"signal {-death.code}" if death.code < 0 else str(death.code))
        if isinstance(answer, NotConverted):
            return Outcome("error", answer.kind, answer.message, answer.complaints)
        assert isinstance(answer, Converted)
        return Outcome("ok", allocated=answer.allocated)

    def allowed_in_select(self, ops: Sequence[str]) -> list[bool] | None:
        """Which ops a model with ops of TensorFlow may hold; None where TensorFlow does not tell.

        Raises:
            MissingExtra: TensorFlow is not installed there.
            GraphtoolsError: The interpreter cannot be started, or TensorFlow does not tell.
        """
        answer = self._told(AskAllowed(tuple(ops)))
        assert isinstance(answer, Allowed)
        return None if answer.allowed is None else list(answer.allowed)

    def registered_ops(self) -> bytes:
        """The definitions of all ops that this TensorFlow has: an encoded OpList.

        Raises:
            MissingExtra: TensorFlow is not installed there.
            GraphtoolsError: The interpreter cannot be started, or TensorFlow does not tell.
        """
        path = os.path.join(self.folder, "ops.pb")
        self._told(WriteDefinitions(path))
        return Path(path).read_bytes()

    def _told(self, request: Message) -> Message:
        try:
            return self.ask(request)
        except (Hung, Died) as problem:
            raise GraphtoolsError(
                f"TensorFlow does not tell which ops it has: {problem}",
                "see whether it works: python -c 'import tensorflow'",
            ) from None

    def ask(self, request: Message) -> Message:
        """Send a request to the child, which is started if there is none.

        Raises:
            Hung: It does not answer in time.
            Died: It has died.
            MissingExtra: TensorFlow is not installed there.
            GraphtoolsError: The interpreter cannot be started.
        """
        if not self._child.alive:
            self._start()
        answer = self._child.ask(request, self.time_limit)
        if isinstance(answer, TwinDied):
            raise Died(answer.code, "")
        return answer

    def _start(self) -> None:
        try:
            answer = self._child.start()
        except OSError as error:
            raise GraphtoolsError(
                f"the Python with TensorFlow cannot be started: {error.strerror or error}",
                f"name an interpreter: {param(tensorflow='/path/to/bin/python')}",
            ) from None
        except (Hung, Died) as problem:
            log = getattr(problem, "log", "").strip().splitlines()
            raise GraphtoolsError(
                f"TensorFlow cannot be started: {log[-1] if log else problem}",
                "see whether this works: python -c 'import tensorflow'",
            ) from None
        if isinstance(answer, CannotImport):
            raise MissingExtra("probing the TFLite converter", "tensorflow")
        assert isinstance(answer, Ready)
        self.version = answer.version
