"""`graphtools report`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    FOUND,
    command,
    json_option,
    note,
    progress,
    tags_option,
)


@command(
    "report",
    example="graphtools report frozen_inference_graph.pb -o report.html\n"
    "graphtools report --diff before.pb after.pb -o diff.html",
    exit_codes="0 done, 1 --diff has found differences, 2 cannot do it (stderr says why)",
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    default="-",
    show_default=True,
    help="Where the report goes; - is standard output.",
)
@click.option("--diff", "as_diff", is_flag=True, help="Compare two files.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["html", "markdown", "json"]),
    help="By default by the suffix of the output: .md, .json, else HTML.",
)
@click.option(
    "--target",
    "lint_target",
    type=click.Choice(["tflite", "tflite-select", "edgetpu", "gpu", "tensorflow-cpu"]),
    default="tflite",
    show_default=True,
    help="What graphs are linted for.",
)
@tags_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    files: tuple[str, ...],
    target: str,
    as_diff: bool,
    format_: str | None,
    lint_target: str,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Write a report on models, or on the difference of two.

    The page stands by itself and opens without a network: what a file is, what lint finds, the
    graph to click through, where its weights are, which ops TFLite takes. Checkpoints and TFLite
    models have reports, too. Markdown is for a comment on a pull request.
    """
    from graphtools.formats.source import write_file
    from graphtools.report.reporting import (
        diff_report,
        format_of,
        models_report,
    )

    kind = "json" if as_json else format_ or format_of(target)
    if as_diff and len(files) != 2:
        raise click.UsageError("--diff compares two files")
    same = True
    with progress("reading") as shown:
        if as_diff:
            content, same = diff_report(files[0], files[1], kind, tags=tags)
        else:
            content = models_report(
                files, kind, lint_target=lint_target, tags=tags, progress=shown.update
            )
    write_file(target, [content.encode()])
    if target != "-":
        note(f"written {target}")
    if not same:
        ctx.exit(FOUND)
