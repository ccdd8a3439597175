"""Looks for known errors in a text that comes in pieces.

What is known is data: see `known_errors`. An entry is tried only where one of its signs stands, and
noted where it is found first.
"""

from __future__ import annotations

import functools
import heapq
import math
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from graphtools.explain.known_errors._entry import KnownError
from graphtools.explain.normal import normal
from graphtools.registry import Registry

#: Characters before and behind a sign within which a message is looked for, and what decides it.
_BEFORE, _BEHIND, _AROUND = 2_000, 4_000, 6_000
#: Places with a sign at which an entry may not fit before only the last ones are looked at, so that
#: no log is slow; and how many these are.
_MOST_MISSES, _LAST_PLACES = 1_000, 100
_LONGEST_EXCERPT = 240
#: What makes a line of an unknown log worth comparing with what is known, and how many are kept.
_TELLING = re.compile(r"error|exception|fail|fatal|invalid|not found|cannot|unable", re.IGNORECASE)
_TELLING_LINES = 60
#: Characters of the beginning and of the end of a text that are kept for that.
_KEPT = 100_000
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{2,}")
_NOT_WORDS = re.compile(r"\(\?P<\w+>|\[[^\]]*\]|\\[A-Za-z]|\{[\d,]*\}")
_NEAREST, _LEAST_LIKENESS, _LEAST_SHARED = 3, 0.3, 2
#: Words of a text, or of a sign, are made of letters; the rest becomes blanks.
_BLANKS = {n: " " for n in range(128) if not (chr(n).isalpha() or chr(n) == "_")}
#: Up to so many characters of different words, the ends of words are looked for in them, too.
_MOST_WORDS = 60_000


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
    """Where an entry was found.

    Attributes:
        entry: The entry.
        start: Position in the text.
        line: Number of the line.
        excerpt: The words.
        groups: What the groups of its pattern have matched.
        told: What its table says of them.
    """

    entry: Entry
    start: int
    line: int
    excerpt: str
    groups: Mapping[str, str]
    told: Mapping[str, str]


class _Place(NamedTuple):
    """A place with a sign that was not looked at: what stands around it."""

    around: str
    at: int
    lines_before: int


