"""`graphtools report`."""

from __future__ import annotations

import sys
from typing import Any

import click

from graphtools.commands._linting import settings_options, take_settings
from graphtools.commands._shared import (
    CANNOT,
    FOUND,
    command,
    complain,
    json_option,
    note,
    progress,
)


@command(
    "report",
    group="view",
    example="graphtools report frozen_inference_graph.pb -o report.html\n"
    "graphtools report --diff before.pb after.pb -o diff.html",
    also={
        "FILE -o report.html  # a page to look through": "visualize visualise plot graph",
        "FILE -o report.html": "html page",
    },
    exit_codes="0 done, 1 --diff has found differences, 2 cannot do it (stderr says why)",
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where the report goes; - is standard output, also a terminal.",
)
@click.option("--diff", "as_diff", is_flag=True, help="Compare two files.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["html", "markdown"]),
    help="By default by the suffix of the output: .md, .json, else HTML.",
)
@settings_options
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    output: str | None,
    as_diff: bool,
    format_: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Write a report on models, or on the difference of two.

    The page stands by itself and opens without a network: what a file is, what lint finds, the
    graph to click through, where its weights are, which ops TFLite takes. Checkpoints and TFLite
    models have reports, too. Markdown is for a comment on a pull request. What lint finds is judged
    by the settings of graphtools lint.
    """
    from graphtools.errors import InvalidValue
    from graphtools.formats.source import write_file
    from graphtools.report.reporting import diff_report, format_of, models_report

    if output is None and sys.stdout.isatty():
        raise InvalidValue(
            "where shall the report go?", "say it: -o report.html; -o - shows it here"
        )
    output = output or "-"
    kind = "json" if as_json else format_ or format_of(output)
    if as_diff and len(files) != 2:
        raise click.UsageError("--diff compares two files")
    if as_diff and (given["input_shapes"] or given["batch"] is not None):
        raise click.UsageError("--diff compares graphs as they stand: give no shapes")
    same, refused = True, list[str]()
    with progress("reading") as shown:
        if as_diff:
            content, same = diff_report(files[0], files[1], kind, tags=given["tags"])
        else:
            settings = take_settings(given)
            content = models_report(
                files,
                kind,
                settings=settings,
                progress=shown.over(files),
                refused=lambda path, why: refused.append(f"{path}: {why}"),
            )
    write_file(output, [content.encode()])
    if output != "-":
        note(f"written {output}")
    for message in refused:
        complain(message, "the report says what the file says")
    if refused:
        ctx.exit(CANNOT)
    if not same:
        ctx.exit(FOUND)
