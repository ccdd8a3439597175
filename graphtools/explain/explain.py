"""Recognises the errors that people meet with graphs, in a message or a log, and explains them."""

from __future__ import annotations

import codecs
import dataclasses
import operator
import re
import shlex
import sys
from collections.abc import Callable
from typing import BinaryIO

from graphtools.errors import FileProblem, InvalidValue
from graphtools.explain.general import GeneralMeaning, meanings
from graphtools.explain.known_errors._entry import ERROR, GENERAL, HARMLESS, SYMPTOM, WARNING
from graphtools.explain.search import ErrorSearch, Occurrence, entries
from graphtools.formats.source import STANDARD, STANDARD_NAME, reading

#: Bytes of a log that are read at once.
_PIECE = 1 << 20
#: Up to this many characters, a text is also read as if it had no line breaks: terminals add them.
_WRAPPED = 50_000
_LONGEST_NAME = 240
#: What a name that was not found leaves in a sentence: blanks before a sign, empty parentheses.
_GAPS = re.compile(r" +(?=\)|[,.;:](?: |$))| +\(\)|(?<=\() +")
_NOTHING = "give the words of an error, or a log: graphtools explain --file LOG"


@dataclasses.dataclass(frozen=True)
class Check:
    """What a command says of the files that are at hand.

    Attributes:
        command: The command line.
        verdict: `yes` where it shows the reason, `no` where it shows that this is not it, empty
            where it decides nothing.
        told: What it says, line by line.
    """

    command: str
    verdict: str
    told: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Explanation:
    """An error that was recognised.

    Attributes:
        name: Name of the entry.
        area: What it has to do with, as `quantizing`.
        kind: `error`, `warning` (it may or may not be the reason), `harmless` (nothing is wrong),
            `symptom` (what is seen where nothing fails) or `general` (it only says that something
            failed).
        line: Number of the line that it begins on, from 1.
        excerpt: The words that were recognised.
        cause: Why this happens.
        cure: What to do.
        commands: Commands of graphtools that check or mend it; what is in capitals there is to be
            filled in.
        threads: Public threads that it is known from: `owner/repository#number`.
        likely: Of a symptom the causes, the most likely one first; each is checked by the command
            at its place.
        check: What a command says of the files that were given; None where none was run.
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
    likely: tuple[str, ...] = ()
    check: Check | None = None


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
            what fails first mostly makes the rest fail, and what is harmless last. What is general
            stands there without errors.
        nearest: Where nothing was recognised, the entries most like it.
        general: Where nothing was recognised, what its code, exception class and node say.
        passed_over: Number of places of a long log that might say more and were not looked at.
    """

    source: str
    lines: int
    found: tuple[Explanation, ...]
    nearest: tuple[NearEntry, ...]
    general: tuple[GeneralMeaning, ...] = ()
    passed_over: int = 0


def explain_text(text: str, source: str = "") -> Diagnosis:
    """Recognise the errors in a text.

    Args:
        text: A message, a symptom in words of one's own, a whole log, or the name of an entry.
        source: Where it is from.

    Raises:
        InvalidValue: It is empty.

    Example:
        >>> found = graphtools.explain_text("ValueError: No variables to save")
        >>> found.found[0].name
        'no-variables-to-save'
    """
    named = next((entry for entry in entries() if entry.error.name == text.strip()), None)
    if named is not None:
        told = Occurrence(named, 0, 1, named.error.signs[0].strip(), {}, {})
        return Diagnosis(source, 1, (_explanation(told, 1),), ())
    search = ErrorSearch()
    search.read(text, last=True)
    found = _diagnosis(search, source)
    words = text.split()
    joined = " ".join(words)
    is_message = any(one.kind not in (SYMPTOM, HARMLESS, GENERAL) for one in found.found)
    if is_message or len(text) > _WRAPPED or text == joined:
        return found
    search = ErrorSearch()
    search.read(joined, last=True)
    lines = [number for number, line in enumerate(text.split("\n"), 1) for _ in line.split()]
    unwrapped = _explanations(search, lambda f: lines[joined.count(" ", 0, f.start)])
    if not unwrapped:
        return found
    return dataclasses.replace(found, found=unwrapped, nearest=(), general=())


