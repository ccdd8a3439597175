"""How old programs read their command lines: by the rules of the libraries that they used.

What people paste comes from pages and shells that have changed it, too: dashes and quotes that a
page has made typographic, quotes that a Windows shell hands on and splits at blanks, the signs that
continue a line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from graphtools.errors import InvalidValue
from graphtools.legacy.flags import FLAG, MANY, LegacyFlag
from graphtools.wording import listed, similar

#: Which words behind a flag that is true or false are its value.
ANY, TRUTHS, NONE = "any", "truths", "none"


class Rules(NamedTuple):
    """The rules of a library.

    Attributes:
        abbreviates: Whether the beginning of a name stands for it.
        one_dash: Whether a flag may have one dash, and `--noflag` is false.
        ignores: Whether what is not known is ignored.
        guards: Whether what is almost the name of a flag is an error all the same.
        follows: Which words behind a flag that is true or false are its value.
        only_true: Whether all but `true` is false.
    """

    abbreviates: bool = False
    one_dash: bool = False
    ignores: bool = False
    guards: bool = False
    follows: str = TRUTHS
    only_true: bool = False


#: argparse, with `parse_known_args` and a type `bool` of TensorFlow's tools.
ARGPARSE = Rules(abbreviates=True, ignores=True, follows=ANY, only_true=True)
#: argparse, with `parse_args`.
ARGPARSE_STRICT = Rules(abbreviates=True, follows=NONE)
#: absl, as `tf.app.run` calls it.
ABSL = Rules(one_dash=True, ignores=True, follows=NONE)
#: tensorflow::Flags of C++; what follows a flag without `=` is taken here, too.
TENSORFLOW_FLAGS = Rules()
#: The program in C++, and argparse of the Python program that took its place.
TOCO = Rules(abbreviates=True, ignores=True, guards=True)

_TRUTHS = {"true": "true", "t": "true", "1": "true", "yes": "true"}
_TRUTHS |= {"false": "false", "f": "false", "0": "false", "no": "false"}
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
#: Dashes at the beginning of a flag, not all of which are those of a keyboard.
_TYPESET = re.compile(rf"-*[{_DASHES[1:]}][{_DASHES}]*(?=\w)")
#: What continues a line in a shell, where the line's end is lost.
_CONTINUES = {"", "\\", "^", "`"}
_OPENING = re.compile("=(['\u2018\u2019\"\u201c\u201d])")
_SAME = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


class Line(NamedTuple):
    """A command line, for the parser of today.

    Attributes:
        args: Flags of the table as `--name=value`, and what others are to read, or to refuse.
        ignored: What the old program ignored.
        notes: What is to be said of flags.
    """

    args: list[str]
    ignored: list[str]
    notes: list[str]


def read_line(
    args: Sequence[str], table: Sequence[LegacyFlag], rules: Rules, others: Collection[str] = ()
) -> Line:
    """Read a command line as an old program did.

    Args:
        args: What was typed.
        table: The program's flags.
        rules: Of the library that it used.
        others: Options that are not the program's: they, and what follows, are left as they are.

    Raises:
        InvalidValue: The beginning of a name is that of several flags, or a value is missing.

    Example:
        >>> read_line(["--input_n=x", "--logtostderr"], [flag("input_names", TEXT, "")], ARGPARSE)
        Line(args=['--input_names=x'], ignored=['--logtostderr'], notes=[])
    """
    line = Line([], [], [])
    rest = list(_mended(args))
    if rest[:1] == ["--"]:  # of `bazel run TARGET --`
        del rest[0]
    while rest:
        text = rest.pop(0)
        name, equals, value = text.partition("=")
        if text == "--":
            _refuse(line, rules, rest)
            break
        if name in others:
            line.args.append(text)
            continue
        found, negated = _find(name, table, rules)
        if found is None:
            is_near = text.startswith("--") and _nearest(name, table)
            if line.args and line.args[-1] in others:
                line.args.append(text)
            elif rules.ignores and not (rules.guards and is_near):
                line.ignored.append(text)
            else:
                line.args.append(text)
            continue
        if found.kind == FLAG:
            given = value if equals else _following(rest, rules) or "true"
            value = "false" if negated else _truth(given, found, rules, line)
        elif found.kind == MANY:
            value = ",".join([value] * bool(equals) + list(_until_flag(rest)))
        elif not equals:
            if not rest or (rest[0].startswith("--") and rest[0] != "--"):
                raise InvalidValue(f"--{found.names[0]} needs a value", f"give --{name[2:]}=VALUE")
            value = rest.pop(0)
        line.args.append(f"--{found.names[0]}={value}")
        if found.why and value not in ("", "false"):
            line.notes.append(f"--{found.names[0]} has no effect: {found.why}")
    return line


def ignored_note(program: str, ignored: Sequence[str], table: Sequence[LegacyFlag]) -> str:
    """What is said of what a program ignored; empty for nothing."""
    if not ignored:
        return ""
    meant = next(filter(None, (_nearest(text.partition("=")[0], table) for text in ignored)), "")
    remedy = f"; did you mean --{meant}?" if meant else ""
    return f"{program} knows no {listed(ignored, 6)}, which has no effect{remedy}"


def _mended(args: Sequence[str]) -> Iterator[str]:
    """What was typed, without what pages and shells have done to it."""
    rest = list(args)
    while rest:
        text = rest.pop(0).lstrip()
        if text in _CONTINUES:
            continue
        opening = _OPENING.search(text)
        if opening:  # the shell has split what stands in quotes, as it did not know these
            quote = opening[1].translate(_SAME)
            for count in range(len(rest) + 1):
                joined = " ".join([text, *rest[:count]])
                if joined.translate(_SAME).count(quote) % 2 == 0:
                    text = joined
                    del rest[:count]
                    break
        typeset = _TYPESET.match(text)
        yield f"--{text[typeset.end() :]}" if typeset else text


def _find(name: str, table: Sequence[LegacyFlag], rules: Rules) -> tuple[LegacyFlag | None, bool]:
    """The flag of a name, and whether the name says that it is false."""
    if not name.startswith("--") and not (rules.one_dash and re.match(r"-[A-Za-z]", name)):
        return None, False
    bare = name.lstrip("-").replace("-", "_")
    for entry in table:
        if bare in entry.names:
            return entry, False
        if entry.kind == FLAG and rules.one_dash and bare in {f"no{n}" for n in entry.names}:
            return entry, True
    if not rules.abbreviates or not bare:
        return None, False
    found = {e.key: e for e in table if any(n.startswith(bare) for n in e.names)}
    if len(found) > 1:
        names = ", ".join(f"--{n}" for e in found.values() for n in e.names if n.startswith(bare))
        raise InvalidValue(f"{name} may be {names}", "write the whole name")
    return next(iter(found.values()), None), False


def _nearest(name: str, table: Sequence[LegacyFlag]) -> str:
    names = [n for entry in table for n in entry.names]
    return similar(name.lstrip(_DASHES).replace("-", "_"), names, 0.8)


def _following(rest: list[str], rules: Rules) -> str:
    """What follows a flag that is true or false as its value; it is taken out."""
    if not rest or rest[0].startswith("-") or rules.follows == NONE:
        return ""
    return rest.pop(0) if rules.follows == ANY or rest[0].lower() in _TRUTHS else ""


def _truth(text: str, found: LegacyFlag, rules: Rules, line: Line) -> str:
    """A value that is true or false.

    Raises:
        InvalidValue: It is neither, where that was an error.
    """
    bare = text.strip(" '\"\u2018\u2019\u201c\u201d").lower()
    if not rules.only_true:
        if bare not in _TRUTHS:
            raise InvalidValue(f"--{found.names[0]}={text}: {text!r} is neither true nor false")
        return _TRUTHS[bare]
    if bare not in ("true", "false"):
        line.notes.append(f"--{found.names[0]}={text} is false: only `true` is true there")
    return "true" if bare == "true" else "false"


def _until_flag(rest: list[str]) -> Iterator[str]:
    while rest and not rest[0].startswith("-"):
        yield rest.pop(0)


def _refuse(line: Line, rules: Rules, rest: Sequence[str]) -> None:
    """What stands behind `--` is no flag."""
    (line.ignored if rules.ignores else line.args).extend(rest)
