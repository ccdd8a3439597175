"""`graphtools freeze_graph`, for scripts that called the tool of this name."""

from __future__ import annotations

import click

from graphtools.commands._freezing import freeze_file
from graphtools.commands._shared import command, json_option, legacy_flag, note, split_list
from graphtools.legacy.words import FREEZE_GRAPH


@command(
    "freeze_graph",
    example=(
        "graphtools freeze_graph --input_graph=graph.pb --input_checkpoint=model.ckpt \\\n"
        "    --output_node_names=softmax --output_graph=frozen.pb"
    ),
    legacy=True,
    front_end=FREEZE_GRAPH,
)
@click.option("--input_graph", metavar="FILE", default="", help="The graph, binary or text.")
@click.option("--input_meta_graph", metavar="FILE", default="", help="A .meta file instead.")
@click.option("--input_saved_model_dir", metavar="DIR", default="", help="A SavedModel instead.")
@click.option("--saved_model_tags", default="serve", show_default=True, help="Its tags.")
@click.option("--input_checkpoint", metavar="PATH", default="", help="Where the values are.")
@click.option("--output_node_names", default="", help="Names of the outputs, by commas.")
@click.option("--output_graph", metavar="FILE", required=True, help="Where the result goes.")
@legacy_flag("--clear_devices", "Place no node on a device.", default=True)
@click.option("--initializer_nodes", default="", help="Nodes that are kept, too, by commas.")
@click.option("--variable_names_whitelist", default="", help="Freeze these variables alone.")
@click.option("--variable_names_blacklist", default="", help="Variables that stay such.")
@legacy_flag("--input_binary", "No effect: binary and text are told apart by content.")
@click.option("--input_saver", default="", help="No effect: no saver is needed.")
@click.option("--restore_op_name", default="", help="No effect: no saver is run.")
@click.option("--filename_tensor_name", default="", help="No effect: no saver is run.")
@click.option("--checkpoint_version", default="", help="No effect: told by the checkpoint.")
@json_option
# long: its parameters are the options of the command
def COMMAND(
    input_graph: str,
    input_meta_graph: str,
    input_saved_model_dir: str,
    saved_model_tags: str,
    input_checkpoint: str,
    output_node_names: str,
    output_graph: str,
    clear_devices: bool,
    initializer_nodes: str,
    variable_names_whitelist: str,
    variable_names_blacklist: str,
    input_binary: bool,
    input_saver: str,
    restore_op_name: str,
    filename_tensor_name: str,
    checkpoint_version: str,
    as_json: bool,
) -> None:
    """Do what freeze_graph did; see graphtools freeze."""
    from graphtools.errors import InvalidValue
    from graphtools.model.options import ModelOptions

    ignored = {
        "--input_binary": input_binary,
        "--input_saver": input_saver,
        "--restore_op_name": restore_op_name,
        "--filename_tensor_name": filename_tensor_name,
        "--checkpoint_version": checkpoint_version,
    }
    for flag, value in ignored.items():
        if value:
            note(f"{flag} has no effect any more")
    file = input_saved_model_dir or input_meta_graph or input_graph
    if not file:
        raise InvalidValue(
            "no graph was given",
            "give --input_graph, --input_meta_graph or --input_saved_model_dir",
        )
    freeze_file(
        file,
        output_graph,
        ModelOptions(
            outputs=split_list(output_node_names) or [],
            tags=split_list(saved_model_tags) if input_saved_model_dir else None,
            checkpoint=input_checkpoint or None,
        ),
        as_json=as_json,
        keep=split_list(variable_names_blacklist) or [],
        only=split_list(variable_names_whitelist) or [],
        initializers=split_list(initializer_nodes) or [],
        clear_devices=clear_devices,
    )
