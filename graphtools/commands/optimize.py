"""`graphtools optimize`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    file_argument,
    input_shapes_option,
    inputs_option,
    json_option,
    output_option,
    outputs_option,
    tags_option,
)
from graphtools.commands._transforming import apply_pipeline, verify_options


@command(
    "optimize",
    example="graphtools optimize frozen.pb -o optimized.pb",
    exit_codes="0 done, 1 --verify has found differences, 2 cannot do it (stderr says why)",
)
@file_argument
@output_option
@inputs_option
@outputs_option
@click.option("--skips", is_flag=True, help="List what was not done, with the reasons.")
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be done.")
@click.option("--text", "as_text", is_flag=True, help="Write the text format.")
@verify_options
@input_shapes_option
@tags_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str,
    target: str | None,
    inputs: list[str] | None,
    outputs: list[str] | None,
    skips: bool,
    dry_run: bool,
    as_text: bool,
    verify: bool,
    rtol: float,
    atol: float,
    feed: str | None,
    input_shapes: tuple[str, ...],
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Remove from a frozen graph what inference does not need, as one wants before a conversion.

    Chooses transforms by what the graph contains: strip, remove identities, fold constants, fold
    batch norms, merge duplicates, sort; prints them as graphtools transform takes them.
    """
    from graphtools.transforms.optimize import optimizing_pipeline

    apply_pipeline(
        ctx,
        file,
        optimizing_pipeline,
        inputs=inputs,
        outputs=outputs,
        target=target,
        tags=tags,
        skips=skips,
        dry_run=dry_run,
        as_text=as_text or None,
        as_json=as_json,
        verification=(rtol, atol, feed, input_shapes) if verify else None,
    )
