"""`graphtools summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._shared import (
    CANNOT,
    command,
    complain,
    emit,
    emit_json,
    json_option,
    note,
    progress,
)
from graphtools.wording import and_others

if TYPE_CHECKING:
    from graphtools.formats.format import Model


@command(
    "summary",
    group="look",
    example="graphtools summary frozen_inference_graph.pb",
    also={
        "FILE": "summarize info inspect show stats version metadata describe about identify what "
        "type overview properties open load read tfrecord record",
    },
    exit_codes="0 done, 2 a file cannot be read, is damaged, or TensorFlow would refuse its graph",
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--extract-labels",
    "folder",
    metavar="FOLDER",
    help="Write the labels, and other files that belong to a .tflite, into this folder.",
)
@json_option
@click.pass_context
def COMMAND(ctx: click.Context, files: tuple[str, ...], folder: str | None, as_json: bool) -> None:
    """Say what a file is and what is in it.

    Reads GraphDef, MetaGraphDef, SavedModel, checkpoints, .tflite and TFRecords, recognised by
    their content.
    """
    from graphtools.analysis.summary import Summary, summarize
    from graphtools.errors import GraphtoolsError
    from graphtools.formats import open_model
    from graphtools.report.summaries import summary_document

    found: list[Summary] = []
    sound = True
    for number, file in enumerate(files):
        counted = f" ({number + 1} of {len(files)})" if len(files) > 1 else ""
        try:
            with progress(f"reading {file}{counted}"):
                model = open_model(file)
                summary = summarize(model)
                for path in _extracted(model, folder) if folder else ():
                    note(f"written {path}")
        except GraphtoolsError as error:
            if len(files) == 1:
                raise
            sound = False
            complain(error.message, error.remedy)
            continue
        if not as_json:
            if found:
                emit_blank()
            emit(summary_document(summary))
        found.append(summary)
        for problem in summary.problems[:1]:
            complain(f"{file}: {problem}{and_others(summary.problems)}")
            sound = False
        if summary.checkpoint:
            note(summary.checkpoint.note)
    if as_json:
        emit_json({"files": found})
    if not sound:
        ctx.exit(CANNOT)


def _extracted(model: Model, folder: str) -> tuple[str, ...]:
    """Write the files that belong to a model; return their paths."""
    from graphtools.errors import FileProblem
    from graphtools.formats.tflite.metadata import extract_files
    from graphtools.formats.tflite.model import TFLiteModel

    if not isinstance(model, TFLiteModel):
        raise FileProblem(f"{model.path} is a {model.kind}: files belong to a .tflite only")
    return extract_files(model, folder)


def emit_blank() -> None:
    """Print an empty line between two files."""
    click.echo()
