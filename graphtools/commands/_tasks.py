"""Finds commands by what somebody wants to do.

The index is what commands, rules, transforms and known errors say of themselves; nobody writes it.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import click

from graphtools.commands._guessing import PROGRAM, declared, is_form_of
from graphtools.commands._shared import Command

_WORD = re.compile(r"[A-Za-z]+|\d+")
#: Words that everything here is about, and those that say nothing.
_EMPTY = frozenset(
    "a all an and are as at be by can do does for from get graph how i in into is it its model my"
    " of on one or out s that the them this to tf tensorflow use want what when where which why"
    " with".split()
)
#: Words that ask for something and do not say what; no line is worse for not having them.
_ASKING = frozenset(
    "check convert count create display find get know list look make measure name number print read"
    " see show tell two usage view".split()
)
#: Words of one meaning.
_ALIKE = (
    "delete remove drop",
    "merge join combine concatenate glue stitch",
    "speed latency bench benchmark fps",
    "image photo picture jpg jpeg png",
    "norm normalization batchnorm bn",
    "infer inference predict prediction classify detect",
    "savedmodel saved",
    "flop mac multiply",
    "quantize int8 integer",
    "checkpoint ckpt",
    "unused dead",
    "layer intermediate activation",
    "replace rename substitute",
)
_SYNONYMS = {word: frozenset(group.split()) for group in _ALIKE for word in group.split()}
#: Between what there is and what it is to become.
_INTO = re.compile(r"\b(?:to|into|2)\b|->")
#: What a line explains of the way from one thing to another.
_TURNED = re.compile(r"(\w+)-to-\w+")
#: What a line makes: the ending of a file, what stands in the name of a transform, a SavedModel.
_MADE = re.compile(r"(?:\bOUT\.|'to_|-o (?=saved_))([^\W_]+)")
#: What a word counts where it is a name or a word declared for it, the line of help, or below.
_NAME, _LINE, _TEXT = 3.0, 2.0, 1.0
#: How likely somebody looks for a line of this kind.
_KINDS = {"command": 1.2, "option": 1.0, "transform": 1.0, "rule": 0.8, "error": 0.7}
#: The same where all of its name was said, of those kinds that have one name.
_EXACT, _WITH_ONE_NAME = 2.0, ("transform", "error")
#: Letters of a word that is found in another form, too.
_SHORTEST = 5
#: How many lines are told, and the score of the last to that of the first.
_MOST, _LEAST = 6, 0.5


class Task(NamedTuple):
    """Something that can be done.

    Attributes:
        line: The whole line to type; what is in capitals is to be filled in.
        what: What it does, in a line.
        kind: What declares it: `command`, `option`, `transform`, `rule` or `error`.
    """

    line: str
    what: str
    kind: str


class _Indexed(NamedTuple):
    task: Task
    weights: Mapping[str, float]
    named: frozenset[str]


def find_tasks(text: str, commands: Mapping[str, Command]) -> list[Task]:
    """The lines that do what is asked for, the best first.

    Example:
        >>> find_tasks("export all weights", COMMANDS.all())[0].line
        'graphtools variables FILE -o weights.npz'
    """
    words = list(dict.fromkeys(_words(text)))
    asked = [word for word in words if word not in _ASKING] or words
    said = {other for word in asked for other in (word, *_SYNONYMS.get(word, ()))}
    turned = _turned(text)
    index = [_indexed(task, *texts) for task, *texts in _everything(commands) if turned(task.line)]
    parts = [[_found(word, entry.weights) for word in asked] for entry in index]
    counts = [sum(map(bool, column)) for column in zip(*parts, strict=True)]
    rarity = [math.log(1 + len(index) / (1 + count)) for count in counts]
    scored = []
    for entry, found in zip(index, parts, strict=True):
        share = sum(map(bool, found)) / max(1, len(asked))
        if share >= 0.5:
            score = sum(p * r for p, r in zip(found, rarity, strict=True)) * share**2
            is_named = bool(entry.named) and entry.named <= said
            scored.append((score * (_EXACT if is_named else _KINDS[entry.task.kind]), entry.task))
    least = _LEAST * max((score for score, _task in scored), default=0.0)
    best: list[Task] = []
    for score, task in sorted(scored, key=lambda found: (-found[0], found[1])):
        if score < least or len(best) == _MOST:
            break
        # an option that many commands have is told once
        if not any(task.line == other.line or task.what == other.what for other in best):
            best.append(task)
    return best


def _turned(text: str) -> Callable[[str], bool]:
    """Whether a line may be meant: it does not do the reverse of `A to B`."""
    before, *after = (set(_words(part)) for part in _INTO.split(text.lower(), maxsplit=1))
    if not after:
        return lambda _line: True
    source, goal = before - after[0], after[0] - before
    return lambda line: (
        source.isdisjoint(_MADE.findall(line)) and goal.isdisjoint(_TURNED.findall(line))
    )


def usage(command: Command) -> str:
    """A command with what it cannot do without: `graphtools freeze FILE -o OUT`."""
    parts = [PROGRAM, command.name or ""]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            parts.append(parameter.make_metavar(click.Context(command)))
        elif parameter.required:
            parts += [parameter.opts[0], "OUT" if "-o" in parameter.opts else _value(parameter)]
    return " ".join(parts)


def _everything(commands: Mapping[str, Command]) -> Iterator[tuple[Task, str, str, str]]:
    """All that can be done, with its names, its line of help, and what else is said of it."""
    for command in commands.values():
        if not command.legacy:
            yield from _of_command(command)
    yield from _transforms()
    yield from _rules()
    yield from _errors()


def _of_command(command: Command) -> Iterator[tuple[Task, str, str, str]]:
    name, more = command.name or "", inspect.cleandoc(command.help or "")
    what = " ".join(more.partition("\n\n")[0].split())
    line = usage(command)
    yield Task(line, what, "command"), name, what, f"{more} {command.example}"
    for others, rest, told in declared(command):
        task = Task(f"{PROGRAM} {name} {rest}".rstrip(), told or what, "command")
        yield task, f"{name} {' '.join(others)}", f"{told} {rest}", what
    for option in command.params:
        if isinstance(option, click.Option) and option.help and not option.required:
            value = "" if option.is_flag or option.count else f" {_value(option)}"
            text = " ".join(option.help.split())
            yield (
                Task(f"{line} {option.opts[0]}{value}", text, "option"),
                " ".join(option.opts),
                text,
                f"{name} {what}",
            )


def _value(option: click.Parameter) -> str:
    return option.make_metavar(click.Context(click.Command("")))


def _transforms() -> Iterator[tuple[Task, str, str, str]]:
    from graphtools.report.transforms import first_line
    from graphtools.transforms import TRANSFORMS

    for name, transform in TRANSFORMS.all().items():
        line = f"{PROGRAM} transform FILE -o OUT --transforms '{transform.example}'"
        what = first_line(transform)
        yield Task(line, what, "transform"), name, what, transform.manual


def _rules() -> Iterator[tuple[Task, str, str, str]]:
    from graphtools.lint.tables import all_rules

    for code, rule in all_rules().items():
        what = " ".join(rule.manual.what.partition("\n\n")[0].split())
        line = f"{PROGRAM} lint FILE --select {code}"
        yield Task(line, f"Looks for this: {what}", "rule"), f"{code} {rule.name}", what, ""


def _errors() -> Iterator[tuple[Task, str, str, str]]:
    from graphtools.explain.search import entries

    for entry in entries():
        error = entry.error
        what = f"Explains: {error.signs[0].strip()}"
        yield Task(f"{PROGRAM} explain {error.name}", what, "error"), error.name, what, error.cure


def _indexed(task: Task, name: str, line: str, text: str) -> _Indexed:
    weights: dict[str, float] = {}
    for part, weight in ((text, _TEXT), (line, _LINE), (name, _NAME)):
        for word in _words(part):
            weights[word] = weight
    named = frozenset(_words(name)) if task.kind in _WITH_ONE_NAME else frozenset()
    return _Indexed(task, weights, named)


def _words(text: str) -> Iterable[str]:
    """The words of a text that say something, without the ends of plurals."""
    for word in _WORD.findall(text):
        plain = word.lower()
        if len(plain) > 3 and plain.endswith("s") and plain[-2] != "s":
            plain = plain[:-1]
        if plain not in _EMPTY and len(plain) > 1:
            yield plain


def _found(word: str, weights: Mapping[str, float]) -> float:
    """What a word counts for an entry; another form of it, or another word for it, counts less."""
    if word in weights:
        return weights[word]
    same = [weights[other] for other in _SYNONYMS.get(word, ()) if other in weights]
    if same:
        return 0.8 * max(same)
    return 0.7 * max((weights[w] for w in weights if is_form_of(word, w, _SHORTEST)), default=0.0)
