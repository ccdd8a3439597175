"""`graphtools optimize_for_inference`, for scripts that called the tool of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._legacy import flags
from graphtools.commands._shared import command, json_option
from graphtools.commands._transforming import apply_legacy
from graphtools.legacy.flags import FLAG, TEXT, flag, gone
from graphtools.legacy.parsing import ARGPARSE
from graphtools.legacy.values import GivenFlags
from graphtools.legacy.words import OPTIMIZE_FOR_INFERENCE

# fmt: off
FLAGS = (
    flag("input", TEXT, "The graph.", required=True),
    flag("output", TEXT, "Where the result goes.", required=True),
    flag("input_names", TEXT, "Names of the inputs, separated by commas."),
    flag("output_names", TEXT, "Names of the outputs, separated by commas."),
    flag("frozen_graph", FLAG, "Write the binary format; else text.", default=True),
    flag("placeholder_type_enum", TEXT, "Element types of the inputs, by number or name."),
    gone("toco_compatible", FLAG, "nothing is fused that a converter does not read"),
    flag("placeholder_to_const_names", TEXT,
         "Placeholders that become constants, as phase_train=False; separated by commas."),
)
# fmt: on


@flags(FLAGS, ARGPARSE)
@command(
    "optimize_for_inference",
    example=(
        "graphtools optimize_for_inference --input=frozen.pb --output=optimized.pb \\\n"
        "    --input_names=Mul --output_names=softmax"
    ),
    legacy=True,
    front_end=OPTIMIZE_FOR_INFERENCE,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Do what optimize_for_inference did; see graphtools optimize."""
    from graphtools.transforms.optimize import legacy_pipeline

    given = GivenFlags(values)
    inputs, types = given.parts("input_names"), given.parts("placeholder_type_enum")
    constants = given.parts("placeholder_to_const_names")
    apply_legacy(
        lambda graph: legacy_pipeline(graph, inputs, types, constants),
        given.text("input"),
        given.text("output"),
        (inputs, given.parts("output_names")),
        as_text=not given.is_set("frozen_graph"),
        as_json=as_json,
    )
