"""Parameters and steps that a message names, in the words of who reads it.

A message names a parameter with `param` and a call with `step`. In Python they read as Python; the
command line and the old programs put front ends of their own in force while they run:

    message                             Python                   command line
    param("outputs")                    outputs=                 --outputs
    param(outputs=["a", "b"])           outputs=['a', 'b']       --outputs a,b
    param(select_tf_ops=True)           select_tf_ops=True       --select-tf-ops
    step("lint", "FILE")                graphtools.lint_graph(graph)    graphtools lint FILE

What is in capitals stands for what the reader has. The words are chosen when a message is made:
what is computed when its module is imported, or is kept for others, names neither.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

#: Parameters that have another name where they are typed, or are typed in short.
_OPTIONS = {
    "calibration": "--calibrate",
    "end": "--to",
    "input_shapes": "--input-shape",
    "keep": "--keep-variables",
    "keys": "--key",
    "op_definitions": "toco's --custom_opdefs",
    "ops": "--op",
    "program": "--pnnx",
    "output": "-o",
    "spec": "--transforms",
    "start": "--from",
    "steps": "--samples",
    "statistics": "--stats",
    "tags": "--tag-set",
}
#: By command, the function that does the same, and what it takes in place of the file.
_FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "ancestors": ("ancestors", "graph"),
    "check-config": ("check_config", ""),
    "convert": ("convert_to_tflite", "graph"),
    "diff": ("diff_variables", "model"),
    "draw": ("draw", "graph"),
    "explain": ("explain_text", ""),
    "export-ssd": ("export_ssd", "graph"),
    "extract": ("strip", "graph"),
    "freeze": ("freeze", "graph"),
    "io": ("inputs_and_outputs", "graph"),
    "lint": ("lint_graph", "graph"),
    "node": ("node_detail", "graph"),
    "nodes": ("select_nodes", "graph"),
    "optimize": ("optimize", "graph"),
    "path": ("shortest_path", "graph"),
    "report": ("models_report", ""),
    "quantize-eval": ("with_trained_ranges", "graph"),
    "quantize-training": ("quantize_training", "model"),
    "restore-plan": ("plan_for_pipeline", ""),
    "signatures": ("list_signatures", "model"),
    "size": ("model_costs", "graph"),
    "strip": ("strip", "graph"),
    "summary": ("summarize", "model"),
    "transform": ("transform", "graph"),
    "variables": ("list_variables", "model"),
    "verify": ("verify_models", ""),
}
#: Options that say where and how a command prints, or what it reads of a file.
_OF_COMMANDS = {"ancestors", "long", "output", "tags", "tree"}
#: What a shell takes for something else than a part of a word.
_SPECIAL = set(" \t\n()*\"'$&;<>|`\\#!~{}")
#: By what a function takes, what reads it.
_READERS = {"graph": "load", "model": "open_model"}


class CommandLine:
    """Names options and command lines."""

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        """What options are called.

        Args:
            options: Options by the names of parameters in Python, where they are others than those
                of `graphtools`.
        """
        self._options = options or {}

    def parameters(self, given: Mapping[str, object]) -> str:
        """Parameters with their values; None is for one that is only named."""
        return " ".join(
            _typed(self._options.get(name) or _option(name), value) for name, value in given.items()
        )

    def step(self, command: str, arguments: Sequence[str], given: Mapping[str, object]) -> str:
        """What is to be called: the command, its arguments and its parameters."""
        options = (_typed(_option(name), value) for name, value in given.items())
        return " ".join(["graphtools", command, *map(_quoted, arguments), *options])


class Python(CommandLine):
    """Names keyword arguments and functions; what is a command alone stays one."""

    def parameters(self, given: Mapping[str, object]) -> str:
        """Keyword arguments."""
        return ", ".join(
            f"{name}={'' if value is None else _literal(value)}" for name, value in given.items()
        )

    def step(self, command: str, arguments: Sequence[str], given: Mapping[str, object]) -> str:
        """A call."""
        if command not in _FUNCTIONS:
            return super().step(command, arguments, given)
        name, takes = _FUNCTIONS["ancestors" if "ancestors" in given else command]
        shown = [_literal(a) for a in arguments]
        if shown and takes:
            read = f"graphtools.{_READERS[takes]}({shown[0]})"
            shown[0] = takes if arguments[0].isupper() else read
        more = {key: value for key, value in given.items() if key not in _OF_COMMANDS}
        shown += [self.parameters(more)] if more else []
        return f"graphtools.{name}({', '.join(shown) or '...'})"


def _option(name: str) -> str:
    return _OPTIONS.get(name) or "--" + name.replace("_", "-")


def _typed(option: str, value: object) -> str:
    if value is None or value is True:
        return option
    if value is False:
        return f"--no-{option[2:]}"
    if isinstance(value, Mapping):
        return " ".join(f"{option} {_quoted(f'{k}={_word(v)}')}" for k, v in value.items())
    return f"{option} {_quoted(_word(value))}"


def _word(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(_word, value)) or "[]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text) if not text or _SPECIAL & set(text) else text


def _literal(value: object) -> str:
    if isinstance(value, str):
        return value if value.isupper() else repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(str(k))}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else repr(value)


_IN_FORCE: list[CommandLine] = [Python()]


def front_end() -> CommandLine:
    """The front end that is in force."""
    return _IN_FORCE[-1]


def speak(words: CommandLine) -> None:
    """Put a front end in force for good, in a process that works for another."""
    _IN_FORCE.append(words)


@contextlib.contextmanager
def speaking(words: CommandLine) -> Iterator[None]:
    """Put a front end in force for a while, in all threads of the process."""
    _IN_FORCE.append(words)
    try:
        yield
    finally:
        _IN_FORCE.pop()


def param(*names: str, **values: object) -> str:
    """Parameters, as who reads the message gives them.

    Args:
        names: Parameters that are only named, as Python calls them.
        values: Values of others: texts, numbers, lists, dicts by name; True for a flag.

    Example:
        >>> param("outputs")
        'outputs='
        >>> param(input_shapes={"image": [1, 224, 224, 3]})
        "input_shapes={'image': [1, 224, 224, 3]}"
    """
    return front_end().parameters({**dict.fromkeys(names), **values})


def step(command: str, *arguments: str, **values: object) -> str:
    """What is to be called, as who reads the message calls it.

    Args:
        command: The command that does it, as `freeze`.
        arguments: Its arguments, the file first.
        values: Its parameters, as Python calls them; `output` is where a command writes.

    Example:
        >>> step("freeze", "GRAPH", output="OUT", inference=True)
        'graphtools.freeze(graph, inference=True)'
    """
    return front_end().step(command, arguments, values)