def explain_file(path: str) -> Diagnosis:
    """Recognise the errors in a log.

    Args:
        path: The log; `-` for standard input.

    Raises:
        InvalidValue: It is empty.
        FileProblem: It cannot be read, or is no text.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile(suffix=".log") as log:
        ...     _ = log.write(b"ValueError: No variables to save")
        ...     log.flush()
        ...     explain_file(log.name).found[0].line
        1
    """
    if path == STANDARD:
        if sys.stdin.isatty():
            raise InvalidValue("there is nothing to explain", _NOTHING)
        return explain_log(sys.stdin.buffer, STANDARD_NAME)
    with reading(path), open(path, "rb") as stream:
        return explain_log(stream, path)


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
    search = ErrorSearch()
    piece = stream.read(_PIECE)
    is_text = b"\0" not in piece
    encoding = "utf-8"
    if piece[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding, is_text = "utf-16", True
    decode = codecs.getincrementaldecoder(encoding)("replace").decode
    while piece:
        search.read(decode(piece), last=False)
        piece = stream.read(_PIECE)
    search.read(decode(b"", True), last=True)
    if not is_text and not search.found:
        raise FileProblem(
            f"{source or 'the log'} is no text",
            "give the log or the message; what a model is tells graphtools summary",
        )
    return _diagnosis(search, source)


def _diagnosis(search: ErrorSearch, source: str) -> Diagnosis:
    if search.is_blank:
        raise InvalidValue(
            f"there is nothing to explain: {source or 'the text'} is empty", _NOTHING
        )
    found = _explanations(search, operator.attrgetter("line"))
    nearest = () if found else search.nearest()
    near = tuple(NearEntry(e.error.name, e.error.signs[0].strip()) for e in nearest)
    told = () if found else meanings(search.kept())
    return Diagnosis(source, search.lines, found, near, told, search.passed_over)


def remedy_of(text: str) -> str:
    """What to do about an error, in one line with the command for it; empty if it is unknown."""
    if not text.strip():
        return ""
    found = explain_text(text[-_WRAPPED:]).found
    if not found or found[0].kind in (GENERAL, SYMPTOM, HARMLESS):
        return ""
    command = f": {found[0].commands[0]}" if found[0].commands else ""
    return found[0].cure + command


def _explanations(
    search: ErrorSearch, line_of: Callable[[Occurrence], int]
) -> tuple[Explanation, ...]:
    """What was recognised, the reasons first."""
    rank = {ERROR: 0, WARNING: 1, SYMPTOM: 2, GENERAL: 3, HARMLESS: 4}
    found = sorted(search.found, key=lambda f: (rank[f.entry.error.kind], f.line, f.start))
    # what a message says is more than what it looks like
    for vague in (GENERAL, SYMPTOM):
        if found and found[0].entry.error.kind not in (vague, HARMLESS):
            found = [f for f in found if f.entry.error.kind != vague]
    return tuple(_explanation(f, line_of(f)) for f in found)


class _Value(str):
    """A name out of a message; a template gives the words for where there is none."""

    def __format__(self, otherwise: str) -> str:
        return str(self) or otherwise


class _Values(dict[str, _Value]):
    """Values by the names of groups; empty ones for the rest."""

    def __missing__(self, _name: str) -> _Value:
        return _Value()


def _explanation(found: Occurrence, line: int) -> Explanation:
    error = found.entry.error
    names = _Values({k: _Value(_cleaned(v)) for k, v in found.groups.items()})
    names |= {k: _Value(v) for k, v in found.told.items()}
    quoted = _Values({k: _Value(shlex.quote(v)) for k, v in names.items() if v})

    def told(template: str) -> str:
        return _GAPS.sub("", " ".join(template.format_map(names).split()))

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
        tuple(map(told, error.likely)),
    )


def _cleaned(value: str) -> str:
    """A name as it is used: without line breaks, and without what ended the sentence."""
    text = " ".join(value.split()).rstrip(".,;")
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 3] + "..."
