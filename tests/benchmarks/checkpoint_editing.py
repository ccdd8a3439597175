"""How fast and in how little memory a checkpoint's variables are renamed, against TensorFlow.

TensorFlow does what scripts do: every variable is loaded into a new one, and a Saver saves these.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.diffing import TASKS, write_pairs
from tests.benchmarks.measure import graphtools, medians, tensorflow_version

#: Runs a command, and prints the largest memory of its process in kilobytes.
_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak(command: Sequence[str]) -> int:
    """Bytes of resident memory of a process at most, what it has mapped among it."""
    measured = [sys.executable, "-c", _PEAK, *command]
    done = subprocess.run(measured, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout) * 1024


def run(folder: Path, pythons: list[str], rounds: int, megabytes: int = 500) -> None:
    """Time and memory of a rename, and their ratios to those of TensorFlow."""
    source = write_pairs(folder, megabytes)["equal"][0]
    ours = graphtools("edit-checkpoint", str(source), "-o", str(folder / "ours"),
                      "--move-scope", "net/=model/net/")  # fmt: skip
    commands = {"graphtools": ours}
    for python in filter(tensorflow_version, pythons):
        commands[python] = [python, str(TASKS), "rename", str(source), str(folder / "theirs")]
    times = medians(commands, rounds)
    memory = {name: _peak(command) for name, command in commands.items()}
    for name in commands:
        print(
            f"rename in {megabytes} MB, {name:12} {times[name]:6.2f} s, "
            f"{memory[name] / 1e6:6.0f} MB; {times[name] / times['graphtools']:.1f} times, "
            f"{memory[name] / memory['graphtools']:.1f} times the memory"
        )
