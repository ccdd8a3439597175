"""`graphtools edit-checkpoint`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from graphtools.commands._shared import TYPED, F, command, json_option, progress, show, tags_option

#: The edits, by the names of their parameters.
_EDITS = (
    "rename", "move_scope", "drop", "keep", "drop_training", "ema", "average", "set", "cast",
    "merge_slices", "for_model",
)  # fmt: skip


def _edit(*names: str, **how: Any) -> Callable[[F], F]:
    """An option that is an edit: it may be given several times, between others."""
    if "metavar" in how:
        return click.option(*names, multiple=True, **how)
    return click.option(*names, is_flag=True, **how)


@command(
    "edit-checkpoint",
    group="edit",
    example=(
        "graphtools edit-checkpoint model.ckpt-1000 -o small.ckpt --ema --drop-training\n"
        "graphtools edit-checkpoint model.ckpt -o moved.ckpt"
        " --move-scope MobilenetV1/=FeatureExtractor/MobilenetV1/\n"
        "graphtools edit-checkpoint voc.ckpt -o fitting.ckpt --for-model model.meta"
    ),
    also={
        "CHECKPOINT -o OUT --rename PATTERN=REPLACEMENT  # names of variables": "rename"
        " rename-variables move scope prefix",
        "CHECKPOINT -o OUT --drop-training  # without slots and the step": "drop-optimizer"
        " slots adam momentum shrink smaller slim reset",
        "CHECKPOINT -o OUT --drop GLOB  # without some variables": "drop-variables"
        " remove-variables delete-variables exclude-variables",
        "CHECKPOINT -o OUT --ema  # averages in the place of variables": "moving average"
        " exponential averages",
        "CHECKPOINT -o OUT --average OTHER": "average averaging avg mean",
        "CHECKPOINT -o OUT --cast float16": "half bfloat16 fp16 cast",
        "CHECKPOINT -o OUT --for-model GRAPH": "fine-tune finetune classes fit",
        "--from-graph frozen.pb -o OUT  # the variables of a frozen graph": "unfreeze thaw pb2ckpt",
        "CHECKPOINT -o OUT  # of V1": "v1 v2 shards upgrade",
    },
)
@click.argument("checkpoint", metavar="[CHECKPOINT]", required=False)
@click.option("-o", "--output", "target", metavar="PREFIX", help="Prefix of the new checkpoint.")
@_edit("--rename", metavar="PATTERN=REPLACEMENT", help="Names, globs or regular expressions.")
@_edit("--move-scope", metavar="OLD/=NEW/", help="Give a scope another name; / is the root.")
@_edit("--drop", metavar="GLOB", help="Let variables leave.")
@_edit("--keep", metavar="GLOB", help="Let all others leave.")
@_edit("--drop-training", help="Let slots, averages, counters and the step leave.")
@_edit("--ema", help="Put moving averages in the place of their variables.")
@_edit("--average", metavar="CHECKPOINT...", help="Put the mean with other checkpoints there.")
@_edit("--set", "set", metavar="NAME=FILE.npy", help="Give a variable values.")
@_edit("--cast", metavar="TYPE [GLOB]", help="Cast floats to float16, bfloat16, float32, float64.")
@_edit("--merge-slices", help="Store partitioned variables whole.")
@click.option(
    "--for-model",
    metavar="GRAPH",
    help="Make it fit a model, as restore-plan says; its options below decide.",
)
@click.option("--pipeline", metavar="FILE", help="The configuration of the Object Detection API.")
@click.option(
    "--checkpoint-exclude-scopes",
    "exclude_scopes",
    metavar="SCOPES",
    help="TF-slim: scopes that are not restored, separated by commas.",
)
@click.option(
    "--ignore-missing-vars",
    "ignore_missing",
    is_flag=True,
    help="TF-slim: skip variables that the checkpoint lacks.",
)
@click.option(
    "--checkpoint-model-scope",
    "checkpoint_model_scope",
    metavar="SCOPE",
    help="SSD-Tensorflow: what stands for the model's name in the checkpoint.",
)
@click.option("--model-name", "model_name", metavar="NAME", help="SSD-Tensorflow: that name.")
@click.option("--from-graph", metavar="FROZEN", help="Take the variables of a frozen graph.")
@click.option("--model", metavar="GRAPH", help="With --from-graph: the model that had them.")
@click.option("--shards", type=click.IntRange(1), metavar="N", help="Number of data files.")
@click.option("--one-shard", is_flag=True, help="One data file.")
@click.option("--state-file", is_flag=True, help="Name it in the folder's file 'checkpoint'.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@tags_option
@json_option
@click.pass_context
# long: its parameters are the options of the command
def COMMAND(
    ctx: click.Context,
    /,
    checkpoint: str | None,
    target: str | None,
    for_model: str | None,
    pipeline: str | None,
    exclude_scopes: str | None,
    ignore_missing: bool,
    checkpoint_model_scope: str | None,
    model_name: str | None,
    from_graph: str | None,
    model: str | None,
    shards: int | None,
    one_shard: bool,
    state_file: bool,
    dry_run: bool,
    tags: list[str] | None,
    as_json: bool,
    **_edits: Any,
) -> None:
    """Write a checkpoint with other names, variables or values than the one that is given.

    Edits are done in the order in which they are typed, and take slots, averages and slices along.
    Values are copied from file to file, their checksums verified; the index is written last. A
    pattern is a name, a glob whose stars stand in the replacement, too, or, with a parenthesis, .*
    or an anchor in it, a regular expression. V1 becomes V2.
    """
    from graphtools.restore.checkpoint_editor import edit_checkpoint
    from graphtools.restore.edit_list import TypedEdit, run_edits
    from graphtools.restore.from_graph import editor_of_graph
    from graphtools.restore.slim_plan import SlimSettings
    from graphtools.restore.sources import Planner

    if (checkpoint is None) == (from_graph is None):
        raise click.UsageError("give a checkpoint, or a frozen graph with --from-graph")
    if not (target or dry_run):
        raise click.UsageError("say where it goes with -o model.ckpt, or see with --dry-run")
    if model is not None and from_graph is None:
        raise click.UsageError("--model goes with --from-graph; a model to fit is --for-model")
    settings = SlimSettings(
        exclude_scopes, None, ignore_missing, checkpoint_model_scope, model_name
    )
    if for_model is None and (pipeline is not None or settings != SlimSettings()):
        raise click.UsageError("what says how a model restores goes with --for-model GRAPH")
    planner = None
    if for_model is not None:
        planner = Planner(for_model, pipeline, settings, tags)
    if from_graph is not None:
        editor = editor_of_graph(from_graph, model)
    else:
        editor = edit_checkpoint(str(checkpoint))
    edits = [TypedEdit(name, values) for name, values in _in_order(ctx)]
    with progress(f"writing {target}") as shown:
        done = run_edits(
            editor,
            target or "",
            edits,
            shards=1 if one_shard else shards,
            state_file=state_file,
            dry_run=dry_run,
            progress=shown.update,
            planner=planner,
        )
    show(done, as_json)


def _in_order(ctx: click.Context) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The edits in the order in which they were typed, which the values by name do not tell."""
    parser = ctx.command.make_parser(ctx)
    values, _, order = parser.parse_args(list(ctx.meta[TYPED]))
    left = {name: iter(v) for name, v in values.items() if isinstance(v, list | tuple)}
    for parameter in order:
        name = str(parameter.name)
        if name in _EDITS:
            yield name, ((next(left[name]),) if name in left else ())


