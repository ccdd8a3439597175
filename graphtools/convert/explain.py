"""Recognises the errors that people meet with graphs, in a message or a log, and explains them.

What is known is data: see `known_errors`. A log is read once, piece by piece; an entry is tried
only where one of its signs stands, and reported where it is found first.
"""

from __future__ import annotations

import codecs
import dataclasses
import functools
import importlib
import io
import math
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from graphtools import registry
from graphtools.convert import known_errors
from graphtools.convert.known_errors._entry import ERROR, GENERAL, WARNING, KnownError
from graphtools.errors import FileProblem, InvalidValue

#: Characters before and behind a sign within which a message is looked for, and read at once.
_BEFORE, _BEHIND, _PIECE = 2_000, 4_000, 1 << 20
#: Places with a sign at which an entry may not fit before it is given up, so that no log is slow.
_MOST_MISSES = 5_000
#: Up to this many characters, a text is also read as if it had no line breaks: terminals add them.
_WRAPPED = 50_000
_LONGEST_EXCERPT, _LONGEST_NAME = 240, 240
_FIELDS = re.compile(r" +(?=[),.;:])| *\(\)|(?<=\() +")
#: What makes a line of an unknown log worth comparing with what is known, and how many are kept.
_TELLING = re.compile(r"error|exception|fail|fatal|invalid|not found|cannot|unable", re.IGNORECASE)
_TELLING_LINES = 60
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{2,}")
_NOT_WORDS = re.compile(r"\(\?P<\w+>|\[[^\]]*\]|\\[A-Za-z]|\{[\d,]*\}")
_NEAREST, _LEAST_LIKENESS = 3, 0.25


class Entry(NamedTuple):
    """A known error and the area it belongs to, which is its module."""

    area: str
    error: KnownError


@dataclasses.dataclass(frozen=True)
class Explanation:
    """An error that was recognised.

    Attributes:
        name: Name of the entry.
        area: What it has to do with, as `quantizing`.
        kind: `error`, `warning` (it may or may not be the reason) or `general` (it only says that
            something failed).
        line: Number of the line that it begins on, from 1.
        excerpt: The words that were recognised.
        cause: Why this happens.
        cure: What to do.
        commands: Commands of graphtools that check or mend it; what is in capitals there is to be
            filled in.
        threads: Public threads that it is known from: `owner/repository#number`.
    """

    name: str
    area: str
    kind: str
    line: int
    excerpt: str
    cause: str
    cure: str
    commands: tuple[str, ...]
    threads: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class NearEntry:
    """An entry that has words in common with a text that is not recognised.

    Attributes:
        name: Name of the entry.
        message: The words by which it would be recognised.
    """

    name: str
    message: str


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What was recognised in a text.

    Attributes:
        source: Where the text is from; empty if it was given itself.
        lines: Number of its lines.
        found: What was recognised: errors, then warnings, each in the order of the text, since
            what fails first mostly makes the rest fail. What is general stands there alone.
        nearest: Where nothing was recognised, the entries most like it.
    """

    source: str
    lines: int
    found: tuple[Explanation, ...]
    nearest: tuple[NearEntry, ...]


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All that is known, area by area.

    Raises:
        RuntimeError: Two entries have the same name.
    """
    listed: list[Entry] = []
    for area in registry.modules(known_errors):
        errors = importlib.import_module(f"{known_errors.__name__}.{area}").ERRORS
        listed += (Entry(area, error) for error in errors)
    (name, times) = Counter(e.error.name for e in listed).most_common(1)[0]
    if times > 1:
        raise RuntimeError(f"{known_errors.__name__}: two entries are called {name!r}")
    return tuple(listed)


def explain_text(text: str, source: str = "") -> Diagnosis:
    """Recognise the errors in a text.

    Args:
        text: A message, or a whole log.
        source: Where it is from.

    Raises:
        InvalidValue: It is empty.
    """
    found = explain_log(io.BytesIO(text.encode("utf-8", "replace")), source)
    if found.found or len(text) > _WRAPPED:
        return found
    words = text.split()
    if text == " ".join(words):
        return found
    search = _Search()
    search.read(" ".join(words), last=True)
    unwrapped = search.explanations(_Unwrapped(text))
    return dataclasses.replace(found, found=unwrapped, nearest=()) if unwrapped else found


