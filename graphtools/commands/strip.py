"""`graphtools strip`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from graphtools.commands._shared import command
from graphtools.commands._transforming import apply_pipeline, pipeline_options

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions


@command(
    "strip",
    group="prepare",
    example=(
        "graphtools strip frozen.pb -o cut.pb --inputs Mul --outputs softmax \\\n"
        "    --input-shape Mul=1,299,299,3 --type Mul=float"
    ),
    also={
        "FILE -o OUT --input-shape NAME=SHAPE  # change the shape of an input": "resize"
        " reshape batch batch-size set-batch set-shape change-shape input-shape fix-batch",
        "FILE -o OUT --outputs NAME  # cut at a layer": "cut prune crop trim truncate",
    },
)
@pipeline_options
@click.option(
    "--type",
    "types",
    metavar="NAME=TYPE",
    multiple=True,
    help="Element type of such an input; the node's if not given.",
)
@click.option(
    "--shape", "shapes", metavar="NAME=SHAPE", multiple=True, hidden=True, help="Former name."
)
@click.pass_context
def COMMAND(
    ctx: click.Context,
    /,
    options: ModelOptions,
    types: tuple[str, ...],
    shapes: tuple[str, ...],
    **request: Any,
) -> None:
    """Keep only what the outputs need, and cut the graph at the inputs.

    An input that is no placeholder becomes one, with the type and shape that the node had.
    """
    from graphtools.analysis.shape_list import parse_input_shapes
    from graphtools.transforms.strip_unused_nodes import stripping_step

    given = {**options.input_shapes, **parse_input_shapes(shapes, [""])}
    options = dataclasses.replace(options, input_shapes=given)
    apply_pipeline(ctx, lambda graph: stripping_step(graph, types), options=options, **request)
