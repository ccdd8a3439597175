"""`graphtools diff`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    DONE,
    FOUND,
    command,
    exit_if_unsound,
    fail,
    json_option,
    note,
    progress,
    show,
    tags_option,
)
from graphtools.wording import and_others


@command(
    "diff",
    group="compare",
    example="graphtools diff model.ckpt-1000 model.ckpt-2000 --summary\n"
    "graphtools diff graph.pb frozen_inference_graph.pb --scope FeatureExtractor",
    also={
        "A B  # what is in them: nodes, weights, shapes": "compare cmp difference changes delta",
    },
    exit_codes="0 no difference, 1 differences, 2 cannot do it (the message on stderr says why)",
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--rtol", type=float, default=0.0, help="Relative tolerance for values (default 0).")
@click.option("--atol", type=float, default=0.0, help="Absolute tolerance for values (default 0).")
@click.option("--no-values", is_flag=True, help="Compare names, dtypes and shapes only.")
@click.option("--scope", metavar="SCOPE", default="", help="Only what is in this name scope.")
@click.option("--summary", is_flag=True, help="Show the differences by scope only.")
@tags_option
@json_option
def COMMAND(
    a: str,
    b: str,
    rtol: float,
    atol: float,
    no_values: bool,
    scope: str,
    summary: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Compare two checkpoints, graphs, MetaGraphs, SavedModels or TFLite models.

    A checkpoint is compared with a graph by the graph's variables. Renamed variables are recognised
    where whole scopes moved; nodes whose names all differ are matched by structure.
    """
    from graphtools.analysis.model_diff import diff_models
    from graphtools.formats import open_model, shown_graph
    from graphtools.formats.checkpoint import Checkpoint

    with progress(f"comparing {a} and {b}") as shown:
        models = (open_model(a), open_model(b))
        found = diff_models(
            *models,
            values=not no_values,
            rtol=rtol,
            atol=atol,
            scope=scope,
            tags=tags,
            progress=shown.update,
        )
    problems: tuple[str, ...] = ()
    if found.variables:
        problems = found.variables.problems
        for text in found.variables.notes:
            note(text)
    show(found, as_json, summary=summary)
    for path, model in zip((a, b), models, strict=True):
        if not isinstance(model, Checkpoint):
            exit_if_unsound(shown_graph(model, tags), path)
    if problems:
        fail(
            problems[0] + and_others(problems),
            "copy the file again from where it was written, or take another checkpoint",
        )
    click.get_current_context().exit(DONE if found.same else FOUND)
