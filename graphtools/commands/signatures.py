"""`graphtools signatures`."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, exit_if_unsound, json_option, show, tags_option


@command(
    "signatures",
    group="look",
    example="graphtools signatures export/Servo/1562000000",
    also={
        "FILE": "signature-def tags",
    },
)
@click.argument("saved_model", metavar="SAVED_MODEL")
@click.option(
    "--signature",
    "key",
    metavar="KEY",
    default="",
    help="Only the signature of this name.",
)
@click.option("--all", "everything", is_flag=True, help="Show internal signatures, too.")
@tags_option
@json_option
def COMMAND(
    saved_model: str,
    key: str,
    everything: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Show the signatures of a SavedModel or .tflite: names, dtypes, shapes and tensors."""
    from graphtools.analysis.signatures import list_signatures
    from graphtools.formats import graph_of, open_model
    from graphtools.formats.saved_model import SavedModel
    from graphtools.formats.tflite.model import TFLiteModel

    model = open_model(saved_model)
    found = list_signatures(model, tags=tags, key=key)
    show(found, as_json, everything=everything or bool(key))
    if isinstance(model, TFLiteModel):
        return
    for meta in model.meta_graphs if isinstance(model, SavedModel) else (model,):
        exit_if_unsound(graph_of(meta), saved_model)
