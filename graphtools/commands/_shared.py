"""What the commands share: how they are declared, their common options, output and exit codes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from signal import SIGINT
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphtools.errors import FileProblem, GraphtoolsError
from graphtools.front_end import CommandLine, speaking

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.report.document import Document

F = TypeVar("F", bound=Callable[..., Any])

DONE, FOUND, CANNOT = 0, 1, 2
#: After a signal: this and its number, as shells count; 130 after Ctrl-C.
SIGNALLED = 128
COMMAND_LINE = CommandLine()
#: Where a context keeps the arguments of its command as they were typed.
TYPED = "graphtools.typed"
EXIT_CODES = "0 done, 2 cannot do it (the message on stderr says why)"
#: What people do with commands, in the order in which `--help` tells it.
GROUPS = {
    "look": "Look at one model",
    "compare": "Compare two models",
    "prepare": "Prepare a graph for inference",
    "check": "Check, and explain what is wrong",
    "convert": "Convert, run and measure",
    "edit": "Edit a graph",
    "view": "View as a picture or page",
}
#: The group of what is here for old scripts only.
OLD = "Old scripts"


class Command(click.Command):
    """A command with an example and its exit codes.

    Attributes:
        group: What people do with it, by a key of `GROUPS` or in words of its own.
        example: Command line, as it would be typed.
        also: Lines that are typed with it, and other words for what they do.
        legacy: Whether it is here for old scripts only.
        front_end: Names parameters in its messages.
    """

    def __init__(
        self,
        *args: Any,
        example: str,
        also: Mapping[str, str],
        exit_codes: str,
        legacy: bool,
        group: str = "",
        front_end: CommandLine = COMMAND_LINE,
        **kwargs: Any,
    ):
        """Declare a command; see `command`."""
        super().__init__(*args, **kwargs)
        self.front_end = front_end
        self.group = OLD if legacy else group
        self.example = example
        self.also = also
        self.exit_codes = exit_codes
        self.legacy = legacy
        #: Turns what was typed into what the parser takes, for old commands.
        self.reads: Callable[[click.Context, list[str]], list[str]] = lambda _ctx, args: args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; a file that has the name of an option is none of these silently."""
        end = args.index("--") if "--" in args else None
        for text in () if ctx.resilient_parsing else args[:end]:
            if text.startswith("-") and "." in text and os.path.isfile(text):
                ctx.fail(f"{text} is a file: write ./{text}, or -- before the names of files")
        args = self.reads(ctx, args)
        ctx.meta[TYPED] = [*args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; messages name its options."""
        with speaking(self.front_end):
            try:
                return super().invoke(ctx)
            except FileProblem as problem:
                problem.remedy = self._unswapped(ctx) or problem.remedy
                raise

    def _unswapped(self, ctx: click.Context) -> str:
        """The line with its arguments in order where the file's name came behind another."""
        names = [str(p.name) for p in self.params if isinstance(p, click.Argument)]
        given = [text for text in map(ctx.params.get, names) if isinstance(text, str)]
        if names[:1] != ["file"] or len(given) < 2 or os.path.exists(given[0]):
            return ""
        file = next(filter(os.path.isfile, given[1:]), "")
        others = [text for text in given if text != file]
        return file and f"the file comes first: {_typed(str(self.name), file, *others)}"

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example and the exit codes below the options."""
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
        with formatter.section("Exit codes"):
            formatter.write_text(self.exit_codes)


def command(
    name: str,
    *,
    group: str = "",
    example: str,
    also: Mapping[str, str] | None = None,
    exit_codes: str = EXIT_CODES,
    legacy: bool = False,
    front_end: CommandLine = COMMAND_LINE,
) -> Callable[[F], Command]:
    """Declare a command.

    Args:
        name: Its name; its module has the same, with underscores.
        group: What people do with it, under which `--help` lists it: a key of `GROUPS`, or words.
        example: One command line a line.
        also: What follows the name for those who call it by other words, and these words, as
            `{"A B  # what is in them": "compare changes"}`. What is in capitals is filled with what
            was typed: CHECKPOINT and PIPELINE.CONFIG by such files only, others by any file;
            NAME, GLOB and the like by what is none. A word may be declared by several commands.
        exit_codes: What the exit codes mean.
        legacy: Whether it is here for old scripts only.
        front_end: Names parameters in its messages.
    """
    declared = {
        "group": group,
        "example": example,
        "also": also or {},
        "exit_codes": exit_codes,
    }
    return click.command(name, cls=Command, legacy=legacy, front_end=front_end, **declared)


file_argument = click.argument("file", metavar="FILE")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
tags_option = click.option(
    "--tag-set",
    "tags",
    metavar="TAGS",
    callback=lambda _ctx, _param, value: split_list(value),
    help="Tags of the meta graph of a SavedModel, separated by commas.",
)

output_option = click.option(
    "-o", "--output", "target", metavar="FILE", help="Where the graph goes; - is standard output."
)
tf_version_option = click.option(
    "--tf-version",
    metavar="VERSION",
    help="TensorFlow version whose converter is meant, as 2.21, or the file of a table that"
    " probe-converter has written; the newest known one by default.",
)


def time_limit_option(*, default: float = 300.0, help: str) -> Callable[[F], F]:
    """An option for seconds, more than 0.

    Args:
        default: Seconds if it is not given.
        help: What ends then.
    """
    return click.option(
        "--time-limit",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        default=default,
        show_default=True,
        help=help,
    )


def split_list(value: str | None) -> list[str] | None:
    """The parts of a comma-separated list, None where nothing was given."""
    if value is None:
        return None
    return [part.strip() for part in value.split(",") if part.strip()]


def progress(what: str) -> Any:
    """A progress display for a block, on stderr; see `Progress`."""
    from graphtools.report.progress import Progress

    return Progress(what)


def emit_json(result: object) -> None:
    """Print a result as JSON."""
    from graphtools.report.json import render_json

    emit_lines([render_json(result)])


def emit(document: Document) -> None:
    """Print a document, as wide as a terminal is and in its colours."""
    from graphtools.report.terminal import columns, is_coloured
    from graphtools.report.text import render_text

    sys.stdout.write(render_text(document, colour=is_coloured(sys.stdout), width=columns()))


def show(result: object, as_json: bool, **how: Any) -> None:
    """Print a result: as JSON, or as its document, for which more may be said."""
    from graphtools.report.documents import document_of

    if as_json:
        emit_json(result)
    else:
        emit(document_of(result, **how))


def emit_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == 4096:
            sys.stdout.write("\n".join(batch) + "\n")
            batch.clear()
    if batch:
        sys.stdout.write("\n".join(batch) + "\n")


def note(text: str) -> None:
    """Print a remark on stderr."""
    if text:
        from graphtools.wording import printable

        _say("info", f"note: {printable(text)}")


def complain(message: str, remedy: str = "") -> None:
    """Print an error on stderr: a line saying what is wrong, and one saying what to do."""
    from graphtools.wording import printable

    _say("error", f"error: {printable(message)}" + (f"\n  {printable(remedy)}" if remedy else ""))


def complain_usage(problem: click.ClickException, hint: str = "") -> None:
    """Print what is wrong with a command line, as any other error, and how it is called."""
    from graphtools.wording import printable

    first, *rest = problem.format_message().split("\n")
    first = first[:1].lower() + first[1:] if first[1:2].islower() else first
    remedy, context = "", getattr(problem, "ctx", None)
    if context is not None:
        usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
        remedy = f"usage: {usage} (more: {context.command_path} --help)"
    lines = [f"error: {printable(first.rstrip('.') + hint)}", *map(printable, rest)]
    _say("error", "\n".join([*lines, *([f"  {remedy}"] if remedy else [])]))


def _typed(*words: str) -> str:
    import shlex

    return shlex.join(["graphtools", *words])


def _say(severity: str, text: str) -> None:
    """Print on stderr; that this cannot be written says nothing of what the command does."""
    from graphtools.report.terminal import coloured, is_coloured

    label, colon, rest = text.partition(":")
    with contextlib.suppress(OSError, ValueError):
        has_colour = is_coloured(sys.stderr)
        shown = coloured(label + colon, severity) if has_colour else label + colon
        click.echo(shown + rest, err=True, color=has_colour)


def say_ended(signalled: BaseException | None) -> int:
    """Say that a signal has ended the command, and give the exit code of that.

    Args:
        signalled: What the signal has raised; Ctrl-C's has no number of its own.
    """
    complain("interrupted")
    return SIGNALLED + int(getattr(signalled, "number", SIGINT))


def exit_if_unsound(graph: Graph, file: str) -> None:
    """Exit with 2 if TensorFlow would refuse a file's graph; what could be said was printed."""
    from graphtools.ops.defects.defect import describe_defects
    from graphtools.ops.defects.structure import find_structure_defects

    message = graph.is_tensorflow and describe_defects(find_structure_defects(graph))
    if message:
        fail(f"{file}: {message}", "what was printed is what the file says")


def fail(message: str, remedy: str = "") -> None:
    """Print an error and exit with 2."""
    sys.stdout.flush()
    complain(message, remedy)
    click.get_current_context().exit(CANNOT)


#: For what runs models.
trust_option = click.option(
    "--trust",
    is_flag=True,
    help="Run a model that writes or reads files or uses the network, too.",
)


@contextlib.contextmanager
def though_written(*targets: str) -> Iterator[None]:
    """Say of what fails behind it that some files were written before.

    Raises:
        GraphtoolsError: What failed, with this.
    """
    try:
        yield
    except GraphtoolsError as problem:
        done = ", ".join(t for t in targets if t != "-")
        if done:
            problem.message = f"{problem.message}; {done} was written"
        raise