def _joined(_ctx: click.Context, args: list[str]) -> list[str]:
    """The words behind --average and --cast, each with an option of its own or joined to it.

    A word may also be the checkpoint that is edited: it is where no other can be.
    """
    known = {p for option in COMMAND.params for p in option.opts}
    taking = {
        p for option in COMMAND.params for p in option.opts
        if isinstance(option, click.Option) and not option.is_flag
    }  # fmt: skip
    made: list[str] = []
    extra: list[tuple[int, str]] = []  # where in `made` a word may be put, and as what
    place, following = 0, ""
    while place < len(args):
        word = args[place]
        if word == "--":
            return [*made, *args[place:]]
        if word in taking and place + 1 < len(args):
            made += args[place : place + 2]
            following, place = word, place + 2
            continue
        if word.partition("=")[0] in known or (word.startswith("-") and word != "-"):
            following = word.partition("=")[0] if "=" in word else ""
        elif following in ("--average", "--cast"):
            extra.append((len(made), following))
            following = "" if following == "--cast" else following
        made.append(word)
        place += 1
    words = [n for n, w in enumerate(made) if not w.startswith("-") and
             (n == 0 or made[n - 1] not in taking)]  # fmt: skip
    if "--from-graph" not in made and len(extra) == len(words) and extra:
        extra.pop()  # the last one is the checkpoint
    for where, option in reversed(extra):
        word = made.pop(where)
        if option == "--average":
            made[where:where] = [option, word]
        else:
            made[where - 1] += f"={word}"
    return made


COMMAND.reads = _joined
