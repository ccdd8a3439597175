"""`graphtools freeze`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._freezing import freeze_file
from graphtools.commands._models import model_options
from graphtools.commands._shared import command, file_argument, json_option, split_list

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions


@command(
    "freeze",
    group="prepare",
    example=(
        "graphtools freeze model.ckpt.meta --outputs logits -o frozen.pb\n"
        "graphtools freeze graph.pb --checkpoint model.ckpt --outputs logits -o frozen.pb\n"
        "graphtools freeze saved_model/ -o frozen.pb"
    ),
    also={
        "FILE -o OUT.pb": "frozen freeze-model freeze-session"
        " ckpt2pb meta2pb savedmodel2pb convert-variables-to-constants",
        "FILE -o OUT --ema  # with moving averages": "moving-average ema",
        "FILE -o OUT.pb --inference  # a training graph for inference, training ops removed": ""
        "inference training dropout is_training phase_train keep_prob learning_phase",
    },
)
@file_argument
@click.option("-o", "--output", "target", metavar="FILE", required=True, help="The frozen graph.")
@model_options
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
@json_option
def COMMAND(
    file: str,
    target: str,
    options: ModelOptions,
    keep_variables: str,
    only_variables: str,
    initializers: str,
    clear_devices: bool,
    averages: bool,
    inference: bool,
    as_text: bool,
    as_json: bool,
) -> None:
    """Put the values of a checkpoint as constants in the place of a graph's variables.

    FILE is a graph, a .meta file or a SavedModel. What the outputs do not need is left out; at the
    --inputs the graph is cut. Functions are put in the place of their calls.
    """
    freeze_file(
        file,
        target,
        options,
        as_text=as_text or None,
        as_json=as_json,
        inline=True,
        keep=split_list(keep_variables) or [],
        only=split_list(only_variables) or [],
        initializers=split_list(initializers) or [],
        clear_devices=clear_devices,
        averages=averages,
        inference=inference,
    )
