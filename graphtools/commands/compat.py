"""`graphtools compat`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    FOUND,
    choose_ends,
    command,
    emit,
    emit_json,
    input_shapes_option,
    inputs_option,
    json_option,
    outputs_option,
    progress,
    read_input_shapes,
    tags_option,
    tf_version_option,
)


@command(
    "compat",
    example="graphtools compat frozen.pb\ngraphtools compat --op Conv2D",
    exit_codes="0 it converts with builtin operators only, 1 something stands in the way,"
    " 2 cannot do it (stderr says why)",
)
@click.argument("file", metavar="FILE", required=False)
@inputs_option
@outputs_option
@input_shapes_option
@tf_version_option
@click.option("--op", metavar="NAME", help="Show when this op converts; no file is read.")
@tags_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str | None,
    inputs: list[str] | None,
    outputs: list[str] | None,
    input_shapes: tuple[str, ...],
    tf_version: str | None,
    op: str | None,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Show which ops of a graph convert to TFLite, and why others do not.

    What the converter would do with each node that the outputs need is predicted from its shapes,
    types and constants, without TensorFlow.
    """
    if (file is None) == (op is None):
        raise click.UsageError("give either a FILE or --op NAME")
    if file is None:
        from graphtools.compat.op_rules import rules_of
        from graphtools.report.compatibility import op_rules_document

        rules = rules_of(op or "", tf_version)
        if as_json:
            emit_json(rules)
        else:
            emit(op_rules_document(rules))
        return
    from graphtools.compat.prediction import predict_conversion
    from graphtools.compat.table import table
    from graphtools.formats import graph_of, open_model, signatures_of
    from graphtools.ops.defects.find import refuse_broken
    from graphtools.report.compatibility import verdict_document

    table(tf_version)  # a version that is not known is told first
    with progress(f"reading {file}"):
        model = open_model(file)
        graph = graph_of(model, tags)
    refuse_broken(graph)
    inputs, outputs = choose_ends(graph, inputs, outputs, signatures_of(model, tags))
    shapes = read_input_shapes(graph, input_shapes)
    found = predict_conversion(graph, inputs, outputs, input_shapes=shapes, tf_version=tf_version)
    if as_json:
        emit_json(found)
    else:
        emit(verdict_document(found))
    if not found.builtins:
        ctx.exit(FOUND)
