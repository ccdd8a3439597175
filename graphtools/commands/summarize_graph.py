"""`graphtools summarize_graph`, for scripts that called the tool of this name."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    emit_json,
    emit_lines,
    exit_if_unsound,
    json_option,
    legacy_flag,
    progress,
)


@command(
    "summarize_graph",
    example="graphtools summarize_graph --in_graph=frozen_inference_graph.pb",
    legacy=True,
)
@click.option("--in_graph", metavar="FILE", required=True, help="The graph, binary or text.")
@legacy_flag("--print_structure", "List all nodes with their inputs, too.")
@json_option
def COMMAND(in_graph: str, print_structure: bool, as_json: bool) -> None:
    """Print what summarize_graph printed; `graphtools summary` tells more.

    Inputs and outputs are the likely ones of `graphtools io`, and resource variables count, which
    the original missed.
    """
    from graphtools.analysis.graph_summary import summarize_graph
    from graphtools.formats import load
    from graphtools.report.summarize_graph import structure_lines, summarize_graph_lines

    with progress(f"reading {in_graph}"):
        graph = load(in_graph)
        summary = summarize_graph(graph)
    if as_json:
        emit_json(summary)
    else:
        emit_lines(summarize_graph_lines(summary, in_graph))
        if print_structure:
            emit_lines(structure_lines(graph))
    exit_if_unsound(graph, in_graph)
