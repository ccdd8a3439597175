"""The command line: `graphtools COMMAND FILE... [options]`.

A command is a module of `graphtools.commands` that offers it under the name `COMMAND`. Only the
module of the command that is called is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from graphtools.commands._shared import (
    CANNOT,
    COMMAND_LINE,
    OLD,
    TYPED,
    Command,
    complain,
    complain_usage,
    note,
    say_ended,
)
from graphtools.errors import GraphtoolsError
from graphtools.front_end import speaking
from graphtools.registry import Registry

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_PACKAGE = "graphtools.commands"
#: A file of the other project that is called graphtools; none of ours has this name.
_STRANGER = "estimator.py"
COMMANDS: Registry[Command] = Registry(_PACKAGE, "COMMAND", lambda c: str(c.name))
#: What a shell sets that asks how a line may go on.
_COMPLETING = "_GRAPHTOOLS_COMPLETE"
#: Options of `graphtools` that may stand behind the command, too.
_ANYWHERE = ("--wide", "--debug", "-V", "--version")


class CommandGroup(click.Group):
    """All commands, each imported when it is needed."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Names of all commands."""
        from graphtools.commands._listing import list_commands

        return [command.name for command in list_commands(COMMANDS, _PACKAGE)]

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, None where there is none."""
        found = COMMANDS.get(cmd_name)
        if found is not None and _COMPLETING in os.environ:
            from graphtools.commands._completing import teach

            teach(found)
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What a shell offers for a command that is not typed to its end."""
        from click.shell_completion import CompletionItem

        from graphtools.commands._listing import list_commands

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        listed = list_commands(COMMANDS, _PACKAGE)
        return [
            CompletionItem(c.name, help=c.help) for c in listed if c.name.startswith(incomplete)
        ]

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by what people do with them."""
        from graphtools.commands._listing import by_group, list_commands

        groups = by_group(list_commands(COMMANDS, _PACKAGE))
        width = max(len(c.name) for title, found in groups.items() if title != OLD for c in found)
        for title, found in groups.items():
            with formatter.section(title):
                formatter.write_dl([(c.name.ljust(width), c.help) for c in found])

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the options before the command; what is wrong with them is told as elsewhere."""
        try:
            return super().make_context(*args, **more)
        except click.UsageError as problem:
            complain_usage(problem)
            raise click.exceptions.Exit(problem.exit_code) from None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command, and those that may stand anywhere; help if none."""
        end = args.index("--") if "--" in args else len(args)
        first = [text for text in args[:end] if text in _ANYWHERE]
        rest = [text for text in args[:end] if text not in _ANYWHERE] + args[end:]
        asked = [*first, *rest] or ([] if ctx.resilient_parsing else ["--help"])
        return super().parse_args(ctx, asked)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the command line that may be meant."""
        is_known = ctx.resilient_parsing or not args or args[0].startswith("-")
        if not is_known and self.get_command(ctx, args[0]) is None:
            from graphtools.commands._guessing import answer
            from graphtools.legacy.pasted import called

            meant = called(args)
            found = COMMANDS.get(meant[0]) if meant else None
            if found is None or not found.legacy:
                raise click.UsageError(answer(args[0], args[1:], COMMANDS.all()))
            args = meant
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors become a line on stderr and exit code 2, Ctrl-C 130."""
        try:
            with speaking(COMMAND_LINE), _lines(ctx):
                return super().invoke(ctx)
        except click.ClickException as problem:
            sys.stdout.flush()
            complain_usage(problem, _hint(problem))
            return ctx.exit(problem.exit_code)
        except (GraphtoolsError, MemoryError) as error:
            sys.stdout.flush()
            if ctx.params.get("debug"):
                import traceback

                traceback.print_exc()
            if isinstance(error, GraphtoolsError):
                complain(error.message, error.remedy)
            else:
                complain("there is not enough memory for this")
        except KeyboardInterrupt as signal:
            ctx.exit(say_ended(signal))
        return ctx.exit(CANNOT)


def _lines(ctx: click.Context) -> contextlib.AbstractContextManager[None]:
    """Within which lines are as wide as --wide asks for."""
    if not ctx.params.get("wide"):
        return contextlib.nullcontext()
    from graphtools.report.terminal import wide

    return wide()


def _hint(problem: click.ClickException) -> str:
    """Where an argument of a command belongs that has no place for it."""
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    if context is None or not isinstance(context.command, Command):
        return ""
    from graphtools.commands._guessing import place_for

    return place_for(context.command, context.meta.get(TYPED, ()))


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command has --help with an example; `graphtools help TASK` finds one by what is"
    " to be done. Files are read without TensorFlow.",
)
@click.version_option(None, "-V", "--version", package_name="tf-graphtools", prog_name="graphtools")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--wide", is_flag=True, help="Neither break nor shorten lines to fit a terminal.")
def main(debug: bool, wide: bool) -> None:
    """Look into TensorFlow graphs, checkpoints, SavedModels and TFLite models."""


def run() -> None:
    """Entry point of the command `graphtools`."""
    import gc

    from graphtools.commands._process import run_to_exit_code

    # a short-lived process: looking for cycles among many nodes costs more than it frees
    gc.disable()
    # numpy starts a thread for each processor when it is imported, for products of large matrices
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if os.path.exists(os.path.join(os.path.dirname(__file__), _STRANGER)):
        note(
            "the package 'graphtools' of the package index is another project, and stands in the "
            "same folder: one breaks the other; remove both (pip uninstall graphtools "
            "tf-graphtools), and install this one again"
        )
    if _COMPLETING in os.environ:
        importlib.import_module("graphtools.commands._completing")  # for bash
    code = run_to_exit_code(lambda: main(prog_name="graphtools", standalone_mode=False))
    gc.freeze()  # nor does it need to look for them when it ends
    sys.exit(code)
