"""`graphtools optimize`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from graphtools.commands._shared import command
from graphtools.commands._transforming import apply_pipeline, pipeline_options

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.model.loading import ModelGraph


@command(
    "optimize",
    group="prepare",
    example="graphtools optimize frozen.pb -o optimized.pb",
    also={
        "FILE -o OUT": "clean simplify sanitize cleanup compact shrink fold fuse",
    },
    exit_codes="0 done, 1 --verify has found differences, 2 cannot do it (stderr says why)",
)
@pipeline_options
@click.option("--clear-devices", is_flag=True, help="Place no node on a device.")
@click.pass_context
def COMMAND(ctx: click.Context, /, clear_devices: bool, **request: Any) -> None:
    """Remove from a frozen graph what inference does not need, as one wants before a conversion.

    Chooses transforms by what the graph contains: strip, remove identities, fold constants, fold
    batch norms, merge duplicates, sort; prints them as graphtools transform takes them.
    """
    from graphtools.transforms.optimize import optimizing_pipeline

    def pipeline(graph: Graph) -> str:
        return optimizing_pipeline(graph) + " remove_device" * clear_devices

    apply_pipeline(ctx, pipeline, remarks=_left_of_training, **request)


def _left_of_training(model: ModelGraph) -> Iterator[str]:
    """What of a graph belongs to training, and the command that makes one for inference of it."""
    from graphtools.graph.variables import VARIABLE_OPS
    from graphtools.transforms._inference_form import left_of_training

    found = left_of_training(model.graph, model.inputs, model.outputs)
    yield from found
    if found:
        lacks = not model.checkpoint and any(n.op in VARIABLE_OPS for n in model.graph)
        values = " --checkpoint CKPT" if lacks else ""
        yield (
            "inference wants a graph without these: "
            f"graphtools freeze {model.path}{values} --inference -o frozen.pb"
        )
