"""`graphtools explain`."""

from __future__ import annotations

import os
import sys

import click

from graphtools.commands._shared import FOUND, command, emit, emit_json, json_option


@command(
    "explain",
    example='graphtools explain "No variables to save"\n'
    "graphtools explain --file train.log\n"
    "graphtools explain --list",
    exit_codes="0 explained, 1 not recognised, 2 cannot read it (the message on stderr says why)",
)
@click.argument("text", metavar="[TEXT|LOG|-]", nargs=-1)
@click.option("--file", "log", metavar="LOG", help="Explain the errors of this log.")
@click.option("--list", "every", is_flag=True, help="List all errors that are known.")
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context, text: tuple[str, ...], log: str | None, every: bool, as_json: bool
) -> None:
    """Explain an error: its cause, its cure, the command that mends it, where it is known from.

    Takes the words of an error, or a whole log: as a file, or on standard input (-, or nothing).
    Recognises errors of TensorFlow 1 and 2, of its converters and tools, of TFLite and of training.
    """
    from graphtools.convert.explain import entries, explain_log, explain_text
    from graphtools.errors import InvalidValue
    from graphtools.formats.source import open_for_reading
    from graphtools.report.explanations import diagnosis_document, entries_document, entries_json

    words = " ".join(text)
    if every:
        if words or log:
            raise InvalidValue("--list takes no text", "give either of them")
        if as_json:
            emit_json(entries_json(entries()))
        else:
            emit(entries_document(entries()))
        return
    if log is not None and words:
        raise InvalidValue("a text and --file are given", "give either of them")
    if log is None and len(text) == 1 and (words == "-" or os.path.isfile(words)):
        log = words
    if log is None and text:
        found = explain_text(words)
    elif log in (None, "-"):
        if sys.stdin.isatty():
            raise InvalidValue(
                "there is nothing to explain",
                "give the words of an error, or a log: graphtools explain --file LOG",
            )
        found = explain_log(sys.stdin.buffer, "standard input")
    else:
        with open_for_reading(log) as stream:
            found = explain_log(stream, log)
    if as_json:
        emit_json(found)
    else:
        emit(diagnosis_document(found))
    if not found.found:
        ctx.exit(FOUND)
