"""`graphtools strip_unused`, for scripts that called the tool of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, json_option
from graphtools.commands._transforming import apply_legacy
from graphtools.legacy.flags import FLAG, TEXT, flag, gone
from graphtools.legacy.parsing import ARGPARSE
from graphtools.legacy.values import GivenFlags
from graphtools.legacy.words import STRIP_UNUSED

# fmt: off
FLAGS = (
    flag("input_graph", TEXT, "The graph, binary or text.", required=True),
    gone("input_binary", FLAG, "binary and text are told apart by content"),
    flag("output_graph", TEXT, "Where the result goes.", required=True),
    flag("output_binary", FLAG, "Write the binary format.", default=True),
    flag("input_node_names", TEXT, "Names of the inputs, by commas."),
    flag("output_node_names", TEXT, "Names of the outputs, by commas."),
    flag("placeholder_type_enum", TEXT,
         "Element types of the inputs, one or several, by number or name; the nodes' if absent."),
)
# fmt: on


@flags(FLAGS, ARGPARSE)
@command(
    "strip_unused",
    example=(
        "graphtools strip_unused --input_graph=frozen.pb --output_graph=cut.pb \\\n"
        "    --input_node_names=Mul --output_node_names=softmax"
    ),
    legacy=True,
    front_end=STRIP_UNUSED,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Do what strip_unused did; see graphtools strip.

    Without --placeholder_type_enum the inputs keep their types; the original made all of them
    float.
    """
    from graphtools.transforms.strip_unused_nodes import stripping_step, types_by_number

    given = GivenFlags(values)
    inputs = given.parts("input_node_names")
    types = types_by_number(inputs, given.parts("placeholder_type_enum"))
    apply_legacy(
        lambda graph: stripping_step(graph, types),
        given.text("input_graph"),
        given.text("output_graph"),
        (inputs, given.parts("output_node_names")),
        as_text=not given.is_set("output_binary"),
        as_json=as_json,
    )
