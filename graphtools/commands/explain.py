"""`graphtools explain`."""

from __future__ import annotations

import dataclasses
import os

import click

from graphtools.commands._shared import FOUND, command, emit, emit_json, json_option, show


@command(
    "explain",
    group="check",
    example='graphtools explain "No variables to save"\n'
    "graphtools explain train.log --config pipeline.config --checkpoint model.ckpt\n"
    "graphtools explain no-variables-to-save\n"
    "graphtools explain --list",
    also={
        "TEXT": "error errors why log troubleshoot",
    },
    exit_codes="0 explained, 1 not recognised, 2 cannot read it (the message on stderr says why)",
)
@click.argument("text", metavar="[TEXT|LOG|-]", nargs=-1)
@click.option("--file", "log", metavar="LOG", help="Explain the errors of this log.")
@click.option("--list", "every", is_flag=True, help="List all errors that are known.")
@click.option("--graph", metavar="FILE", help="The graph or model that it is about.")
@click.option("--checkpoint", metavar="CHECKPOINT", help="The checkpoint that it is about.")
@click.option(
    "--config", "--pipeline", "config", metavar="FILE", help="The configuration that it is about."
)
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    text: tuple[str, ...],
    log: str | None,
    every: bool,
    graph: str | None,
    checkpoint: str | None,
    config: str | None,
    as_json: bool,
) -> None:
    """Explain an error: its cause, its cure, the command that mends it, where it is known from.

    Takes the words of an error, the name of an entry, or a whole log: as a file, or on standard
    input (-, or nothing). Recognises errors of TensorFlow 1 and 2, of its converters and tools, of
    TFLite on all devices, of Keras, OpenCV, ONNX and ncnn, of training, its data and installations.

    With the files that it is about, the commands name them, and the first that checks is run.
    """
    from graphtools.errors import InvalidValue

    words = " ".join(text)
    if sum((bool(words), log is not None, every)) > 1:
        raise InvalidValue("a text, --file and --list exclude each other", "give one of them")
    if every:
        from graphtools.explain.search import entries
        from graphtools.report.explanations import entries_document, entries_json

        if as_json:
            emit_json(entries_json(entries()))
        else:
            emit(entries_document(entries()))
        return
    from graphtools.explain.explain import explain_file, explain_text

    if log is None and (not text or words == "-" or os.path.isfile(words)):
        log = words or "-"
    found = explain_text(words) if log is None else explain_file(log)
    given = {"graph": graph, "checkpoint": checkpoint, "config": config}
    files = {key: path for key, path in given.items() if path is not None}
    if files:
        from graphtools.commands._checking import with_check, with_files

        told = [with_check(with_files(one, files), ctx) for one in found.found]
        found = dataclasses.replace(found, found=tuple(told))
    show(found, as_json)
    if not found.found:
        ctx.exit(FOUND)
