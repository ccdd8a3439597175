"""Looks for known errors in a text that comes in pieces.

What is known is data: see `known_errors`. An entry is tried only where one of its signs stands, and
noted where it is found first.
"""

from __future__ import annotations

import functools
import heapq
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from graphtools.explain.known_errors._entry import KnownError
from graphtools.registry import Registry

#: Characters before and behind a sign within which a message is looked for.
_BEFORE, _BEHIND = 2_000, 4_000
#: Places with a sign at which an entry may not fit before it is given up, so that no log is slow.
_MOST_MISSES = 1_000
_LONGEST_EXCERPT = 240
#: What makes a line of an unknown log worth comparing with what is known, and how many are kept.
_TELLING = re.compile(r"error|exception|fail|fatal|invalid|not found|cannot|unable", re.IGNORECASE)
_TELLING_LINES = 60
#: Characters of the beginning and of the end of a text that are kept for that.
_KEPT = 100_000
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{2,}")
_NOT_WORDS = re.compile(r"\(\?P<\w+>|\[[^\]]*\]|\\[A-Za-z]|\{[\d,]*\}")
_NEAREST, _LEAST_LIKENESS = 3, 0.12


#: What is known, by area: the module that has it.
KNOWN_ERRORS: Registry[tuple[KnownError, ...]] = Registry(
    "graphtools.explain.known_errors", "ERRORS"
)


class Entry(NamedTuple):
    """A known error and the area it belongs to, which is its module."""

    area: str
    error: KnownError


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All that is known, area by area.

    Raises:
        RuntimeError: Two entries have the same name.
    """
    listed: list[Entry] = []
    for area, errors in KNOWN_ERRORS.all().items():
        listed += (Entry(area, error) for error in errors)
    (name, times) = Counter(e.error.name for e in listed).most_common(1)[0]
    if times > 1:
        raise RuntimeError(f"two known errors are called {name!r}")
    return tuple(listed)


class Occurrence(NamedTuple):
    """Where an entry was found: position in the text, line, and what its pattern matched."""

    entry: Entry
    start: int
    line: int
    excerpt: str
    groups: Mapping[str, str]


class ErrorSearch:
    """Goes through a text that comes in pieces.

    Attributes:
        found: What was found, each entry once.
        lines: Number of lines of the whole text, once it was read.
        is_blank: Whether there was nothing but blanks in it.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.is_blank = True
        self._text = ""
        self._next = 0  # where in it signs are still to be looked for
        self._lines_before = 0
        self._open = list(entries())
        self._misses: Counter[str] = Counter()
        self.found: list[Occurrence] = []
        self._begin = self._end = ""

    def read(self, more: str, *, last: bool) -> None:
        """Go through the next piece of the text."""
        self._text += more
        self.is_blank = self.is_blank and not more.strip()
        end = len(self._text) if last else max(self._next, len(self._text) - _BEHIND)
        for entry in tuple(self._open):
            found = self._look_for(entry, end)
            if found is not None:
                self.found.append(found)
                self._open.remove(entry)
        self._begin = self._begin or more[:_KEPT]
        self._end = (self._end + more)[-_KEPT:]
        if last:
            self.lines = self._lines_before + self._text.count("\n")
            self.lines += not self._text.endswith("\n")
            return
        cut = max(0, end - _BEFORE)
        self._lines_before += self._text.count("\n", 0, cut)
        self._text = self._text[cut:]
        self._next = end - cut

    def _look_for(self, entry: Entry, end: int) -> Occurrence | None:
        """Where an entry fits first."""
        for at in self._signs(entry.error, end):
            if self._misses[entry.error.name] > _MOST_MISSES:
                return None
            line_start = self._text.rfind("\n", max(0, at - _BEFORE), at) + 1
            start = line_start or max(0, at - _BEFORE)
            window = self._text[start : at + _BEHIND]
            fits = _compiled(entry.error.pattern).search(window)
            if (
                fits is None
                or _is_source(window, fits.start(), window[at - start :])
                or self._is_told(window, fits.span(), entry)
            ):
                self._misses[entry.error.name] += 1
                continue
            place = start + fits.start()
            line = self._lines_before + self._text.count("\n", 0, place) + 1
            excerpt = _excerpt(window, fits.start())
            return Occurrence(entry, place, line, excerpt, fits.groupdict(""))
        return None

    def _signs(self, error: KnownError, end: int) -> Iterator[int]:
        """Where the signs of an entry stand, in the order of the text."""
        return heapq.merge(*(self._places(sign, end) for sign in error.signs))

    def _places(self, sign: str, end: int) -> Iterator[int]:
        """Where a sign stands, once a line."""
        at = self._text.find(sign, self._next, end + len(sign) - 1)
        while at >= 0:
            yield at
            following = self._text.find("\n", at, at + _BEHIND)
            onward = following if following >= 0 else at + len(sign)
            at = self._text.find(sign, onward, end + len(sign) - 1)

    def _is_told(self, window: str, span: tuple[int, int], entry: Entry) -> bool:
        """Whether another entry, which stands before this one, explains the same words."""
        for found in self.found:
            if found.entry.area != entry.area:
                continue
            other = _compiled(found.entry.error.pattern).search(window)
            if other and other.start() < span[1] and span[0] < other.end():
                return True
        return False

    def nearest(self) -> tuple[Entry, ...]:
        """The entries that have most words in common with the text, rare words above all."""
        lines = [line[:_BEHIND] for line in f"{self._begin}\n{self._end}".splitlines()]
        telling = [line for line in lines if _TELLING.search(line)] or lines
        words = set(_WORD.findall(" ".join(telling[-_TELLING_LINES:]).lower()))
        spoken, weights = _vocabulary()
        likeness = []
        for entry, own in spoken:
            whole = sum(weights[w] for w in own)
            shared = own & words
            if shared:
                likeness.append((sum(weights[w] for w in shared) / whole, entry))
        likeness.sort(key=lambda item: -item[0])
        return tuple(entry for alike, entry in likeness[:_NEAREST] if alike >= _LEAST_LIKENESS)


@functools.cache
def _vocabulary() -> tuple[list[tuple[Entry, set[str]]], dict[str, float]]:
    """The words of each entry, and the weight of each word: rare ones tell more."""
    spoken = []
    for entry in entries():
        text = f"{' '.join(entry.error.signs)} {_NOT_WORDS.sub(' ', entry.error.pattern)}"
        spoken.append((entry, set(_WORD.findall(text.lower()))))
    counts = Counter(word for _entry, words in spoken for word in words)
    return spoken, {w: math.log(1 + len(spoken) / n) for w, n in counts.items()}


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL | re.MULTILINE)


def _is_source(window: str, start: int, onward: str) -> bool:
    """Whether a match is in a line of a program, in a trace: the message itself comes later."""
    line = window[window.rfind("\n", 0, start) + 1 :]
    return line.lstrip().startswith("raise ") and "Error: " in onward


def _excerpt(window: str, start: int) -> str:
    """The line that a match begins on, from a little before it on."""
    begin = max(window.rfind("\n", 0, start) + 1, start - _LONGEST_EXCERPT // 3)
    line = window[begin:].partition("\n")[0].strip()
    if len(line) > _LONGEST_EXCERPT:
        line = line[: _LONGEST_EXCERPT - 3] + "..."
    return line
