"""`graphtools lint`."""

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
    emit,
    emit_json,
    json_option,
    note,
    progress,
)


@command(
    "lint",
    group="check",
    example="graphtools lint frozen.pb --target tflite\n"
    "graphtools lint models/*.pb --format sarif -o lint.sarif\n"
    "graphtools lint frozen.pb --fix --diff",
    also={
        "FILE": "check validate doctor diagnose problems warnings issues audit",
        "FILE --target untrusted  # is it safe to run": "security scan safe malware trust",
        "FILE --fix": "fix repair",
    },
    exit_codes="0 nothing to change (remarks may be printed), 1 errors or warnings, or --diff "
    "shows changes, 2 a file could not be looked at, or not wholly (stderr says why)",
)
@click.argument("files", metavar="FILE...", nargs=-1)
@settings_options
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    help="text (default), concise, json-lines, github, gitlab, junit, sarif or markdown.",
)
@json_option
@click.option("-o", "--output", metavar="FILE", help="Where the output goes; - is standard output.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule.")
@click.option("--show-settings", is_flag=True, help="Show the settings and the rules, then end.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--baseline", metavar="FILE", help="Findings that are known and not reported.")
@click.option("--write-baseline", is_flag=True, help="Write what is found to the baseline.")
@click.option("--fix", is_flag=True, help="Apply the transforms that remove findings, in place.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply those that may change the outputs, too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    help="Processes; by default as many as there are processors, where that pays.",
)
@click.pass_context
# long: its parameters are the options of the command
def COMMAND(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    as_json: bool,
    output: str | None,
    statistics: bool,
    show_settings: bool,
    exit_zero: bool,
    write_baseline: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    jobs: int,
    **given: Any,
) -> None:
    """Look for what keeps graphs from being converted, or from running well, before trying it.

    Takes graphs, MetaGraphs, SavedModels, training configurations (pipeline.config), and folders of
    them. Settings are read from graphtools.toml or pyproject.toml; `graphtools rule --all` lists
    the rules.
    """
    from graphtools.errors import InvalidValue
    from graphtools.lint.baseline import write_baseline as write
    from graphtools.lint.running import lint_files
    from graphtools.report.lint_formats import find_format, write_step_summary
    from graphtools.report.lint_rules import complaints, settings_document, settings_json

    named = given.pop("format_")
    if named == "json":
        raise click.UsageError("--format is for other formats: JSON is --json")
    given["format"] = "json" if as_json else named
    if fix or diff:
        given |= {"fix": "unsafe" if unsafe_fixes else "safe", "is_dry_run": diff}
    settings = take_settings(given)
    if show_settings:
        if settings.format == "json":
            emit_json(settings_json(settings))
        else:
            emit(settings_document(settings))
        return
    if not files:
        raise InvalidValue("no file was given", "graphtools lint FILE...")
    shape = find_format(settings.format or "text")
    render = shape.statistics if statistics else shape.render
    if render is None:
        raise InvalidValue(f"the format {settings.format} has no place for --statistics")
    if write_baseline and not given["baseline"] and not settings.baseline:
        raise InvalidValue("where shall the baseline go?", "say it: --baseline FILE")
    with progress(f"linting {files[0] if len(files) == 1 else f'{len(files):,} files'}") as shown:
        report = lint_files(
            files, settings, jobs=jobs, progress=shown.update, is_known=not write_baseline
        )
    for text in (*report.notes, *(f"{f.path}: {n}" for f in report.files for n in f.notes)):
        note(text)
    for _, message, remedy in complaints(report):
        complain(message, remedy)
    if write_baseline:
        number = write(settings.baseline, report.files)
        note(f"{settings.baseline} holds {number:,} findings, which are known from now on")
    elif output and output != "-":
        from graphtools.formats.source import write_file

        write_file(output, [render(report).encode("utf-8", "backslashreplace")])
    else:
        sys.stdout.write(render(report))
    write_step_summary(report)
    if report.has_problems:
        ctx.exit(CANNOT)
    changes = diff and any(file.fixes for file in report.files)
    if not exit_zero and not write_baseline and (changes or not report.is_clean):
        ctx.exit(FOUND)
