"""`graphtools node`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    exit_if_unsound,
    file_argument,
    json_option,
    progress,
    show,
    tags_option,
)


@command(
    "node",
    group="look",
    example="graphtools node frozen_inference_graph.pb detection_boxes:0",
    also={
        "FILE NODE": "consumers uses attr attrs attribute detail",
    },
)
@file_argument
@click.argument("name", metavar="NAME")
@tags_option
@json_option
def COMMAND(file: str, name: str, tags: list[str] | None, as_json: bool) -> None:
    """Show everything about one node: attributes, inputs, consumers, and a constant's values."""
    from graphtools.analysis.node_detail import node_detail
    from graphtools.formats import open_model, shown_graph

    with progress(f"reading {file}"):
        graph = shown_graph(open_model(file), tags)
        detail = node_detail(graph, name)
    show(detail, as_json)
    exit_if_unsound(graph, file)
