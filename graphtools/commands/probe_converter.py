"""`graphtools probe-converter`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    emit,
    emit_json,
    emit_lines,
    json_option,
    progress,
    time_limit_option,
)


@command(
    "probe-converter",
    group="convert",
    example="graphtools probe-converter --tensorflow venv/bin/python -o 2.18.json",
)
@click.option(
    "--tensorflow",
    "interpreter",
    metavar="PYTHON",
    default="",
    help="A Python that has the TensorFlow to probe; by default the one that runs graphtools.",
)
@click.option(
    "--op",
    "ops",
    metavar="NAME",
    multiple=True,
    help="Only these ops; repeatable.",
)
@click.option(
    "-o", "--output", "target", metavar="TABLE", help="Where the table goes; else to stdout."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=64),
    default=1,
    show_default=True,
    help="Number of converters at a time, of 600 MB each.",
)
@time_limit_option(default=60.0, help="How long one conversion may take.")
@json_option
def COMMAND(
    interpreter: str,
    ops: tuple[str, ...],
    target: str | None,
    jobs: int,
    time_limit: float,
    as_json: bool,
) -> None:
    """Measure which ops a TensorFlow's TFLite converter converts, with which types.

    The converter is run, in child processes, on nodes of each op with all types, ranks, operands
    constant and fed, and attributes. The result is the table by which graphtools lint and compat
    judge nodes for this version. Needs TensorFlow; all ops take about ten minutes. One that was
    interrupted goes on where it was, if it has the same -o.
    """
    from graphtools.probe.document import probe_document
    from graphtools.probe.probe import probe

    with progress("probing the converter") as shown:
        found = probe(
            None if target == "-" else target,
            interpreter=interpreter,
            ops=ops or None,
            jobs=jobs,
            time_limit=time_limit,
            progress=shown.update,
        )
    if as_json:
        emit_json(found)
    elif found.target:
        emit(probe_document(found))
    else:
        emit_lines(found.text.splitlines())
