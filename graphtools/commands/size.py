"""`graphtools size`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options, read_model
from graphtools.commands._shared import (
    FOUND,
    command,
    exit_if_unsound,
    file_argument,
    json_option,
    note,
    progress,
    show,
)

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions


@command(
    "size",
    example="graphtools size frozen_inference_graph.pb --by scope --depth 2",
    also={
        "FILE": "params parameters flops macs cost complexity bytes memory count-params count",
    },
    exit_codes="0 done, 1 there are contradictory shapes, 2 cannot do it (stderr says why)",
)
@file_argument
@click.option(
    "--by",
    type=click.Choice(["op", "scope", "node"]),
    default="scope",
    show_default=True,
    help="What to add up.",
)
@click.option(
    "--depth",
    type=click.IntRange(1),
    help="How many scopes deep; without it, so deep that there are several.",
)
@click.option(
    "--top", type=click.IntRange(1), default=20, show_default=True, help="Number of rows."
)
@model_options
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str,
    by: str,
    depth: int | None,
    top: int,
    options: ModelOptions,
    as_json: bool,
) -> None:
    """Show where a model's parameters, bytes and multiply-accumulates are, the largest first.

    Weights count for the op that computes with them. Where only the batch of an input is unknown, 1
    is taken. JSON has all rows.
    """
    from graphtools.analysis.model_costs import model_costs
    from graphtools.analysis.shape_list import disagreements

    model = read_model(file, options).examined
    for text in (*model.remarks, *disagreements(model.graph, model.input_shapes)):
        note(text)
    with progress(f"reading {file}"):
        found = model_costs(
            model.graph,
            model.input_shapes,
            by=by,
            depth=depth,
            io=model.fed_and_fetched,
            variables=model.variables,
        )
    show(found, as_json, top=top)
    exit_if_unsound(model.graph, file)
    if found.findings:
        ctx.exit(FOUND)
