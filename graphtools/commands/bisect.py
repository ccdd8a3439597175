"""`graphtools bisect`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    FOUND,
    choose_ends,
    command,
    emit,
    emit_json,
    file_argument,
    input_shapes_option,
    inputs_option,
    json_option,
    outputs_option,
    progress,
    read_input_shapes,
    tags_option,
    time_limit_option,
)


@command(
    "bisect",
    example="graphtools bisect frozen.pb --feed io.npz"
    " --transforms 'fold_constants fold_batch_norms'",
    exit_codes="0 no transform changes the outputs, 1 one does, 2 cannot do it (stderr says why)",
)
@file_argument
@inputs_option
@outputs_option
@click.option(
    "--transforms", metavar="PIPELINE", multiple=True, required=True, help="What is tried."
)
@click.option("--feed", metavar="NPZ", help="Values of the inputs; random ones by default.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of random values (default 0).")
@input_shapes_option
@click.option("--rtol", default=1e-4, show_default=True, help="Relative tolerance.")
@click.option("--atol", default=1e-5, show_default=True, help="Absolute tolerance.")
@time_limit_option("--time-limit", help="How long one run may take.")
@tags_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str,
    inputs: list[str] | None,
    outputs: list[str] | None,
    transforms: tuple[str, ...],
    feed: str | None,
    seed: int,
    input_shapes: tuple[str, ...],
    rtol: float,
    atol: float,
    time_limit: float,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Find the transform that changes what a graph computes, and the first node that differs.

    The graph is run in TensorFlow after each transform of a pipeline, and its outputs are compared
    with the original's. Needs TensorFlow.
    """
    from graphtools.convert.runtime.worker import require_tensorflow
    from graphtools.convert.verification.feeds import make_feeds
    from graphtools.convert.verification.verify_rewrite import bisect
    from graphtools.formats import graph_of, open_model, signatures_of
    from graphtools.report.verification import bisection_document

    with progress(f"reading {file}"):
        model = open_model(file)
        graph = graph_of(model, tags)
    require_tensorflow()
    inputs, outputs = choose_ends(graph, inputs, outputs, signatures_of(model, tags))
    with progress("running the graph in TensorFlow") as shown:
        feeds = make_feeds(graph, inputs, feed, read_input_shapes(graph, input_shapes), seed)
        found = bisect(
            graph,
            transforms,
            inputs,
            outputs,
            feeds,
            rtol,
            atol,
            time_limit=time_limit,
            progress=shown.update,
        )
    if as_json:
        emit_json(found)
    else:
        emit(bisection_document(found))
    if not found.equal:
        ctx.exit(FOUND)
