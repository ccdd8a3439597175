"""`graphtools strip_unused`, for scripts that called the tool of this name."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, json_option, legacy_flag, note, split_list
from graphtools.commands._transforming import apply_pipeline
from graphtools.legacy.words import STRIP_UNUSED


@command(
    "strip_unused",
    example=(
        "graphtools strip_unused --input_graph=frozen.pb --output_graph=cut.pb \\\n"
        "    --input_node_names=Mul --output_node_names=softmax"
    ),
    legacy=True,
    front_end=STRIP_UNUSED,
)
@click.option("--input_graph", metavar="FILE", required=True, help="The graph, binary or text.")
@legacy_flag("--input_binary", "No effect: binary and text are told apart by content.")
@click.option("--output_graph", metavar="FILE", required=True, help="Where the result goes.")
@legacy_flag("--output_binary", "Write the binary format.", default=True)
@click.option("--input_node_names", default="", help="Names of the inputs, by commas.")
@click.option("--output_node_names", default="", help="Names of the outputs, by commas.")
@click.option(
    "--placeholder_type_enum",
    default="",
    help="Element types of the inputs, one or several, by number or name; the nodes' if absent.",
)
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    input_graph: str,
    input_binary: bool,
    output_graph: str,
    output_binary: bool,
    input_node_names: str,
    output_node_names: str,
    placeholder_type_enum: str,
    as_json: bool,
) -> None:
    """Do what strip_unused did; see graphtools strip.

    Without --placeholder_type_enum the inputs keep their types; the original made all of them
    float.
    """
    from graphtools.model.options import ModelOptions
    from graphtools.transforms.strip_unused_nodes import stripping_step, types_by_number

    if input_binary:
        note("--input_binary has no effect: binary and text are told apart by content")
    inputs = split_list(input_node_names) or []
    types = types_by_number(inputs, split_list(placeholder_type_enum) or [])
    apply_pipeline(
        ctx,
        lambda graph: stripping_step(graph, types),
        file=input_graph,
        options=ModelOptions(inputs, split_list(output_node_names) or []),
        target=output_graph,
        as_text=not output_binary,
        as_json=as_json,
    )
