"""`graphtools size`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options, read_model, refuse_options_of_graphs
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
    from graphtools.analysis.checkpoint_costs import RunCost
    from graphtools.formats.checkpoint import Checkpoint
    from graphtools.formats.tflite.model import TFLiteModel
    from graphtools.model.options import ModelOptions


@command(
    "size",
    group="look",
    example="graphtools size frozen_inference_graph.pb --by scope --depth 2",
    also={
        "FILE": "params parameters flops macs cost complexity bytes memory disk count-params count",
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
    is taken. JSON has all rows. Of a .tflite the peak is the memory that LiteRT plans. A checkpoint
    is told by the scopes of its variables, and what a run costs by the .meta file beside it.
    """
    from graphtools.analysis.checkpoint_costs import checkpoint_costs
    from graphtools.analysis.model_costs import model_costs
    from graphtools.analysis.shape_list import disagreements
    from graphtools.formats import open_model
    from graphtools.formats.checkpoint import Checkpoint
    from graphtools.formats.tflite.model import TFLiteModel

    opened = open_model(file)
    if isinstance(opened, TFLiteModel):
        _show_tflite(ctx, opened, by=by, depth=depth, top=top, as_json=as_json)
        return
    if isinstance(opened, Checkpoint):
        found_work = _work_beside(ctx, opened, options)
        if by == "op":
            raise click.UsageError("--by op is for graphs: a checkpoint has no ops")
        show(checkpoint_costs(opened, by=by, depth=depth, work=found_work), as_json, top=top)
        return
    model = read_model(file, options, opened).examined
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


def _show_tflite(
    ctx: click.Context, model: TFLiteModel, *, by: str, depth: int | None, top: int, as_json: bool
) -> None:
    """Say what a TFLite model costs; its shapes, inputs and outputs are those in the file."""
    from graphtools.analysis.tflite_costs import tflite_costs

    refuse_options_of_graphs(ctx, "a .tflite", {"file", "by", "depth", "top", "as_json"})
    show(tflite_costs(model, by=by, depth=depth), as_json, top=top)


def _work_beside(
    ctx: click.Context, checkpoint: Checkpoint, options: ModelOptions
) -> RunCost | None:
    """What a run costs, where a .meta file lies beside a checkpoint."""
    from graphtools.analysis.checkpoint_costs import RunCost
    from graphtools.analysis.model_costs import model_costs
    from graphtools.formats import places

    meta = f"{checkpoint.path}.meta"
    if not places.exists(meta):
        own = {"file", "by", "depth", "top", "as_json"}
        refuse_options_of_graphs(ctx, "a checkpoint without a .meta file", own)
        return None
    model = read_model(meta, options).examined
    for text in model.remarks:
        note(text)
    with progress(f"reading {meta}"):
        found = model_costs(
            model.graph,
            model.input_shapes,
            io=model.fed_and_fetched,
            variables=model.variables,
        )
    total = found.total
    return RunCost(meta, total.macs, total.flops, not found.unknown, found.assumed)
