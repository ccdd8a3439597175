"""What has a child process do its work, and a folder for the files that pass between both."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from graphtools.errors import FileProblem
from graphtools.run.arrays import write_arrays
from graphtools.run.child import Child

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What helps where the folder for temporary files is full.
MORE_ROOM = "set TMPDIR to a folder with space left"

_Runner = TypeVar("_Runner", bound="ChildRunner")


class ChildRunner:
    """Has a child process; a context manager, at whose end the child and the folder are gone.

    Attributes:
        folder: The folder, for files that are passed on.
    """

    def __init__(
        self,
        program: str,
        time_limit: float,
        environment: Mapping[str, str] | None = None,
        interpreter: str = "",
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            program: Python code that the child runs.
            time_limit: Seconds that one answer may take, the start included.
            environment: Environment variables that are set for the child.
            interpreter: The Python that runs it; by default the one that runs this.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="graphtools-", ignore_cleanup_errors=True)
        self.folder = os.path.abspath(self._folder.name)
        self._child = Child(
            program,
            folder=self.folder,
            time_limit=time_limit,
            environment=environment,
            interpreter=interpreter,
        )

    def __enter__(self: _Runner) -> _Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.end()
        self._folder.cleanup()

    def pass_arrays(self, name: str, arrays: Sequence[NDArray[Any]]) -> str:
        """Write arrays that the child is to read.

        Returns:
            The file.

        Raises:
            FileProblem: There is no room for them.
        """
        path = os.path.join(self.folder, name)
        try:
            write_arrays(path, arrays)
        except OSError as error:
            raise no_room(path, error.strerror or str(error)) from None
        return path


def no_room(path: str, why: str) -> FileProblem:
    """The error where a file that is to be passed on cannot be written."""
    return FileProblem(f"{path} cannot be written: {why}", MORE_ROOM)
