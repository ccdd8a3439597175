"""`graphtools restore-plan`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    FOUND,
    command,
    fail,
    json_option,
    note,
    show,
    tags_option,
)


@command(
    "restore-plan",
    group="check",
    example="graphtools restore-plan model.ckpt --pipeline pipeline.config --model graph.pb\n"
    "graphtools restore-plan vgg_16.ckpt --model ssd.meta --checkpoint-exclude-scopes ssd/block7",
    also={
        "CHECKPOINT --model FILE": "restore missing unrestored finetune fine-tune warm-start",
    },
    exit_codes="0 all that is asked for is restored, 1 it is not, "
    "2 it cannot be decided (the message on stderr says why)",
)
@click.argument("checkpoint", metavar="CHECKPOINT")
@click.option("--pipeline", metavar="FILE", help="The configuration of the Object Detection API.")
@click.option(
    "--model", metavar="FILE", help="The model's graph: .meta, GraphDef, SavedModel, also frozen."
)
@click.option(
    "--checkpoint-exclude-scopes",
    "--checkpoint_exclude_scopes",
    "exclude_scopes",
    metavar="SCOPES",
    help="TF-slim: scopes that are not restored, separated by commas.",
)
@click.option(
    "--trainable-scopes",
    "--trainable_scopes",
    "trainable_scopes",
    metavar="SCOPES",
    help="TF-slim: the only scopes that are trained, separated by commas.",
)
@click.option(
    "--ignore-missing-vars",
    "ignore_missing",
    is_flag=True,
    help="TF-slim: skip variables that the checkpoint lacks.",
)
@click.option(
    "--ignore_missing_vars",
    is_flag=False,
    flag_value="true",
    type=bool,
    default=False,
    help="The same, as the programs spell it.",
)
@click.option(
    "--checkpoint-model-scope",
    "--checkpoint_model_scope",
    "checkpoint_model_scope",
    metavar="SCOPE",
    help="SSD-Tensorflow: what stands for the model's name in the checkpoint.",
)
@click.option(
    "--model-name",
    "--model_name",
    "model_name",
    metavar="NAME",
    help="SSD-Tensorflow: the model's name, by default the first scope of its variables.",
)
@tags_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    checkpoint: str,
    pipeline: str | None,
    model: str | None,
    exclude_scopes: str | None,
    trainable_scopes: str | None,
    ignore_missing: bool,
    ignore_missing_vars: bool,
    checkpoint_model_scope: str | None,
    model_name: str | None,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Say which variables a training restores from a checkpoint, and why not the others.

    With --pipeline by the rules of the Object Detection API, else by those of TF-slim and
    SSD-Tensorflow, which need --model. Where none of their options is given and the Saver in the
    model's graph reads variables under other names, as their averages, by these.
    """
    from graphtools.report.restore_plans import verdict
    from graphtools.restore.slim_plan import SlimSettings
    from graphtools.restore.sources import plan_for_pipeline, plan_for_slim

    settings = SlimSettings(
        exclude_scopes,
        trainable_scopes,
        ignore_missing or ignore_missing_vars,
        checkpoint_model_scope,
        model_name,
    )
    if pipeline is not None:
        plan, remark = plan_for_pipeline(checkpoint, pipeline, model, settings, tags)
    else:
        plan, remark = plan_for_slim(checkpoint, model, settings, tags)
    note(remark)
    show(plan, as_json, configuration=pipeline or "")
    if not plan.decided:
        fail(f"it cannot be decided: {verdict(plan)}", "give the model's graph with --model")
    if not plan.complete:
        ctx.exit(FOUND)
