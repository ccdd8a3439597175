"""`graphtools path`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    FOUND,
    command,
    exit_if_unsound,
    file_argument,
    json_option,
    progress,
    show,
    tags_option,
)


@command(
    "path",
    group="look",
    example="graphtools path graph.pb image_tensor detection_boxes\n"
    "graphtools path graph.pb detection_boxes --ancestors",
    also={
        "FILE FROM TO": "trace route reach between",
        "FILE NODE --ancestors  # all that a node needs": "ancestors upstream",
        "FILE NODE --descendants  # all that needs a node": "descendants downstream",
    },
    exit_codes="0 done, 1 there is no path, 2 cannot do it (the message on stderr says why)",
)
@file_argument
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="[TO]", required=False)
@click.option("--ancestors", "direction", flag_value="ancestors", help="List all that FROM needs.")
@click.option(
    "--descendants", "direction", flag_value="descendants", help="List all that needs FROM."
)
@click.option("--control", is_flag=True, help="Follow control dependencies, too.")
@tags_option
@json_option
@click.pass_context
def COMMAND(
    ctx: click.Context,
    file: str,
    start: str,
    end: str | None,
    direction: str | None,
    control: bool,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Show how one node reaches another: the shortest path, in the direction of the data."""
    if (end is None) == (direction is None):
        raise click.UsageError("give FROM and TO, or FROM with --ancestors or --descendants")
    from graphtools.analysis import paths
    from graphtools.formats import open_model, shown_graph

    with progress(f"reading {file}"):
        graph = shown_graph(open_model(file), tags)
    if direction is not None:
        walk = paths.ancestors if direction == "ancestors" else paths.descendants
        reach = walk(graph, start, control=control)
        show(reach, as_json)
        exit_if_unsound(graph, file)
        return
    assert end is not None
    result = paths.shortest_path(graph, start, end, control=control)
    show(result, as_json)
    exit_if_unsound(graph, file)
    if not result.found:
        ctx.exit(FOUND)
