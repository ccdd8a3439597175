"""How the time of commands grows: of graphs of many kinds, with twice the nodes.

CPU seconds, which other processes on the machine disturb least. Exit code 1 of the whole run where
twice the nodes take more than `MOST` times as long.
"""

from __future__ import annotations

from pathlib import Path

from graphtools import save
from tests.benchmarks.large_graphs import KINDS
from tests.benchmarks.measure import cpu_seconds, graphtools

#: With twice the nodes, at most so many times as long; linear is a little below 2.
MOST = 2.3
_NODES = 20_000
_COMMANDS = ("nodes", "io", "summary", "shapes", "size", "compat", "lint", "report", "optimize")
_WRITING = ("report", "optimize")


def command(task: str, file: Path) -> list[str]:
    """The command line of a command that is measured."""
    written = ["-o", str(file.with_suffix(".out"))] if task in _WRITING else []
    return graphtools(task, str(file), *written)


def run(folder: Path, rounds: int) -> None:
    """Print the figures.

    Raises:
        SystemExit: Something takes too long with twice the nodes.
    """
    slow = []
    for kind, make in KINDS.items():
        files = []
        for count in (_NODES, 2 * _NODES):
            files.append(folder / f"{kind.replace(' ', '_')}{count}.pb")
            save(make(count), files[-1])
        for task in _COMMANDS:
            # the least of several rounds: what disturbs a process only makes it slower
            once, twice = (
                min(cpu_seconds(command(task, file)) for _ in range(rounds)) for file in files
            )
            print(
                f"{task:9} {kind:14} {_NODES:,} nodes {once:6.2f} s, twice as many {twice:6.2f} s: "
                f"{twice / once:.2f} times",
                flush=True,
            )
            if twice > MOST * once:
                slow.append(f"{task} of {kind}")
    if slow:
        raise SystemExit(f"more than {MOST} times as long with twice the nodes: {', '.join(slow)}")
