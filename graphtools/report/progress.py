"""A line on stderr that shows that something is going on, from the first second on."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Sequence

from graphtools.wording import printable

_FIRST = 1.0
_INTERVAL = 0.2
_MANY = 10_000


class Progress:
    """Shows what is going on while its block runs, if that takes long and a person is watching.

    Nothing is written where stderr is no terminal.
    """

    def __init__(self, what: str) -> None:
        """Name what is going on, as `reading graph.pb`."""
        self._what = printable(what)
        self._done = self._part = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def update(self, done: int, total: int) -> None:
        """Tell how much is done: how many of how many, or the share where these are very many."""
        said = f"{done:,} of {total:,}" if total < _MANY else f"{done / total:.0%}"
        self._done = f" {said}" if total else ""

    def over(self, names: Sequence[str]) -> Callable[[int, int], None]:
        """What tells how many of a batch are done, and names the one that is at work."""

        def update(done: int, total: int) -> None:
            self.update(done, total)
            self._part = f": {printable(names[done])}" if done < len(names) > 1 else ""

        update(0, len(names))
        return update

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone
            self._show()

    def _show(self) -> None:
        import shutil  # which loads compression, for what is seldom shown

        start = time.monotonic()
        if self._stop.wait(_FIRST):
            return
        while True:
            seconds = f" ({time.monotonic() - start:.0f} s)"
            room = shutil.get_terminal_size().columns - len(seconds) - 1
            said = f"{self._what}{self._done}{self._part}"
            said = said if len(said) <= room else f"{said[: max(0, room - 3)]}..."
            sys.stderr.write(f"\r\x1b[K{said}{seconds}")
            sys.stderr.flush()
            if self._stop.wait(_INTERVAL):
                break
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
