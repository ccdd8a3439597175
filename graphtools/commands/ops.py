"""`graphtools ops`."""

from __future__ import annotations

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
    "ops",
    group="look",
    example="graphtools ops frozen_inference_graph.pb",
    also={
        "FILE": "op-types operations operators count-ops",
    },
)
@file_argument
@tags_option
@json_option
def COMMAND(file: str, tags: list[str] | None, as_json: bool) -> None:
    """Count the ops of a graph."""
    from graphtools.analysis.node_list import count_ops
    from graphtools.formats import open_model, shown_graph

    with progress(f"reading {file}"):
        graph = shown_graph(open_model(file), tags)
        counts = count_ops(graph)
    show(counts, as_json)
    exit_if_unsound(graph, file)