def explain_log(stream: BinaryIO, source: str = "") -> Diagnosis:
    """Recognise the errors in a log of any length, which is read once.

    Args:
        stream: The log: UTF-8, or what PowerShell writes (UTF-16 with its mark). Other bytes do
            no harm.
        source: Where it is from, for messages.

    Raises:
        InvalidValue: It is empty.
        FileProblem: It is no text.
    """
    search = _Search()
    piece = stream.read(_PIECE)
    binary = b"\0" in piece
    encoding = "utf-8"
    if piece[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding, binary = "utf-16", False
    decode = codecs.getincrementaldecoder(encoding)("replace").decode
    while piece:
        search.read(decode(piece), last=False)
        piece = stream.read(_PIECE)
    search.read(decode(b"", True), last=True)
    what = source or "the text"
    if search.is_blank:
        raise InvalidValue(
            f"there is nothing to explain: {what} is empty",
            "give the words of an error, or a log: graphtools explain --file LOG",
        )
    found = search.explanations()
    if binary and not found:
        raise FileProblem(
            f"{what} is no text", "give the log or the message; a model is for graphtools summary"
        )
    return Diagnosis(source, search.lines, found, () if found else search.nearest())


def remedy_of(text: str) -> str:
    """What to do about an error, in one line with the command for it; empty if it is unknown."""
    if not text.strip():
        return ""
    found = explain_text(text[-_WRAPPED:]).found
    if not found or found[0].kind == GENERAL:
        return ""
    command = f": {found[0].commands[0]}" if found[0].commands else ""
    return found[0].cure + command


class _Found(NamedTuple):
    """Where an entry was found: position in the text, line, and what its pattern matched."""

    entry: Entry
    start: int
    line: int
    excerpt: str
    groups: Mapping[str, str]


class _Unwrapped:
    """Tells the line of a text by a position in the same text without its line breaks."""

    def __init__(self, text: str) -> None:
        self._lines = [n for n, line in enumerate(text.split("\n"), 1) for _ in line.split()]

    def line(self, joined: str, start: int) -> int:
        """The line that a position is on."""
        return self._lines[min(joined.count(" ", 0, start), len(self._lines) - 1)]


class _Search:
    """Goes through a text that comes in pieces."""

    def __init__(self) -> None:
        self.lines = 0
        self.is_blank = True
        self._text = ""
        self._next = 0  # where in it signs are still to be looked for
        self._lines_before = 0
        self._open = list(entries())
        self._misses: Counter[str] = Counter()
        self._found: list[_Found] = []
        self._telling: list[str] = []

    def read(self, more: str, *, last: bool) -> None:
        """Go through the next piece of the text."""
        self._text += more
        self.is_blank = self.is_blank and not more.strip()
        end = len(self._text) if last else max(self._next, len(self._text) - _BEHIND)
        for entry in tuple(self._open):
            found = self._look_for(entry, end)
            if found is not None:
                self._found.append(found)
                self._open.remove(entry)
        if not self._found:
            self._remember(self._text[self._next : end])
        if last:
            self.lines = self._lines_before + self._text.count("\n")
            self.lines += not self._text.endswith("\n")
            return
        cut = max(0, end - _BEFORE)
        self._lines_before += self._text.count("\n", 0, cut)
        self._text = self._text[cut:]
        self._next = end - cut

    def _look_for(self, entry: Entry, end: int) -> _Found | None:
        """Where an entry fits first."""
        for at in self._signs(entry.error, end):
            if self._misses[entry.error.name] > _MOST_MISSES:
                return None
            line_start = self._text.rfind("\n", max(0, at - _BEFORE), at) + 1
            start = line_start or max(0, at - _BEFORE)
            window = self._text[start : at + _BEHIND]
            fits = _compiled(entry.error.pattern).search(window)
            if fits is None or self._is_told(window, fits.span(), entry):
                self._misses[entry.error.name] += 1
                continue
            place = start + fits.start()
            line = self._lines_before + self._text.count("\n", 0, place) + 1
            excerpt = _excerpt(window, fits.start())
            return _Found(entry, place, line, excerpt, fits.groupdict(""))
        return None

    def _signs(self, error: KnownError, end: int) -> Iterator[int]:
        """Where the signs of an entry stand, once a line."""
        for sign in error.signs:
            at = self._text.find(sign, self._next, end + len(sign) - 1)
            while at >= 0:
                yield at
                following = self._text.find("\n", at, at + _BEHIND)
                onward = following if following >= 0 else at + len(sign)
                at = self._text.find(sign, onward, end + len(sign) - 1)

    def _is_told(self, window: str, span: tuple[int, int], entry: Entry) -> bool:
        """Whether another entry, which stands before this one, explains the same words."""
        for found in self._found:
            if found.entry.area != entry.area:
                continue
            other = _compiled(found.entry.error.pattern).search(window)
            if other and other.start() < span[1] and span[0] < other.end():
                return True
        return False

    def explanations(self, unwrapped: _Unwrapped | None = None) -> tuple[Explanation, ...]:
        """What was recognised, the reasons first."""
        rank = {ERROR: 0, WARNING: 1, GENERAL: 2}
        found = sorted(self._found, key=lambda f: (rank[f.entry.error.kind], f.line, f.start))
        if found and found[0].entry.error.kind != GENERAL:
            found = [f for f in found if f.entry.error.kind != GENERAL]
        told = []
        for one in found:
            line = unwrapped.line(self._text, one.start) if unwrapped else one.line
            told.append(_explanation(one, line))
        return tuple(told)

    def _remember(self, text: str) -> None:
        """Keep the lines that may tell something, should nothing be recognised."""
        telling = [t[:_BEHIND] for t in text.splitlines() if _TELLING.search(t[:_BEHIND])]
        self._telling = (self._telling + (telling or [text[:_BEHIND]]))[-_TELLING_LINES:]

    def nearest(self) -> tuple[NearEntry, ...]:
        """The entries that have most words in common with the text, rare words above all."""
        words = set(_WORD.findall(" ".join(self._telling).lower()))
        spoken, weights = _vocabulary()
        likeness = []
        for entry, own in spoken:
            whole = sum(weights[w] for w in own)
            shared = own & words
            if len(shared) > 1:
                likeness.append((sum(weights[w] for w in shared) / whole, entry))
        likeness.sort(key=lambda item: -item[0])
        return tuple(
            NearEntry(entry.error.name, entry.error.signs[0])
            for alike, entry in likeness[:_NEAREST]
            if alike >= _LEAST_LIKENESS
        )


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


def _excerpt(window: str, start: int) -> str:
    """The line that a match begins on, from a little before it on."""
    begin = max(window.rfind("\n", 0, start) + 1, start - _LONGEST_EXCERPT // 3)
    line = window[begin:].partition("\n")[0].strip()
    if len(line) > _LONGEST_EXCERPT:
        line = line[: _LONGEST_EXCERPT - 3] + "..."
    return line


class _Value(str):
    """A name out of a message; a template gives the words for where there is none."""

    def __format__(self, otherwise: str) -> str:
        return str(self) or otherwise


def _explanation(found: _Found, line: int) -> Explanation:
    error = found.entry.error
    names = {k: _Value(_cleaned(v)) for k, v in found.groups.items()}
    quoted = {k: _Value(shlex.quote(v) if v else "") for k, v in names.items()}

    def told(template: str) -> str:
        return _FIELDS.sub("", " ".join(template.format_map(names).split()))

    commands = (template.format_map(quoted) for template in error.commands)
    return Explanation(
        error.name,
        found.entry.area,
        error.kind,
        line,
        found.excerpt,
        told(error.cause),
        told(error.cure),
        tuple(commands),
        error.threads,
    )


def _cleaned(value: str) -> str:
    """A name as it is used: without line breaks, and without what ended the sentence."""
    text = " ".join(value.split()).rstrip(".,;")
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 3] + "..."
