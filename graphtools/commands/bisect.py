"""`graphtools bisect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options, read_model, told
from graphtools.commands._shared import (
    FOUND,
    command,
    file_argument,
    json_option,
    progress,
    show,
    time_limit_option,
    trust_option,
)

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions


@command(
    "bisect",
    group="compare",
    example="graphtools bisect frozen.pb --feed io.npz"
    " --transforms 'fold_constants fold_batch_norms'",
    exit_codes="0 no transform changes the outputs, 1 one does, 2 cannot do it (stderr says why)",
)
@file_argument
@model_options
@click.option(
    "--transforms", metavar="PIPELINE", multiple=True, required=True, help="What is tried."
)
@click.option("--feed", metavar="NPZ", help="Values of the inputs; random ones by default.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of random values (default 0).")
@click.option("--rtol", default=1e-4, show_default=True, help="Relative tolerance.")
@click.option("--atol", default=1e-5, show_default=True, help="Absolute tolerance.")
@time_limit_option(help="How long one run may take.")
@trust_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str,
    options: ModelOptions,
    transforms: tuple[str, ...],
    feed: str | None,
    seed: int,
    rtol: float,
    atol: float,
    time_limit: float,
    trust: bool,
    as_json: bool,
) -> None:
    """Find the transform that changes what a graph computes, and the first node that differs.

    The graph is run in TensorFlow after each transform of a pipeline, and its outputs are compared
    with the original's. Needs TensorFlow.
    """
    from graphtools.run.worker import require_tensorflow
    from graphtools.verify.feeds import make_feeds
    from graphtools.verify.verify_rewrite import bisect

    read = read_model(file, options)
    require_tensorflow()
    model = told(read.runnable)
    with progress("running the graph in TensorFlow") as shown:
        feeds = make_feeds(
            model.graph, model.inputs, feed, model.input_shapes, seed, keys=model.keys
        )
        found = bisect(
            model.graph,
            transforms,
            model.inputs,
            model.outputs,
            feeds,
            rtol,
            atol,
            time_limit=time_limit,
            trust=trust,
            own_files=model.own_files,
            progress=shown.update,
        )
    show(found, as_json)
    if not found.equal:
        ctx.exit(FOUND)
