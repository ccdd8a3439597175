"""`graphtools variables`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    emit,
    emit_json,
    exit_if_unsound,
    fail,
    file_argument,
    json_option,
    note,
    progress,
    tags_option,
)
from graphtools.wording import and_others


@command(
    "variables",
    group="look",
    example="graphtools variables model.ckpt-1000 --scope FeatureExtractor --stats\n"
    "graphtools variables model.ckpt-1000 --value global_step\n"
    "graphtools variables frozen.pb -o weights.npz",
    also={
        "FILE": "weights values dump print vars kernels tensors constants ckpt checkpoint",
        "CHECKPOINT --tree  # the scopes of a checkpoint": "tree",
        "FILE -o weights.npz  # save all weights": "npz npy numpy to-numpy"
        " export-weights save-weights extract-weights dump-weights",
        "FILE -o weights.npz --dequantize  # real values of stored integers": "dequantize",
        "FILE --stats  # mean, range and zeros of each": "histogram statistics",
    },
)
@file_argument
@click.option("--scope", metavar="SCOPE", default="", help="Only what is in this name scope.")
@click.option("--name", metavar="GLOB", default="", help="Only what has such a name: '*/weights'.")
@click.option("--tree", is_flag=True, help="Show the scopes as a tree, with what is in each.")
@click.option("--stats", is_flag=True, help="Read the values and show statistics of them.")
@click.option("--value", metavar="NAME", help="Print the values of one tensor.")
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="Save all values, in one .npz or in a folder of .npy; with --value one tensor as .npy.",
)
@click.option("--dequantize", is_flag=True, help="Save real values of stored integers.")
@tags_option
@json_option
# long: its parameters are the options of the command
def COMMAND(
    file: str,
    scope: str,
    name: str,
    tree: bool,
    stats: bool,
    value: str | None,
    output: str | None,
    dequantize: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """List or save the variables of a checkpoint, SavedModel, graph or TFLite model.

    A checkpoint may be given by its prefix, by any of its files, or by its folder. Of a frozen
    graph and of a TFLite model the constants are taken that layers compute with.
    """
    from graphtools.analysis.variables import list_variables, open_variables, variable_tree
    from graphtools.formats import graph_of
    from graphtools.report.variables import tree_document, variables_document

    if dequantize and not (output and value is None):
        raise click.UsageError("--dequantize is for saving all values: -o weights.npz")
    model = open_variables(file)
    graph = None if model.kind in ("checkpoint", "TFLite model") else graph_of(model, tags)
    if value is not None:
        from graphtools.analysis.values import read_value, save_value

        stored = read_value(model, value)
        note(stored.note)
        if output:
            save_value(stored, output)
        elif as_json:
            emit_json(stored.as_json())
        else:
            click.echo(stored.as_text())
        if graph is not None:
            exit_if_unsound(graph, file)
        return
    if output:
        from graphtools.analysis.saved_arrays import save_arrays
        from graphtools.analysis.variable_sets import chosen_variables, gather_variables
        from graphtools.report.variables import saved_document

        held = chosen_variables(gather_variables(model, tags=tags, weights=True), scope, name)
        note(held.note)
        with progress(f"saving {output}") as shown:
            saved = save_arrays(held, output, dequantize=dequantize, progress=shown.update)
        emit_json(saved) if as_json else emit(saved_document(saved))
        return
    with progress(f"reading {file}") as shown:
        found = list_variables(
            model, scope=scope, name=name, statistics=stats, tags=tags, progress=shown.update
        )
    note(found.note)
    if found.missing:
        note(f"values cannot be read: {found.missing[0]} is not there")
    if as_json:
        emit_json(found)
    elif tree:
        emit(tree_document(variable_tree(found.variables)))
    else:
        emit(variables_document(found))
    if graph is not None:
        exit_if_unsound(graph, file)
    if found.problems:
        fail(
            found.problems[0] + and_others(found.problems),
            "copy the file again from where it was written, or take another checkpoint",
        )
