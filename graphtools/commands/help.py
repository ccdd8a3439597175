"""`graphtools help`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    FOUND,
    Command,
    command,
    emit,
    emit_json,
    json_option,
    note,
)


@command(
    "help",
    group="look",
    example="graphtools help change input shape\ngraphtools help variables",
    also={"TASK": "man manual docs doc how howto task usage"},
    exit_codes="0 found, 1 nothing does this by these words, 2 cannot do it (stderr says why)",
)
@click.argument("task", metavar="[TASK...]", nargs=-1)
@json_option
@click.pass_context
def COMMAND(ctx: click.Context, task: tuple[str, ...], as_json: bool) -> None:
    """Find what does a task: commands, options, transforms, rules and known errors.

    Takes the task in words of the field, as batch norm, or compare two checkpoints. Of a command
    the help is shown; of nothing, that of graphtools.
    """
    root = ctx.find_root()
    group = root.command
    assert isinstance(group, click.Group)
    if not task and not as_json:
        click.echo(group.get_help(root))
        return
    called = group.get_command(root, task[0]) if len(task) == 1 else None
    if called is not None and not as_json:
        click.echo(called.get_help(click.Context(called, root, task[0])))
        return
    from graphtools.commands._tasks import Task, find_tasks, usage
    from graphtools.report.document import Commands

    every = {name: group.get_command(root, name) for name in group.list_commands(root)}
    commands = {name: found for name, found in every.items() if isinstance(found, Command)}
    text = " ".join(task)
    if text:
        found = find_tasks(text, commands)
    else:
        found = [Task(usage(c), c.get_short_help_str(100), "command") for c in commands.values()]
    if as_json:
        emit_json({"task": text, "found": [one._asdict() for one in found]})
    elif found:
        emit([Commands([line for one in found for line in (one.line, f"    {one.what}")])])
    if not found:
        note(f"nothing is found by {text!r}: graphtools --help lists all commands")
        ctx.exit(FOUND)
