"""`graphtools extract`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    file_argument,
    json_option,
    output_option,
    split_list,
    tags_option,
)
from graphtools.commands._transforming import apply_pipeline


@command(
    "extract",
    group="edit",
    example="graphtools extract frozen.pb -o part.pb --from conv1/Relu --to conv5/Relu",
    also={
        "FILE -o OUT --from NAME --to NAME  # a part of the graph as a graph": "subgraph"
        " extract-subgraph slice cut-out backbone split-graph",
    },
)
@file_argument
@output_option
@click.option(
    "--from",
    "start",
    metavar="NAMES",
    required=True,
    callback=lambda _ctx, _param, value: split_list(value),
    help="Where the part begins: these nodes become placeholders, of their types and shapes.",
)
@click.option(
    "--to",
    "end",
    metavar="NAMES",
    required=True,
    callback=lambda _ctx, _param, value: split_list(value),
    help="Where it ends: its outputs.",
)
@click.option(
    "--checkpoint", metavar="PATH", help="Where the values of variables are; beside a .meta found."
)
@tags_option
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be done.")
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    /,
    file: str,
    target: str | None,
    start: list[str],
    end: list[str],
    checkpoint: str | None,
    tags: list[str] | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a graph of what lies between some nodes and others.

    What the ends need that does not come from the beginning is kept, too, as `strip` keeps it.
    """
    from graphtools.model.options import ModelOptions

    apply_pipeline(
        ctx,
        "strip_unused_nodes",
        file=file,
        options=ModelOptions(start, end, tags=tags, checkpoint=checkpoint),
        target=target,
        dry_run=dry_run,
        as_json=as_json,
    )