class ErrorSearch:
    """Goes through a text that comes in pieces, in its normal spelling.

    Attributes:
        found: What was found, each entry once.
        lines: Number of lines of the whole text, once it was read.
        is_blank: Whether there was nothing but blanks in it.
        passed_over: Number of places with a sign that were not looked at, since there were too
            many; in the last ones of a long log they are.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.is_blank = True
        self.passed_over = 0
        self._rest = ""  # of a line that has not ended
        self._text = ""
        self._next = 0  # where in it signs are still to be looked for
        self._lines_before = 0
        self._newlines = 0  # in the text that is held
        self._open = list(_by_precedence())
        self._misses: Counter[str] = Counter()
        self._last: dict[str, deque[_Place]] = {}
        self.found: list[Occurrence] = []
        self._begin = self._end = ""

    def read(self, more: str, *, last: bool) -> None:
        """Go through the next piece of the text."""
        self.is_blank = self.is_blank and not more.strip()
        self._begin = self._begin or more[:_KEPT]
        self._end = (self._end + more)[-_KEPT:]
        whole = self._rest + more
        cut = len(whole) if last or len(whole) > _KEPT * 20 else whole.rfind("\n") + 1
        self._rest = whole[cut:]
        self._text += normal(whole[:cut])
        self._newlines = self._text.count("\n")
        end = len(self._text) if last else max(self._next, len(self._text) - _BEHIND)
        words = _Words(self._text[self._next :])
        for entry in tuple(self._open):
            self._take(entry, self._look_for(entry, end, words))
        if last:
            for entry in tuple(self._open):
                self._take(entry, self._look_back(entry))
            self.lines = self._lines_before + self._newlines
            self.lines += not self._text.endswith("\n")
            return
        cut = max(0, end - _AROUND)
        self._lines_before += self._text.count("\n", 0, cut)
        self._text = self._text[cut:]
        self._next = end - cut

    def _take(self, entry: Entry, found: Occurrence | None) -> None:
        if found is not None:
            self.found.append(found)
            self._open.remove(entry)

    def _look_for(self, entry: Entry, end: int, words: _Words) -> Occurrence | None:
        """Where an entry fits first."""
        name = entry.error.name
        signs = [sign for sign in entry.error.signs if words.may_have(sign)]
        if self._misses[name] >= _MOST_MISSES:
            self._pass_over(name, signs, self._next, end)
            return None
        for at in heapq.merge(*(self._places(sign, end) for sign in signs)):
            if self._misses[name] >= _MOST_MISSES:
                self._pass_over(name, signs, at, end)
                return None
            found = self._fitting(entry, self._text, at, self._lines_before)
            if found is not None:
                return found
            self._misses[name] += 1
        return None

    def _pass_over(self, name: str, signs: list[str], begin: int, end: int) -> None:
        """Keep the last places for the end of the text."""
        kept = self._last.setdefault(name, deque(maxlen=_LAST_PLACES))
        total = sum(self._text.count(sign, begin, end) for sign in signs)
        places: list[int] = []
        for sign in signs:
            at = self._text.rfind(sign, begin, end)
            most = len(places) + _LAST_PLACES
            while at >= 0 and len(places) < most:
                places.append(at)
                at = self._text.rfind(sign, begin, max(begin, self._text.rfind("\n", begin, at)))
        until, lines = len(self._text), self._lines_before + self._newlines
        told = []
        for at in sorted(places, reverse=True):
            start = max(0, at - _AROUND)
            lines -= self._text.count("\n", start, until)
            until = start
            told.append(_Place(self._text[start : at + _BEHIND], at - start, lines))
        self.passed_over += max(0, total + len(kept) - _LAST_PLACES)
        kept.extend(reversed(told))

    def _look_back(self, entry: Entry) -> Occurrence | None:
        """Where an entry fits in the last places, of a text that has too many."""
        for place in reversed(self._last.get(entry.error.name, ())):
            found = self._fitting(entry, place.around, place.at, place.lines_before)
            if found is not None:
                return found
        return None

    def _fitting(self, entry: Entry, text: str, at: int, lines_before: int) -> Occurrence | None:
        """What an entry matches at a sign."""
        error = entry.error
        line_start = text.rfind("\n", max(0, at - _BEFORE), at) + 1
        start = line_start or max(0, at - _BEFORE)
        window = text[start : at + _BEHIND]
        fits = _compiled(error.pattern).search(window)
        if (
            fits is None
            or _is_source(window, fits.start(), window[at - start :])
            or self._is_told(window, fits.span(), entry)
        ):
            return None
        if error.within or error.outside:
            around = text[max(0, at - _AROUND) : at + _BEHIND]
            if error.within and not _compiled(error.within).search(around):
                return None
            if error.outside and _compiled(error.outside).search(around):
                return None
        groups = fits.groupdict("")
        told = error.table(groups) if error.table is not None else {}
        if told is None:
            return None
        place = start + fits.start()
        line = lines_before + text.count("\n", 0, place) + 1
        return Occurrence(entry, place, line, _excerpt(window, fits.start()), groups, told)

    def _places(self, sign: str, end: int) -> Iterator[int]:
        """Where a sign stands, once a line."""
        at = self._text.find(sign, self._next, end + len(sign) - 1)
        while at >= 0:
            yield at
            following = self._text.find("\n", at, at + _BEHIND)
            onward = following if following >= 0 else at + len(sign)
            at = self._text.find(sign, onward, end + len(sign) - 1)

    def _is_told(self, window: str, span: tuple[int, int], entry: Entry) -> bool:
        """Whether another entry, which stands before this one, explains the same words.

        That is one of the same area, or one that something else than the words decides.
        """
        for found in self.found:
            decided = found.entry.error.within and not entry.error.within
            if found.entry.area != entry.area and not decided:
                continue
            other = _compiled(found.entry.error.pattern).search(window)
            if other and other.start() < span[1] and span[0] < other.end():
                return True
        return False

    def kept(self) -> str:
        """The beginning and the end of the text."""
        if len(self._begin) + len(self._end) <= _KEPT or self._begin == self._end:
            return self._end
        return f"{self._begin}\n{self._end}"

    def nearest(self) -> tuple[Entry, ...]:
        """The entries that have most words in common with the text, rare words above all.

        Paths of modules and names of exception classes are left out, since they say where something
        failed and not what.
        """
        text = _PATHS.sub(" ", normal(self.kept()))
        lines = [line[:_BEHIND] for line in text.splitlines()]
        telling = [line for line in lines if _TELLING.search(line)] or lines
        words = set(_WORD.findall(" ".join(telling[-_TELLING_LINES:]).lower()))
        spoken, weights = _vocabulary()
        likeness = []
        for entry, own in spoken:
            whole = sum(weights[w] for w in own)
            shared = own & words
            if len(shared) >= _LEAST_SHARED:
                likeness.append((sum(weights[w] for w in shared) / whole, entry))
        likeness.sort(key=lambda item: -item[0])
        return tuple(entry for alike, entry in likeness[:_NEAREST] if alike >= _LEAST_LIKENESS)


#: Paths of files and modules, names of exception classes.
_PATHS = re.compile(r"\S*[/\\]\S+|\b(?:\w+\.)+\w+|\b\w+(?:Error|Exception|Warning)\b")


@functools.cache
def _by_precedence() -> tuple[Entry, ...]:
    """All entries; first those that something else than the words decides."""
    return tuple(sorted(entries(), key=lambda entry: not entry.error.within))


class _Words:
    """The words of a piece of text, by which most signs are seen not to be in it."""

    def __init__(self, text: str) -> None:
        self._whole = set(text.translate(_BLANKS).split())
        joined = " ".join(self._whole)
        self._joined = joined if len(joined) <= _MOST_WORDS else ""

    def may_have(self, sign: str) -> bool:
        """Whether a sign may be in the text."""
        inside, ends = _words_of(sign)
        if not inside <= self._whole:
            return False
        return not self._joined or all(end in self._joined for end in ends)


@functools.cache
def _words_of(sign: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words of a sign that are whole ones in a text that has it, and the parts of words."""
    if not sign.isascii():
        return frozenset(), ()
    words = sign.translate(_BLANKS).split()
    first = 0 if sign[:1].translate(_BLANKS) == " " else 1
    last = len(words) - (sign[-1:].translate(_BLANKS) != " ")
    return frozenset(words[first:last]), tuple(words[:first] + words[max(first, last) :])


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
