"""A line on stderr that shows that something is going on, from the first second on."""

from __future__ import annotations

import contextlib
import sys
import threading
import time

from graphtools.wording import printable

_FIRST = 1.0
_INTERVAL = 0.2


class Progress:
    """Shows what is going on while its block runs, if that takes long and a person is watching.

    Nothing is written where stderr is no terminal.
    """

    def __init__(self, what: str) -> None:
        """Name what is going on, as `reading graph.pb`."""
        self._what = printable(what)
        self._share: float | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def update(self, done: int, total: int) -> None:
        """Tell how much is done."""
        self._share = done / total if total else None

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
        start = time.monotonic()
        if self._stop.wait(_FIRST):
            return
        while True:
            share = "" if self._share is None else f" {self._share:.0%}"
            seconds = time.monotonic() - start
            sys.stderr.write(f"\r\x1b[K{self._what}{share} ({seconds:.0f} s)")
            sys.stderr.flush()
            if self._stop.wait(_INTERVAL):
                break
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
