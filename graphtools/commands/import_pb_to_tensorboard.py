"""`graphtools import_pb_to_tensorboard`, for scripts that called the tool of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._event_writing import write_event_file
from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, json_option, split_list
from graphtools.legacy.flags import TEXT, flag
from graphtools.legacy.parsing import ARGPARSE
from graphtools.legacy.values import GivenFlags

FLAGS = (
    flag("model_dir", TEXT, "The graph, a file in spite of the flag's name.", required=True),
    flag("log_dir", TEXT, "TensorBoard's folder.", required=True),
    flag("tag_set", TEXT, "Tags of the SavedModel's graph."),
)


@flags(FLAGS, ARGPARSE)
@command(
    "import_pb_to_tensorboard",
    example="graphtools import_pb_to_tensorboard --model_dir=frozen.pb --log_dir=logs",
    legacy=True,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Do what import_pb_to_tensorboard did; see graphtools tensorboard."""
    given = GivenFlags(values)
    tags = split_list(given.text("tag_set")) or None
    write_event_file(given.text("model_dir"), given.text("log_dir"), tags=tags, as_json=as_json)
