"""`graphtools transform_graph`, for scripts that called the tool of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, json_option, note
from graphtools.commands._transforming import apply_legacy
from graphtools.legacy.flags import FLAG, TEXT, flag
from graphtools.legacy.parsing import TENSORFLOW_FLAGS
from graphtools.legacy.values import GivenFlags

FLAGS = (
    flag("in_graph", TEXT, "The graph, binary or text.", required=True),
    flag("out_graph", TEXT, "Where the result goes.", required=True),
    flag("inputs", TEXT, "Names of the inputs, separated by commas."),
    flag("outputs", TEXT, "Names of the outputs, separated by commas."),
    flag("transforms", TEXT, "What to do.", required=True),
    flag("output_as_text", FLAG, "Write the text format."),
)


@flags(FLAGS, TENSORFLOW_FLAGS)
@command(
    "transform_graph",
    example=(
        "graphtools transform_graph --in_graph=frozen.pb --out_graph=small.pb --inputs=input \\\n"
        "    --outputs=probs --transforms='strip_unused_nodes fold_constants(ignore_errors=true)'"
    ),
    legacy=True,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Do what transform_graph did; see graphtools transform.

    Versions of the graph are kept, which the original dropped.
    """
    from graphtools.transforms.pipeline import without_unknown_parameters

    given = GivenFlags(values)
    spec, unknown = without_unknown_parameters(given.get("transforms"))
    for text in unknown:
        note(text)
    apply_legacy(
        spec,
        given.text("in_graph"),
        given.text("out_graph"),
        (given.parts("inputs"), given.parts("outputs")),
        as_text=given.is_set("output_as_text"),
        as_json=as_json,
    )
