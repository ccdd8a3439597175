"""A line of an old page, pasted behind `graphtools`: which program it calls."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphtools.errors import InvalidValue

#: What stands before a program: prompts, and variables of the environment.
_BEFORE = re.compile(r"[$!%>#]|sudo|time|call|\w+=.*")
_PYTHON = re.compile(r"(i?python|py)[\d.]*|pythonw")
_BAZEL = re.compile(r"bazel(isk)?")
_ENDING = re.compile(r"(-script)?\.(pyw?|exe|bat|cmd|runfiles)$")
#: Options of python and bazel whose values are words of their own.
_WITH_VALUES = ("-W", "-X", "-c")


def called(args: Sequence[str]) -> list[str]:
    """The name of the program that a line calls, and its arguments; empty for no program.

    Raises:
        InvalidValue: The line builds a program.

    Example:
        >>> called(["python3", "-m", "tensorflow.python.tools.freeze_graph", "--input_graph=x"])
        ['freeze_graph', '--input_graph=x']
        >>> called(["bazel", "run", "//tensorflow/lite/toco:toco", "--", "--input_file=x"])
        ['toco', '--input_file=x']
    """
    words = [text.strip() for text in args]
    while words and _BEFORE.fullmatch(words[0]):
        del words[0]
    program = _name(words[0]) if words else ""
    if _PYTHON.fullmatch(program):
        words = _behind_options(words[1:])
        if words[:1] == ["-m"]:
            words = [word.rpartition(".")[2] for word in words[1:2]] + words[2:]
    elif _BAZEL.fullmatch(program):
        words = _behind_options(words[1:])
        if words[:1] == ["build"]:
            raise InvalidValue(
                "nothing has to be built here", "paste the line that calls the program alone"
            )
        words = _behind_options(words[1:])
        if words[1:2] == ["--"]:
            del words[1]
    return [_name(words[0]), *words[1:]] if words else []


def _name(path: str) -> str:
    """The name of a program or a target, in any system's way of writing paths."""
    return _ENDING.sub("", re.split(r"[/\\:]", path)[-1]).replace("-", "_")


def _behind_options(words: Sequence[str]) -> list[str]:
    rest = list(words)
    while rest and (rest[0] == "\\" or (rest[0].startswith("-") and rest[0] != "-m")):
        del rest[: 2 if rest[0] in _WITH_VALUES else 1]
    return rest
