"""What a terminal takes: how wide lines may be, and whether they may be coloured.

Lines that go to a file or another program are never broken or shortened, unless `COLUMNS` says how
wide they are to be.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO

#: What is narrower is not laid out for: lines would be of a word each.
_NARROWEST = 40
#: By severity, what it is coloured with.
SEVERITIES = {"error": "\x1b[31m", "warning": "\x1b[33m", "info": "\x1b[36m"}
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
#: Whether lines are as wide as they are; the last is in force.
_WIDE = [False]


@contextlib.contextmanager
def wide() -> Iterator[None]:
    """Neither break nor shorten lines for a while."""
    _WIDE.append(True)
    try:
        yield
    finally:
        _WIDE.pop()


def columns() -> int | None:
    """How wide lines of standard output may be; None where they are not to be broken.

    `COLUMNS` goes before what the terminal says.
    """
    if _WIDE[-1]:
        return None
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return max(_NARROWEST, int(given))
    if not sys.stdout.isatty():
        return None
    try:
        found = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):  # it is none of the system's, as in a notebook
        return None
    return max(_NARROWEST, found) if found else None


def is_coloured(stream: TextIO) -> bool:
    """Whether what goes to a stream may be coloured.

    `NO_COLOR` forbids it (https://no-color.org), `FORCE_COLOR` asks for it, else a terminal has it.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def coloured(text: str, severity: str) -> str:
    """A text in the colour of a severity; as it is, where there is no such severity."""
    return f"{SEVERITIES[severity]}{text}{PLAIN}" if severity in SEVERITIES else text
