"""`graphtools view`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    emit_json,
    file_argument,
    json_option,
    note,
    progress,
    tags_option,
)


@command(
    "view",
    group="view",
    example="graphtools view frozen_inference_graph.pb --port 8080",
    also={
        "FILE  # Netron, in the browser": "visualize visualise plot graph netron browse gui",
    },
)
@file_argument
@click.option("--host", default="localhost", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port to listen at; by default one that is free.",
)
@click.option("--no-browser", is_flag=True, help="Only serve; print the address.")
@tags_option
@json_option
def COMMAND(
    file: str, host: str, port: int, no_browser: bool, tags: list[str] | None, as_json: bool
) -> None:
    """Open a model in Netron, in the browser, until Ctrl-C.

    What Netron does not open as it is, as some checkpoints, is handed over as something that it
    opens. The page is Netron's own: where there is a network, it reports its use to its author.
    """
    from graphtools.report.netron_view import prepare_view, serve_view, wait

    with progress(f"reading {file}"):
        viewed = prepare_view(file, tags)
    note(viewed.note)
    served = serve_view(viewed, host, port, browse=not no_browser)
    if as_json:
        emit_json(served)
    else:
        click.echo(f"Netron shows {viewed.name} at {served.url} (Ctrl-C ends it)")
    wait()
