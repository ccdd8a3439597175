"""What a shell offers for a word that is not typed to its end.

Options and commands are completed by click; this says which values there are. What is not known
fast, or fails, is not offered: a shell waits for the answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MethodType

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from graphtools.commands._shared import TYPED, Command
from graphtools.errors import GraphtoolsError

#: The names of things that can be typed, with what is said of them, in view of what was typed.
_Known = Callable[[click.Context], Iterable[tuple[str, str]]]

#: Metavars of what is a file; `A` and `B` are files where they are arguments.
_FILES = set(
    "FILE FILE... MODEL MODEL... HTML DATA NPZ CHECKPOINT PATH SAVED_MODEL LOG TABLE PYTHON"
    " [TEXT|LOG|-] PIPELINE.CONFIG|LABEL_MAP".split()
)
_FOLDERS = {"LOGDIR", "DIR", "FOLDER"}
#: Bytes of the largest file whose nodes are offered, and how many names are offered at once.
_LARGEST, _MOST = 64_000_000, 50


@add_completion_class
class Bash(BashComplete):
    """As click has it, but that bash takes the sign of `--option=value` for a word."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """What was typed before, and the word that is not typed to its end."""
        words, incomplete = super().get_completion_args()
        return [word for word in words if word != "="], incomplete


def teach(command: Command) -> None:
    """Let the parameters of a command know their values."""
    for parameter in command.params:
        if not isinstance(parameter.type, click.Choice):
            parameter.shell_complete = MethodType(_complete, parameter)  # type: ignore[method-assign]


def _complete(
    parameter: click.Parameter, ctx: click.Context, incomplete: str
) -> list[CompletionItem]:
    metavar = parameter.metavar or ""
    is_argument = isinstance(parameter, click.Argument)
    if metavar in _FILES or (is_argument and metavar in ("A", "B")):
        return [CompletionItem(incomplete, type="file")]
    if metavar in _FOLDERS:
        return [CompletionItem(incomplete, type="dir")]
    name = f"{ctx.info_name} {parameter.name}" if is_argument else parameter.opts[-1]
    try:
        if name in _NODES:
            return _named(_scopes(ctx, incomplete.rpartition(",")[2]), incomplete, ",")
        if name in _VALUES:
            known, separator = _VALUES[name]
            return _named(known(ctx), incomplete, separator)
    except (GraphtoolsError, OSError):
        pass  # there is nothing to offer
    return []


def _named(
    known: Iterable[tuple[str, str]], incomplete: str, separator: str
) -> list[CompletionItem]:
    """What begins as the last part of what was typed."""
    before, sign, last = incomplete.rpartition(separator) if separator else ("", "", incomplete)
    return [
        CompletionItem(f"{before}{sign}{name}", help=" ".join(text.split()))
        for name, text in known
        if name.startswith(last)
    ]


def _scopes(ctx: click.Context, typed: str) -> Iterator[tuple[str, str]]:
    """The nodes whose names begin so, or scopes of many; of one scope alone what is in it."""
    names = [name for name, _op in _nodes(ctx) if name.startswith(typed)]
    if len(names) <= _MOST:
        ops = dict(_nodes(ctx))
        yield from ((name, ops[name]) for name in names)
        return
    start = os.path.commonprefix(names)  # noqa: RUF071 - of letters, not of folders
    parts = sorted({_to_next_scope(name, len(start)) for name in names})
    yield from ((part, "") for part in parts)


def _to_next_scope(name: str, start: int) -> str:
    end = name.find("/", start)
    return name if end < 0 else name[: end + 1]


def _nodes(ctx: click.Context) -> Sequence[tuple[str, str]]:
    from graphtools.formats import load

    # an option that lacks its value keeps click from reading the arguments
    file = next(filter(os.path.isfile, ctx.meta.get(TYPED, ())), "")
    if not file or os.path.getsize(file) > _LARGEST:
        return []
    return [(node.name, node.op) for node in load(file)]


def _codes(_ctx: click.Context) -> Iterator[tuple[str, str]]:
    from graphtools.lint.tables import all_rules

    return ((code, rule.name) for code, rule in all_rules().items())


def _transforms(_ctx: click.Context) -> Iterator[tuple[str, str]]:
    from graphtools.report.transforms import first_line
    from graphtools.transforms import TRANSFORMS

    return ((name, first_line(found)) for name, found in TRANSFORMS.all().items())


def _ops(ctx: click.Context) -> Iterator[tuple[str, str]]:
    from graphtools.ops.definitions import op_names

    there = sorted({op for _name, op in _nodes(ctx)})
    return ((op, "") for op in there or sorted(op_names()))


def _targets(_ctx: click.Context) -> Iterator[tuple[str, str]]:
    from graphtools.findings.rule import TARGETS

    return ((target, "") for target in TARGETS)


def _formats(ctx: click.Context) -> Iterator[tuple[str, str]]:
    from graphtools.report.lint_formats import format_names

    names = format_names() if ctx.info_name == "lint" else ()
    return ((name, "") for name in names if name != "json")


def _commands(ctx: click.Context) -> Iterator[tuple[str, str]]:
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    return ((item.value, item.help or "") for item in group.shell_complete(ctx, ""))


#: By option, or by command and argument, what is known, and what parts several of them.
_VALUES: dict[str, tuple[_Known, str]] = {
    "--select": (_codes, ","),
    "--extend-select": (_codes, ","),
    "--ignore": (_codes, ","),
    "rule rule": (_codes, ""),
    "--transforms": (_transforms, " "),
    "--stop-after": (_transforms, ""),
    "transforms name": (_transforms, ""),
    "--op": (_ops, ""),
    "op name": (_ops, ""),
    "--target": (_targets, ""),
    "--format": (_formats, ""),
    "help task": (_commands, ""),
}
#: What takes names of nodes.
_NODES = {
    "node name",
    "path start",
    "path end",
    "--around",
    "--from",
    "--inputs",
    "--outputs",
    "--initializers",
    "--name",
    "--ignore-node",
}
