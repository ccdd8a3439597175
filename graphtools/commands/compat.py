"""`graphtools compat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options, read_model, told
from graphtools.commands._shared import FOUND, command, json_option, show, tf_version_option

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions


@command(
    "compat",
    group="check",
    example="graphtools compat frozen.pb\ngraphtools compat --op Conv2D",
    also={
        "FILE": "compatible compatibility supported unsupported",
    },
    exit_codes="0 it converts with builtin operators only, 1 something stands in the way,"
    " 2 cannot do it (stderr says why)",
)
@click.argument("file", metavar="FILE", required=False)
@model_options
@tf_version_option
@click.option("--op", metavar="NAME", help="Show when this op converts; no file is read.")
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str | None,
    options: ModelOptions,
    tf_version: str | None,
    op: str | None,
    as_json: bool,
) -> None:
    """Show which ops of a graph convert to TFLite, and why others do not.

    What the converter would do with each node that the outputs need is predicted from its shapes,
    types and constants, without TensorFlow. The graph is the one that graphtools convert would
    hand over, with the values of variables.
    """
    if (file is None) == (op is None):
        raise click.UsageError("give either a FILE or --op NAME")
    if file is None:
        from graphtools.compat.op_rules import rules_of

        rules = rules_of(op or "", tf_version)
        show(rules, as_json)
        return
    from graphtools.compat.prediction import predict_conversion
    from graphtools.compat.table import table
    from graphtools.model.endpoints import no_outputs
    from graphtools.model.handover import for_verdict

    table(tf_version)  # a version that is not known is told first
    model = told(read_model(file, options).examined)
    if not model.outputs:
        raise no_outputs(file)
    handed = for_verdict(model.graph, model.inputs, model.outputs, model.input_shapes)
    found = predict_conversion(
        handed.graph,
        handed.inputs,
        handed.outputs,
        tf_version=tf_version,
        inference=handed.inference,
        defects=handed.defects,
    )
    show(found, as_json)
    if not found.builtins:
        ctx.exit(FOUND)
