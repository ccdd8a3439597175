"""`graphtools bench`."""

from __future__ import annotations

import click

from graphtools.commands._shared import (
    command,
    json_option,
    progress,
    show,
    time_limit_option,
    trust_option,
)


@command(
    "bench",
    group="convert",
    example=(
        "graphtools bench model.tflite --threads 4\n"
        "graphtools bench quantized.tflite --against float.tflite"
    ),
    also={
        "MODEL.tflite": "benchmark time timing latency speed profile fps",
    },
)
@click.argument("file", metavar="MODEL")
@click.option("--against", metavar="MODEL", help="Another .tflite, which is timed in turns.")
@click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Of a model."
)
@click.option(
    "--runs", type=click.IntRange(min=1), default=50, show_default=True, help="That are timed."
)
@click.option(
    "--warmup", type=click.IntRange(min=0), default=5, show_default=True, help="Runs before."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="When they are over, no other run of a model begins.",
)
@time_limit_option(help="When they are over, a model is given up.")
@trust_option
@json_option
def COMMAND(
    file: str,
    against: str | None,
    threads: int,
    runs: int,
    warmup: int,
    seconds: float,
    time_limit: float,
    trust: bool,
    as_json: bool,
) -> None:
    """Time a .tflite model in LiteRT on this machine, or two side by side.

    Inputs are random. Needs LiteRT.
    """
    from graphtools.run.bench import bench

    with progress(f"timing {file}") as shown:
        found = bench(
            file,
            against,
            runs=runs,
            warmup=warmup,
            threads=threads,
            seconds=seconds,
            time_limit=time_limit,
            trust=trust,
            progress=shown.update,
        )
    show(found, as_json)
