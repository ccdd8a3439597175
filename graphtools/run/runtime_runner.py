"""What the runtimes of other formats have in common: a child process whose ends become errors."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any, ClassVar

from graphtools.errors import GraphtoolsError, MissingExtra, pip_install
from graphtools.run.answers import CannotImport, NoRoom, NotDone
from graphtools.run.arrays import read_arrays
from graphtools.run.child import Died, Hung, program_of
from graphtools.run.child_runner import ChildRunner, no_room
from graphtools.run.passing import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONGEST = 400


class RuntimeProblem(GraphtoolsError):
    """A runtime did not run a model.

    Attributes:
        kind: `refused` (it does not load the model), `failed` (while running it), `crashed`,
            `memory` (out of memory), `hung` (it took longer than the time limit).
    """

    def __init__(self, kind: str, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.kind = kind


class RuntimeRunner(ChildRunner):
    """Asks a child process that has a runtime; a context manager.

    A child that has died is replaced when the next model comes.
    """

    #: What the runtime is called, the extra that brings it, and the modules that it needs.
    title: ClassVar[str]
    extra: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    #: The module that the child runs.
    program: ClassVar[str]

    def __init__(self, time_limit: float) -> None:
        """Prepare; nothing is started yet.

        Args:
            time_limit: Seconds that one answer may take, the start included.
        """
        super().__init__(program_of(self.program), time_limit)
        self._is_starting = False

    @classmethod
    def require(cls, purpose: str = "") -> None:
        """Check that the runtime is installed; it is not imported.

        Raises:
            MissingExtra: It is not.
        """
        if any(importlib.util.find_spec(name) is None for name in cls.needs):
            raise MissingExtra(purpose or f"running a model in {cls.title}", cls.extra)

    def start(self) -> None:
        """Start the child process without waiting for it.

        Raises:
            MissingExtra: The runtime is not installed.
        """
        self.require()
        if not self._child.alive:
            self._child.launch()
            self._is_starting = True

    def ask_for(self, request: Message, what: str) -> Message:
        """Ask the child, which is started if there is none.

        Args:
            request: What is asked.
            what: What it is about, for messages.

        Raises:
            MissingExtra: The runtime is not installed.
            RuntimeProblem: It refuses it, fails, crashes, hangs or runs out of memory.
        """
        try:
            self.start()
            if self._is_starting:
                self._check_ready(self._child.await_ready())
            answer = self._child.ask(request)
        except Hung as hung:
            raise RuntimeProblem(
                "hung", f"{what}: {self.title} did not end within {hung.seconds:g} seconds",
                "allow it more time",
            ) from None  # fmt: skip
        except Died as death:
            kind = "memory" if death.out_of_memory else "crashed"
            said = (death.lines or [""])[-1][:_LONGEST]
            raise RuntimeProblem(
                kind, f"{what}: {self.title} crashed ({death.how})" + (said and f": {said}")
            ) from None
        if isinstance(answer, NoRoom):
            raise no_room(answer.file, answer.message)
        if isinstance(answer, NotDone):
            verb = "refuses" if answer.kind == "refused" else "cannot run"
            said = " ".join(answer.message.split())[:_LONGEST]
            raise RuntimeProblem(answer.kind, f"{what}: {self.title} {verb} the model: {said}")
        return answer

    def values(self, name: str) -> list[NDArray[Any]]:
        """The arrays in a file that the child has written, which is removed."""
        path = os.path.join(self.folder, name)
        found = read_arrays(path)
        os.unlink(path)
        return found

    def _check_ready(self, answer: Message) -> None:
        self._is_starting = False
        if isinstance(answer, CannotImport):
            self._child.end()
            raise GraphtoolsError(
                f"{self.title} is installed, but cannot be imported: {answer.message}",
                f"repair it: {pip_install(self.extra, '--force-reinstall')}",
            )
