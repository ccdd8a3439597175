"""How long commands take to start: CPU time as a multiple of that of `python -c "import click"`.

Whole processes on an SSD graph, medians of several rounds in turn, byte code cached. CPU seconds,
which other processes on the machine disturb least.
"""

from __future__ import annotations

import statistics
import sys

from tests.benchmarks.measure import cpu_seconds, graphtools
from tests.benchmarks.reporting import ssd

#: By command, the multiple that it is to stay below.
MOST = {
    "--help": 1.4,
    "nodes": 1.8,
    "ops": 1.8,
    "variables": 1.8,
    "io": 4.0,
    "summary": 4.0,
    "lint": 9.0,
}
_YARDSTICK = "import click"


def run(rounds: int) -> None:
    """Print the figures."""
    commands = {_YARDSTICK: [sys.executable, "-c", _YARDSTICK]}
    for name in MOST:
        commands[name] = graphtools(name, *([] if name.startswith("-") else [str(ssd())]))
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken = cpu_seconds(command)
            if number:  # the first round fills the caches
                seconds[name].append(taken)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, most in MOST.items():
        ratio = medians[name] / medians[_YARDSTICK]
        print(
            f"{name:10} {medians[name] * 1e3:6.0f} ms of CPU, {ratio:.2f} times {_YARDSTICK!r}, "
            f"{most} at most{'' if ratio <= most else ': MORE'}"
        )
