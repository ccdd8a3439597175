"""What a word means that is no command: the command lines that do it, before names spelt alike.

Commands declare such words themselves; see `also` of `graphtools.commands._shared.command`.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import click

from graphtools.commands._shared import Command
from graphtools.commands._words import PROGRAM, declared, is_form_of, stem
from graphtools.wording import printable

#: What is to be filled in: FILE, OUT.tflite, PIPELINE.CONFIG.
_BLANK = re.compile(r"[A-Z][A-Z_]*(\.\w+)?")
#: Blanks that are not for files.
_NAMES = {"NAME", "NODE", "GLOB", "REGEX", "OP", "FROM", "TO", "TASK", "TEXT", "SHAPE", "CODE"}
#: Which files a blank is for; others are for all.
_KINDS = {
    "CHECKPOINT": re.compile(r"ckpt|\.index$|\.data-\d+-of-\d+$"),
    "PIPELINE.CONFIG": re.compile(r"\.config$"),
    "LABEL_MAP": re.compile(r"\.pbtxt$"),
}
_FILE = re.compile(
    r"ckpt|/$|\.(pb|pbtxt|meta|tflite|lite|index|config|records?|tfrecords?|npz|npy|h5|hdf5|keras"
    r"|onnx|mlmodel|svg|png|pdf|dot|jpe?g|html|json|txt|log)$"
)
#: Words that say nothing where another stands beside them, as in `list-weights`.
_FILLERS = {"list", "show", "get", "print", "find", "display", "all", "names"}
#: The same, of what is looked at or changed.
_OBJECTS = {"model", "graph", "net", "network", "file"}
#: But weights are what is meant by these alone.
_TELLING = {"dump", "values"}
#: How much alike a name has to be, of 1: what is less alike mostly means something else.
_ALIKE = 0.83
_SHORTEST_BEGINNING = 3


class Meaning(NamedTuple):
    """What a word may mean.

    Attributes:
        line: The whole command line; what is in capitals is to be filled in.
        what: What it does, where several may be meant.
    """

    line: str
    what: str


def answer(word: str, args: Sequence[str], commands: Mapping[str, Command]) -> str:
    """What to say of a word that is no command.

    Args:
        word: The word.
        args: What was typed behind it.
        commands: All that there are.

    Example:
        >>> answer("weights", ["m.pb"], COMMANDS.all())
        "No such command 'weights': weights is `graphtools variables m.pb`"
    """
    said = f"No such command {printable(word)!r}"
    found = _meant(word, args, commands)
    if len(found) == 1:
        return f"{said}: {printable(word)} is `{found[0].line}`"
    if found:
        width = max(len(m.line) for m in found)
        lines = (f"\n  {m.line:<{width}}  {m.what}".rstrip() for m in found)
        return f"{said}: {printable(word)} is one of{''.join(lines)}"
    near = _is_file(word) and [Meaning(_after_file(word, args, commands), "")]
    near = near or _nearest(word, args, commands)
    if near:
        return f"{said}. Did you mean {' or '.join(f'`{m.line}`' for m in near)}?"
    return f"{said}. `{_line('help', [word])}` finds commands by what they do"


def _after_file(file: str, args: Sequence[str], commands: Mapping[str, Command]) -> str:
    """The line that is meant where a file stands in the place of the command."""
    at = next((at for at, text in enumerate(args) if text in commands), None)
    if at is None:
        return _line("summary", [file, *args])
    return _line(args[at], [file, *args[:at], *args[at + 1 :]])


def place_for(command: Command, args: Sequence[str]) -> str:
    """Where an argument belongs for which a command has no place; empty if that is not clear.

    Example:
        >>> place_for(COMMANDS.all()["freeze"], ["graph.pb", "frozen.pb"])
        '; did you mean -o frozen.pb?'
    """
    places = [p.nargs for p in command.params if isinstance(p, click.Argument)]
    free, given = _taken_apart(command, args)
    has = {o: p.name for p in command.params for o in p.opts if p.name not in given}
    for text in free[len(places) :] if -1 not in places else ():
        if "--checkpoint" in has and _KINDS["CHECKPOINT"].search(text):
            return f"; did you mean --checkpoint {printable(text)}?"
        if "-o" in has and _FILE.search(text.lower()):
            return f"; did you mean -o {printable(text)}?"
    return ""


def meanings(word: str, args: Sequence[str], commands: Mapping[str, Command]) -> list[Meaning]:
    """The command lines that do what a word says, with the arguments put in that fit."""
    found = _meanings(word, args, commands)
    if found:
        return found
    said = re.split(r"[-_ ]", word.lower())
    parts = [part for part in said if part not in _FILLERS]
    if _TELLING.isdisjoint(said):
        parts = [part for part in parts if stem(part) not in _OBJECTS] or parts
    turned = _meanings("-".join(reversed(said)), args, commands)
    if turned:
        return turned
    if len(parts) == 1:
        return _meanings(parts[0], args, commands) if parts != said else []
    if len(said) == 1:
        return []
    from graphtools.commands._tasks import sure_task

    task = sure_task(" ".join(said), commands)
    if task is None:
        return []
    name, *rest = shlex.split(task.line)[1:]
    return [Meaning(_filled(commands[name], shlex.join(rest), args), task.what)]


def _meant(word: str, args: Sequence[str], commands: Mapping[str, Command]) -> list[Meaning]:
    """What a word means, with the one behind it where both are one: graph info, print nodes."""
    both = args and re.fullmatch(r"[a-z]+", args[0]) and not _is_file(args[0])
    found = meanings(f"{word} {args[0]}", args[1:], commands) if both else []
    return found or meanings(word, args, commands)


def _meanings(word: str, args: Sequence[str], commands: Mapping[str, Command]) -> list[Meaning]:
    key = stem(word)
    if key == "version" and not args:
        return [Meaning(f"{PROGRAM} --version", "")]
    for name in sorted(commands, key=lambda name: name != word):
        if stem(name) == key:
            return [Meaning(_line(name, args), "")]
    found = [
        (command, rest, what)
        for command in commands.values()
        for words, rest, what in declared(command)
        if key in map(stem, words)
    ]
    files = [arg for arg in args if _is_file(arg)]
    fitting = [f for f in found if not files or _fits_files(f[1], files)] or found
    special = [f for f in fitting if files and _kinds_in(f[1])] or fitting
    return [Meaning(_filled(command, rest, args), what) for command, rest, what in special]


def _nearest(word: str, args: Sequence[str], commands: Mapping[str, Command]) -> list[Meaning]:
    """What a word means that was misspelt, or not typed to its end; nothing where it is unsure."""
    keys = {stem(name): {name} for name in commands}
    shortened: dict[str, set[str]] = {}
    for name, command in commands.items():
        if command.legacy:
            continue
        shortened.setdefault(stem(name), set()).add(name)
        for words, _rest, _what in declared(command):
            for other in map(stem, words):
                keys.setdefault(other, set()).add(name)
                shortened.setdefault(other, set()).add(name)
    files = [arg for arg in args if _is_file(arg)]

    def fitting(key: str) -> list[Meaning]:
        return [m for m in _meanings(key, args, commands) if all(f in m.line for f in files)]

    typed = stem(word)
    begun = [key for key in shortened if key.startswith(typed)]
    if len(typed) >= _SHORTEST_BEGINNING and begun:
        is_sure = len({frozenset(shortened[key]) for key in begun}) == 1
        return fitting(min(begun, key=len)) if is_sure else []
    alike = {key: _likeness(typed, key) for key in keys if key[:1] == typed[:1]}
    best = max(alike.values(), default=0.0)
    near = [key for key, value in alike.items() if value > max(_ALIKE, best - 0.03)]
    if len({frozenset(keys[key]) for key in near}) == 1:
        return fitting(near[0])
    return []


def _likeness(left: str, right: str) -> float:
    if sorted(left) == sorted(right):
        return 1.0
    if is_form_of(left, right, shortest=6):
        return 0.9
    return difflib.SequenceMatcher(None, left, right).ratio()


def _line(name: str, args: Iterable[str]) -> str:
    return printable(shlex.join([PROGRAM, name, *args]))


def _is_file(text: str) -> bool:
    return text == "-" or bool(_FILE.search(text.lower())) or os.path.isfile(text)


def _blank_for(token: str, text: str) -> bool:
    """Whether a token is a blank that a file may fill."""
    blank = _BLANK.fullmatch(token)
    if blank is None or token in _NAMES:
        return False
    if token in _KINDS:
        return bool(_KINDS[token].search(text.lower()))
    return blank[1] is None or text.lower().endswith(blank[1])


def _kinds_in(rest: str) -> bool:
    return any(token in _KINDS for token in shlex.split(rest))


def _fits_files(rest: str, files: Sequence[str]) -> bool:
    tokens = [t for t in shlex.split(rest) if _BLANK.fullmatch(t) and t not in _NAMES]
    return bool(tokens) and _blank_for(tokens[0], files[0])


def _filled(command: Command, rest: str, args: Sequence[str]) -> str:
    """A command line with what was typed in its blanks, and with the options that it has, too."""
    free, options = _taken_apart(command, args)
    tokens: list[str] = []
    wanted = iter(shlex.split(rest))
    for token in wanted:
        name = _option_of(command, token)
        if name is None:
            tokens.append(_fill(token, free))
        elif name in options:
            tokens += options.pop(name)
            if not _is_flag(command, name):
                next(wanted, None)
        else:
            tokens.append(token)
    return _line(command.name or "", [*tokens, *(t for given in options.values() for t in given)])


def _fill(token: str, free: list[str]) -> str:
    """What stands for a token: the first of the arguments that fits, which is taken out."""
    if not _BLANK.fullmatch(token):
        return token
    for text in free:
        if (token in _NAMES and not _is_file(text)) or _blank_for(token, text):
            if token not in _NAMES and not _is_file(text) and any(map(_is_file, free)):
                continue
            free.remove(text)
            is_part = token == "GLOB" and not any(sign in text for sign in "*?[")
            return f"*{text}*" if is_part else text
    return token


def _taken_apart(command: Command, args: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Arguments that are no options, and the options that the command has, by their parameters."""
    free: list[str] = []
    options: dict[str, list[str]] = {}
    following = iter(args)
    for token in following:
        if not token.startswith("-") or token == "-":
            free.append(token)
            continue
        name = _option_of(command, token.partition("=")[0])
        value = [] if "=" in token or (name and _is_flag(command, name)) else [next(following, "")]
        if name:
            options.setdefault(name, []).extend([token, *filter(None, value)])
    return free, options


def _option_of(command: Command, token: str) -> str | None:
    """The parameter of an option of a command."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and token in parameter.opts:
            return parameter.name
    return None


def _is_flag(command: Command, name: str) -> bool:
    return any(isinstance(p, click.Option) and p.name == name and p.is_flag for p in command.params)
