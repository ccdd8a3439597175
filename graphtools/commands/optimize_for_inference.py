"""`graphtools optimize_for_inference`, for scripts that called the tool of this name."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, json_option, legacy_flag, note, split_list
from graphtools.commands._transforming import apply_pipeline
from graphtools.legacy.words import OPTIMIZE_FOR_INFERENCE


@command(
    "optimize_for_inference",
    example=(
        "graphtools optimize_for_inference --input=frozen.pb --output=optimized.pb \\\n"
        "    --input_names=Mul --output_names=softmax"
    ),
    legacy=True,
    front_end=OPTIMIZE_FOR_INFERENCE,
)
@click.option("--input", "source", metavar="FILE", required=True, help="The graph.")
@click.option("--output", "target", metavar="FILE", required=True, help="Where the result goes.")
@click.option("--input_names", default="", help="Names of the inputs, separated by commas.")
@click.option("--output_names", default="", help="Names of the outputs, separated by commas.")
@legacy_flag("--frozen_graph", "Write the binary format; else text.", default=True)
@click.option(
    "--placeholder_type_enum", default="", help="Element types of the inputs, by number or name."
)
@legacy_flag("--toco_compatible", "No effect: nothing is fused that a converter does not read.")
@click.option(
    "--placeholder_to_const_names",
    metavar="NAME=VALUE",
    default="",
    help="Placeholders that become constants, as phase_train=False; separated by commas.",
)
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    source: str,
    target: str,
    input_names: str,
    output_names: str,
    frozen_graph: bool,
    placeholder_type_enum: str,
    toco_compatible: bool,
    placeholder_to_const_names: str,
    as_json: bool,
) -> None:
    """Do what optimize_for_inference did; see graphtools optimize."""
    from graphtools.model.options import ModelOptions
    from graphtools.transforms.optimize import legacy_pipeline

    if toco_compatible:
        note("--toco_compatible has no effect: nothing is fused that a converter does not read")
    inputs = split_list(input_names) or []
    apply_pipeline(
        ctx,
        lambda graph: legacy_pipeline(
            graph,
            inputs,
            split_list(placeholder_type_enum) or [],
            split_list(placeholder_to_const_names) or [],
        ),
        file=source,
        options=ModelOptions(inputs, split_list(output_names) or []),
        target=target,
        as_text=not frozen_graph,
        as_json=as_json,
    )
