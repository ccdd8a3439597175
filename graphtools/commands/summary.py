"""`graphtools summary`."""

from __future__ import annotations

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
@json_option
@click.pass_context
def COMMAND(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
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
                summary = summarize(open_model(file))
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


def emit_blank() -> None:
    """Print an empty line between two files."""
    click.echo()
