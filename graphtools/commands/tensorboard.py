"""`graphtools tensorboard`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    file_argument,
    json_option,
    progress,
    show,
    tags_option,
)


@command(
    "tensorboard",
    group="view",
    example="graphtools tensorboard frozen_inference_graph.pb logs",
    also={
        "FILE LOGDIR  # for TensorBoard": "visualize visualise plot graph",
        "FILE LOGDIR": "import-pb-to-tensorboard tb event-file",
    },
)
@file_argument
@click.argument("logdir", metavar="LOGDIR")
@click.option("--weights", is_flag=True, help="Keep the values of large constants.")
@tags_option
@json_option
def COMMAND(file: str, logdir: str, weights: bool, tags: list[str] | None, as_json: bool) -> None:
    """Write a graph as an event file that TensorBoard shows.

    Takes the place of import_pb_to_tensorboard; needs neither TensorFlow nor TensorBoard. Inferred
    shapes are written along, which TensorBoard shows at the edges. Values of constants above 1 kB
    are left out, as TensorBoard shows none of these.
    """
    import os
    import time

    from graphtools.analysis.viewing_copy import viewing_copy
    from graphtools.formats import load
    from graphtools.formats.event_file import event_files, write_events
    from graphtools.report.viewing import EventFile

    with progress(f"reading {file}"):
        copy = viewing_copy(load(file, tags=tags), with_shapes=True, with_weights=weights)
    with progress(f"writing to {logdir}"):
        path = write_events(copy.graph, logdir, time.time())
    others = tuple(n for n in event_files(logdir) if n != os.path.basename(path))
    written = EventFile(path, logdir, len(copy.graph), copy.emptied, copy.bytes_left_out, others)
    show(written, as_json)
