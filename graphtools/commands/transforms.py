"""`graphtools transforms`."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, emit, emit_json, json_option


@command(
    "transforms",
    group="edit",
    example="graphtools transforms fold_batch_norms",
    also={
        "": "passes",
    },
)
@click.argument("name", metavar="[NAME]", required=False, default="")
@json_option
def COMMAND(name: str, as_json: bool) -> None:
    """List the transforms of graphs, or print the manual of one.

    A manual tells what a transform does, its parameters with defaults, and what should be done
    before.
    """
    from graphtools.report.transforms import manual_document, manuals_json, transforms_document
    from graphtools.transforms import TRANSFORMS
    from graphtools.transforms.pipeline import find_transform

    chosen = [find_transform(name)] if name else list(TRANSFORMS.all().values())
    if as_json:
        emit_json(manuals_json(chosen))
    else:
        emit(manual_document(chosen[0]) if name else transforms_document(chosen))
