"""`graphtools inspect_checkpoint`, for scripts that called the tool of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, emit_json, emit_lines, fail, json_option, note
from graphtools.legacy.flags import FLAG, MANY, TEXT, flag
from graphtools.legacy.parsing import ARGPARSE
from graphtools.legacy.values import GivenFlags

FLAGS = (
    flag("file_name", TEXT, "Any form of the checkpoint's path.", required=True),
    flag("tensor_name", TEXT, "Print the values of this tensor."),
    flag("all_tensors", FLAG, "Print the values of all tensors."),
    flag("all_tensor_names", FLAG, "Print the names of all tensors."),
    flag("count_exclude_pattern", TEXT, "Do not count tensors that match this."),
    flag("printoptions", MANY, "How numpy prints values, as precision=3 threshold=10."),
)


@flags(FLAGS, ARGPARSE)
@command(
    "inspect_checkpoint",
    example="graphtools inspect_checkpoint --file_name=model.ckpt-1000 --all_tensor_names",
    legacy=True,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Print what inspect_checkpoint printed; `graphtools variables` tells more."""
    from graphtools.analysis.variables import list_variables
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.report.inspect_checkpoint import (
        name_lines,
        parameter_count_line,
        printed_as,
        tensor_lines,
    )

    given = GivenFlags(values)
    checkpoint = find_checkpoint(given.text("file_name"))
    note(checkpoint.note)
    with_values, name = given.is_set("all_tensors"), given.text("tensor_name")
    if as_json:
        emit_json(list_variables(checkpoint))
    else:
        with printed_as(given.parts("printoptions")):
            if with_values or given.is_set("all_tensor_names"):
                emit_lines(tensor_lines(checkpoint.values(), values=with_values))
            elif name:
                emit_lines(tensor_lines([checkpoint.find(name)], values=True))
            else:
                emit_lines(name_lines(checkpoint.values()))
        exclude = given.text("count_exclude_pattern")
        emit_lines([parameter_count_line(checkpoint, exclude)])
    if checkpoint.problems:
        fail(checkpoint.problems[0])
