"""`graphtools transform_graph`, for scripts that called the tool of this name."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, json_option, legacy_flag, split_list
from graphtools.commands._transforming import apply_pipeline


@command(
    "transform_graph",
    example=(
        "graphtools transform_graph --in_graph=frozen.pb --out_graph=small.pb --inputs=input \\\n"
        "    --outputs=probs --transforms='strip_unused_nodes fold_constants(ignore_errors=true)'"
    ),
    legacy=True,
)
@click.option("--in_graph", metavar="FILE", required=True, help="The graph, binary or text.")
@click.option("--out_graph", metavar="FILE", required=True, help="Where the result goes.")
@click.option("--inputs", default="", help="Names of the inputs, separated by commas.")
@click.option("--outputs", default="", help="Names of the outputs, separated by commas.")
@click.option("--transforms", "spec", required=True, help="What to do.")
@legacy_flag("--output_as_text", "Write the text format.")
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    in_graph: str,
    out_graph: str,
    inputs: str,
    outputs: str,
    spec: str,
    output_as_text: bool,
    as_json: bool,
) -> None:
    """Do what transform_graph did; see graphtools transform.

    Versions of the graph are kept, which the original dropped.
    """
    from graphtools.model.options import ModelOptions

    apply_pipeline(
        ctx,
        spec,
        file=in_graph,
        options=ModelOptions(split_list(inputs) or [], split_list(outputs) or []),
        target=out_graph,
        as_text=output_as_text,
        as_json=as_json,
    )
