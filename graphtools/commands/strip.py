"""`graphtools strip`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    file_argument,
    inputs_option,
    json_option,
    output_option,
    outputs_option,
    tags_option,
)
from graphtools.commands._transforming import apply_pipeline


@command(
    "strip",
    example=(
        "graphtools strip frozen.pb -o cut.pb --inputs Mul --outputs softmax \\\n"
        "    --shape Mul=1,299,299,3 --type Mul=float"
    ),
)
@file_argument
@output_option
@inputs_option
@outputs_option
@click.option(
    "--shape",
    "shapes",
    metavar="NAME=SHAPE",
    multiple=True,
    help="Shape of an input that becomes a placeholder; the inferred one if not given.",
)
@click.option(
    "--type",
    "types",
    metavar="NAME=TYPE",
    multiple=True,
    help="Element type of such an input; the node's if not given.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what would be done.")
@click.option("--text", "as_text", is_flag=True, help="Write the text format.")
@tags_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str,
    target: str | None,
    inputs: list[str] | None,
    outputs: list[str] | None,
    shapes: tuple[str, ...],
    types: tuple[str, ...],
    dry_run: bool,
    as_text: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Keep only what the outputs need, and cut the graph at the inputs.

    An input that is no placeholder becomes one, with the type and shape that the node had.
    """
    from graphtools.transforms.strip_unused_nodes import stripping_step

    apply_pipeline(
        ctx,
        file,
        lambda graph: stripping_step(graph, types, shapes),
        inputs=inputs,
        outputs=outputs,
        target=target,
        tags=tags,
        dry_run=dry_run,
        as_text=as_text or None,
        as_json=as_json,
    )
