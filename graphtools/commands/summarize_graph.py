"""`graphtools summarize_graph`, for scripts that called the tool of this name."""

from __future__ import annotations

from typing import Any

from graphtools.commands._legacy import flags
from graphtools.commands._shared import (
    command,
    emit_json,
    emit_lines,
    exit_if_unsound,
    json_option,
    progress,
)
from graphtools.legacy.flags import FLAG, TEXT, flag
from graphtools.legacy.parsing import TENSORFLOW_FLAGS
from graphtools.legacy.values import GivenFlags

FLAGS = (
    flag("in_graph", TEXT, "The graph, binary or text.", required=True),
    flag("print_structure", FLAG, "List all nodes with their inputs, too."),
)


@flags(FLAGS, TENSORFLOW_FLAGS)
@command(
    "summarize_graph",
    example="graphtools summarize_graph --in_graph=frozen_inference_graph.pb",
    legacy=True,
)
@json_option
def COMMAND(as_json: bool, **values: Any) -> None:
    """Print what summarize_graph printed; `graphtools summary` tells more.

    Inputs and outputs are the likely ones of `graphtools io`, and resource variables count, which
    the original missed.
    """
    from graphtools.analysis.graph_summary import summarize_graph
    from graphtools.formats import load
    from graphtools.report.summarize_graph import structure_lines, summarize_graph_lines

    given = GivenFlags(values)
    file = given.text("in_graph")
    with progress(f"reading {file}"):
        graph = load(file)
        summary = summarize_graph(graph)
    if as_json:
        emit_json(summary)
    else:
        emit_lines(summarize_graph_lines(summary, file))
        if given.is_set("print_structure"):
            emit_lines(structure_lines(graph))
    exit_if_unsound(graph, file)
