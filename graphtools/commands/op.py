"""`graphtools op`."""

from __future__ import annotations

import click

from graphtools.commands._shared import command, json_option, show


@command(
    "op",
    group="look",
    example="graphtools op Conv2D",
    also={
        "NAME": "opdef op-def",
    },
)
@click.argument("name", metavar="NAME")
@json_option
def COMMAND(name: str, as_json: bool) -> None:
    """Show what an op takes and gives: inputs, outputs, attributes with types and defaults.

    Ops of current TensorFlow, and those of 1.15 (tf.contrib among them) that are gone since.
    """
    from graphtools.analysis.op_manual import describe_op

    manual = describe_op(name)
    show(manual, as_json)
