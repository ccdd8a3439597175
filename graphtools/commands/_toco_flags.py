"""What the commands share that take the flags of toco."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.commands._converting import convert_files
from graphtools.commands._models import read_model, told
from graphtools.commands._shared import note, progress, time_limit_option

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.legacy.recipe import Recipe
    from graphtools.model.options import ModelOptions

#: What TOCO called its pictures of the graph before and after its work.
_BEFORE, _AFTER = "toco_AT_IMPORT.dot", "toco_AFTER_TRANSFORMATIONS.dot"

timeout_option = time_limit_option(help="How long the conversion may take (new here).")


def convert_as_toco(flags: Mapping[str, Any], *, time_limit: float, as_json: bool) -> None:
    """Do what flags of toco ask for.

    Args:
        flags: Values by the keys of `FLAGS`.
        time_limit: Seconds that the conversion may take.
        as_json: Whether to print JSON.
    """
    from graphtools.legacy.recipe import GRAPH_DEF, GRAPHVIZ, read_recipe

    recipe = read_recipe(flags)
    for text in recipe.notes:
        note(text)
    if recipe.output_format in (GRAPH_DEF, GRAPHVIZ):
        _write_graph(recipe, as_dot=recipe.output_format == GRAPHVIZ)
        return
    convert_files(
        [recipe.file],
        recipe.target,
        recipe.options,
        model_options=_model_options(recipe),
        prepare=lambda graph, inputs, outputs: _prepare(recipe, graph, inputs, outputs),
        time_limit=time_limit,
        as_json=as_json,
    )


def _prepare(
    recipe: Recipe, graph: Graph, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[Graph, list[str], list[str], list[str]]:
    """The graph for the converter; pictures of it are written where they are asked for."""
    import os

    from graphtools.legacy.preparation import prepare

    done = prepare(recipe, graph, inputs, outputs)
    if recipe.dot_folder:
        from graphtools.formats.source import make_folder

        make_folder(recipe.dot_folder)
        for name, drawn in ((_BEFORE, graph), (_AFTER, done.graph)):
            path = os.path.join(recipe.dot_folder, name)
            _write_dot(drawn, path, recipe.file)
            done.notes.append(f"the graph is drawn in {path}")
    return done.graph, done.inputs, done.outputs, done.notes


def _model_options(recipe: Recipe) -> ModelOptions:
    from graphtools.analysis.shape_list import parse_input_shapes
    from graphtools.model.options import ModelOptions

    return ModelOptions(
        recipe.inputs,
        recipe.outputs,
        parse_input_shapes(recipe.input_shapes, [""]),
        recipe.signature or None,
        recipe.tags,
        allow_missing=True,
    )


def _write_graph(recipe: Recipe, *, as_dot: bool) -> None:
    """Write the graph that would be converted, as a graph or a picture."""
    from graphtools.formats import save
    from graphtools.legacy.preparation import needed_part

    model = told(read_model(recipe.file, _model_options(recipe)).runnable)
    graph, _, outputs, notes = _prepare(recipe, model.graph, model.inputs, model.outputs)
    for text in notes:
        note(text)
    with progress(f"writing {recipe.target}"):
        if as_dot:
            _write_dot(graph, recipe.target, recipe.file)
        else:
            save(needed_part(graph, outputs), recipe.target)


def _write_dot(graph: Graph, path: str, title: str) -> None:
    from graphtools.formats.source import write_file
    from graphtools.report.drawing.draw import PicturePart, draw

    every_node = PicturePart(depth=1_000)
    write_file(path, [draw(graph, "dot", every_node, title=title).content])
