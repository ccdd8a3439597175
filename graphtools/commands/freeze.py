"""`graphtools freeze`."""

from __future__ import annotations

import click

from graphtools.commands._freezing import freeze_file
from graphtools.commands._shared import (
    command,
    file_argument,
    json_option,
    outputs_option,
    split_list,
    tags_option,
)


@command(
    "freeze",
    example=(
        "graphtools freeze model.ckpt.meta --outputs logits -o frozen.pb\n"
        "graphtools freeze graph.pb --checkpoint model.ckpt --outputs logits -o frozen.pb\n"
        "graphtools freeze saved_model/ -o frozen.pb"
    ),
)
@file_argument
@click.option("-o", "--output", "target", metavar="FILE", required=True, help="The frozen graph.")
@click.option(
    "--checkpoint",
    metavar="PATH",
    help="Where the values are; beside a .meta file or in a SavedModel it is found.",
)
@click.option(
    "--inputs",
    metavar="NAMES",
    callback=lambda _ctx, _param, value: split_list(value),
    help="Names of nodes at which the graph is cut, separated by commas.",
)
@outputs_option
@click.option("--signature", metavar="KEY", help="Take inputs and outputs of this signature.")
@click.option("--keep-variables", metavar="GLOBS", default="", help="Variables that stay such.")
@click.option("--only-variables", metavar="GLOBS", default="", help="Freeze these alone.")
@click.option("--initializers", metavar="NAMES", default="", help="Nodes that are kept, too.")
@click.option("--clear-devices", is_flag=True, help="Place no node on a device.")
@click.option("--ema", "averages", is_flag=True, help="Take moving averages where there are any.")
@click.option(
    "--inference",
    is_flag=True,
    help="Of a graph for training: switch training off, remove dropout, resolve conds.",
)
@click.option("--text", "as_text", is_flag=True, help="Write the text format.")
@tags_option
@json_option
def COMMAND(
    file: str,
    target: str,
    checkpoint: str | None,
    inputs: list[str] | None,
    outputs: list[str] | None,
    signature: str | None,
    keep_variables: str,
    only_variables: str,
    initializers: str,
    clear_devices: bool,
    averages: bool,
    inference: bool,
    as_text: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Put the values of a checkpoint as constants in the place of a graph's variables.

    FILE is a graph, a .meta file or a SavedModel. What the outputs do not need is left out.
    """
    freeze_file(
        file,
        target,
        checkpoint=checkpoint,
        inputs=inputs,
        outputs=outputs,
        signature=signature,
        tags=tags,
        as_text=as_text or None,
        as_json=as_json,
        keep=split_list(keep_variables) or [],
        only=split_list(only_variables) or [],
        initializers=split_list(initializers) or [],
        clear_devices=clear_devices,
        averages=averages,
        inference=inference,
    )
