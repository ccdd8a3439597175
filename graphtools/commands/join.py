"""`graphtools join`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphtools.commands._shared import (
    command,
    json_option,
    note,
    output_option,
    progress,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphtools.model.loading import ModelGraph


def _model(file: str, outputs: Sequence[str] | None) -> ModelGraph:
    """A graph that is to be joined, with the values of its variables in it."""
    from graphtools.commands._models import read_model
    from graphtools.idioms.variables import graph_variables
    from graphtools.model.options import ModelOptions

    model = read_model(file, ModelOptions(outputs=outputs))
    return model.runnable if graph_variables(model.source) else model.stored


def _connected(texts: Sequence[str]) -> dict[str, str]:
    from graphtools.errors import InvalidValue

    pairs = [text.partition("=") for text in texts]
    for output, equals, fed in pairs:
        if not (output and equals and fed):
            raise InvalidValue(f"{output!r} does not say what is fed with it", "write OUTPUT=INPUT")
    return {output: fed for output, _, fed in pairs}


@command(
    "join",
    group="edit",
    example=(
        "graphtools join preprocessing.pb model.pb -o joined.pb --connect resized=image"
        "\ngraphtools join model.pb -o joined.pb --preprocess uint8,scale=1/127.5,shift=-1"
    ),
    also={
        "A B -o OUT --connect OUTPUT=INPUT  # join two graphs": "merge stitch concatenate combine"
        " glue attach merge-graphs join-graphs connect-graphs compose",
        "FILE -o OUT --preprocess uint8,scale=1/127.5  # put preprocessing in": "preprocess"
        " preprocessing add-preprocessing prepend embed-preprocessing",
    },
)
@click.argument("files", metavar="A [B]", nargs=-1, required=True)
@output_option
@click.option(
    "--connect",
    metavar="OUTPUT=INPUT",
    multiple=True,
    help="A tensor of A and the placeholder of B that it takes the place of; the likely ones if"
    " not given. Repeatable.",
)
@click.option(
    "--prefixes",
    metavar="A/,B/",
    help="What the names of the nodes of each begin with; first/ and nothing where names clash.",
)
@click.option("--allow-cast", is_flag=True, help="Cast what is of another type.")
@click.option(
    "--preprocess",
    metavar="STEPS",
    help="Prepare images in the graph: decode-jpeg or uint8 first, resize=HxW, scale=, shift=,"
    " mean=, std= with a number, or one a channel as 1:2:3; separated by commas.",
)
@json_option
def COMMAND(
    files: tuple[str, ...],
    target: str | None,
    connect: tuple[str, ...],
    prefixes: str | None,
    allow_cast: bool,
    preprocess: str | None,
    as_json: bool,
) -> None:
    """Join two graphs: what A gives is what B is fed with. Or put preprocessing into one.

    Names, loops, functions and shared state of both stay apart; types and shapes are compared
    before. Variables become constants.
    """
    from graphtools.errors import InvalidValue
    from graphtools.formats import save
    from graphtools.transforms.input_heads import with_head
    from graphtools.transforms.join import join, likely_pairs

    if target is None:
        raise InvalidValue("where shall the graph go?", "say it with -o")
    if len(files) != (1 if preprocess else 2):
        raise InvalidValue(
            f"{len(files)} files were given",
            "name one with --preprocess, or two that are to be joined: A B",
        )
    pairs = _connected(connect)
    with progress(f"joining {' and '.join(files)}"):
        if preprocess:
            model = _model(files[0], None)
            done = with_head(model.graph, model.inputs, preprocess.split(","))
        else:
            first, second = _model(files[0], list(pairs) or None), _model(files[1], None)
            pairs = pairs or likely_pairs(first.outputs, second.inputs)
            parts = [*(prefixes or "").split(","), ""]
            if len(parts) > 3:
                raise InvalidValue(f"{prefixes!r} are not two prefixes", "write A/,B/")
            begin = (parts[0].strip(), parts[1].strip())
            done = join(first.graph, second.graph, pairs, prefixes=begin, allow_cast=allow_cast)
        note(save(done.graph, target))
    for text in done.report.notes:
        note(text)
    if target != "-":
        show(done.report, as_json)
