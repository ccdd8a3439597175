"""`graphtools quantize-eval`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphtools.commands._models import model_options, read_model, told
from graphtools.commands._quantizing import (
    EXIT_CODES,
    exit_if_left,
    quantization_options,
    take_quantization,
)
from graphtools.commands._shared import command, file_argument, json_option, note, progress, show

if TYPE_CHECKING:
    from graphtools.model.options import ModelOptions


@command(
    "quantize-eval",
    group="edit",
    example=(
        "graphtools quantize-eval eval.meta -o frozen.pb --checkpoint qat-trained --like qat.meta"
    ),
    also={
        "EVAL.meta -o OUT.pb --checkpoint CKPT": "qat create_eval_graph contrib.quantize",
    },
    exit_codes=EXIT_CODES,
)
@file_argument
@click.option("-o", "--output", "target", metavar="OUT.pb", required=True, help="The result.")
@model_options
@click.option("--like", metavar="QAT.meta", help="What was trained: it names the ranges.")
@quantization_options
@click.option("--text", "as_text", is_flag=True, help="Write the text format.")
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    /,
    file: str,
    target: str,
    options: ModelOptions,
    like: str | None,
    as_text: bool,
    strict: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Make the inference graph of a quantization-aware training, frozen with its checkpoint.

    FILE is a graph built for inference, with variables. It gets the FakeQuants of
    quantize-training with the same options, which read the ranges of the checkpoint: ready for
    graphtools convert --quantize qat.
    """
    from graphtools.formats import load
    from graphtools.model.endpoints import no_outputs
    from graphtools.transforms.quantize_eval import quantize_eval

    model = read_model(file, options)
    stored, checkpoint = told(model.stored), model.checkpoint
    if not stored.outputs:
        raise no_outputs(file)
    if checkpoint is not None:
        note(checkpoint.note)
        if not options.checkpoint:
            note(f"values of {file} from {checkpoint.path}")
    trained = load(like) if like else None
    quantization = take_quantization(given)
    with progress(f"writing {target}"):
        report = quantize_eval(
            stored.graph,
            file,
            target,
            stored.outputs,
            quantization,
            checkpoint,
            trained,
            as_text=as_text or None,
        )
    note("; ".join(report.notes))
    if target != "-":
        show(report, as_json)
    exit_if_left(ctx, report.quantization, strict=strict)
