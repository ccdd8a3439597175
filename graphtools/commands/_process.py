"""What a command owes its shell: signals that end it, and streams that are closed, full or gone."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

import click

from graphtools.commands._shared import CANNOT, complain, say_ended

#: Signals that end a command as Ctrl-C does: sent by `timeout`, CI and systemd, and by a terminal
#: that is closed.
_ENDING = ("SIGTERM", "SIGHUP")


class Ended(KeyboardInterrupt):
    """A signal has come that ends the command.

    Attributes:
        number: Its number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Closed(io.RawIOBase):
    """What is behind a stream that was closed before the program began."""

    def writable(self) -> bool:
        return True

    def write(self, _content: object) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def run_to_exit_code(main: Callable[[], object]) -> int:
    """Run a command.

    Args:
        main: Runs it and returns its exit code, or something else for 0.

    Returns:
        The exit code: 2 where its output could not be written, 0 where nobody wanted to read it to
        its end, as behind `| head`.
    """
    try:
        _prepare_signals()
        _prepare_streams()
        code = _run(main)
    except KeyboardInterrupt as ended:  # before click began, or behind it
        code = say_ended(ended)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as problem:
            if stream is sys.stdout and code != CANNOT:
                code = _unwritten(problem)
    _abandon_streams()
    return code


def _run(main: Callable[[], object]) -> int:
    stdout = sys.stdout
    try:
        code = main()
    except click.ClickException as problem:
        with contextlib.suppress(OSError):
            problem.show()
        return problem.exit_code
    except OSError as problem:  # those of files are translated where files are read and written
        return _unwritten(problem)
    except SystemExit:
        if sys.stdout is not stdout:  # click has met a closed pipe, which it answers with 1
            return 0
        raise
    except click.Abort as ended:  # a signal before the command began
        return say_ended(ended.__cause__)
    return code if isinstance(code, int) else 0


def _unwritten(problem: OSError) -> int:
    """Say that output could not be written; not to who has closed the pipe."""
    if problem.errno == errno.EPIPE:
        return 0
    complain(f"the output cannot be written: {problem.strerror or problem}")
    return CANNOT


def _prepare_signals() -> None:
    def end(number: int, _frame: FrameType | None) -> None:
        raise Ended(number)

    for name in _ENDING:
        number = getattr(signal, name, None)
        # what was ignored on purpose, as by nohup, stays ignored
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _prepare_streams() -> None:
    """See that no file gets the number of a stream that is closed, and that any name is printed."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed()))
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.BufferedWriter(_Closed()))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _abandon_streams() -> None:
    """Keep the interpreter from complaining, when it ends, of what cannot be written."""
    with contextlib.suppress(OSError):
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # until the process ends
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        sys.stdout = sys.stderr = nowhere
