"""`graphtools optimize`."""

from __future__ import annotations

from typing import Any

import click

from graphtools.commands._shared import command
from graphtools.commands._transforming import apply_pipeline, pipeline_options


@command(
    "optimize",
    example="graphtools optimize frozen.pb -o optimized.pb",
    also={
        "FILE -o OUT": "clean simplify cleanup compact shrink fold fuse",
    },
    exit_codes="0 done, 1 --verify has found differences, 2 cannot do it (stderr says why)",
)
@pipeline_options
@click.pass_context
def COMMAND(ctx: click.Context, /, **request: Any) -> None:
    """Remove from a frozen graph what inference does not need, as one wants before a conversion.

    Chooses transforms by what the graph contains: strip, remove identities, fold constants, fold
    batch norms, merge duplicates, sort; prints them as graphtools transform takes them.
    """
    from graphtools.transforms.optimize import optimizing_pipeline

    apply_pipeline(ctx, optimizing_pipeline, **request)
