"""What old commands are made of: a table of flags, and the rules by which they were read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from graphtools.commands._shared import Command, note
from graphtools.legacy.flags import FLAG, INTEGER, NUMBER, LegacyFlag
from graphtools.legacy.parsing import Rules, ignored_note, read_line

_TYPES = {FLAG: bool, NUMBER: float, INTEGER: int}


def flags(table: Sequence[LegacyFlag], rules: Rules) -> Callable[[Command], Command]:
    """Give a command the flags of an old program.

    Args:
        table: The flags; the command is called with their values by key.
        rules: How the program read them.
    """

    def take(found: Command) -> Command:
        others = {name for p in found.params for name in (*p.opts, *p.secondary_opts)}
        others |= {"--help", "-h"}
        found.params[:0] = map(_option, table)

        def read(ctx: click.Context, args: list[str]) -> list[str]:
            line = read_line(args, table, rules, others)
            if not ctx.resilient_parsing:
                for text in (*line.notes, ignored_note(str(found.name), line.ignored, table)):
                    note(text)
            return line.args

        found.reads = read
        return found

    return take


def _option(flag: LegacyFlag) -> click.Option:
    kind: Any = _TYPES.get(flag.kind, str)
    more: dict[str, Any] = {"is_flag": False, "flag_value": "true"} if flag.kind == FLAG else {}
    if flag.default is not None:
        more |= {"default": flag.default, "show_default": True}
    return click.Option(
        [*(f"--{name}" for name in flag.names), flag.key],
        type=kind,
        required=flag.required,
        help=f"No effect: {flag.why}." if flag.why else flag.meaning,
        **more,
    )
