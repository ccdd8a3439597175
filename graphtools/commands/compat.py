"""`graphtools compat`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from graphtools.commands._models import (
    model_options,
    read_model,
    refuse_options_of_graphs,
    told,
)
from graphtools.commands._shared import (
    FOUND,
    command,
    emit,
    emit_json,
    json_option,
    show,
    tf_version_option,
)

if TYPE_CHECKING:
    from graphtools.formats.tflite.model import TFLiteModel
    from graphtools.model.loading import ModelGraph
    from graphtools.model.options import ModelOptions


@command(
    "compat",
    group="check",
    example="graphtools compat frozen.pb\ngraphtools compat --op Conv2D\n"
    "graphtools compat model.tflite --target edgetpu",
    also={
        "FILE --to onnx": "onnx ncnn",
        "FILE": "compatible compatibility supported unsupported",
        "FILE.tflite --target edgetpu": "delegate accelerator edge tpu mapped cpu",
    },
    exit_codes="0 it converts with builtin operators only, or a .tflite runs as a whole on the"
    " target, 1 something stands in the way, 2 cannot do it (stderr says why)",
)
@click.argument("file", metavar="FILE", required=False)
@model_options
@tf_version_option
@click.option(
    "--target",
    metavar="TARGET",
    help="What a .tflite is to run on: tflite (default), edgetpu, gpu or micro.",
)
@click.option(
    "--to",
    metavar="FORMAT",
    help="What a graph is to be converted to: tflite (default), onnx or ncnn.",
)
@click.option("--op", metavar="NAME", help="Show when this op converts; no file is read.")
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str | None,
    options: ModelOptions,
    tf_version: str | None,
    target: str | None,
    to: str | None,
    op: str | None,
    as_json: bool,
) -> None:
    """Show which ops of a graph convert to TFLite, and why others do not.

    What the converter would do with each node that the outputs need is predicted from its shapes,
    types and constants, without TensorFlow. The graph is the one that graphtools convert would
    hand over, with the values of variables.

    Of a .tflite it is shown which operators run on the target, and why others stay on the CPU.
    """
    if (file is None) == (op is None):
        raise click.UsageError("give either a FILE or --op NAME")
    if file is None:
        from graphtools.compat.op_rules import rules_of

        rules = rules_of(op or "", tf_version)
        show(rules, as_json)
        return
    from graphtools.formats import open_model

    opened = open_model(file)
    if opened.kind == "TFLite model":
        refuse_options_of_graphs(ctx, "TFLite models", {"file", "target", "as_json"})
        _show_placement(ctx, cast("TFLiteModel", opened), target or "tflite", as_json)
        return
    if target is not None:
        raise click.UsageError("--target is for .tflite files; of graphs, lint --target tells")
    if to not in (None, "tflite"):
        model = told(read_model(file, options, opened).runnable)
        _show_target(ctx, model, str(to), as_json)
        return
    from graphtools.compat.prediction import predict_conversion
    from graphtools.compat.table import table
    from graphtools.model.endpoints import no_outputs
    from graphtools.model.handover import for_verdict

    table(tf_version)  # a version that is not known is told first
    model = told(read_model(file, options, opened).examined)
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


def _show_target(ctx: click.Context, model: ModelGraph, to: str, as_json: bool) -> None:
    """Show whether a graph converts to another target than TFLite."""
    from graphtools.commands._target_formats import targets
    from graphtools.convert.target import judge_target
    from graphtools.errors import unknown_name
    from graphtools.report.target_conversion import verdict_document

    if to not in targets():
        raise unknown_name("format", to, ("tflite", *targets()), "the formats")
    found = judge_target(
        targets()[to], model.graph, model.inputs, model.outputs, model.input_shapes
    )
    if as_json:
        emit_json(found)
    else:
        emit(verdict_document(found))
    if found.blockers:
        ctx.exit(FOUND)


def _show_placement(ctx: click.Context, model: TFLiteModel, target: str, as_json: bool) -> None:
    from graphtools.compat.placement import place_operators

    found = place_operators(model, target)
    show(found, as_json)
    if not found.is_whole:
        ctx.exit(FOUND)
