"""`graphtools quantize-training`."""

from __future__ import annotations

from typing import Any

import click

from graphtools.commands._quantizing import (
    EXIT_CODES,
    exit_if_left,
    quantization_options,
    take_quantization,
)
from graphtools.commands._shared import command, file_argument, json_option, note, progress, show


@command(
    "quantize-training",
    group="edit",
    example=(
        "graphtools quantize-training train.meta -o qat.meta --checkpoint float.ckpt\n"
        "graphtools quantize-training train.meta -o qat.meta --quant-delay 2000 --per-channel"
    ),
    also={
        "TRAIN.meta -o QAT.meta --checkpoint CKPT": "qat create_training_graph contrib.quantize "
        "quantization-aware fine-tune",
    },
    exit_codes=EXIT_CODES,
)
@file_argument
@click.option("-o", "--output", "target", metavar="QAT.meta", required=True, help="The result.")
@click.option(
    "--checkpoint", metavar="PATH", help="Float values; one of all variables is written beside."
)
@click.option(
    "--quant-delay",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    help="Runs in which ranges are only gathered.",
)
@click.option(
    "--freeze-bn-delay",
    metavar="N",
    type=click.IntRange(0),
    help="Run from which batch norms use their moving averages.",
)
@quantization_options
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    /,
    file: str,
    target: str,
    checkpoint: str | None,
    quant_delay: int,
    freeze_bn_delay: int | None,
    strict: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Make of a training graph one that trains for eight bits, as tf.contrib.quantize did.

    FILE is a .meta file with the loss. Batch norms are folded, weights and what layers give get
    FakeQuants whose ranges are trained; TensorFlow 2 goes on with the result. What trains the graph
    is taken off first. The lines of Python that train it are printed.
    """
    from graphtools.errors import FileProblem
    from graphtools.formats import open_model, with_graph
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.formats.metagraph import MetaGraph
    from graphtools.transforms.quantize_training import quantize_training

    with progress(f"reading {file}"):
        meta = with_graph(open_model(file))
        stored = find_checkpoint(checkpoint) if checkpoint else None
    if not isinstance(meta, MetaGraph):
        raise FileProblem(
            f"{file} is a {meta.kind}: only a .meta file tells which variables are trained",
            "write one with tf.compat.v1.train.export_meta_graph, or a Saver",
        )
    if stored is not None:
        note(stored.note)
    options = take_quantization(given, quant_delay, freeze_bn_delay)
    with progress(f"writing {target}"):
        report = quantize_training(meta, target, options, stored)
    show(report, as_json)
    exit_if_left(ctx, report.quantization, strict=strict)
