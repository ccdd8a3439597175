"""`graphtools draw`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    emit_json,
    exit_if_unsound,
    file_argument,
    json_option,
    note,
    progress,
    tags_option,
    time_limit_option,
)


@command(
    "draw",
    group="view",
    example="graphtools draw frozen_inference_graph.pb -o graph.svg\n"
    "graphtools draw frozen_inference_graph.pb -o box.png --around detection_boxes --hops 3",
    also={
        "FILE -o graph.svg  # a picture": "visualize visualise plot graph picture"
        " diagram svg png dot graphviz render",
    },
)
@file_argument
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    required=True,
    help="The picture: .svg, .png, .pdf, or .dot for graphviz's language; - is SVG on stdout.",
)
@click.option("--scope", metavar="S", default="", help="Only this scope.")
@click.option(
    "--depth",
    type=click.IntRange(1),
    help="How many scopes deep; without it, as deep as a person can take in.",
)
@click.option("--around", metavar="NODE", default="", help="Only what is near this node.")
@click.option(
    "--hops", type=click.IntRange(0), default=2, show_default=True, help="How near, in edges."
)
@click.option("--from", "start", metavar="A", default="", help="Only what leads from this node...")
@click.option("--to", "end", metavar="B", default="", help="... to this one.")
@click.option(
    "--highlight",
    type=click.Choice(["op", "size", "lint"]),
    default="op",
    show_default=True,
    help="What the colours tell: what ops are for, bytes of weights, what lint finds.",
)
@time_limit_option(default=120.0, help="How long graphviz may take.")
@tags_option
@json_option
def COMMAND(
    file: str,
    target: str,
    scope: str,
    depth: int | None,
    around: str,
    hops: int,
    start: str,
    end: str,
    highlight: str,
    time_limit: float,
    tags: list[str] | None,
    as_json: bool,
) -> None:
    """Draw a graph, with scopes as clusters and constants at the nodes that read them.

    Scopes are one box each below a depth, so that large graphs become pictures that can be taken
    in; boxes with a double border stand for several nodes. Dashed edges are control dependencies.
    Without the program dot of graphviz, SVG is laid out by graphtools itself.
    """
    from graphtools.formats import open_model, shown_graph
    from graphtools.formats.source import write_file
    from graphtools.report.drawing.draw import PicturePart, draw, kind_of, written

    kind = kind_of(target)
    with progress(f"reading {file}"):
        graph = shown_graph(open_model(file), tags)
    found: dict[str, list[str]] = {}
    if highlight == "lint":
        from graphtools.lint.applying import look_at
        from graphtools.lint.settings import LintSettings
        from graphtools.lint.subject import Subject

        with progress(f"linting {file}"):
            for finding in look_at(Subject(graph), LintSettings()).findings:
                found.setdefault(finding.node, []).append(finding.severity)
    with progress(f"drawing {file}"):
        picture = draw(
            graph,
            kind,
            PicturePart(scope, depth, around, hops, start, end),
            highlight=highlight,
            found=found,
            title=file,
            time_limit=time_limit,
        )
    write_file(target, [picture.content])
    note(picture.note)
    if target != "-":
        if as_json:
            emit_json(written(picture, target))
        else:
            click.echo(f"{target}: {picture.boxes} boxes for {picture.nodes:,} nodes")
    exit_if_unsound(graph, file)
