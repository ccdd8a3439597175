"""`graphtools transform`."""

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
    "transform",
    example=(
        "graphtools transform frozen.pb -o small.pb --inputs input --outputs probs \\\n"
        "    --transforms 'strip_unused_nodes fold_constants fold_batch_norms quantize_weights'"
    ),
    exit_codes="0 done, 1 --verify has found differences, 2 cannot do it (stderr says why)",
)
@file_argument
@output_option
@inputs_option
@outputs_option
@click.option("--transforms", "spec", required=True, help="What to do, as for transform_graph.")
@click.option("--skips", is_flag=True, help="List what was not done, with the reasons.")
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be done.")
@click.option("--stop-after", metavar="NAME", help="End behind the first transform of this name.")
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
    spec: str,
    skips: bool,
    dry_run: bool,
    stop_after: str | None,
    as_text: bool,
    verify: bool,
    rtol: float,
    atol: float,
    feed: str | None,
    input_shapes: tuple[str, ...],
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Rewrite a graph by transforms, as the Graph Transform Tool did.

    graphtools transforms lists them. Prints what each did; nodes that could have been changed and
    were not are counted, and listed with --skips.
    """
    apply_pipeline(
        ctx,
        file,
        spec,
        inputs=inputs,
        outputs=outputs,
        target=target,
        tags=tags,
        skips=skips,
        dry_run=dry_run,
        stop_after=stop_after,
        as_text=as_text or None,
        as_json=as_json,
        verification=(rtol, atol, feed, input_shapes) if verify else None,
    )
