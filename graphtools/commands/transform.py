"""`graphtools transform`."""

from __future__ import annotations

from typing import Any

import click

from graphtools.commands._shared import command
from graphtools.commands._transforming import apply_pipeline, pipeline_options


@command(
    "transform",
    group="edit",
    example=(
        "graphtools transform frozen.pb -o small.pb --inputs input --outputs probs \\\n"
        "    --transforms 'strip_unused_nodes fold_constants fold_batch_norms quantize_weights'"
    ),
    also={
        "FILE -o OUT --transforms 'remove_nodes(op=X)'  # take out nodes": "remove delete rm del",
        "FILE -o OUT --transforms 'rename_node(old_node_name=a, new_node_name=b)'"
        "  # other names of nodes, inputs and outputs": "rename",
        "FILE -o OUT.pb --transforms quantize_weights  # of a graph": "quantize quantise",
        "FILE -o OUT --transforms PIPELINE": "rewrite edit modify patch",
    },
    exit_codes="0 done, 1 --verify has found differences, 2 cannot do it (stderr says why)",
)
@pipeline_options
@click.option("--transforms", "spec", required=True, help="What to do, as for transform_graph.")
@click.option("--stop-after", metavar="NAME", help="End behind the first transform of this name.")
@click.pass_context
def COMMAND(ctx: click.Context, /, spec: str, stop_after: str | None, **request: Any) -> None:
    """Rewrite a graph by transforms, as the Graph Transform Tool did.

    graphtools transforms lists them. Prints what each did; nodes that could have been changed and
    were not are counted, and listed with --skips.
    """
    apply_pipeline(ctx, spec, stop_after=stop_after, **request)
