"""`graphtools tensorboard`."""

from __future__ import annotations

import click

from graphtools.commands._event_writing import write_event_file
from graphtools.commands._shared import (
    command,
    file_argument,
    json_option,
    tags_option,
)


@command(
    "tensorboard",
    group="view",
    example="graphtools tensorboard frozen_inference_graph.pb logs",
    also={
        "FILE LOGDIR  # for TensorBoard": "visualize visualise plot graph",
        "FILE LOGDIR": "tb event-file pb2tb",
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
    write_event_file(file, logdir, tags=tags, weights=weights, as_json=as_json)
