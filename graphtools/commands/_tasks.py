"""Finds commands by what somebody wants to do.

The index is what commands, rules, transforms and known errors say of themselves; nobody writes it.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import click

from graphtools.commands._shared import Command
from graphtools.commands._words import PROGRAM, declared, is_form_of

_WORD = re.compile(r"(?:float|u?int|fp|v)\d+|[A-Za-z]+|\d+")
#: Words that everything here is about, and those that say nothing.
_EMPTY = frozenset(
    "a all an and any are as at be been by can do does doing false file first for format from"
    " get graph graphdef has have how i in into is it its mean model my need network of off on"
    " one or out over part should single some that the them these this to tf tensorflow trained"
    " true use used using want was were what when where which who why will with".split()
)
#: Words that ask for something and do not say what; no line is worse for not having them.
_ASKING = frozenset(
    "add build change check convert count create determine display do evaluate find generate"
    " inspect know list look load make measure name number obtain perform print read retrieve"
    " save see set show tell transfer turn two usage view".split()
)
#: Words that ask for something else than there is: a line that writes nothing does not do it.
_CHANGING = frozenset(
    "add cast change cut delete drop edit fix increase insert join merge modify reduce remove"
    " rename replace reset set shrink slim split strip".split()
)
#: How people ask to see something: a line that writes a file, and no picture of it, does more.
_LOOKING = re.compile(
    r"\s*(?:(?:print|list|show|see|display|read|inspect|determine)\b|get .*\bnames?\b)"
)
_PICTURES = frozenset({"draw", "report", "tensorboard"})
_WRITES_MORE = re.compile(r" -o | edit-")
#: Words of what all lines are about; what is said beside them tells more.
_THINGS = frozenset("layer node op operation tensor".split())
#: Words of one meaning.
_ALIKE = (
    "delete remove drop exclude",
    "merge join combine concatenate glue stitch",
    "speed latency bench benchmark fps",
    "image photo picture jpg jpeg",
    "norm normalization batchnorm bn",
    "infer inference predict prediction classify detect",
    "flop mac multiply",
    "quantize int8 integer",
    "float16 fp16 half",
    "checkpoint ckpt",
    "unused dead",
    "intermediate activation",
    "rename replace substitute",
    "reduce shrink slim smaller",
    "split cut truncate crop",
    "diff compare difference",
    "size disk",
    "fold fuse",
    "restore restored",
)
_SYNONYMS = {word: frozenset(group.split()) for group in _ALIKE for word in group.split()}
#: What is said in several words, and the word for it.
_PHRASES = (
    (re.compile(r"\bsaved[ _-]model"), "savedmodel"),
    (re.compile(r"\bhow (?:do i |can i )?to "), ""),
    (re.compile(r"\b(?:chang|modify|edit)\w* ((?:[a-z_]+ )*?)names?\b"), r"rename \1"),
    (re.compile(r"\b(?:8|eight)[ -]?bits?\b"), "int8"),
    (re.compile(r"\b(keep|is|phase|learning)[ _](prob|train|phase)"), r"\1\2"),
)
#: Kinds of files and layouts that one becomes another of, and what they are called.
_FORMS = re.compile(
    r"\b(?:(?P<savedmodel>saved[ _-]?model)|(?P<checkpoint>checkpoint|ckpt)"
    r"|(?P<tflite>tf[ _-]?lite)|(?P<onnx>onnx)|(?P<pbtxt>pbtxt|text\b)|(?P<keras>keras|h5\b|hdf5)"
    r"|(?P<numpy>npz|npy|numpy)"
    r"|(?P<pb>(?:frozen|froze)|pb\b|graph_?def|proto)|(?P<tensorboard>tensorboard|tb\b)"
    r"|(?P<nhwc>nhwc)|(?P<nchw>nchw))",
    re.IGNORECASE,
)
#: Between what there is and what it is to become.
_INTO = re.compile(r"\b(?:to|into)\b|->|(?<=[a-z])[ _-]?2[ _-]?(?=[a-z])")
#: The same, as a name says it: pb2tflite, pb-to-saved-model, to_nhwc.
_TURNED = re.compile(r"(?:(\w+?)2|(?:(\w+)-)?to[-_])([a-z]+(?:-[a-z]+)*)")
#: What a line makes: the ending of a file, a SavedModel.
_MADE = re.compile(r"\bOUT\.([a-z]+)|-o (saved_model)")
_WRITES = re.compile(r" -o | --fix\b")
#: Forms of which another is made by lines that are for this alone.
_LAST = ("tflite", "onnx")
#: What a line counts that turns one form into the other, and one that makes the other.
_EXACTLY, _MAKES = 14.0, 12.0
#: What is left of a line's score that reads what is to be changed, is for another kind of file, is
#: for one kind where none is said, or does not turn what is to be turned.
_READS, _OTHER, _SPECIAL, _ASIDE = 0.4, 0.4, 0.9, 0.5
#: How much has to be found of what is asked for, of 3.
_ENOUGH = 1.1
#: What a word counts where it is a command's name, another name or a word declared for it, the line
#: of help, or below.
_CALLED, _NAME, _LINE, _TEXT = 3.75, 3.0, 2.0, 1.0
#: How likely somebody looks for a line of this kind.
_KINDS = {"command": 1.2, "option": 1.0, "transform": 1.0, "rule": 0.8, "error": 0.7}
#: The same where all of its name was said, of those kinds that have one name.
_EXACT, _WITH_ONE_NAME = 2.0, ("transform", "error")
#: Kinds of lines that do something, and how close another may come to the one that is meant.
_DOING, _CLEAR = ("command", "transform"), 0.8
#: What each word has to count where a line is to be sure.
_SURE = 1.6
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
    turns: frozenset[tuple[str, str]]


class _Found(NamedTuple):
    score: float
    task: Task
    is_sure: bool


def find_tasks(text: str, commands: Mapping[str, Command]) -> list[Task]:
    """The lines that do what is asked for, the best first.

    Example:
        >>> find_tasks("export all weights", COMMANDS.all())[0].line
        'graphtools variables FILE -o weights.npz'
    """
    scored = _scored(text, commands)
    least = _LEAST * scored[0].score if scored else 0.0
    best: list[Task] = []
    for score, task, _is_sure in scored:
        if score < least or len(best) == _MOST:
            break
        # an option that many commands have is told once
        if not any(task.line == other.line or task.what == other.what for other in best):
            best.append(task)
    return best


def sure_task(text: str, commands: Mapping[str, Command]) -> Task | None:
    """The line that does what is asked for; nothing where words are left over, or others do it."""
    scored = [found for found in _scored(text, commands) if found.task.kind in _DOING]
    if not scored or not scored[0].is_sure:
        return None
    best = scored[0].task
    rivals = [f.task for f in scored if f.score > _CLEAR * scored[0].score]
    return best if all(r.line.split()[1] == best.line.split()[1] for r in rivals) else None


def _scored(text: str, commands: Mapping[str, Command]) -> list[_Found]:
    said = _plain(text)
    words = list(dict.fromkeys(_words(said)))
    way = _way(said)
    forms = set(way or ()) if way and way[1] else set()
    asked = [word for word in words if word not in _ASKING]
    if forms:
        asked = [word for word in asked if not forms.intersection(_forms(word))]
    elif not asked:
        asked = words
    if not _CHANGING.issuperset(words := [word for word in asked if word not in _THINGS]):
        asked = words
    meant = {other for word in _words(said) for other in (word, *_SYNONYMS.get(word, ()))}
    index = [_indexed(task, *texts) for task, *texts in _everything(commands)]
    parts = [[_found(word, entry.weights) for word in asked] for entry in index]
    counts = [sum(map(bool, column)) for column in zip(*parts, strict=True)]
    rarity = [math.log(1 + len(index) / (1 + count)) for count in counts]
    is_changing = not _CHANGING.isdisjoint(_words(said))
    is_looking = not (is_changing or forms or "pbtxt" in _forms(said)) and _LOOKING.match(said)
    kinds = set(_forms(said)) | ({"pb"} if re.search(r"\bgraphs?\b", said) else set())
    found = []
    for entry, values in zip(index, parts, strict=True):
        turning = _turning(entry, way)
        enough = sum(p * r for p, r in zip(values, rarity, strict=True))
        share = sum(map(bool, values)) / max(1, len(asked))
        if turning is None or (not turning and (share < 0.5 or enough < _ENOUGH * sum(rarity))):
            continue
        score = enough * share**2 + turning
        is_named = bool(entry.named) and entry.named <= meant
        score *= _EXACT if is_named else _KINDS[entry.task.kind]
        if forms and not turning:
            score *= _ASIDE
        if is_changing and not _WRITES.search(entry.task.line) and entry.task.kind != "error":
            score *= _READS
        line = entry.task.line
        if is_looking and _WRITES_MORE.search(line) and not _PICTURES & {*line.split()}:
            score *= _READS
        taken = _taken(entry.task.line)
        if not forms and taken and taken not in kinds:
            score *= _OTHER if kinds else _SPECIAL
        is_sure = min(values, default=0.0) >= _SURE and (is_named or entry.task.kind == "command")
        found.append(_Found(score, entry.task, is_sure))
    return sorted(found, key=lambda one: (-one.score, one.task))


def _plain(text: str) -> str:
    """A text in small letters, with one word for what is said in several."""
    said = text.lower()
    for pattern, word in _PHRASES:
        said = pattern.sub(word, said)
    return said


def _forms(text: str) -> list[str]:
    return [match.lastgroup or "" for match in _FORMS.finditer(text)]


def _way(said: str) -> tuple[str, str] | None:
    """From what to what something is to be turned, as far as this is asked."""
    splits = [(said[: m.start()], said[m.end() :]) for m in _INTO.finditer(said)]
    before, *after = next((s for s in splits if _forms(s[1])), splits[0] if splits else (said,))
    if not after:
        goal, *rest = re.split(r"\bfrom\b", said, maxsplit=1)
        before, after = "".join(rest) or said, [goal] if rest else []
    sources, goals = _forms(before), _forms(after[0]) if after else []
    if not goals:
        is_source = after and sources and _CHANGING.isdisjoint(_words(said))
        return (sources[-1], "") if is_source else None
    others = [w for w in _words(before) if w not in _ASKING and not _forms(w)]
    return (sources[-1] if sources else "", goals[0]) if sources or not others else None


def _turning(entry: _Indexed, way: tuple[str, str] | None) -> float | None:
    """What a line counts for turning one form into another; None if it does something else."""
    if way is None or not entry.turns:
        return 0.0
    if way in entry.turns:
        return _EXACTLY
    if not way[1]:
        return None if any(goal == way[0] for _source, goal in entry.turns) else 0.0
    is_made = any(goal == way[1] and not source for source, goal in entry.turns)
    return _MAKES if is_made and way[0] not in _LAST else None


def _taken(line: str) -> str:
    """The one kind of file that a line is for, if it is for one."""
    name, first = (*line.split()[1:3], "")[:2]
    if "tflite" in name or first.endswith(".tflite"):
        return "tflite"
    return "checkpoint" if first.strip("[]") == "CHECKPOINT" else ""


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
    called = task.line.split()[1] if task.kind == "command" else ""
    called = "" if "-" in called else called
    for part, weight in ((text, _TEXT), (line, _LINE), (name, _NAME), (called, _CALLED)):
        for word in _words(_plain(part)):
            weights[word] = weight
    named = frozenset(_words(name)) if task.kind in _WITH_ONE_NAME else frozenset()
    return _Indexed(task, weights, named, frozenset(_turns(task, name)))


def _turns(task: Task, names: str) -> Iterator[tuple[str, str]]:
    """What a line turns into what, by its names and by what it makes; often the one is open."""
    for token in names.split() if task.kind != "option" else ():
        match = _TURNED.fullmatch(token)
        goals = _forms(match[3]) if match else []
        if match and goals:
            yield next(iter(_forms(match[1] or match[2] or "")), ""), goals[0]
    for made in _MADE.findall(task.line):
        yield from (("", form) for form in _forms("".join(made)))


def _words(text: str) -> Iterable[str]:
    """The words of a text that say something, without the ends of plurals."""
    for word in _WORD.findall(text):
        plain = word.lower()
        if plain in _EMPTY:
            continue
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
