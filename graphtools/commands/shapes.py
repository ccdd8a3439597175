"""`graphtools shapes`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from graphtools.commands._models import model_options, read_model, refuse_options_of_graphs
from graphtools.commands._shared import (
    FOUND,
    command,
    exit_if_unsound,
    file_argument,
    json_option,
    note,
    progress,
    show,
)

if TYPE_CHECKING:
    from graphtools.graph.shape import Shape
    from graphtools.model.options import ModelOptions


@command(
    "shapes",
    group="look",
    example="graphtools shapes frozen_inference_graph.pb --input-shape image_tensor=1,300,300,3",
    also={
        "FILE": "dims dimensions dtypes infer-shapes shape-inference",
    },
    exit_codes="0 done, 1 there are contradictory shapes, 2 cannot do it (stderr says why)",
)
@file_argument
@model_options
@click.option("--op", "ops", metavar="GLOB", multiple=True, help="Only these ops; repeatable.")
@click.option("--name", "names", metavar="GLOB", multiple=True, help="Only these names.")
@click.option("--regex", metavar="REGEX", default="", help="Only names in which this is found.")
@click.option("--scope", metavar="SCOPE", default="", help="Only nodes in this name scope.")
@click.option("--functions", is_flag=True, help="Tensors in functions, too: node@function.")
@click.option("--unknown", is_flag=True, help="Only shapes that are not wholly known.")
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str,
    options: ModelOptions,
    ops: tuple[str, ...],
    names: tuple[str, ...],
    regex: str,
    scope: str,
    functions: bool,
    unknown: bool,
    as_json: bool,
) -> None:
    """Infer the dtype and shape of each tensor of a graph.

    Shapes follow from the inputs' as in TensorFlow, with values where a shape depends on them. What
    is not known is shown as `?`. Those of a .tflite are told as the file states them.
    """
    from graphtools.analysis.node_list import select_nodes
    from graphtools.analysis.shape_list import disagreements, list_shapes
    from graphtools.formats import open_model, shown_graph

    opened = open_model(file)
    shapes: Mapping[str, Shape] = {}
    if opened.kind == "TFLite model":
        told = ("file", "ops", "names", "regex", "scope", "functions", "unknown", "as_json")
        refuse_options_of_graphs(ctx, "a .tflite", told)
        graph = shown_graph(opened)
    else:
        model = read_model(file, options, opened)
        graph, shapes = model.source, model.stored.input_shapes
    with progress(f"reading {file}"):
        nodes = select_nodes(
            graph, ops=ops, names=names, regex=regex, scope=scope, functions=functions
        )
        if not nodes and len(graph):
            note("no node is let through by all filters")
        for text in disagreements(graph, shapes):
            note(text)
        found = list_shapes(graph, nodes, shapes, only_unknown=unknown)
    show(found, as_json)
    exit_if_unsound(graph, file)
    if found.findings:
        ctx.exit(FOUND)
