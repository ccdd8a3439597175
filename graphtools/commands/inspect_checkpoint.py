"""`graphtools inspect_checkpoint`, for scripts that called the tool of this name."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    emit_json,
    emit_lines,
    fail,
    json_option,
    legacy_flag,
    note,
)


@command(
    "inspect_checkpoint",
    example="graphtools inspect_checkpoint --file_name=model.ckpt-1000 --all_tensor_names",
    legacy=True,
)
@click.option("--file_name", metavar="CHECKPOINT", required=True, help="Any form of its path.")
@click.option("--tensor_name", metavar="NAME", default="", help="Print the values of this tensor.")
@legacy_flag("--all_tensors", "Print the values of all tensors.")
@legacy_flag("--all_tensor_names", "Print the names of all tensors.")
@click.option("--count_exclude_pattern", metavar="REGEX", default="", help="Do not count these.")
@click.option("--printoptions", metavar="TEXT", default="", help="No effect any more.")
@json_option
def COMMAND(
    file_name: str,
    tensor_name: str,
    all_tensors: bool,
    all_tensor_names: bool,
    count_exclude_pattern: str,
    printoptions: str,
    as_json: bool,
) -> None:
    """Print what inspect_checkpoint printed; `graphtools variables` tells more."""
    from graphtools.analysis.variables import list_variables
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.report.inspect_checkpoint import name_lines, parameter_count_line, tensor_lines

    checkpoint = find_checkpoint(file_name)
    note(checkpoint.note)
    if printoptions:
        note("--printoptions has no effect: values are printed as numpy does by default")
    if as_json:
        emit_json(list_variables(checkpoint))
    else:
        if all_tensors or all_tensor_names:
            emit_lines(tensor_lines(checkpoint.values(), values=all_tensors))
        elif tensor_name:
            emit_lines(tensor_lines([checkpoint.find(tensor_name)], values=True))
        else:
            emit_lines(name_lines(checkpoint.values()))
        emit_lines([parameter_count_line(checkpoint, count_exclude_pattern)])
    if checkpoint.problems:
        fail(checkpoint.problems[0])
