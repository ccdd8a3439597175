"""`graphtools freeze_graph`, for scripts that called the tool of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._freezing import freeze_file
from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, json_option
from graphtools.legacy.flags import FLAG, TEXT, flag, gone
from graphtools.legacy.parsing import ARGPARSE
from graphtools.legacy.values import GivenFlags
from graphtools.legacy.words import FREEZE_GRAPH

_NO_SAVER = "variables are read without a Saver"
# fmt: off
FLAGS = (
    flag("input_graph", TEXT, "The graph, binary or text."),
    flag("input_meta_graph", TEXT, "A .meta file instead."),
    flag("input_saved_model_dir", TEXT, "A SavedModel instead."),
    flag("saved_model_tags", TEXT, "Its tags.", default="serve"),
    flag("input_checkpoint", TEXT, "Where the values are."),
    flag("output_node_names", TEXT, "Names of the outputs, by commas."),
    flag("output_graph", TEXT, "Where the result goes.", required=True),
    flag("clear_devices", FLAG, "Place no node on a device.", default=True),
    flag("initializer_nodes", TEXT, "Nodes that are kept, too, by commas."),
    flag("variable_names_whitelist", TEXT, "Freeze these variables alone."),
    flag("variable_names_blacklist variable_names_denylist", TEXT, "Variables that stay such."),
    gone("input_binary", FLAG, "binary and text are told apart by content"),
    gone("input_saver", TEXT, _NO_SAVER),
    gone("restore_op_name", TEXT, _NO_SAVER),
    gone("filename_tensor_name", TEXT, _NO_SAVER),
    gone("checkpoint_version", TEXT, "it is told by the checkpoint"),
)
# fmt: on


@flags(FLAGS, ARGPARSE)
@command(
    "freeze_graph",
    example=(
        "graphtools freeze_graph --input_graph=graph.pb --input_checkpoint=model.ckpt \\\n"
        "    --output_node_names=softmax --output_graph=frozen.pb"
    ),
    legacy=True,
    front_end=FREEZE_GRAPH,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Do what freeze_graph did; see graphtools freeze."""
    from graphtools.errors import InvalidValue
    from graphtools.model.options import ModelOptions

    given = GivenFlags(values)
    saved_model = given.text("input_saved_model_dir")
    file = saved_model or given.text("input_meta_graph") or given.text("input_graph")
    if not file:
        raise InvalidValue(
            "no graph was given",
            "give --input_graph, --input_meta_graph or --input_saved_model_dir",
        )
    freeze_file(
        file,
        given.text("output_graph"),
        ModelOptions(
            outputs=given.parts("output_node_names"),
            tags=given.parts("saved_model_tags") if saved_model else None,
            checkpoint=given.text("input_checkpoint") or None,
        ),
        as_json=as_json,
        keep=given.parts("variable_names_blacklist"),
        only=given.parts("variable_names_whitelist"),
        initializers=given.parts("initializer_nodes"),
        clear_devices=given.is_set("clear_devices"),
    )
